import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodeCorrections } from '../../models/build/corrections.ts';
import { fuseActivations } from '../../models/build/fuse.ts';
import type { Constant, Graph, Node } from '../../models/build/graph.ts';
import { encodeHalvesExactly } from '../../models/build/half.ts';
import { encodeOnnx } from '../../models/build/onnx.ts';
import { quantize } from '../../models/build/quantize.ts';

/*
 * Rewrites of graphs that are for speed alone: they may not change what is computed, but for rounding;
 * and the rounding of weights.
 */

beforeAll(() => {
  env.wasm.numThreads = 1;
});

describe('fuseActivations', () => {
  const ACTIVATIONS: [name: string, activation: Node][] = [
    ['Relu', node('Relu', ['x'], 'active')],
    ['Sigmoid', node('Sigmoid', ['x'], 'active')],
    ['Clip', node('Clip', ['x', 'low', 'high'], 'active')],
    ['LeakyRelu', { ...node('LeakyRelu', ['x'], 'active'), attributes: { alpha: { float: 0.1 } } }],
  ];

  test.each(ACTIVATIONS)('gives the same with %s in the convolution', async (_, activation) => {
    const graph = activating(activation);
    const fused = fuseActivations(graph);
    expect(fused.nodes.map(({ operator }) => operator)).toEqual(['FusedConv', 'Conv']);
    expect(fused.constants.map(({ name }) => name)).toEqual(['window', 'bias', 'mixed']);
    expect(await largestDifference(graph, fused, 8)).toBeLessThan(1e-6);
  });

  test.each([
    ['another activation', activating(node('Tanh', ['x'], 'active'))],
    ['a LeakyRelu without its slope', activating(node('LeakyRelu', ['x'], 'active'))],
    ['a Clip without an upper limit', activating(node('Clip', ['x', 'low'], 'active'))],
    ['a Clip with a limit that is computed', activating(node('Clip', ['x', 'low', 'image'], 'active'))],
    ['a value that is an output too', activating(node('Relu', ['x'], 'active'), { alsoOutput: true })],
    ['a value that others read', activating(node('Relu', ['x'], 'active'), { alsoRead: true })],
    ['what no convolution gives', activating(node('Relu', ['image'], 'active'))],
  ])('leaves %s as it is', (_, graph) => {
    expect(fuseActivations(graph).nodes).toEqual(graph.nodes);
  });
});

describe('quantize', () => {
  /** Two layers that are large enough, one depthwise between them; the last one gives the output. */
  const graph: Graph = {
    ...ends(8, [1, 64, 8, 8], false),
    inputs: [{ name: 'image', shape: [1, 64, 8, 8] }],
    constants: [
      weights('first', [64, 64, 1, 1]),
      weights('first_bias', [64]),
      weights('each', [64, 1, 9, 9]),
      weights('last', [64, 64, 1, 1]),
    ],
    nodes: [
      conv(['image', 'first', 'first_bias'], 'x', { kernel: 1 }),
      grouped(conv(['x', 'each', ''], 'y', { kernel: 9, pads: [4, 4, 4, 4] }), 64),
      conv(['y', 'last'], 'z', { kernel: 1 }),
      node('Reshape', ['z', 'shape'], 'result'),
    ],
  };
  test('rounds what is dense, large and not the last', () => {
    const rounded = quantize(graph).constants.filter(({ codes }) => codes);
    expect(rounded.map(({ name }) => name)).toEqual(['first']);
  });

  test('takes what it is told off the biases, as numbers of half precision', () => {
    const by = Float32Array.from({ length: 64 }, (_, k) => (k % 5) / 50 - 0.04);
    const [before, after] = [quantize(graph), quantize(graph, new Map([['first', by]]))].map(
      ({ constants }) => constants.find(({ name }) => name === 'first_bias')?.values,
    );
    if (!(before instanceof Float32Array) || !(after instanceof Float32Array)) throw new Error('no biases');
    expect(before).toEqual(graph.constants[1]?.values);
    for (const [k, value] of after.entries())
      expect(Math.abs(value - (before[k] ?? NaN) - (by[k] ?? NaN)), String(k)).toBeLessThanOrEqual(2 ** -12);
    expect(encodeHalvesExactly(after)).toBeInstanceOf(Uint8Array);
  });

  test('refuses corrections for what is not rounded, and of another number', () => {
    const by = (name: string, length: number) => () =>
      quantize(graph, new Map([[name, new Float32Array(length)]]));
    expect(by('last', 64)).toThrow('a correction for “last”, which is not rounded');
    expect(by('first', 63)).toThrow('63 corrections for 64 filters');
  });

  test('corrections come back from JSON but for what a byte cannot hold', () => {
    const by = Float32Array.from({ length: 100 }, (_, k) => Math.sin(k) / 30);
    const { layer } = encodeCorrections(new Map([['layer', by]]));
    const codes = new Int8Array(Buffer.from(layer?.codes ?? '', 'base64'));
    expect(Math.max(...codes.map(Math.abs))).toBe(127);
    for (const [k, code] of codes.entries())
      expect(Math.abs(code * (layer?.scale ?? NaN) - (by[k] ?? NaN))).toBeLessThanOrEqual(1 / 30 / 250);
  });
});

/** Of a convolution 5×5 and one 1×1; the first large enough for activations to have an effect. */
const WEIGHTS = [weights('window', [3, 3, 5, 5], 8), weights('bias', [3]), weights('mixed', [3, 3, 1, 1])];

function activating(activation: Node, { alsoOutput = false, alsoRead = false } = {}): Graph {
  return {
    ...ends(8, [1, 3, 8, 8], alsoOutput),
    constants: [...WEIGHTS, single('low', -0.25), single('high', 0.5)],
    nodes: [
      conv(['image', 'window', 'bias'], 'x', { kernel: 5, pads: [2, 2, 2, 2] }),
      activation,
      ...(alsoRead ? [node('Neg', ['x'], 'negative')] : []),
      conv(['active', 'mixed'], 'result', { kernel: 1 }),
    ],
  };
}

function ends(
  size: number,
  shape: readonly number[],
  alsoX = false,
): Pick<Graph, 'name' | 'inputs' | 'outputs'> {
  return {
    name: 'graph',
    inputs: [{ name: 'image', shape: [1, 3, size, size] }],
    outputs: [{ name: 'result', shape }, ...(alsoX ? [{ name: 'x', shape }] : [])],
  };
}

function node(operator: string, inputs: readonly string[], output: string): Node {
  return { operator, inputs, outputs: [output], attributes: {} };
}

function conv(
  inputs: readonly string[],
  output: string,
  { kernel, pads = [0, 0, 0, 0] }: { kernel: number; pads?: readonly number[] },
): Node {
  const attributes = {
    kernel_shape: [kernel, kernel],
    strides: [1, 1],
    dilations: [1, 1],
    pads,
    group: 1,
  };
  return { ...node('Conv', inputs, output), attributes };
}

function grouped(convolution: Node, group: number): Node {
  return { ...convolution, attributes: { ...convolution.attributes, group } };
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

function single(name: string, value: number): Constant {
  return { ...weights(name, []), values: Float32Array.of(value), weights: false };
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
