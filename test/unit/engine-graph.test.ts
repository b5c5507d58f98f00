import { describe, expect, test, vi } from 'vitest';
import { compile } from '../../src/engine/compile.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { Constant, Graph, Node } from '../../src/engine/graph.ts';
import { planMemory } from '../../src/engine/memory-plan.ts';
import type { Buffer, Call } from '../../src/engine/builder.ts';
import { KERNELS } from '../../src/engine/kernels.ts';
import type { Kernels } from '../../src/engine/module.ts';
import { workAlone, workOf } from '../../src/engine/work.ts';
import { readEngineGraph } from '../../src/runtime/onnx/engine-graph.ts';
import {
  graphOf,
  node,
  randomBetween,
  randomNumbers,
  randomValues,
  runPoisoned,
  emptyGround,
} from '../support/engine-runs.ts';
import { modelBytes } from '../support/model-bytes.ts';

/*
 * How a graph becomes calls: moving, fusing, memory, and what is refused.
 */

const counting = (count: number) => Float32Array.from({ length: count }, (_, k) => k + 1);
const whole = (...values: number[]) => ({
  shape: [values.length],
  values: () => BigInt64Array.from(values, BigInt),
});
const floats = (shape: readonly number[], values: Float32Array): Constant => ({
  shape,
  values: () => values,
});

/** A 1×1 convolution of as many channels as it gives, each twice what it reads. */
const DOUBLING = floats([2, 2, 1, 1], Float32Array.of(2, 0, 0, 2));

function result(graph: Graph, inputs: Readonly<Record<string, Float32Array>>): number[] {
  return [...(runPoisoned(graph, inputs).outputs.get('result') ?? [])];
}

describe('what is only moved', () => {
  test('Concat puts channels after one another', () => {
    const shapes = { a: [1, 3, 2, 3], b: [1, 9, 2, 3] };
    const graph: Graph = {
      ...graphOf('Concat', shapes, {}, { axis: 1 }),
      nodes: [node('Relu', ['a'], 'c'), node('Concat', ['c', 'b', 'a'], 'd', { axis: 1 }), pooled('d')],
    };
    const [a, b] = [counting(18), counting(54).map((value) => value + 100)];
    expect(result(graph, { a, b })).toEqual([...a, ...b, ...a]);
  });

  test.each([1, 2, -1])('Concat of lists goes along dimension %i', (axis) => {
    const graph = graphOf('Concat', { a: [1, 2, 2], b: [1, 2, 2] }, {}, { axis });
    const values = result(graph, { a: Float32Array.of(1, 2, 3, 4), b: Float32Array.of(5, 6, 7, 8) });
    expect(values).toEqual(axis === 1 ? [1, 2, 3, 4, 5, 6, 7, 8] : [1, 2, 5, 6, 3, 4, 7, 8]);
  });

  test('Pad puts channels of zeros before and after', () => {
    const graph = graphOf(
      'Pad',
      { a: [1, 2, 1, 2] },
      { pads: whole(0, 1, 0, 0, 0, 10, 0, 0) },
      { mode: 'constant' },
    );
    const zeros = (count: number) => Array.from({ length: count }, () => 0);
    expect(result(graph, { a: counting(4) })).toEqual([...zeros(2), 1, 2, 3, 4, ...zeros(20)]);
  });

  test('Transpose puts channels last, and Reshape keeps their order', () => {
    const graph: Graph = {
      ...graphOf('Transpose', { a: [1, 3, 2, 2] }, { shape: whole(0, -1, 3) }, {}),
      nodes: [
        node('Relu', ['a'], 'b'),
        node('Transpose', ['b'], 'c', { perm: [0, 2, 3, 1] }),
        node('Reshape', ['c', 'shape'], 'result'),
      ],
    };
    expect(result(graph, { a: counting(12) })).toEqual([1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12]);
  });

  test('Reshape of a picture has its planes in order', () => {
    const graph: Graph = {
      ...graphOf('Reshape', { a: [1, 3, 2, 2] }, { shape: whole(1, 12) }, {}),
      nodes: [pooled('a', 'b'), node('Reshape', ['b', 'shape'], 'result')],
    };
    expect(result(graph, { a: counting(12) })).toEqual([...counting(12)]);
  });

  /** A pool over single pixels, which changes nothing but that a value is in the engine's order. */
  function pooled(input: string, output = 'result'): Node {
    return node('MaxPool', [input], output, { kernel_shape: [1, 1] });
  }
});

