import { loadLiteRt, Tensor as LiteRtTensor } from '@litertjs/core';
import type { LiteRt } from '@litertjs/core';
import { env, InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import manifest from '../../models/manifest.json';
import { largest, largestDifference, load } from '../browser/compare.ts';
import { sampleBlob, SAMPLES } from '../browser/pictures.ts';
import { withChangedWeight } from './changed-weight.ts';

/*
 * The ONNX files against the TFLite files they were made from, each in its own runtime, on the same numbers.
 */

/** Paths on the dev server, whose root is the repository's. */
const ORT = '/node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded';
const LITERT = '/test/parity/node_modules/@litertjs/core/wasm/';
const SOURCES = '/models/sources/@mediapipe/pose/';
const MODELS = '/models/';
/** The same where weights are rounded, without that: see `exact-models.ts`. */
const EXACT_MODELS = '/exact-models/';

/** From full view to cut off, turned, sitting and in the air; the last one has two people. */
const PICTURES = ['stand', 'sit', 'side', 'cut', 'yoga', 'jump', 'two'];
/**
 * For the models that are converted like a smaller one, which is shown all:
 * another picture runs the same layers again.
 */
const FEW_PICTURES = ['stand', 'yoga', 'two'];

/**
 * Where a person is seen well the flag is so close to 1 that hardly anything in the model moves
 * it. With this picture moved sideways by four tenths of the region, half of the person is cut
 * off, and the flags lie between 0.6 and 0.9. Nothing else is compared on it: points outside the
 * region magnify the rounding (to 0.012 px).
 */
const HALF_SEEN = { id: 'sit', aside: 0.4 };

/** The part of an output that is measured in one unit, and the largest difference allowed in it. */
interface Part {
  output: string;
  unit: string;
  limit: number;
  /** Which elements of the output; all of them when absent. */
  includes?: (index: number) => boolean;
}

/** A landmark is x, y, z and two logits: that it is visible, and that it lies in the picture. */
const LANDMARK_SIZE = 5;

/*
 * The runtimes add up in different orders, and only that may be left between them: a hundredth of a pixel of
 * the region and a millimetre at most. A logit that differs by 0.01 moves a probability by 0.0025 at most.
 */
const LANDMARK_PARTS: readonly Part[] = [
  { output: 'landmarks', unit: 'px', limit: 0.01, includes: (index) => index % LANDMARK_SIZE < 3 },
  { output: 'landmarks', unit: 'logit', limit: 0.01, includes: (index) => index % LANDMARK_SIZE >= 3 },
  { output: 'flag', unit: 'probability', limit: 1e-4 },
  { output: 'heatmap', unit: 'logit', limit: 0.01 },
  // These logits range over ±1800.
  { output: 'mask', unit: 'logit', limit: 0.5 },
  { output: 'world', unit: 'm', limit: 1e-3 },
];
const DETECTOR_PARTS: readonly Part[] = [
  { output: 'boxes', unit: 'px', limit: 0.01 },
  { output: 'scores', unit: 'logit', limit: 0.01 },
];

interface Case {
  name: string;
  source: string;
  /** The names of the ONNX files in the order in which they run, each on the values of those before it. */
  files: readonly string[];
  /** Height and width of the input. */
  size: number;
  /** The input's value for black; white is 1. */
  black: number;
  /**
   * Names by position of the TFLite file's outputs; an empty one stands for what the ONNX file leaves out.
   */
  outputs: readonly string[];
  parts: readonly Part[];
  pictures: readonly string[];
  /**
   * Whether one other weight has to show: once for each list of limits, on
   * the smallest model that is held to them.
   */
  isBroken: boolean;
  /** An output that tells whether the picture shows a person to this model, and the value to reach. */
  sees: { output: string; atLeast: number };
}

const CASES: readonly Case[] = [
  {
    name: 'detector',
    source: 'pose_solution_packed_assets.data',
    files: ['detector'],
    size: 224,
    black: -1,
    outputs: ['boxes', 'scores'],
    parts: DETECTOR_PARTS,
    pictures: PICTURES,
    isBroken: true,
    sees: { output: 'scores', atLeast: 0 },
  },
  ...['lite', 'full', 'heavy'].map((name) => ({
    name,
    source: `pose_landmark_${name}.tflite`,
    files: [name, `mask_${name}`],
    size: 256,
    black: 0,
    outputs: ['landmarks', 'flag', 'mask', 'heatmap', 'world'],
    parts: LANDMARK_PARTS,
    pictures: name === 'lite' ? PICTURES : FEW_PICTURES,
    isBroken: name === 'lite',
    sees: { output: 'flag', atLeast: 0.5 },
  })),
];

type Outputs = ReadonlyMap<string, Float32Array>;

let litert: LiteRt;

beforeAll(async () => {
  env.wasm.wasmPaths = { mjs: `${ORT}.mjs`, wasm: `${ORT}.wasm` };
  env.wasm.numThreads = 1;
  litert = await loadLiteRtQuietly();
});

afterAll(() => litert.delete());

describe.each(CASES)('$name', (model) => {
  /** Of the pictures, then of that which is half seen. */
  let inputs: Float32Array[];
  let expected: Outputs[];
  let actual: Outputs[];
  let onnx: Uint8Array[];

  beforeAll(async () => {
    inputs = await Promise.all([
      ...model.pictures.map((id) => makeInput(id, model)),
      makeInput(HALF_SEEN.id, model, HALF_SEEN.aside),
    ]);
    expected = await runLiteRt(inputs, model);
    onnx = await Promise.all(
      model.files.map((file) => {
        const entry = manifest.models.find(({ name }) => name === file);
        const isRounded = entry && 'int8' in entry.weights;
        return load(`${isRounded ? EXACT_MODELS : MODELS}${entry?.file ?? file}`);
      }),
    );
    actual = await runOnnx(onnx, inputs, model);
  });

  test('gives the numbers of the TFLite file', () => {
    for (const [k, id] of model.pictures.entries()) {
      const values = actual[k]?.get(model.sees.output) ?? new Float32Array();
      expect(largest(values), `a person is seen in ${id}`).toBeGreaterThan(model.sees.atLeast);
    }
    const [seen, wanted] = [actual.slice(0, -1), expected.slice(0, -1)];
    const rows = model.parts.map((part) => ({ part, worst: worstDifference(part, seen, wanted) }));
    console.log(
      rows
        .map(
          ({ part, worst }) => `${model.name} ${part.output}: ${worst.toExponential(1)} ${part.unit} at most`,
        )
        .join('\n'),
    );
    for (const { part, worst } of rows) {
      expect(worst, `${part.output} (${part.unit})`).toBeLessThanOrEqual(part.limit);
    }
  });

  test.runIf(model.sees.output === 'flag')('gives the same flag where it is in doubt', () => {
    const [doubtful, wanted] = [actual.slice(-1), expected.slice(-1)];
    const flag = largest(doubtful[0]?.get('flag') ?? new Float32Array());
    expect(flag).toBeGreaterThan(0.05);
    expect(flag).toBeLessThan(0.95);
    for (const part of model.parts.filter(({ output }) => output === 'flag')) {
      const worst = worstDifference(part, doubtful, wanted);
      console.log(`${model.name} flag ${flag.toFixed(2)}: ${worst.toExponential(1)} ${part.unit}`);
      expect(worst).toBeLessThanOrEqual(part.limit);
    }
  });

  test.runIf(model.isBroken).each([
    ['early', 0.1],
    ['middle', 0.3],
  ])('shows another sign on one weight: %s layer', async (_, place) => {
    const changed = onnx.with(0, withChangedWeight(fileAt(0), place));
    expect(await outputsOver(changed)).not.toEqual([]);
  });

  test.runIf(model.isBroken && model.files.length > 1).each([
    ['first', 0],
    ['middle', 0.5],
    ['last', 1],
  ])('shows another sign on one weight of the mask: %s layer', async (_, place) => {
    const changed = onnx.with(1, withChangedWeight(fileAt(1), place));
    expect(await outputsOver(changed)).toEqual(['mask']);
  });

  function fileAt(position: number): Uint8Array {
    const bytes = onnx[position];
    if (!bytes) throw new Error(`${model.name} has no file ${position}`);
    return bytes;
  }

  /** The outputs that differ by more than their limits on one picture. */
  async function outputsOver(files: readonly Uint8Array[]): Promise<string[]> {
    const broken = await runOnnx(files, inputs.slice(0, 1), model);
    return model.parts
      .filter((part) => worstDifference(part, broken, expected.slice(0, 1)) > part.limit)
      .map(({ output }) => output);
  }
});

function worstDifference(part: Part, actual: readonly Outputs[], expected: readonly Outputs[]): number {
  return Math.max(
    ...actual.map((outputs, picture) =>
      largestDifference(outputs.get(part.output), expected[picture]?.get(part.output), part.includes),
    ),
  );
}

/**
 * What a model sees of a picture: all of it for the detector, the first person's surroundings for the others.
 */
async function makeInput(id: string, { name, size, black }: Case, aside = 0): Promise<Float32Array> {
  const entry = SAMPLES.find((picture) => picture.id === id);
  const box = entry?.persons[0]?.box;
  if (!entry || !box) throw new Error(`no truth for ${id}`);
  const picture = await createImageBitmap(await sampleBlob(id));
  const [left = 0, top = 0, width = 0, height = 0] =
    name === 'detector' ? [0, 0, picture.width, picture.height] : box;
  // A quarter more than the box, the margin that the pipeline leaves around a person.
  const side = Math.max(width, height) * (name === 'detector' ? 1 : 1.25);
  const scale = size / side;

  const context = new OffscreenCanvas(size, size).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no 2D canvas');
  context.fillRect(0, 0, size, size);
  context.translate(size / 2, size / 2);
  context.scale(scale, scale);
  context.drawImage(picture, -(left + width / 2 + aside * side), -(top + height / 2));
  const { data } = context.getImageData(0, 0, size, size);
  return Float32Array.from(
    data.filter((_, k) => k % 4 < 3),
    (colour) => black + (colour / 255) * (1 - black),
  );
}

async function runLiteRt(
  inputs: readonly Float32Array[],
  { source, size, outputs }: Case,
): Promise<Outputs[]> {
  const bytes = await load(SOURCES + source);
  const model = await litert.loadAndCompile(bytes, { accelerator: 'wasm' });
  const runs: Outputs[] = [];
  for (const input of inputs) {
    const tensor = new LiteRtTensor(input, [1, size, size, 3]);
    // One at a time: the runtime has one memory for all.
    const results = await model.run(tensor);
    runs.push(
      new Map(results.map((result, k) => [outputs[k] ?? '', Float32Array.from(result.toTypedArray())])),
    );
    for (const used of [tensor, ...results]) used.delete();
  }
  model.delete();
  return runs;
}

function silent(): void {}

/**
 * LiteRT writes a line for each part it registers and each sparse tensor, with the console's functions as
 * they are while it loads. What fails it throws besides.
 */
async function loadLiteRtQuietly(): Promise<LiteRt> {
  const { log, warn, error } = console;
  Object.assign(console, { log: silent, warn: silent, error: silent });
  try {
    return await loadLiteRt(LITERT);
  } finally {
    Object.assign(console, { log, warn, error });
  }
}

async function runOnnx(
  files: readonly Uint8Array[],
  inputs: readonly Float32Array[],
  { size }: Case,
): Promise<Outputs[]> {
  const sessions: InferenceSession[] = [];
  for (const bytes of files) {
    // One at a time: the runtime makes one session after the other.
    sessions.push(await InferenceSession.create(bytes, { executionProviders: ['wasm'] }));
  }
  const runs: Outputs[] = [];
  for (const input of inputs) {
    const planes = reorder(input, size * size, 3);
    let values: Readonly<Record<string, Tensor>> = {
      image: new Tensor('float32', planes, [1, 3, size, size]),
    };
    for (const session of sessions) {
      const read = Object.entries(values).filter(([name]) => session.inputNames.includes(name));
      // One at a time: a session does not take a second run meanwhile.
      values = { ...values, ...(await session.run(Object.fromEntries(read))) };
    }
    runs.push(new Map(Object.entries(values).map(([name, result]) => [name, channelsLast(name, result)])));
  }
  await Promise.all(sessions.map((session) => session.release()));
  return runs;
}

/** A result in TFLite's order. */
function channelsLast(name: string, { data, dims }: Tensor): Float32Array {
  if (!(data instanceof Float32Array)) throw new Error(`${name} is not made of floats`);
  const [, channels = 0, height = 0, width = 0] = dims;
  return dims.length === 4 ? reorder(data, channels, height * width) : data;
}

/** From `rows` × `columns` to `columns` × `rows`: between channels last and channels first. */
function reorder(values: Float32Array, rows: number, columns: number): Float32Array {
  return values.map((_, k) => values[(k % rows) * columns + Math.floor(k / rows)] ?? Number.NaN);
}
