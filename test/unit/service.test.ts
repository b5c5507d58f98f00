import { releaseProxy } from 'comlink';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { MockInstance } from 'vitest';
import { MOVENET } from '../../src/networks/movenet.ts';
import { NANODET } from '../../src/networks/nanodet.ts';
import { analysePhoto } from '../../src/pipeline/photo/analysis.ts';
import { PLANS } from '../../src/pipeline/photo/qualities.ts';
import { Models } from '../../src/runtime/models.ts';
import { BodyAnalysisError } from '../../src/schema/errors.ts';
import { DEFAULT_LIMITS } from '../../src/schema/limits.ts';
import type { BackendName, Quality } from '../../src/schema/loading.ts';
import type { FoundPerson } from '../../src/schema/result.ts';
import { VERSION } from '../../src/worker/protocol.ts';
import type { TrackRequest } from '../../src/worker/protocol.ts';
import { Service } from '../../src/worker/service.ts';
import { FakeFrames } from '../support/fake-frame.ts';
import { OPENED } from '../support/fake-worker.ts';
import { moment } from '../support/moment.ts';
import { NoCanvas } from '../support/no-canvas.ts';

vi.mock('../../src/pipeline/photo/analysis.ts', async (original) => ({
  ...(await original<object>()),
  analysePhoto: vi.fn(),
}));

/** So long nobody asks before the warm-up begins, in milliseconds. */
const IDLE_MS = 500;
const REQUEST: TrackRequest = {
  video: 1,
  timestamp: 0,
  maxPersons: 1,
  smoothing: undefined,
  extras: [],
  targetFps: undefined,
  hasIdleTime: true,
  sentAt: undefined,
  lastId: 0,
};