describe('fusing', () => {
  const relu = node('Relu', ['sum'], 'result');
  const chain = (outputs: readonly string[], more: readonly Node[] = []): Graph => ({
    inputs: [{ name: 'a', shape: [1, 2, 1, 2] }],
    outputs,
    nodes: [node('Conv', ['a', 'w'], 'b'), node('Add', ['a', 'b'], 'sum'), relu, ...more],
    constants: new Map([['w', DOUBLING]]),
  });
  const kernelsOf = (graph: Graph) => compile(graph, 1, emptyGround()).calls.map(({ kernel }) => kernel);
  const input = Float32Array.of(1, -2, 3, -4);

  test('a sum and an activation become part of the convolution before them', () => {
    const graph = chain(['result']);
    expect(kernelsOf(graph)).toEqual(['fromPlanes', 'pointwisePanels', 'toPlanes']);
    expect(result(graph, { a: input })).toEqual([3, 0, 9, 0]);
  });

  test.each([
    ['an output', chain(['result', 'b'])],
    ['read by others', chain(['result'], [node('Relu', ['b'], 'unused')])],
  ])('a convolution that is %s stays', (_, graph) => {
    expect(kernelsOf(graph)).toContain('add');
    expect(result(graph, { a: input })).toEqual([3, 0, 9, 0]);
  });

  test('a value added to itself is no convolution with a sum', () => {
    const graph = {
      ...chain(['result']),
      nodes: [node('Conv', ['a', 'w'], 'b'), node('Add', ['b', 'b'], 'sum'), relu],
    };
    expect(result(graph, { a: input })).toEqual([4, 0, 12, 0]);
  });

  test('two activations stay two', () => {
    const constants = new Map([...chain([]).constants, ['two', floats([], Float32Array.of(2))] as const]);
    const graph = { ...chain(['end'], [node('Clip', ['result', '', 'two'], 'end')]), constants };
    expect([...(runPoisoned(graph, { a: input }).outputs.get('end') ?? [])]).toEqual([2, 0, 2, 0]);
  });

  test.each([
    ['a number for each channel', [1, 2, 1, 1], [10, 20], [12, 6, 26, 12]],
    ['one number', [], [10], [12, 6, 16, 2]],
  ])('%s is added to a convolution', (_, shape, values, expected) => {
    const constants = new Map([...chain([]).constants, ['each', floats(shape, Float32Array.from(values))]]);
    const nodes = [node('Conv', ['a', 'w'], 'b'), node('Add', ['b', 'each'], 'result')];
    expect(result({ ...chain(['result']), nodes, constants }, { a: input })).toEqual(expected);
  });
});

describe('the memory plan', () => {
  test('keeps apart what lives at the same time, and uses memory again', () => {
    const random = randomNumbers(7);
    for (let round = 0; round < 50; round++) {
      const buffers: Buffer[] = Array.from({ length: 20 }, () => ({
        bytes: 16 * randomBetween(random, 1, 400),
      }));
      const drawn = () => buffers[randomBetween(random, 0, 19)] ?? { bytes: 16 };
      const calls = Array.from({ length: 30 }, (): Call => {
        const places = [drawn(), drawn()].map((buffer) => ({ buffer, offset: 0 }));
        return {
          kernel: 'clamp',
          arguments: places,
          units: 1,
          grain: 1,
          isWhole: false,
          scratch: 100,
          output: undefined,
        };
      });
      const [input, output] = [drawn(), drawn()];
      const plan = planMemory(calls, { inputs: [input], outputs: [output] }, 2, emptyGround());
      const uses = (buffer: Buffer) => [
        ...(buffer === input ? [-1] : []),
        ...calls.flatMap((call, k) =>
          call.arguments.some((each) => typeof each === 'object' && each.buffer === buffer) ? [k] : [],
        ),
        ...(buffer === output ? [calls.length] : []),
      ];
      const lives = buffers
        .filter((buffer) => uses(buffer).length > 0)
        .map((buffer) => {
          const [from, to] = [Math.min(...uses(buffer)), Math.max(...uses(buffer))];
          const address = plan.addressOf(buffer);
          return { buffer, from, to, address, end: address + buffer.bytes };
        });
      for (const one of lives) {
        expect(one.address % 16).toBe(0);
        expect(one.address).toBeGreaterThanOrEqual(plan.scratch.address + 2 * plan.scratch.bytes);
        expect(one.end).toBeLessThanOrEqual(plan.end);
        for (const other of lives) {
          if (one === other || one.to < other.from || other.to < one.from) continue;
          expect(one.end <= other.address || other.end <= one.address, 'they overlap').toBe(true);
        }
      }
    }
  });

  test('a long chain takes no more than two of its values', () => {
    const nodes = Array.from({ length: 20 }, (_, k) =>
      node('Sigmoid', [k ? `v${k - 1}` : 'a'], k === 19 ? 'result' : `v${k}`),
    );
    const graph = { ...graphOf('Sigmoid', { a: [1, 1000] }, {}, {}), nodes };
    expect(compile(graph, 1, emptyGround()).memory.end).toBeLessThan(3 * 4000);
  });
});

