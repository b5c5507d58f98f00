import { env, InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import manifest from '../../models/manifest.json';
import { MOVENET } from '../../src/networks/movenet.ts';
import { toHalfPrecision } from '../../src/runtime/onnx/precision.ts';
import { widenWeights } from '../../src/runtime/onnx/weights.ts';
import { largest, largestDifference, load } from './compare.ts';
import { sampleBlob, SAMPLES } from './pictures.ts';

/*
 * The ways to run a model file besides the one in which it is compared with its source (`test/parity/`): for several
 * people at once, and in float16.
 */

/** Path on the dev server, whose root is the repository's. */
const ORT = '/node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded';

/** Height and width of the landmark model's input. */
const SIZE = 256;
/** A landmark is x, y, z and two logits. */
const LANDMARK_SIZE = 5;

const PICTURES = ['stand', 'sit', 'yoga'];

type Outputs = InferenceSession.ReturnType;

/** A fixed batch, as the runtime uses the files where it looks at one person at a time. */
const SINGLE = { executionProviders: ['wasm'], freeDimensionOverrides: { batch: 1 } };
const BATCHED = { executionProviders: ['wasm'] };

let bytes: Uint8Array<ArrayBuffer>;
let mask: Uint8Array<ArrayBuffer>;
let people: Tensor[];
/** What the landmark model gives for each of them alone. */
let alone: Outputs[];

beforeAll(async () => {
  env.wasm.wasmPaths = { mjs: `${ORT}.mjs`, wasm: `${ORT}.wasm` };
  env.wasm.numThreads = 1;
  [bytes, mask, people] = await Promise.all([
    loadModel('lite'),
    loadModel('mask_lite'),
    Promise.all(PICTURES.map(firstPerson)),
  ]);
  alone = await runEach(
    bytes,
    people.map((image) => ({ image })),
  );
  for (const [k, id] of PICTURES.entries())
    expect(numbers(alone[k], 'flag')[0], `a person is seen in ${id}`).toBeGreaterThan(0.5);
});

describe('several people in one run', () => {
  /*
   * With an open dimension the runtime may pick other kernels, which add up in another order. A mask's logits
   * range over ±1800.
   */
  const LIMITS: Readonly<Record<string, number>> = { mask: 0.1 };
  let landmarks: InferenceSession;
  let masks: InferenceSession;
  beforeAll(async () => {
    landmarks = await InferenceSession.create(bytes, BATCHED);
    masks = await InferenceSession.create(mask, BATCHED);
  });
  afterAll(async () => {
    await landmarks.release();
    await masks.release();
  });

  test.each([3, 1, 2])('get the landmarks that each gets alone: %i', async (count) => {
    const together = await landmarks.run({ image: stack(people.slice(0, count)) });
    expectSame(together, alone.slice(0, count));
  });

  test('get the masks that each gets alone', async () => {
    const features = alone.map((outputs) => pick(outputs, masks.inputNames));
    const wanted = await runEach(mask, features);
    const stacked = masks.inputNames.map((name) => [name, stack(features.map((each) => tensor(each, name)))]);
    expectSame(await masks.run(Object.fromEntries(stacked)), wanted);
  });

  function expectSame(together: Outputs, wanted: readonly Outputs[]): void {
    for (const [name, { dims, size }] of Object.entries(together)) {
      expect(dims).toEqual([wanted.length, ...tensor(wanted[0], name).dims.slice(1)]);
      const one = size / wanted.length;
      for (const [k, outputs] of wanted.entries()) {
        const part = numbers(together, name).subarray(k * one, (k + 1) * one);
        const difference = largestDifference(part, numbers(outputs, name));
        expect(difference, `${name} of person ${k}`).toBeLessThanOrEqual(LIMITS[name] ?? 1e-3);
        // So that no person's numbers would do for another's.
        const other = wanted[(k + 1) % wanted.length];
        if (wanted.length > 1)
          expect(largestDifference(part, numbers(other, name)), name).toBeGreaterThan(10 * difference);
      }
    }
  }
});

/*
 * WASM has no float16 arithmetic: the runtime takes the numbers in and out of float32 there, as seldom as it
 * can. So this is a test of the file. How much the precision costs shows on a GPU only.
 */
describe('float16', () => {
  /** Half a pixel of the crop in numbers up to 256, between which halves have steps of an eighth. */
  const LIMITS = { px: 0.5, logit: 0.05, flag: 1e-3, heatmap: 0.5, world: 0.005, features: 0.5 };

  test('gives nearly what float32 gives', async () => {
    const halved = widenWeights(bytes);
    toHalfPrecision(halved, entryOf('lite').halfCasts ?? 0);
    const actual = await runEach(
      halved,
      people.map((image) => ({ image })),
    );
    const compare = (name: string, includes?: (index: number) => boolean): number =>
      largest(
        Float32Array.from(actual, (outputs, k) =>
          largestDifference(numbers(outputs, name), numbers(alone[k], name), includes),
        ),
      );
    const worst = {
      px: compare('landmarks', (index) => index % LANDMARK_SIZE < 3),
      logit: compare('landmarks', (index) => index % LANDMARK_SIZE >= 3),
      flag: compare('flag'),
      heatmap: compare('heatmap'),
      world: compare('world'),
      features: Math.max(compare('mask_features_0'), compare('mask_features_1')),
    };
    console.log(`lite in float16 on WASM: ${JSON.stringify(worst)}`);
    for (const [name, limit] of Object.entries(LIMITS))
      expect(new Map(Object.entries(worst)).get(name), name).toBeLessThanOrEqual(limit);
    // The same to the last bit would mean that nothing was switched.
    expect(worst.px).toBeGreaterThan(0);
    expect(tensor(actual[0], 'landmarks').type).toBe('float32');
  });

  test('gives of MoveNet what a GPU may give, by its own comparison', async () => {
    const model = await loadModel('thunder');
    // From −1 to 1, where BlazePose has 0 to 1.
    const images = people.map(({ data, dims }) => {
      if (!(data instanceof Float32Array)) throw new Error('not made of floats');
      return {
        image: new Tensor(
          'float32',
          data.map((value) => 2 * value - 1),
          dims,
        ),
      };
    });
    const wanted = await runEach(widenWeights(model), images);
    const halved = widenWeights(model);
    toHalfPrecision(halved, entryOf('thunder').halfCasts ?? 0);
    const seen = await runEach(halved, images);
    const shares = seen.map((outputs, k) => {
      const [half, single] = [outputs, wanted[k]].map((each) => {
        const [heatmaps, regressions, centre, offsets] = MOVENET.outputs.map((name) => numbers(each, name));
        if (!heatmaps || !regressions || !centre || !offsets) throw new Error('an output is missing');
        return { heatmaps, regressions, centre, offsets };
      });
      if (!half || !single) throw new Error('nothing was run');
      return MOVENET.compare(half, single);
    });
    console.log(`thunder in float16 on WASM: ${JSON.stringify(shares)}`);
    for (const { share } of shares) {
      expect(share).toBeLessThanOrEqual(1);
      expect(share).toBeGreaterThan(0);
    }
  });
});

function entryOf(name: string) {
  const entry = manifest.models.find((model) => model.name === name);
  if (!entry) throw new Error(`there is no model ${name}`);
  return entry;
}

function loadModel(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return load(`/models/${entryOf(name).file}`);
}

/** What a session with a fixed batch gives for each of these. */
async function runEach(
  model: Uint8Array,
  feeds: readonly Readonly<Record<string, Tensor>>[],
): Promise<Outputs[]> {
  const session = await InferenceSession.create(model, SINGLE);
  const runs: Outputs[] = [];
  for (const feed of feeds) {
    // One at a time: a session does not take a second run meanwhile.
    runs.push(await session.run(feed));
  }
  await session.release();
  return runs;
}

/** The landmark model's input for a picture's first person. */
async function firstPerson(id: string): Promise<Tensor> {
  const box = SAMPLES.find((sample) => sample.id === id)?.persons[0]?.box;
  if (!box) throw new Error(`no truth for ${id}`);
  const [left = 0, top = 0, width = 0, height = 0] = box;
  const picture = await createImageBitmap(await sampleBlob(id));
  const context = new OffscreenCanvas(SIZE, SIZE).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no 2D canvas');
  // A quarter more than the box, the margin that the pipeline leaves around a person.
  const scale = SIZE / (1.25 * Math.max(width, height));
  context.translate(SIZE / 2, SIZE / 2);
  context.scale(scale, scale);
  context.drawImage(picture, -(left + width / 2), -(top + height / 2));
  return Tensor.fromImage(context.getImageData(0, 0, SIZE, SIZE), { tensorFormat: 'RGB' });
}

/** These tensors as one batch. */
function stack(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors;
  if (!first) throw new Error('nothing to stack');
  const values = new Float32Array(first.size * tensors.length);
  for (const [k, { data }] of tensors.entries()) {
    if (!(data instanceof Float32Array)) throw new Error('not made of floats');
    values.set(data, k * first.size);
  }
  return new Tensor('float32', values, [tensors.length, ...first.dims.slice(1)]);
}

function pick(outputs: Outputs, names: readonly string[]): Record<string, Tensor> {
  return Object.fromEntries(names.map((name) => [name, tensor(outputs, name)]));
}

function tensor(outputs: Readonly<Record<string, Tensor>> | undefined, name: string): Tensor {
  const found = outputs?.[name];
  if (!found) throw new Error(`there is no ${name}`);
  return found;
}

function numbers(outputs: Outputs | undefined, name: string): Float32Array {
  const { data } = tensor(outputs, name);
  if (!(data instanceof Float32Array)) throw new Error(`${name} is not made of floats`);
  return data;
}
