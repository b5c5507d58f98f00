import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openFeed } from '../../src/source/feed.ts';
import type { VideoSource } from '../../src/source/feed.ts';
import { NewestFeed } from '../../src/source/newest-feed.ts';
import type { FedFrame, Feed } from '../../src/source/newest-feed.ts';
import { FakeFrames, installVideoFrame } from '../support/fake-frame.ts';

let frames: FakeFrames;

beforeEach(() => {
  installVideoFrame();
  frames = new FakeFrames();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/**
 * Hands in and closes a frame, and says what it was: its time and how many
 * were left out; `undefined` after the last.
 */
async function taken(fed: FedFrame | undefined | Promise<FedFrame | undefined>) {
  const frame = await fed;
  frame?.frame.close();
  return frame && [frame.timestamp, frame.dropped];
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

describe('the newest frame', () => {
  let feed: NewestFeed;
  const stopped = vi.fn<() => void>();

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    stopped.mockClear();
    feed = new NewestFeed(() => stopped);
  });
  afterEach(() => {
    feed.close();
    expect([frames.open, vi.getTimerCount()]).toEqual([0, 0]);
  });

  function give(...times: number[]): void {
    for (const time of times) feed.give(frames.make(time), time);
  }

  test('is what there is; those before it are closed, and counted once', async () => {
    give(0, 40, 80);
    expect([feed.hasFrame, frames.open]).toEqual([true, 1]);
    expect(await taken(feed.next())).toEqual([80, 2]);
    expect(feed.hasFrame).toBe(false);
    give(120);
    expect(await taken(feed.next())).toEqual([120, 0]);
  });

  test('is waited for where there is none', async () => {
    const next = feed.next();
    give(0);
    expect(await taken(next)).toEqual([0, 0]);
  });

  /** Frames 30 ms apart, until the feed has found out. */
  async function settleIn(): Promise<void> {
    for (let time = 0; time < 40; time++) {
      give(30 * time);
      await taken(feed.next());
      vi.advanceTimersByTime(30);
    }
  }

  test('is not one that has waited for a third of the time between two: the next is, and counts it', async () => {
    await settleIn();
    give(2000);
    vi.advanceTimersByTime(9);
    expect(feed.hasFrame).toBe(true);
    vi.advanceTimersByTime(2);
    expect(feed.hasFrame).toBe(false);
    const next = feed.next();
    vi.advanceTimersByTime(19);
    give(2030);
    expect(await taken(next)).toEqual([2030, 1]);
  });

  test('is one that has waited, where none comes after it for twice that time', async () => {
    await settleIn();
    give(2000);
    vi.advanceTimersByTime(20);
    const next = feed.next();
    let isThere = false;
    void next.then(() => (isThere = true));
    vi.advanceTimersByTime(79);
    await settle();
    expect(isThere).toBe(false);
    vi.advanceTimersByTime(2);
    expect(await taken(next)).toEqual([2000, 0]);
  });

  test('is given before the end, however long it has waited, and before its reason', async () => {
    give(0);
    vi.advanceTimersByTime(1000);
    feed.end(new Error('gone'));
    expect(await taken(feed.next())).toEqual([0, 0]);
    await expect(feed.next()).rejects.toThrow('gone');
    give(40);
  });

  test.each([undefined, new Error('gone')])('ends for who waits, with its reason: %s', async (reason) => {
    const next = feed.next();
    feed.end(reason);
    if (reason) await expect(next).rejects.toBe(reason);
    else expect(await next).toBeUndefined();
  });

  test('is let go of by who closes the feed, and whoever waits has none', async () => {
    const next = feed.next();
    feed.close();
    expect(await next).toBeUndefined();
    give(0);
    expect([frames.open, stopped.mock.calls.length]).toEqual([0, 1]);
  });
});

/** A stream of so many frames, 40 ms apart, that are there as soon as it is asked. */
function streamOf(count: number, onCancel = () => {}): ReadableStream<VideoFrame> {
  let given = 0;
  return new ReadableStream<VideoFrame>(
    {
      pull(controller) {
        if (given === count) controller.close();
        else controller.enqueue(frames.make(40 * given++));
      },
      cancel: onCancel,
    },
    { highWaterMark: 0 },
  );
}

async function all(feed: Feed): Promise<(number[] | undefined)[]> {
  const seen: (number[] | undefined)[] = [];
  for (let fed = await taken(feed.next()); fed; fed = await taken(feed.next())) seen.push(fed);
  return seen;
}

describe('a stream of frames', () => {
  test('is read frame by frame where every one is wanted, and not ahead', async () => {
    const feed = openFeed(streamOf(3), { everyFrame: true });
    expect(frames.made).toHaveLength(0);
    expect(await taken(feed.next())).toEqual([0, 0]);
    expect(frames.made).toHaveLength(1);
    expect(await all(feed)).toEqual([
      [40, 0],
      [80, 0],
    ]);
  });

  test('gives its newest frame else, and says how many it left out', async () => {
    const feed = openFeed(streamOf(40), { everyFrame: false });
    const seen = await all(feed);
    expect(seen.at(-1)?.[0]).toBe(39 * 40);
    expect(seen.reduce((sum, fed) => sum + (fed?.[1] ?? NaN) + 1, 0)).toBe(40);
    const times = seen.map((fed) => fed?.[0] ?? NaN);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(frames.open).toBe(0);
  });

  test.each([true, false])('is let go of by who closes the feed (every frame: %s)', async (everyFrame) => {
    const cancelled = vi.fn<() => void>();
    const feed = openFeed(streamOf(2, cancelled), { everyFrame });
    await taken(feed.next());
    if (everyFrame) feed.close();
    else await all(feed);
    feed.close();
    await settle();
    expect(cancelled.mock.calls.length).toBe(everyFrame ? 1 : 0);
    expect(frames.open).toBe(0);
  });

  test.each([true, false])('that is closed gives nothing (every frame: %s)', async (everyFrame) => {
    expect(await all(openFeed(streamOf(0), { everyFrame }))).toEqual([]);
  });

  test.each([true, false])('that breaks off is an error (every frame: %s)', async (everyFrame) => {
    const stream = new ReadableStream<VideoFrame>({
      pull: (controller) => controller.error(new Error('broken')),
    });
    await expect(openFeed(stream, { everyFrame }).next()).rejects.toMatchObject({
      code: 'source-closed',
      cause: { message: 'broken' },
    });
  });

  /** A stream that gives just that, which TypeScript would let nobody hand in. */
  function streamOfOne(value: unknown): ReadableStream<VideoFrame> {
    return new ReadableStream<VideoFrame>({
      start(controller) {
        controller.enqueue(value as VideoFrame);
        controller.close();
      },
    });
  }

  function closedFrame(): VideoFrame {
    const frame = frames.make(0);
    frame.close();
    return frame;
  }

  describe.each([true, false])('every frame: %s', (everyFrame) => {
    test.each<[string, () => unknown, string]>([
      ['something else', () => 'a frame', 'unsupported-source'],
      ['what only looks like a frame', () => new Proxy(frames.make(0), {}), 'unsupported-source'],
      ['closed frames', closedFrame, 'source-closed'],
    ])('of %s is an error', async (_name, make, code) => {
      const feed = openFeed(streamOfOne(make()), { everyFrame });
      await expect(feed.next()).rejects.toMatchObject({ name: 'BodyAnalysisError', code });
    });

    test('that someone reads is an error', () => {
      const stream = streamOf(2);
      stream.getReader();
      expect(() => openFeed(stream, { everyFrame })).toThrow(
        expect.objectContaining({ code: 'source-closed' }),
      );
    });
  });
});

describe('what cannot be followed', () => {
  test.each(['video', null, undefined, 7, {}, new Blob()])('is refused: %o', (source) => {
    expect(() => openFeed(source as VideoSource, { everyFrame: false })).toThrow(
      expect.objectContaining({ name: 'BodyAnalysisError', code: 'unsupported-source' }),
    );
  });

  test('is told of a browser that has no VideoFrame', () => {
    vi.unstubAllGlobals();
    expect(() => openFeed(new ReadableStream(), { everyFrame: true })).toThrow(
      expect.objectContaining({
        code: 'unsupported-environment',
        message: expect.stringContaining('VideoFrame'),
      }),
    );
  });
});
