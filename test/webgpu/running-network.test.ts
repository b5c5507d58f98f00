import { InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import { expect, test, vi } from 'vitest';
import type { MockInstance } from 'vitest';
import { BLAZEPOSE } from '../../src/networks/blazepose.ts';
import type { Region } from '../../src/networks/geometry.ts';
import { networksOf, PLANS } from '../../src/pipeline/plan.ts';
import { chooseBackend } from '../../src/runtime/backend.ts';
import { Models } from '../../src/runtime/models.ts';
import { readPicture } from '../../src/runtime/picture.ts';
import { loadNetwork, RunningNetwork } from '../../src/runtime/running-network.ts';
import { DEFAULT_LIMITS } from '../../src/schema/limits.ts';
import { largestDifference } from '../browser/parity-tools.ts';
import { sampleBlob, SAMPLES } from '../browser/pictures.ts';
import { readFloats } from './readback.ts';

test(
  'people looked at in one run on the GPU, masks and all, are seen as one by one on WASM',
  {
    timeout: 300_000,
  },
  async () => {
    const { gpu } = await chooseBackend({ backend: 'webgpu', skipped: [], baseUrl: undefined, threads: 1 });
    if (!gpu) throw new Error('the browser was started with an adapter');
    const bytes = await loadNetwork(BLAZEPOSE.lite, undefined);
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
    const together = await RunningNetwork.start(BLAZEPOSE.lite, bytes, { gpu, batch: 2 });
    const seen = await gpu.run(() => together.run(onGpu.pixels, squares, true));
    const onWasm = await readPicture(frame, DEFAULT_LIMITS);
    const alone = await RunningNetwork.start(BLAZEPOSE.lite, bytes, { gpu: undefined });
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

test('a lighter model that computes something else on this GPU is not used for a video', async () => {
  const create = InferenceSession.create.bind(InferenceSession) as (
    bytes: Uint8Array,
    options: InferenceSession.SessionOptions,
  ) => Promise<InferenceSession>;
  let isWrong = false;
  const creating = vi.spyOn(InferenceSession, 'create') as unknown as MockInstance<typeof create>;
  // What is meant for the GPU is computed on WASM, since the software adapter takes most of a minute for this.
  creating.mockImplementation(async (bytes, options) => {
    const [provider] = options.executionProviders ?? [];
    if (typeof provider !== 'object' || !('device' in provider)) return create(bytes, options);
    const { preferredOutputLocation: _onGpu, ...rest } = options;
    const session = await create(bytes, { ...rest, executionProviders: ['wasm'] });
    const run = session.run.bind(session) as (
      ...given: unknown[]
    ) => Promise<InferenceSession.OnnxValueMapType>;
    session.run = async ({ image, ...others }: InferenceSession.OnnxValueMapType, outputs?: unknown) => {
      const inputs = image && {
        image: new Tensor(
          'float32',
          await readFloats(provider.device as GPUDevice, image.gpuBuffer, image.size),
          image.dims,
        ),
      };
      const values = await run({ ...others, ...inputs }, outputs);
      const landmarks = values['landmarks']?.data;
      // Three pixels to the right.
      if (isWrong && landmarks instanceof Float32Array) landmarks[0] = (landmarks[0] ?? 0) + 3;
      return values;
    };
    return session;
  });
  try {
    const models = await Models.load(
      {
        networks: networksOf(PLANS.fast, 'full'),
        backend: 'webgpu',
        skipped: [],
        baseUrl: undefined,
        threads: 1,
      },
      { onProgress: () => {}, onBeat: () => {} },
    );
    expect(models.backend.name).toBe('webgpu');
    isWrong = true;
    await expect.poll(() => models.prepare(BLAZEPOSE.lite)).not.toBe('fetching');
    expect(await models.prepare(BLAZEPOSE.lite)).toBe('failed');
    expect(await models.prepare(BLAZEPOSE.full)).toBe('ready');
  } finally {
    creating.mockRestore();
  }
});
