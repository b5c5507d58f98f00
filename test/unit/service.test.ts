import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Models } from '../../src/runtime/models.ts';
import { DEFAULT_LIMITS } from '../../src/schema/limits.ts';
import { VERSION } from '../../src/worker/protocol.ts';
import type { TrackRequest } from '../../src/worker/protocol.ts';
import { Service } from '../../src/worker/service.ts';
import { FakeFrames } from '../support/fake-frame.ts';
import { OPENED } from '../support/fake-worker.ts';
import { moment } from '../support/moment.ts';
import { NoCanvas } from '../support/no-canvas.ts';

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

describe('a worker that warms up', () => {
  const read = vi.fn<Models['read']>();
  let frames: FakeFrames;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    vi.stubGlobal('OffscreenCanvas', NoCanvas);
    frames = new FakeFrames();
    read.mockReset();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  /** A worker whose networks are none: pictures are never read to the end. */
  async function open(): Promise<Service> {
    vi.spyOn(Models, 'load').mockResolvedValue({ ...OPENED, read } as unknown as Models);
    const service = new Service();
    const options = { model: 'lite', quality: 'fast', backend: 'auto', warmUp: true } as const;
    const rest = { version: VERSION, skipped: [], baseUrl: undefined, threads: 1, limits: DEFAULT_LIMITS };
    const ignore = () => {};
    await service.open({ ...options, ...rest }, ignore, ignore, ignore);
    return service;
  }

  test('takes up no call that is cancelled while it waits for that, and forgets its video', async () => {
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

  test('tells one call that this went wrong, and not each of those after it', async () => {
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
});
