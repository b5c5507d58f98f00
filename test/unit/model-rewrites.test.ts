import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Constant, Graph, Node } from '../../models/build/graph.ts';
import { shortenHardSwish } from '../../models/build/hard-swish.ts';
import { encodeOnnx } from '../../models/build/onnx.ts';
import { blockRows } from '../../models/build/row-blocks.ts';

/*
 * Rewrites of graphs that are for speed alone: they may not change what is computed, but for rounding.
 */

beforeAll(() => {
  env.wasm.numThreads = 1;
});

describe('blockRows', () => {
  test.each([
    { size: 16, stride: 1, rows: 4, kernel: [8, 5], strides: [4, 1] },
    { size: 14, stride: 1, rows: 7, kernel: [11, 5], strides: [7, 1] },
    { size: 32, stride: 2, rows: 4, kernel: [11, 5], strides: [8, 2] },
    // All rows at once: what the kernel would have above and below the picture is left out.
    { size: 8, stride: 1, rows: 8, kernel: [8, 5], strides: [1, 1] },
    { size: 7, stride: 1, rows: 7, kernel: [7, 5], strides: [1, 1] },
  ])('computes $rows rows at a time of $size with stride $stride', async ({ size, stride, ...wanted }) => {
    const graph = inverted({ size, stride });
    const blocked = blockRows(graph);
    const convolution = find(blocked, 'deep_linear_blocks');
    expect(convolution.attributes['kernel_shape']).toEqual(wanted.kernel);
    expect(convolution.attributes['strides']).toEqual(wanted.strides);
    expect(await largestDifference(graph, blocked, size)).toBeLessThan(1e-5);
  });

  test('puts rows in order where there are the fewest channels', () => {
    const operators = blockRows(inverted({ size: 16, stride: 1 })).nodes.map(({ operator }) => operator);
    // The activation is next to the convolution, where runtimes merge the two.
    const tail = ['Conv', 'Relu', 'Reshape', 'Conv', 'Reshape', 'Transpose', 'Reshape', 'Add'];
    expect(operators.slice(-tail.length)).toEqual(tail);
  });

  test('has nothing to put in order where all rows are computed at once', () => {
    const { nodes } = blockRows(inverted({ size: 8, stride: 1 }));
    expect(nodes.map(({ operator }) => operator)).not.toContain('Transpose');
  });

  test('goes on to gates, which have no rows', async () => {
    const graph = gated(16);
    const blocked = blockRows(graph);
    expect(blocked.nodes.filter(({ operator }) => operator === 'Transpose')).toHaveLength(1);
    expect(await largestDifference(graph, blocked, 16)).toBeLessThan(1e-5);
  });

  test.each([
    { why: 'a large picture', options: { size: 64, stride: 1 } },
    { why: 'a 3×3 kernel', options: { size: 16, stride: 1, kernel: 3 } },
    { why: 'rows that do not make whole blocks', options: { size: 9, stride: 1 } },
  ])('leaves $why as it is', ({ options }) => {
    const graph = inverted(options);
    expect(blockRows(graph)).toEqual(graph);
  });
});

describe('shortenHardSwish', () => {
  test('gives the same with two operators', async () => {
    const graph = swishing({ factor: 0.1666259765625 });
    const short = shortenHardSwish(graph);
    expect(short.nodes.map(({ operator }) => operator)).toEqual([
      'Mul',
      'Mul',
      'Conv',
      'HardSigmoid',
      'Mul',
      'Conv',
    ]);
    expect(await largestDifference(graph, short, 8)).toBeLessThan(3e-5);
  });

  test('does so after blockRows too', async () => {
    const graph = swishing({ factor: 0.1666259765625, depthwise: true });
    const short = shortenHardSwish(blockRows(graph));
    expect(short.nodes.map(({ operator }) => operator)).toContain('HardSigmoid');
    expect(await largestDifference(graph, short, 8)).toBeLessThan(3e-5);
  });

  test.each([
    ['another shift', { shift: 2 }],
    ['another limit', { limit: 1 }],
    ['a value that is an output too', { alsoOutput: true }],
  ])('leaves %s as it is', (_, options) => {
    const graph = swishing(options);
    expect(shortenHardSwish(graph)).toEqual(graph);
  });
});

/** A residual block: from 3 channels to 6, a depthwise convolution, and back. */
function inverted({ size, stride, kernel = 5 }: { size: number; stride: number; kernel?: number }): Graph {
  const result = size / stride;
  const margin = kernel - stride;
  const [before, behind] = [Math.floor(margin / 2), Math.ceil(margin / 2)];
  return {
    ...ends(size, [1, 3, result, result]),
    constants: [
      weights('wide', [6, 3, 1, 1]),
      weights('window', [6, 1, kernel, kernel]),
      weights('bias', [6]),
      weights('narrow', [3, 6, 1, 1]),
      weights('other', [3, 3, stride, stride]),
    ],
    nodes: [
      conv(['image', 'wide'], 'expanded', { kernel: 1 }),
      conv(['expanded', 'window', 'bias'], 'deep_linear', {
        kernel,
        stride,
        pads: [before, before, behind, behind],
        group: 6,
      }),
      node('Relu', ['deep_linear'], 'deep'),
      conv(['deep', 'narrow'], 'projected', { kernel: 1 }),
      conv(['image', 'other'], 'beside', { kernel: stride, stride }),
      node('Add', ['projected', 'beside'], 'result'),
    ].toSorted(
      (one, another) => Number(another.outputs[0] === 'beside') - Number(one.outputs[0] === 'beside'),
    ),
  };
}

