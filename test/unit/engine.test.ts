import { setFlagsFromString } from 'node:v8';
import { describe, expect, test } from 'vitest';
import { LINEAR } from '../../src/engine/activation.ts';
import type { Activation } from '../../src/engine/activation.ts';
import type { Attribute, Constant, Graph } from '../../src/engine/graph.ts';
import { KERNELS, PACKERS } from '../../src/engine/kernels.ts';
import type { Kernel } from '../../src/engine/kernels.ts';
import { compileKernels, knowsRelaxed, startKernels } from '../../src/engine/module.ts';
import * as plain from '../support/engine-reference.ts';
import type { Picture, Window } from '../support/engine-reference.ts';
import { graphOf, randomBetween, randomNumbers, randomValues, runPoisoned } from '../support/engine-runs.ts';

/*
 * Each kernel against a plain implementation of what it is for, over random shapes. Memory is full of NaN
 * before a run, so that what reads beyond its own shows.
 */

// Node 20 has it behind a flag; browsers have it without.
setFlagsFromString('--experimental-wasm-relaxed-simd');

const BUILDS = [
  ['plain', {}],
  ['plain, in parts', { inParts: true }],
  ['relaxed', { relaxed: true }],
] as const;

/** Shapes that every kernel is tried with. */
const ROUNDS = 12;

/** A graph, what goes in, and what has to come out. */
interface Case {
  /** What to say of it where it fails. */
  words: string;
  graph: Graph;
  inputs: Readonly<Record<string, Float32Array>>;
  expected: Picture;
  /** How far each number may be off; a number for all. */
  tolerance: ArrayLike<number> | number;
  /** Which numbers may come out as NaN. */
  loose?: readonly boolean[];
}

/** Draws a case; hostile ones have values in them that arithmetic has special rules for. */
type Draw = (random: () => number, values: (count: number) => Float32Array<ArrayBuffer>) => Case;

const CASES: Readonly<Record<Kernel, Draw>> = {
  pointwise: (random, values) =>
    drawConvolution(random, values, { side: [16, 21], channels: [1, 40], outputs: [1, 40], window: 1 }),
  pointwisePanels: (random, values) =>
    drawConvolution(random, values, { side: [1, 15], channels: [1, 70], outputs: [1, 70], window: 1 }),
  sparse: (random, values) =>
    drawConvolution(random, values, {
      side: [1, 9],
      channels: [4, 40],
      outputs: [1, 40],
      window: 1,
      zeros: 0.8,
    }),
  dense: (random, values) =>
    drawConvolution(random, values, { side: [3, 12], channels: [8, 40], outputs: [1, 15], window: [2, 3] }),
  winograd: (random, values) =>
    drawConvolution(random, values, {
      side: [3, 12],
      channels: [16, 30],
      outputs: [16, 30],
      window: 3,
      step: 1,
      isLoose: true,
    }),
  widenPanels: (random, values) =>
    drawConvolution(random, values, {
      side: [1, 18],
      channels: [8, 40],
      outputs: [1, 40],
      window: [1, 2],
      isCoded: true,
    }),
  widenWinograd: (random, values) =>
    drawConvolution(random, values, {
      side: [3, 12],
      channels: [16, 30],
      outputs: [16, 30],
      window: 3,
      step: 1,
      isLoose: true,
      isCoded: true,
    }),
  first: (random, values) =>
    drawConvolution(random, values, { side: [3, 20], channels: [1, 7], outputs: [1, 20], window: [2, 3] }),
  depthwise: (random, values) =>
    drawConvolution(random, values, { side: [5, 23], channels: [2, 200], window: [3, 5], isDepthwise: true }),
  add: (random, values) => drawPair(random, values, 'Add', (a, b) => a + b),
  multiply: (random, values) => drawPair(random, values, 'Mul', (a, b) => a * b),
  scale: drawScale,
  clamp: (random, values) => {
    const [low, high] = [-random(), random()];
    return drawUnary(random, values, 'Clip', { ...LINEAR, low, high }, {}, { low, high });
  },
  hardSwish: (random, values) =>
    drawUnary(random, scaled(values, 8), 'HardSwish', { ...LINEAR, after: 'hardSwish' }, {}),
  sigmoid: (random, values) =>
    drawUnary(random, scaled(values, 100), 'Sigmoid', { ...LINEAR, after: 'sigmoid' }, {}),
  maxPool: drawMaxPool,
  globalAverage: (random, values) => {
    const input = drawPicture(random, values, [1, 30], [1, 9]);
    const mean = (channel: number) => {
      const size = input.height * input.width;
      return (
        Array.from(input.values)
          .slice(channel * size, (channel + 1) * size)
          .reduce((a, b) => a + b) / size
      );
    };
    return unaryCase('GlobalAveragePool', input, plain.picture(input.channels, 1, 1, mean), {}, {}, 1e-6);
  },
  resize: (random, values) => {
    const input = drawPicture(random, values, [1, 30], [2, 9]);
    const scale = random() < 0.5 ? 2 : 0.5;
    const constants = { scales: constant([4], Float32Array.of(1, 1, scale, scale)) };
    const attributes = { mode: 'linear', coordinate_transformation_mode: 'half_pixel' };
    const expected = plain.resize(input, scale, scale);
    const order = ['a', '', 'scales'];
    return unaryCase('Resize', input, expected, constants, attributes, 1e-6, order);
  },
  copy: (random, values) => {
    const input = drawPicture(random, values, [1, 10], [1, 9]);
    const blocks = { ...input, channels: 4 * input.channels, values: values(4 * input.values.length) };
    const attributes = { blocksize: 2, mode: 'DCR' };
    return unaryCase('DepthToSpace', blocks, plain.depthToSpace(blocks, 2), {}, attributes, 0);
  },
  // To pixels, and back: both are in every other graph too.
  fromPlanes: drawTurning,
  toPlanes: drawTurning,
};

