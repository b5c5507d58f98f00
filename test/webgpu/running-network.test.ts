import type * as Ort from 'onnxruntime-web/webgpu';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { MockInstance } from 'vitest';
import { BLAZEPOSE } from '../../src/networks/blazepose.ts';
import type { Region } from '../../src/networks/geometry.ts';
import { colourRange } from '../../src/networks/network.ts';
import type { Network } from '../../src/networks/network.ts';
import { MOVENET } from '../../src/networks/movenet.ts';
import { NANODET } from '../../src/networks/nanodet.ts';
import { POSE_DETECTOR } from '../../src/networks/pose-detector.ts';
import { networksOf, PLANS } from '../../src/pipeline/photo/qualities.ts';
import { chooseBackend } from '../../src/runtime/backend/backend.ts';
import { Models } from '../../src/runtime/models.ts';
import { startOneMore } from '../../src/runtime/starting.ts';
import type { LoadedNetworks } from '../../src/runtime/models.ts';
import { readPicture } from '../../src/runtime/pictures/picture.ts';
import { PixelPyramid } from '../../src/runtime/pictures/pixels.ts';
import { RunningNetwork } from '../../src/runtime/backend/running-network.ts';
import { assetUrl, RUNTIME_MODULE } from '../../src/runtime/files/assets.ts';
import { Downloads } from '../../src/runtime/files/network-files.ts';
import { whyWrongOnGpu } from '../../src/schema/errors.ts';
import type { BodyAnalysisError } from '../../src/schema/errors.ts';
import { DEFAULT_LIMITS } from '../../src/schema/limits.ts';
import { largestDifference } from '../browser/compare.ts';
import { plainCanvas, sampleBlob, SAMPLES } from '../browser/pictures.ts';
import type { OwnNetworkKind } from '../../src/schema/own-networks.ts';
import { open } from '../../src/worker/own-networks.ts';
import { SMALL_INPUT, smallNetwork } from '../support/own-graphs.ts';
import type { SmallOptions } from '../support/own-graphs.ts';
import { readFloats } from './readback.ts';

test(
  'people looked at in one run on the GPU, masks and all, are seen as one by one on WASM',
  {
    timeout: 300_000,
  },
  async () => {
    const { gpu, runtimes } = await chooseBackend({
      backend: 'webgpu',
      skipped: [],
      baseUrl: undefined,
      threads: 1,
    });
    if (!gpu) throw new Error('the browser was started with an adapter');
    const bytes = await new Downloads(undefined).fetch(BLAZEPOSE.lite);
    const frame = { kind: 'encoded', data: await sampleBlob('two') } as const;
    const people = SAMPLES.find(({ id }) => id === 'two')?.persons ?? [];
    const squares = people.map(({ box: [left = 0, top = 0, width = 0, height = 0] }, index): Region => ({
      centreX: left + width / 2,
      centreY: top + height / 2,
      size: 1.25 * Math.max(width, height),
      rotation: 0.1 * index,
      mirrored: index === 1,
    }));
    expect(squares).toHaveLength(2);

    const onGpu = await readPicture(frame, DEFAULT_LIMITS, { device: gpu.device });
    const together = await RunningNetwork.start(BLAZEPOSE.lite, bytes, { runtimes, gpu, batch: 2 });
    const seen = await gpu.run(() => together.run(onGpu.pixels, squares, true));
    const onWasm = await readPicture(frame, DEFAULT_LIMITS);
    const alone = await RunningNetwork.start(BLAZEPOSE.lite, bytes, { runtimes, gpu: undefined });
    for (const [index, square] of squares.entries()) {
      const [wanted] = await alone.run(onWasm.pixels, [square], true);
      const look = seen[index];
      if (!wanted || !look) throw new Error(`nobody looked at square ${index}`);
      expect(wanted.flag[0]).toBeGreaterThan(0.9);
      expect(largestDifference(look.flag, wanted.flag)).toBeLessThan(0.001);
      expect(largestDifference(look.landmarks, wanted.landmarks)).toBeLessThan(0.05);
      expect(largestDifference(look.heatmap, wanted.heatmap)).toBeLessThan(0.05);
      expect(largestDifference(look.world, wanted.world)).toBeLessThan(0.001);
      // These logits range over ±1800: what counts is on which side of the outline a cell lies.
      const { mask = new Float32Array() } = look;
      const other = wanted.mask ?? new Float32Array();
      expect(mask).toHaveLength(256 * 256);
      const changed = mask.filter((logit, at) => logit > 0 !== (other[at] ?? 0) > 0).length;
      expect(changed / mask.length).toBeLessThan(0.001);
    }
    onGpu.release();
    await together.release();
    await alone.release();
  },
);