describe('what is refused', () => {
  const weights = floats([4, 4, 3, 3], randomValues(randomNumbers(1), 144));
  const conv = (attributes: Node['attributes'], constants = { weights }) =>
    graphOf('Conv', { a: [1, 4, 8, 8] }, constants, attributes);
  test.each([
    ['an operator', graphOf('Tanh', { a: [1, 4] }, {}, {}), 'Tanh “result”: the engine has no such operator'],
    ['steps', conv({ strides: [1, 2] }), 'Conv “result”: steps of 1 and 2'],
    ['dilation', conv({ dilations: [2, 2] }), 'Conv “result”: dilations is 2,2, only 1,1 is known'],
    ['groups', conv({ group: 2 }), 'Conv “result”: 2 groups of 4 channels'],
    [
      'weights that do not fit',
      conv({}, { weights: { ...weights, shape: [4, 9, 4, 1] } }),
      '9 of 4 channels',
    ],
    ['an activation', conv({ activation: 'Tanh' }), 'the activation Tanh is not known'],
    ['a slope above 1', graphOf('LeakyRelu', { a: [1, 4] }, {}, { alpha: 2 }), 'a slope of 2 is above 1'],
    [
      'padding of rows',
      graphOf('Pad', { a: [1, 1, 2, 2] }, { pads: whole(0, 0, 1, 0, 0, 0, 0, 0) }, {}),
      'only channels of zeros',
    ],
    [
      'another resizing',
      graphOf('Resize', { a: [1, 1, 2, 2] }, {}, { mode: 'cubic' }),
      'mode is cubic, only linear is known',
    ],
    ['a batch', graphOf('GlobalAveragePool', { a: [2, 1, 2, 2] }, {}, {}), '[2,1,2,2] is no single picture'],
    [
      'shapes that do not go together',
      graphOf('Add', { a: [1, 4, 2, 2], b: [1, 3, 1, 1] }, {}, {}),
      'goes with 4 channels',
    ],
    [
      'what is not there',
      { ...graphOf('Relu', { a: [1] }, {}, {}), outputs: ['other'] },
      '“other” is not known',
    ],
  ])('%s, in words that say where', (_, graph, words) => {
    expect(() => compile(graph, 1, emptyGround())).toThrow(words);
    expect(() => compile(graph, 1, emptyGround())).toThrow(
      expect.objectContaining({ name: 'UnsupportedError' }),
    );
  });
});

test('calls are made with whole numbers, −0 not among them, in the same array each time', () => {
  const program = compile(readEngineGraph(modelBytes('pose_landmark_lite.onnx')), 1, emptyGround());
  const given: number[] = [];
  const note = (...numbers: number[]) => void given.push(...numbers);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every name of the table
  const kernels = Object.fromEntries(Object.keys(KERNELS).map((name) => [name, note])) as Kernels;
  const apply = vi.spyOn(Reflect, 'apply');
  const work = workOf(program, kernels);
  workAlone(work, () => true);
  workAlone(work, () => true);
  const arrays = apply.mock.calls.map(([, , numbers]) => numbers);
  apply.mockRestore();
  expect(new Set(arrays).size).toBe(program.calls.length);
  expect(given.filter((value) => !Number.isInteger(value) || Object.is(value, -0))).toEqual([]);
});

describe('a network', () => {
  const graph: Graph = {
    ...graphOf('Relu', { a: [1, 2, 2, 2] }, {}, {}),
    outputs: ['result', 'other'],
    nodes: [node('Relu', ['a'], 'result'), node('MaxPool', ['a'], 'other', { kernel_shape: [2, 2] })],
  };
  const a = Float32Array.of(1, -2, 3, -4, 5, 6, 7, 8);

  test('gives all outputs, or those that are wanted, as copies', () => {
    const network = new Engine().load(graph);
    const all = network.run({ a });
    expect(all).toEqual({ result: Float32Array.of(1, 0, 3, 0, 5, 6, 7, 8), other: Float32Array.of(3, 8) });
    expect(network.run({ a: a.map((value) => -value) }, ['other'])).toEqual({
      other: Float32Array.of(4, -5),
    });
    expect(all['other']).toEqual(Float32Array.of(3, 8));
  });

  test('refuses what it cannot run', () => {
    const network = new Engine().load(graph);
    expect(() => network.run({})).toThrow('“a” has no numbers, expected 8');
    expect(() => network.run({ a: counting(7) })).toThrow('“a” has 7 numbers, expected 8');
    expect(() => network.run({ a }, ['third'])).toThrow('there is no output “third”');
    network.release();
    expect(() => network.run({ a })).toThrow('The network was released.');
  });
});