describe.each(BUILDS)('%s', (_, options) => {
  test.each(Object.entries(CASES))('kernel %s gives what its operator means', (kernel, draw) => {
    const random = randomNumbers(kernel.length);
    for (let round = 0; round < ROUNDS; round++)
      check(
        kernel,
        draw(random, (count) => randomValues(random, count)),
      );
  });

  test.each(Object.entries(CASES))('kernel %s hands on NaN and infinities', (kernel, draw) => {
    const random = randomNumbers(kernel.length + 100);
    for (let round = 0; round < ROUNDS; round++) check(kernel, draw(random, hostile(random)));
  });

  test.each(['widenPanels', 'widenWinograd'] as const)(
    'weights that kernel %s makes are to the bit those that are made before',
    (kernel) => {
      const random = randomNumbers(kernel.length + 200);
      for (let round = 0; round < ROUNDS; round++) {
        const { words, graph, inputs } = CASES[kernel](random, (count) => randomValues(random, count));
        const constants = new Map(
          [...graph.constants].map(([name, { shape, values }]) => [name, { shape, values }]),
        );
        const [inRun, before] = [graph, { ...graph, constants }].map(
          (each) => runPoisoned(each, inputs, options).outputs,
        );
        expect(inRun, words).toEqual(before);
      }
    },
  );

  function check(kernel: string, { words, graph, inputs, expected, tolerance, loose }: Case): void {
    const { program, outputs } = runPoisoned(graph, inputs, options);
    expect(
      program.calls.map((call) => call.kernel),
      words,
    ).toContain(kernel);
    const actual = outputs.get('result') ?? new Float32Array();
    expect(actual.length, words).toBe(expected.values.length);
    for (const [k, value] of actual.entries()) {
      const wanted = Math.fround(expected.values[k] ?? NaN);
      if (Object.is(value, wanted)) continue;
      const allowed =
        typeof tolerance === 'number' ? tolerance * (1 + Math.abs(wanted)) : (tolerance[k] ?? 0);
      if (loose?.[k] && Number.isNaN(value)) continue;
      const off = Math.abs(value - wanted);
      if (!(off <= allowed)) expect.fail(`${words}: number ${k} is ${value} instead of ${wanted}`);
    }
  }
});

test('relaxed SIMD is known where its kernels run', () => {
  expect(knowsRelaxed()).toBe(true);
});

test('the table of kernels is that of the compiled ones', () => {
  const module = compileKernels({ shared: false, relaxed: false });
  const kernels = startKernels(module, new WebAssembly.Memory({ initial: 1, maximum: 1 }));
  const exported = WebAssembly.Module.exports(module).map(({ name }) => name);
  const known = new Map<string, number>([
    ...Object.entries(KERNELS).map(([name, parameters]) => [name, parameters.length + 3] as const),
    ...Object.entries(PACKERS).map(([name, parameters]) => [name, parameters.length] as const),
  ]);
  expect(exported.filter((name) => name !== 'memory').toSorted()).toEqual([...known.keys()].toSorted());
  for (const [name, kernel] of Object.entries(kernels)) {
    if (known.has(name)) expect(kernel.length, name).toBe(known.get(name));
  }
});

/* ---- drawing ---- */

type Range = readonly [number, number];

function constant(shape: readonly number[], values: ReturnType<Constant['values']>): Constant {
  return { shape, values: () => values };
}