test.each<[OwnNetworkKind, Partial<SmallOptions>]>([
  ['rtmo', {}],
  ['heatmap', {}],
  // What it gives is of half precision, which the software adapter has not.
  ['heatmap', { isInsideOut: true }],
])(
  'a network of an app’s own, %s (%o), gives on the GPU what it gives on WASM, or is told of',
  async (kind, more) => {
    const choice = { backend: 'webgpu', skipped: [], baseUrl: undefined, threads: 1 } as const;
    const { gpu, runtimes } = await chooseBackend(choice);
    if (!gpu) throw new Error('the browser was started with an adapter');
    const size = { width: 96, height: 128 };
    const url = URL.createObjectURL(new Blob([smallNetwork(kind, { keypoints: 17, ...size, ...more })]));
    const input = more.isInsideOut ? {} : SMALL_INPUT;
    const { network } = open({
      kind: kind === 'rtmo' ? 'rtmo' : 'heatmap',
      url,
      keypoints: 'coco-17',
      input,
    });
    const bytes = await new Downloads(undefined).fetch(network);
    URL.revokeObjectURL(url);
    const starting = startOneMore({ gpu, runtimes }, network, bytes, {
      choice: 'webgpu',
      onHeartbeat: () => {},
    });
    if (more.isInsideOut && !gpu.hasHalf) {
      await expect(starting).rejects.toMatchObject({
        code: 'gpu-failed',
        message: expect.stringMatching(/does not run blob:.*: .*f16.*The next try does without the GPU/),
      });
      return;
    }
    const ready = await starting;
    expect(ready.running.runtime).toMatchObject({ runtime: 'onnxruntime' });
    const canvas = plainCanvas(400, 400, '#000');
    const context = canvas.getContext('2d');
    if (!context) throw new Error('no 2D canvas');
    context.fillStyle = '#f0f';
    context.fillRect(180, 120, 30, 30);
    const frame = { kind: 'pixels', pixels: context.getImageData(0, 0, 400, 400) } as const;
    const square = { centreX: 200, centreY: 200, size: 400, rotation: 0 };
    const onGpu = await readPicture(frame, DEFAULT_LIMITS, { device: gpu.device });
    const onWasm = await readPicture(frame, DEFAULT_LIMITS);
    const alone = await RunningNetwork.start(network, bytes, { runtimes, gpu: undefined });
    const [seen] = await gpu.run(() => ready.running.run(onGpu.pixels, [square]));
    const [wanted] = await alone.run(onWasm.pixels, [square]);
    for (const name of network.outputs) {
      const expected = wanted?.[name] ?? new Float32Array();
      // Something that the spot has made.
      expect(Math.max(...expected), name).toBeGreaterThan(0.3);
      expect(largestDifference(seen?.[name] ?? new Float32Array(), expected), name).toBeLessThan(0.01);
    }
    onGpu.release();
    await ready.running.release();
    await alone.release();
    URL.revokeObjectURL(url);
  },
);

