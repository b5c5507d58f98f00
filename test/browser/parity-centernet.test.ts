import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import type { GraphModel } from '@tensorflow/tfjs-converter';
import { setBackend, tensor4d } from '@tensorflow/tfjs-core';
import { env, InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import { beforeAll, describe, expect, test } from 'vitest';
import manifest from '../../models/manifest.json';
import { largest, largestDifference, load, withChangedWeight } from './parity-tools.ts';
import { sampleBlob } from './pictures.ts';

/*
 * The ONNX file of the person detector against the TensorFlow.js graph it was made from, each in its own runtime,
 * on the same numbers.
 */

/** Paths on the dev server, whose root is the repository's. */
const ORT = '/node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded';
const TFJS = '/node_modules/@tensorflow/tfjs-backend-wasm/dist/';
const SOURCE = '/node_modules/@vladmandic/human/models/centernet.json';
const MODELS = '/models/';

/** From full view to cut off, turned, sitting and in the air; the last one has two people. */
const PICTURES = ['stand', 'sit', 'side', 'cut', 'yoga', 'jump', 'two'];

/** Height and width of the input, and of the outputs. */
const SIZE = 512;
const CELLS = 128;

/** COCO's classes in the source, of which the ONNX file keeps the first. */
const CLASSES = 80;

type OutputName = 'peaks' | 'sizes';

/**
 * The largest differences allowed: the runtimes add up in different orders, and only that may be left between
 * them. A thousandth moves no peak over a threshold that has two digits, and a size that differs by 0.05 moves a
 * box by a twentieth of a pixel of the input.
 */
const LIMITS: readonly { output: OutputName; unit: string; limit: number }[] = [
  { output: 'peaks', unit: 'probability', limit: 1e-3 },
  { output: 'sizes', unit: 'px', limit: 0.05 },
];

type Outputs = Readonly<Record<OutputName, Float32Array>>;

let inputs: Float32Array<ArrayBuffer>[];
let expected: Outputs[];
let onnx: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  env.wasm.wasmPaths = { mjs: `${ORT}.mjs`, wasm: `${ORT}.wasm` };
  env.wasm.numThreads = 1;
  setWasmPaths(TFJS);
  setThreadsCount(1);
  await setBackend('wasm');
  inputs = await Promise.all(PICTURES.map(makeInput));
  expected = await runTfjs(inputs);
  const entry = manifest.models.find(({ name }) => name === 'person');
  onnx = await load(`${MODELS}${entry?.file ?? 'person'}`);
});

describe('person detector', () => {
  test('gives the numbers of the TensorFlow.js graph', async () => {
    const actual = await runOnnx(onnx, inputs);
    for (const [k, id] of PICTURES.entries()) {
      expect(largest(actual[k]?.peaks), `a person is seen in ${id}`).toBeGreaterThan(0.3);
    }
    const rows = LIMITS.map((row) => ({ ...row, worst: worstDifference(row.output, actual, expected) }));
    console.log(
      rows
        .map(({ output, unit, worst }) => `person ${output}: ${worst.toExponential(1)} ${unit} at most`)
        .join('\n'),
    );
    for (const { output, unit, worst, limit } of rows) {
      expect(worst, `${output} (${unit})`).toBeLessThanOrEqual(limit);
    }
  });

  test.each([
    ['early', 0.1],
    ['middle', 0.3],
  ])('shows another sign on one weight: %s layer', async (_, place) => {
    const actual = await runOnnx(withChangedWeight(onnx, place), inputs.slice(0, 1));
    const over = LIMITS.filter(
      ({ output, limit }) => worstDifference(output, actual, expected.slice(0, 1)) > limit,
    );
    expect(over.map(({ output }) => output)).not.toEqual([]);
  });
});

function worstDifference(output: OutputName, actual: readonly Outputs[], wanted: readonly Outputs[]): number {
  return Math.max(
    ...actual.map((outputs, picture) => largestDifference(outputs[output], wanted[picture]?.[output])),
  );
}

/** All of a picture, in the middle of a black square, channels last. */
async function makeInput(id: string): Promise<Float32Array<ArrayBuffer>> {
  const picture = await createImageBitmap(await sampleBlob(id));
  const scale = SIZE / Math.max(picture.width, picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  const context = new OffscreenCanvas(SIZE, SIZE).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no 2D canvas');
  context.fillRect(0, 0, SIZE, SIZE);
  context.drawImage(picture, (SIZE - width) / 2, (SIZE - height) / 2, width, height);
  const { data } = context.getImageData(0, 0, SIZE, SIZE);
  return Float32Array.from(data.filter((_, k) => k % 4 < 3));
}

async function runTfjs(pictures: readonly Float32Array[]): Promise<Outputs[]> {
  const model = await loadGraphModel(SOURCE);
  const runs: Outputs[] = [];
  for (const picture of pictures) {
    const input = tensor4d(picture, [1, SIZE, SIZE, 3]);
    // One at a time: the runtime has one memory for all.
    // oxlint-disable-next-line no-await-in-loop
    const [classes, sizes] = await readTfjs(model, input);
    input.dispose();
    // Of each place the first class, in the order of the ONNX file.
    const peaks = Float32Array.from({ length: CELLS * CELLS }, (_, k) => classes[k * CLASSES] ?? Number.NaN);
    runs.push({ peaks, sizes: reorder(sizes, CELLS * CELLS, 4) });
  }
  model.dispose();
  return runs;
}

async function readTfjs(
  model: GraphModel,
  input: ReturnType<typeof tensor4d>,
): Promise<[Float32Array, Float32Array]> {
  const results = model.execute(input, ['tower_0/keypoints', 'tower_0/wh']);
  const [classes, sizes] = Array.isArray(results) ? results : [results];
  if (!classes || !sizes) throw new Error('expected two results');
  const read = await Promise.all([classes.data<'float32'>(), sizes.data<'float32'>()]);
  classes.dispose();
  sizes.dispose();
  return read;
}

async function runOnnx(bytes: Uint8Array, pictures: readonly Float32Array[]): Promise<Outputs[]> {
  const session = await InferenceSession.create(bytes, { executionProviders: ['wasm'] });
  const runs: Outputs[] = [];
  for (const picture of pictures) {
    const image = new Tensor('float32', reorder(picture, SIZE * SIZE, 3), [1, 3, SIZE, SIZE]);
    // One at a time: a session does not take a second run meanwhile.
    // oxlint-disable-next-line no-await-in-loop
    const results = await session.run({ image });
    runs.push({ peaks: floats('peaks', results), sizes: floats('sizes', results) });
  }
  await session.release();
  return runs;
}

function floats(name: OutputName, results: InferenceSession.ReturnType): Float32Array {
  const data = results[name]?.data;
  if (!(data instanceof Float32Array)) throw new Error(`${name} is not made of floats`);
  return data;
}

/** From `rows` × `columns` to `columns` × `rows`: between channels last and channels first. */
function reorder(values: Float32Array, rows: number, columns: number): Float32Array {
  return values.map((_, k) => values[(k % rows) * columns + Math.floor(k / rows)] ?? Number.NaN);
}