function drawPicture(
  random: () => number,
  values: (count: number) => Float32Array<ArrayBuffer>,
  channels: Range,
  side: Range,
): Picture & { values: Float32Array<ArrayBuffer> } {
  const [c, height, width] = [channels, side, side].map(([low, high]) => randomBetween(random, low, high));
  if (!c || !height || !width) throw new Error('an empty range');
  return { channels: c, height, width, values: values(c * height * width) };
}

function scaled(values: (count: number) => Float32Array<ArrayBuffer>, by: number) {
  return (count: number) => values(count).map((value) => value * by);
}

/** Numbers of which some are what arithmetic has special rules for. */
function hostile(random: () => number): (count: number) => Float32Array<ArrayBuffer> {
  const odd = [NaN, Infinity, -Infinity, 1e-40, -1e-40, -0, 1e20];
  return (count) =>
    randomValues(random, count).map((value) =>
      random() < 0.03 ? (odd[randomBetween(random, 0, odd.length - 1)] ?? 0) : value,
    );
}

const SHAPE = ({ channels, height, width }: Picture) => [1, channels, height, width];

const FUSED: readonly [Activation, Readonly<Record<string, Attribute>>][] = [
  [LINEAR, {}],
  [{ ...LINEAR, low: 0 }, { activation: 'Relu' }],
  [
    { ...LINEAR, low: 0, high: 0.5 },
    { activation: 'Clip', activation_params: [0, 0.5] },
  ],
  [
    { ...LINEAR, slope: 0.1 },
    { activation: 'LeakyRelu', activation_params: [0.1] },
  ],
  [{ ...LINEAR, after: 'sigmoid' }, { activation: 'Sigmoid' }],
];

function drawConvolution(
  random: () => number,
  values: (count: number) => Float32Array<ArrayBuffer>,
  about: {
    side: Range;
    channels: Range;
    outputs?: Range;
    window: number | readonly number[];
    isDepthwise?: true;
    step?: number;
    /** How many of the weights are zeros, about. */
    zeros?: number;
    /** Whether an infinity may come out of the sum as NaN. */
    isLoose?: true;
    /** Whether the weights are stored in 8 bits. */
    isCoded?: true;
  },
): Case {
  const input = drawPicture(random, values, about.channels, about.side);
  const isDepthwise = about.isDepthwise === true;
  const [low, high] = about.outputs ?? [input.channels, input.channels];
  const outputs = isDepthwise ? input.channels : randomBetween(random, low, high);
  const sizes = typeof about.window === 'number' ? [about.window] : about.window;
  const size = sizes[randomBetween(random, 0, sizes.length - 1)] ?? 1;
  const pad = () => randomBetween(random, 0, size - 1);
  const window: Window = {
    width: size,
    height: size,
    step: about.step ?? (size === 1 ? 1 : randomBetween(random, 1, 2)),
    pads: [pad(), pad(), pad(), pad()],
  };
  const depth = isDepthwise ? 1 : input.channels;
  const { zeros = 0 } = about;
  const drawn = randomValues(random, outputs * depth * size * size);
  const codes = Int8Array.from(drawn, (value) => Math.round(127 * value));
  const factors = randomValues(random, outputs).map((value) => value / 127);
  const rowSize = depth * size * size;
  const weights = drawn.map((value, k) => {
    if (about.isCoded) return (codes[k] ?? 0) * (factors[Math.floor(k / rowSize)] ?? 0);
    return k === 0 || random() < zeros ? 0 : value;
  });
  const bias = randomValues(random, outputs);
  const [activation, attributes] = FUSED[randomBetween(random, 0, FUSED.length - 1)] ?? [LINEAR, {}];
  const sum = plain.convolve(input, weights, bias, window, isDepthwise, zeros > 0);
  const hasResidual = random() < 0.4;
  const residual = values(sum.values.length);
  const added = hasResidual ? plain.each(sum, (value, k) => value + (residual[k] ?? NaN)) : sum;
  const absolute = (list: Float32Array) => list.map(Math.abs);
  const ofSizes = plain.convolve(
    { ...input, values: absolute(input.values) },
    // With sums of sums, the largest weight of a filter may stand for each.
    about.isLoose ? weights.map(() => 1) : absolute(weights),
    absolute(bias),
    window,
    isDepthwise,
    zeros > 0,
  );
  const shape = [outputs, depth, size, size];
  const graph = graphOf(
    'FusedConv',
    { a: SHAPE(input), ...(hasResidual && { residual: SHAPE(sum) }) },
    {
      weights: {
        ...constant(shape, weights),
        ...(about.isCoded && { codes: () => ({ codes, factors }) }),
      },
      bias: constant([outputs], bias),
    },
    {
      kernel_shape: [size, size],
      strides: [window.step, window.step],
      pads: window.pads,
      group: isDepthwise ? input.channels : 1,
      ...attributes,
    },
    ['a', 'weights', 'bias', ...(hasResidual ? ['residual'] : [])],
  );
  return {
    words: JSON.stringify({ input: SHAPE(input), outputs, window, activation, hasResidual }),
    graph,
    inputs: { a: input.values, residual },
    expected: plain.each(added, (value) => plain.activated(value, activation)),
    // As many roundings as there are terms, each of a sum of their sizes.
    tolerance: Array.from(ofSizes.values, (value) => (value + 2) * 2e-6),
    // Before the activation, which may make something else of an infinity.
    ...(about.isLoose && { loose: Array.from(added.values, (value) => !Number.isFinite(value)) }),
  };
}