describe('a worker', () => {
  const have = vi.fn<Models['have']>(async () => {});
  const bring = vi.fn<Models['bring']>();
  const read = vi.fn<Models['read']>();
  let frames: FakeFrames;
  let loading: MockInstance<typeof Models.load>;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    vi.stubGlobal('OffscreenCanvas', NoCanvas);
    frames = new FakeFrames();
    read.mockReset();
    have.mockClear();
    bring.mockClear();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  /** A worker whose networks are none. */
  async function open(
    quality: Quality = 'fast',
    name: BackendName = 'wasm',
    version = VERSION,
  ): Promise<Service> {
    loading = vi.spyOn(Models, 'load').mockResolvedValue({
      ...OPENED,
      backend: { ...OPENED.backend, name },
      have,
      bring,
      read,
      batchOf: () => 1,
    } as unknown as Models);
    const service = new Service();
    const options = { model: 'lite', quality, backend: 'auto', warmUp: true } as const;
    const rest = { version, skipped: [], baseUrl: undefined, threads: 1, limits: DEFAULT_LIMITS };
    const ignore = () => {};
    await service.open({ ...options, ...rest }, ignore, ignore, ignore);
    return service;
  }

  test('of another version than its page opens nothing, and says what to do', async () => {
    await expect(open('fast', 'wasm', '0.0.1')).rejects.toMatchObject({
      code: 'worker-load',
      message: expect.stringMatching(/The page has body21 0\.0\.1, the worker is of .*copy-assets/) as string,
    });
    expect(loading).not.toHaveBeenCalled();
  });

  test('that warms up takes up no call that is cancelled while it waits for that, and forgets its video', async () => {
    const service = await open();
    const gate = moment();
    read.mockImplementation(async () => {
      await gate.coming;
      throw new Error('nobody reads it');
    });
    await vi.advanceTimersByTimeAsync(IDLE_MS);
    expect(read).toHaveBeenCalledOnce();
    const call = service.track(1, { kind: 'video-frame', frame: frames.make(0) }, REQUEST);
    const outcome = call.catch((error: unknown) => error);
    service.cancel(1);
    const forgotten = service.untrack(1);
    gate.come();
    expect(await outcome).toMatchObject({ message: 'The call was cancelled.' });
    await forgotten;
    expect([read.mock.calls.length, frames.open]).toEqual([1, 0]);
    // There is no video any more: the warm-up goes on.
    await vi.advanceTimersByTimeAsync(IDLE_MS);
    expect(read.mock.calls.map(([{ kind }]) => kind)).toEqual(['encoded', 'encoded']);
  });

  test('that could not warm up tells one call of it, and none after it', async () => {
    const service = await open();
    const ask = () => service.analyse(1, { kind: 'base64', data: '' }, { extras: [], debug: false });
    read.mockRejectedValue(new Error('the figure'));
    await vi.advanceTimersByTimeAsync(IDLE_MS);
    await expect(ask()).rejects.toThrow('the figure');
    read.mockRejectedValue(new Error('the picture'));
    await vi.advanceTimersByTimeAsync(IDLE_MS);
    await expect(ask()).rejects.toThrow('the picture');
    expect(read.mock.calls.map(([{ kind }]) => kind)).toEqual(['encoded', 'base64']);
  });

  test.each(['wasm', 'webgpu'] as const)(
    'starts what photos need while nobody asks, before it warms up, on %s',
    async (name) => {
      await open('balanced', name);
      await vi.advanceTimersByTimeAsync(IDLE_MS - 1);
      expect(have).not.toHaveBeenCalled();
      read.mockImplementation(() => new Promise(() => {}));
      await vi.advanceTimersByTimeAsync(1);
      expect(have.mock.calls.map(([network]) => network)).toEqual([NANODET, MOVENET]);
      expect(have.mock.calls.map(([, options]) => options?.inBackground)).toEqual([true, true]);
      expect(read).toHaveBeenCalledTimes(name === 'wasm' ? 1 : 0);
    },
  );

  test('that cannot start what photos need tells no call of it that needs something else', async () => {
    const service = await open('balanced');
    have.mockRejectedValueOnce(new BodyAnalysisError('model-fetch', 'Not found.'));
    await vi.advanceTimersByTimeAsync(IDLE_MS);
    expect(have).toHaveBeenCalledOnce();
    expect(read).not.toHaveBeenCalled();
    read.mockRejectedValue(new Error('the picture'));
    const frame = { kind: 'video-frame', frame: frames.make(0) } as const;
    await expect(service.track(1, frame, REQUEST)).rejects.toThrow('the picture');
  });

  test('goes by the quality of the call, and waits for a network that it has not, for as long as the call is wanted', async () => {
    const service = await open();
    const release = vi.fn<() => void>();
    read.mockImplementation(async () => ({ width: 10, height: 10, pixels: {}, release }) as never);
    vi.mocked(analysePhoto).mockImplementation(async (networks) => {
      await networks.run(MOVENET, [{ centreX: 5, centreY: 5, size: 10, rotation: 0 }], () => {});
      throw new Error('not waited for');
    });
    have.mockImplementationOnce(
      (_network, { signal } = {}) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason as Error));
          service.cancel(1);
        }),
    );
    const options = { extras: [], debug: false, quality: 'best' } as const;
    const call = service.analyse(1, { kind: 'base64', data: '' }, options);
    await expect(call).rejects.toThrow('The call was cancelled.');
    expect(have.mock.calls.map(([network]) => network)).toEqual([MOVENET]);
    // Who needs one of the two needs the other as well.
    expect(bring.mock.calls).toEqual([[NANODET], [MOVENET]]);
    expect(vi.mocked(analysePhoto).mock.calls.map(([, , plan]) => plan)).toEqual([PLANS.best]);
    expect(release).toHaveBeenCalledOnce();
  });

  test('tells the page of people as they are found, and lets go of its functions', async () => {
    const service = await open();
    read.mockImplementation(async () => ({ width: 10, height: 10, pixels: {}, release: () => {} }) as never);
    const found = { number: 1, person: { location: {} } } as FoundPerson;
    vi.mocked(analysePhoto).mockReset();
    vi.mocked(analysePhoto).mockImplementation(async (_networks, _picture, _plan, { onPerson }) => {
      onPerson?.(found);
      return { people: [], explanation: { squares: [], regions: [], persons: [] } };
    });
    const release = vi.fn<() => void>();
    const onPerson = Object.assign(vi.fn<(found: FoundPerson) => void>(), { [releaseProxy]: release });
    const region = { left: 1, top: 2, width: 3, height: 4 };
    const options = { extras: [], debug: false, maxPersons: 2, region } as const;
    await service.analyse(1, { kind: 'base64', data: '' }, options, undefined, onPerson);
    expect(onPerson.mock.calls).toEqual([[found]]);
    expect(release).toHaveBeenCalledOnce();
    // Who asks for neither has nothing of it.
    await service.analyse(2, { kind: 'base64', data: '' }, { extras: [], debug: false });
    const [first, second] = vi.mocked(analysePhoto).mock.calls.map(([, , , wanted]) => wanted);
    expect(first).toMatchObject({ maxPersons: 2, region, onPerson });
    expect([second?.maxPersons, second?.region, second?.onPerson]).toEqual([undefined, undefined, undefined]);
  });
});