/** A depthwise convolution whose channels are weighted by their means. */
function gated(size: number): Graph {
  return {
    ...ends(size, [1, 3, size, size]),
    constants: [weights('window', [3, 1, 5, 5]), weights('mixed', [3, 3, 1, 1])],
    nodes: [
      conv(['image', 'window'], 'deep', { kernel: 5, pads: [2, 2, 2, 2], group: 3 }),
      node('GlobalAveragePool', ['deep'], 'mean'),
      node('Sigmoid', ['mean'], 'gate'),
      node('Mul', ['gate', 'deep'], 'weighted'),
      conv(['weighted', 'mixed'], 'mix', { kernel: 1 }),
      node('Relu', ['mix'], 'result'),
    ],
  };
}

function swishing({
  factor = 1 / 6,
  shift = 3,
  limit = 6,
  depthwise = false,
  alsoOutput = false,
}: {
  factor?: number;
  shift?: number;
  limit?: number;
  depthwise?: boolean;
  alsoOutput?: boolean;
}): Graph {
  const single = (name: string, value: number): Constant => ({
    ...weights(name, []),
    values: Float32Array.of(value),
    weights: false,
  });
  const { outputs, ...rest } = ends(8, [1, 3, 8, 8]);
  return {
    ...rest,
    outputs: alsoOutput ? [...outputs, { name: 'x', shape: [1, 3, 8, 8] }] : outputs,
    constants: [
      // Large enough for the gate to be closed and open in places.
      weights('window', [3, depthwise ? 1 : 3, 5, 5], 8),
      weights('bias', [3]),
      weights('mixed', [3, 3, 1, 1]),
      single('factor', factor),
      single('shift', shift),
      single('zero', 0),
      single('limit', limit),
    ],
    nodes: [
      conv(['image', 'window', 'bias'], 'x', { kernel: 5, pads: [2, 2, 2, 2], group: depthwise ? 3 : 1 }),
      node('Mul', ['factor', 'x'], 'scaled'),
      node('Add', ['x', 'shift'], 'shifted'),
      node('Clip', ['shifted', 'zero', 'limit'], 'clipped'),
      node('Mul', ['scaled', 'clipped'], 'swished'),
      conv(['swished', 'mixed'], 'result', { kernel: 1 }),
    ],
  };
}

function ends(size: number, shape: readonly number[]): Pick<Graph, 'name' | 'inputs' | 'outputs'> {
  return {
    name: 'graph',
    inputs: [{ name: 'image', shape: [1, 3, size, size] }],
    outputs: [{ name: 'result', shape }],
  };
}

function node(operator: string, inputs: readonly string[], output: string): Node {
  return { operator, inputs, outputs: [output], attributes: {} };
}

function conv(
  inputs: readonly string[],
  output: string,
  {
    kernel,
    stride = 1,
    pads = [0, 0, 0, 0],
    group = 1,
  }: { kernel: number; stride?: number; pads?: readonly number[]; group?: number },
): Node {
  const attributes = {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    dilations: [1, 1],
    pads,
    group,
  };
  return { ...node('Conv', inputs, output), attributes };
}

/** Numbers that follow no rule which a wrong order could keep. */
function noise(length: number, seed: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, (_, k) => Math.sin(12.9898 * (k + 1) + 78.233 * seed) * 0.5);
}

function weights(name: string, shape: readonly number[], height = 1): Constant {
  const count = shape.reduce((total, size) => total * size, 1);
  const values = noise(count, name.length).map((value) => height * value);
  return { name, shape, values, weights: true };
}

function find({ nodes }: Graph, output: string): Node {
  const found = nodes.find(({ outputs }) => outputs.includes(output));
  if (!found) throw new Error(`nothing gives ${output}`);
  return found;
}

/** Between what two graphs give for two pictures. */
async function largestDifference(one: Graph, other: Graph, size: number): Promise<number> {
  const image = new Tensor('float32', noise(2 * 3 * size * size, 1), [2, 3, size, size]);
  const [wanted, actual] = [await run(one, image), await run(other, image)];
  expect(actual.length).toBe(wanted.length);
  expect(Math.max(...wanted)).toBeGreaterThan(0.01);
  return Math.max(...wanted.map((value, k) => Math.abs(value - (actual[k] ?? Number.NaN))));
}

async function run(graph: Graph, image: Tensor): Promise<Float32Array> {
  const session = await InferenceSession.create(encodeOnnx(graph, {}));
  const { result } = await session.run({ image });
  await session.release();
  if (!(result?.data instanceof Float32Array)) throw new Error('there is no result');
  return result.data;
}