function unaryCase(
  operator: string,
  input: Picture & { values: ArrayLike<number> },
  expected: Picture,
  constants: Readonly<Record<string, Constant>>,
  attributes: Readonly<Record<string, Attribute>>,
  tolerance: number,
  order?: readonly string[],
): Case {
  return {
    words: `${operator} of [${SHAPE(input).join()}]`,
    graph: graphOf(operator, { a: SHAPE(input) }, constants, attributes, order),
    inputs: { a: Float32Array.from(input.values) },
    expected,
    tolerance,
  };
}

function drawUnary(
  random: () => number,
  values: (count: number) => Float32Array<ArrayBuffer>,
  operator: string,
  activation: Activation,
  attributes: Readonly<Record<string, Attribute>>,
  bounds: Readonly<Record<string, number>> = {},
): Case {
  const input = drawPicture(random, values, [1, 20], [1, 9]);
  const constants = Object.fromEntries(
    Object.entries(bounds).map(([name, value]) => [name, constant([], Float32Array.of(value))]),
  );
  const rounded = Object.fromEntries(
    Object.entries(bounds).map(([name, value]) => [name, Math.fround(value)]),
  );
  const expected = plain.each(input, (value) => plain.activated(value, { ...activation, ...rounded }));
  return unaryCase(operator, input, expected, constants, attributes, 3e-7);
}

function drawPair(
  random: () => number,
  values: (count: number) => Float32Array<ArrayBuffer>,
  operator: string,
  join: (a: number, b: number) => number,
): Case {
  const one = drawPicture(random, values, [1, 20], [1, 9]);
  const other = values(one.values.length);
  return {
    words: `${operator} of [${SHAPE(one).join()}]`,
    graph: graphOf(operator, { a: SHAPE(one), b: SHAPE(one) }, {}, {}),
    inputs: { a: one.values, b: other },
    expected: plain.each(one, (value, k) => join(value, other[k] ?? NaN)),
    tolerance: 1e-7,
  };
}

function drawScale(random: () => number, values: (count: number) => Float32Array<ArrayBuffer>): Case {
  const input = drawPicture(random, values, [2, 20], [2, 9]);
  const isSum = random() < 0.5;
  const operator = isSum ? 'Add' : 'Mul';
  const factors = randomValues(random, random() < 0.5 ? 1 : input.channels);
  const shape = factors.length === 1 ? [] : [input.channels, 1, 1];
  const size = input.height * input.width;
  const expected = plain.each(input, (value, k) => {
    const factor = factors[factors.length === 1 ? 0 : Math.floor(k / size)] ?? NaN;
    return isSum ? value + factor : value * factor;
  });
  return unaryCase(operator, input, expected, { factors: constant(shape, factors) }, {}, 1e-7);
}

function drawMaxPool(random: () => number, values: (count: number) => Float32Array<ArrayBuffer>): Case {
  const input = drawPicture(random, values, [1, 20], [3, 11]);
  const size = randomBetween(random, 2, 3);
  const pad = () => randomBetween(random, 0, 1);
  const window: Window = {
    width: size,
    height: size,
    step: randomBetween(random, 1, 2),
    pads: [pad(), pad(), pad(), pad()],
  };
  const attributes = {
    kernel_shape: [size, size],
    strides: [window.step, window.step],
    pads: window.pads,
  };
  return unaryCase('MaxPool', input, plain.maxPool(input, window), {}, attributes, 0);
}

function drawTurning(random: () => number, values: (count: number) => Float32Array<ArrayBuffer>): Case {
  const input = drawPicture(random, values, [1, 20], [2, 9]);
  const pads = constant([8], BigInt64Array.of(0n, 0n, 0n, 0n, 0n, 3n, 0n, 0n));
  const expected = plain.picture(input.channels + 3, input.height, input.width, (channel, y, x) =>
    plain.at(input, channel, y, x),
  );
  return unaryCase('Pad', input, expected, { pads }, { mode: 'constant' }, 0);
}