describe('a GPU that computes something else', () => {
  /** Changes what the GPU gives, by the names of outputs. */
  const wrong = new Map<string, (numbers: Float32Array) => void>();
  type Create = (
    bytes: Uint8Array,
    options: Ort.InferenceSession.SessionOptions,
  ) => Promise<Ort.InferenceSession>;
  let creating: MockInstance<Create>;
  /** The module that the library takes. */
  let ort: typeof Ort;

  beforeAll(async () => {
    ort = (await import(/* @vite-ignore */ assetUrl(RUNTIME_MODULE, undefined))) as typeof Ort;
  });
  beforeEach(() => {
    wrong.clear();
    const { InferenceSession, Tensor } = ort;
    const create = InferenceSession.create.bind(InferenceSession) as Create;
    creating = vi.spyOn(InferenceSession, 'create');
    // What is meant for the GPU is computed on WASM, since the software
    // adapter takes most of a minute for this.
    creating.mockImplementation(async (bytes, options) => {
      const [provider] = options.executionProviders ?? [];
      if (typeof provider !== 'object' || !('device' in provider)) return create(bytes, options);
      const { preferredOutputLocation: _onGpu, ...rest } = options;
      const session = await create(bytes, { ...rest, executionProviders: ['wasm'] });
      const run = session.run.bind(session) as (
        ...given: unknown[]
      ) => Promise<Ort.InferenceSession.OnnxValueMapType>;
      session.run = async (
        { image, ...others }: Ort.InferenceSession.OnnxValueMapType,
        outputs?: unknown,
      ) => {
        const inputs = image && {
          image: new Tensor(
            'float32',
            await readFloats(provider.device as GPUDevice, image.gpuBuffer, image.size),
            image.dims,
          ),
        };
        const values = await run({ ...others, ...inputs }, outputs);
        for (const [name, change] of wrong) {
          const numbers = values[name]?.data;
          if (numbers instanceof Float32Array) change(numbers);
        }
        return values;
      };
      return session;
    });
  });
  afterEach(() => creating.mockRestore());

  function load(networks: LoadedNetworks): Promise<Models> {
    return Models.load(
      { networks, backend: 'webgpu', skipped: [], baseUrl: undefined, threads: 1 },
      { onProgress: () => {}, onHeartbeat: () => {} },
    );
  }

  test('is told of any network, which needs no more than a description and its files', async () => {
    const second: Network<'landmarks' | 'world'> = {
      file: 'pose_landmark_full',
      input: { side: 256, channels: 'rgb', ...colourRange(0, 1), border: 'black' },
      outputs: ['landmarks', 'world'],
      compare: ({ world: [seen = NaN] }, { world: [wanted = NaN] }) => {
        const metres = Math.abs(seen - wanted);
        return { share: metres / 0.01, words: `the first point is off by ${metres.toFixed(1)} m` };
      },
    };
    const right = await load({ first: [second], main: second });
    expect(right.backend).toMatchObject({ name: 'webgpu', precision: 'float32', batch: 1, skipped: [] });
    wrong.set('world', (numbers) => (numbers[0] = (numbers[0] ?? 0) + 3));
    const { backend } = await load({ first: [second], main: second });
    expect(backend).toMatchObject({
      name: 'wasm',
      skipped: [{ reason: 'It computes something else than WASM: the first point is off by 3.0 m.' }],
    });
  });

  test('in a lighter landmark model is not used for it in a video', async () => {
    const models = await load(networksOf(PLANS.fast, 'full'));
    expect(models.backend.name).toBe('webgpu');
    // Three pixels to the right.
    wrong.set('landmarks', (numbers) => (numbers[0] = (numbers[0] ?? 0) + 3));
    await expect.poll(() => models.prepare(BLAZEPOSE.lite)).not.toBe('fetching');
    expect(await models.prepare(BLAZEPOSE.lite)).toBe('failed');
    expect(await models.prepare(BLAZEPOSE.full)).toBe('ready');
  });

  test.each([
    ['the pose detector', 'boxes', /poses are off/],
    ['NanoDet', 'scores_16', /probabilities of bodies are off/],
    ['MoveNet', 'heatmaps', /probabilities of keypoints are off/],
  ])('in %s at start is not used for any network', async (_what, output, words) => {
    wrong.set(output, (numbers) => {
      // As a GPU does whose memory is not what was written to it.
      for (const at of numbers.keys()) numbers[at] = (numbers[at] ?? 0) + 2;
    });
    const models = await load({
      first: [POSE_DETECTOR, NANODET, MOVENET, BLAZEPOSE.lite],
      main: BLAZEPOSE.lite,
    });
    expect(models.backend).toMatchObject({
      name: 'wasm',
      skipped: [{ name: 'webgpu', reason: expect.stringMatching(words) }],
    });
    expect(models.slowestRunMs).toBe(0);
    const frame = { kind: 'encoded', data: await sampleBlob('stand') } as const;
    const picture = await models.read(frame, DEFAULT_LIMITS);
    expect(picture.pixels).toBeInstanceOf(PixelPyramid);
    const [centreX, centreY] = [picture.width / 2, picture.height / 2];
    const square = { centreX, centreY, size: picture.height, rotation: 0 };
    await models.run(picture.pixels, MOVENET, [square], () => {});
    picture.release();
  });

  test('in a network that photos need soon is told by the first that needs it', async () => {
    wrong.set('heatmaps', (numbers) => numbers.fill(Number.NaN));
    const models = await load(networksOf(PLANS.balanced, 'lite'));
    expect(models.backend.name).toBe('webgpu');
    await models.have(NANODET);
    await expect(models.have(MOVENET)).rejects.toSatisfy(
      (error) =>
        whyWrongOnGpu(error as BodyAnalysisError) === 'It computes something else than WASM: no numbers.',
    );
  });

  test('in a network that comes late is told as its failure, which has the worker replaced', async () => {
    const models = await load(networksOf(PLANS.fast, 'lite'));
    expect(models.backend.name).toBe('webgpu');
    await models.have(NANODET);
    wrong.set('offsets', (numbers) => numbers.fill(Number.NaN));
    await expect(models.have(MOVENET)).rejects.toMatchObject({
      code: 'gpu-failed',
      message: expect.stringContaining('It computes something else than WASM: no numbers.'),
    });
    expect(await models.prepare(MOVENET)).toBe('failed');
  });
});
