import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { followFrames } from '../../src/client/session/frame-loop.ts';
import type { FrameLoopOptions, LoopedFrame } from '../../src/client/session/frame-loop.ts';
import { Session } from '../../src/client/session/session.ts';
import { openFeed } from '../../src/source/feed.ts';
import { NewestFeed } from '../../src/source/newest-feed.ts';
import type { Feed } from '../../src/source/newest-feed.ts';
import type { TrackedPerson } from '../../src/schema/tracking.ts';
import type { TrackAnswer } from '../../src/worker/protocol.ts';
import { failureOf, FakeConnections } from '../support/fake-connection.ts';
import type { AskedFrame } from '../support/fake-connection.ts';
import { FakeFrames, installVideoFrame } from '../support/fake-frame.ts';
import { orSay } from '../support/or-say.ts';

/*
 * The loop over a video, with everything but the worker and the browser's frames as it is: the session, and
 * the feed that keeps the newest frame.
 */

let workers: FakeConnections;
let frames: FakeFrames;
let session: Session;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
  installVideoFrame();
  workers = new FakeConnections();
  frames = new FakeFrames();
  session = await Session.open(workers.setup);
});
afterEach(() => {
  session.dispose();
  expect(frames.open, 'frames that nobody closed').toBe(0);
  expect(vi.getTimerCount(), 'timers that are left').toBe(0);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A live source, whose frames come when the test says so. */
class Camera {
  isClosed = false;
  #given = 0;
  readonly feed: NewestFeed;

  constructor() {
    let feed: NewestFeed | undefined;
    this.feed = new NewestFeed((made) => {
      feed = made;
      return () => (this.isClosed = true);
    });
    expect(feed).toBeDefined();
  }

  /** So many more frames, of which each is 40 ms after the last by its timestamp and comes at once. */
  give(count = 1): void {
    for (let frame = 0; frame < count; frame++) {
      const ms = 40 * this.#given++;
      this.feed.give(frames.make(ms), ms);
    }
  }

  end(error?: unknown): void {
    this.feed.end(error);
  }
}

/** A stream of so many frames, 40 ms apart, that waits until it is asked. */
function patientFeed(count: number): Feed {
  let given = 0;
  const stream = new ReadableStream<VideoFrame>(
    {
      pull(controller) {
        if (given === count) controller.close();
        else controller.enqueue(frames.make(40 * given++));
      },
    },
    { highWaterMark: 0 },
  );
  return openFeed(stream, { everyFrame: true });
}

function follow(
  feed: Feed,
  {
    signal,
    targetFps,
    ...options
  }: Partial<FrameLoopOptions> & { signal?: AbortSignal; targetFps?: number } = {},
): AsyncGenerator<LoopedFrame, void> {
  const loop = followFrames(session, feed, {
    follow: { maxPersons: 6, smoothing: undefined, extras: [], targetFps },
    everyFrame: false,
    stop: session.stopWith(signal),
    ...options,
  });
  const next = loop.next.bind(loop);
  return Object.assign(loop, { next: () => orSay(next(), () => 'No frame has come, nor the end.') });
}

/** The people of those numbers. */
function seen(...ids: number[]): Exclude<TrackAnswer, 'late'> {
  const person_info = ids.map((track_id) => ({ track_id }) as TrackedPerson);
  return { result: { person_num: ids.length, person_info, log_id: '1' }, stages: [], model: 'lite' };
}

/** The next frame that a worker is asked about, answered. */
async function answer(followed: TrackAnswer, worker = workers.last): Promise<AskedFrame> {
  const asked = await worker.frame();
  asked.answer(followed);
  return asked;
}

/** When a question's frame was taken, in milliseconds. */
function timeOf({ request }: AskedFrame): number {
  return request.timestamp;
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

describe('every frame', () => {
  test('is asked about in its turn, and goes on from the numbers given', async () => {
    const loop = follow(patientFeed(4), { everyFrame: true });
    const ids = [[], [1, 2], [7], [7]];
    const lastIds: number[] = [];
    for (const [index, people] of ids.entries()) {
      const next = loop.next();
      const asked = await answer(seen(...people));
      expect(asked.request).toMatchObject({
        video: 1,
        timestamp: 40 * index,
        hasIdleTime: false,
        sentAt: undefined,
      });
      lastIds.push(asked.request.lastId);
      const { value } = await next;
      expect(value).toMatchObject({ timestamp: 40 * index, dropped: 0, model: 'lite', latencyMs: 0 });
    }
    expect(lastIds).toEqual([0, 0, 2, 7]);
    expect(await loop.next()).toEqual({ done: true, value: undefined });
    // There is no time between such frames.
    expect(workers.last.told).toEqual(['untrack 1']);
  });

  test('is asked about again where a worker fails, with the numbers that were given', async () => {
    const loop = follow(patientFeed(2), { everyFrame: true });
    const first = loop.next();
    await answer(seen(1, 2));
    await first;
    const second = loop.next();
    (await workers.last.frame()).fail(failureOf('worker-crash'));
    const again = await answer(seen(3), await workers.started(2));
    expect(again.request).toMatchObject({ timestamp: 40, lastId: 2 });
    expect((await second).value).toMatchObject({ timestamp: 40, dropped: 0 });
    expect((await loop.next()).done).toBe(true);
  });

  test('two loops have their own videos, and take turns', async () => {
    const loops = [
      follow(patientFeed(1), { everyFrame: true }),
      follow(patientFeed(1), { everyFrame: true }),
    ];
    const nexts = loops.map((loop) => loop.next());
    expect((await answer(seen())).request.video).toBe(1);
    expect((await answer(seen())).request.video).toBe(2);
    await Promise.all(nexts);
    for (const loop of loops) await loop.next();
    expect(workers.last.told.toSorted()).toEqual(['untrack 1', 'untrack 2']);
  });
});

describe('of a live video the newest frame', () => {
  test('is next; those before it are closed unseen, and counted', async () => {
    const camera = new Camera();
    const loop = follow(camera.feed);
    camera.give();
    const first = loop.next();
    const asked = await workers.last.frame();
    // What comes while a frame is looked at.
    camera.give(5);
    expect(frames.open).toBe(1);
    vi.advanceTimersByTime(30);
    asked.answer(seen());
    expect((await first).value).toMatchObject({ timestamp: 0, dropped: 0, latencyMs: 30 });
    camera.give(2);
    const second = loop.next();
    expect(timeOf(await answer(seen()))).toBe(40 * 7);
    expect((await second).value).toMatchObject({ timestamp: 40 * 7, dropped: 6 });
    camera.end();
    expect((await loop.next()).done).toBe(true);
    expect(camera.isClosed).toBe(true);
  });

  test('is sent with the time, so that one that waited too long can be told; the next is looked at all the same', async () => {
    vi.setSystemTime(1_000_000);
    const camera = new Camera();
    const loop = follow(camera.feed);
    const next = loop.next();
    camera.give();
    const sent = await answer('late');
    expect(sent.request).toMatchObject({ hasIdleTime: true, sentAt: 1_000_000 });
    await settle();
    camera.give(3);
    // Those that gave way to it count as well.
    const after = await workers.last.frame();
    expect(after.request).toMatchObject({ timestamp: 40, sentAt: undefined });
    camera.give();
    after.answer(seen(1));
    expect((await next).value).toMatchObject({ timestamp: 40, dropped: 1 });
    const third = loop.next();
    const { request } = await answer(seen(1));
    expect(request).toMatchObject({ timestamp: 160, sentAt: 1_000_000 });
    expect((await third).value).toMatchObject({ dropped: 2 });
    await loop.return();
    // Not before the one that followed the late one: that was to come at once.
    expect(workers.last.told).toEqual(['idle 1', 'untrack 1']);
  });

  test('is next after a worker that failed: none from before is asked about again, and they count as dropped', async () => {
    const camera = new Camera();
    const loop = follow(camera.feed);
    const first = loop.next();
    camera.give();
    await answer(seen(1, 2));
    await first;
    const second = loop.next();
    camera.give();
    const lost = await workers.last.frame();
    expect(timeOf(lost)).toBe(40);
    lost.fail(failureOf('worker-crash'));
    const worker = await workers.started(2);
    camera.give(20);
    const asked = await answer(seen(3, 4), worker);
    expect(asked.request).toMatchObject({ timestamp: 40 * 21, lastId: 2, sentAt: undefined });
    expect((await second).value).toMatchObject({ timestamp: 40 * 21, dropped: 20 });
    expect(workers.nth(1).calls + worker.calls).toBe(3);
    await loop.return();
    // The worker that is there now.
    expect(worker.told).toContain('untrack 1');
  });

  test('is waited for while the worker is told that there is time', async () => {
    const camera = new Camera();
    const loop = follow(camera.feed);
    const first = loop.next();
    await settle();
    expect(workers.last.told).toEqual(['idle 1']);
    camera.give();
    await answer(seen());
    await first;
    // There is one already.
    camera.give();
    const second = loop.next();
    await answer(seen());
    await second;
    expect(workers.last.told).toEqual(['idle 1']);
    await loop.return();
  });
});

test('a rate is held: frames that come sooner are left out, and the worker rests meanwhile', async () => {
  const camera = new Camera();
  const loop = follow(camera.feed, { targetFps: 4 });
  /** A camera of fifty frames a second. */
  const STEP_MS = 20;
  const times: number[] = [];
  for (let result = 0; result < 6; result++) {
    const next = loop.next();
    while (workers.last.calls === result) {
      await vi.advanceTimersByTimeAsync(STEP_MS);
      camera.give();
      await settle();
    }
    times.push(performance.now());
    await answer(seen());
    const { value } = await next;
    if (result > 1) expect(value?.dropped).toBeGreaterThan(0);
  }
  // The second may come at once: one frame is no rate yet.
  const held = times.slice(1);
  const gaps = held.slice(1).map((time, index) => time - (held[index] ?? NaN));
  // Four a second, of which one may come too soon by a quarter.
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0.75 * 250 - STEP_MS);
  expect(gaps.reduce((sum, gap) => sum + gap)).toBeGreaterThanOrEqual(3.75 * 250 - STEP_MS);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(250 + STEP_MS);
  expect(workers.last.told).toEqual(times.map(() => 'idle 1'));
  await loop.return();
});

describe('a frame that is kept', () => {
  /** Copies as `keepFrame` has them made. */
  const keep = async (frame: VideoFrame) => frame.clone();

  test('comes with its result, and belongs to who gets it', async () => {
    const loop = follow(patientFeed(2), { everyFrame: true, keep });
    for (let frame = 0; frame < 2; frame++) {
      const next = loop.next();
      await answer(seen());
      const { value } = await next;
      expect(value?.frame?.timestamp).toBe(1000 * (value?.timestamp ?? NaN));
      expect(frames.open).toBe(1);
      value?.frame?.close();
    }
    expect((await loop.next()).done).toBe(true);
  });

  test.each(['late', 'failed', 'cancelled', 'not to be copied'])(
    'is closed where its frame is %s',
    async (why) => {
      const camera = new Camera();
      const controller = new AbortController();
      const loop = follow(camera.feed, {
        signal: controller.signal,
        keep: why === 'not to be copied' ? () => Promise.reject(failureOf('source-closed')) : keep,
      });
      const next = loop.next();
      next.catch(() => {});
      camera.give();
      if (why === 'not to be copied') {
        await expect(next).rejects.toMatchObject({ code: 'source-closed' });
        expect(camera.isClosed).toBe(true);
        return;
      }
      const asked = await workers.last.frame();
      expect(frames.open).toBe(1);
      if (why === 'late') {
        asked.answer('late');
        await settle();
        expect(frames.open).toBe(0);
        const returned = loop.return();
        camera.end();
        await returned;
      } else if (why === 'failed') {
        asked.fail(failureOf('image-size'));
        await expect(next).rejects.toMatchObject({ code: 'image-size' });
      } else {
        controller.abort(new Error('enough'));
        await expect(next).rejects.toThrow('enough');
      }
    },
  );
});

describe('a loop ends, and lets go of its source,', () => {
  test('with a feed that breaks off, and the session goes on', async () => {
    const camera = new Camera();
    const next = follow(camera.feed).next();
    camera.end(failureOf('source-closed'));
    await expect(next).rejects.toMatchObject({ code: 'source-closed' });
    const loop = follow(patientFeed(1), { everyFrame: true });
    const first = loop.next();
    await answer(seen());
    expect((await first).done).toBe(false);
    await loop.return();
  });

  test('where it is left', async () => {
    const camera = new Camera();
    camera.give();
    const ended = (async () => {
      for await (const { dropped } of follow(camera.feed)) if (dropped === 0) break;
    })();
    await answer(seen());
    await ended;
    expect(camera.isClosed).toBe(true);
    expect(workers.last.told).toContain('untrack 1');
  });

  test.each(['a frame', 'its rate', 'an answer', 'its turn'])(
    'by a signal while it waits for %s',
    async (what) => {
      const camera = new Camera();
      const controller = new AbortController();
      const loop = follow(camera.feed, { signal: controller.signal, targetFps: 1 });
      if (what === 'its rate') {
        const first = loop.next();
        camera.give();
        await answer(seen());
        await first;
      }
      const other =
        what === 'its turn'
          ? session.analyse(
              { kind: 'base64', data: '' },
              { extras: [], debug: false },
              { stop: session.stopWith(undefined) },
            )
          : undefined;
      other?.catch(() => {});
      const next = loop.next();
      if (what !== 'a frame') camera.give();
      const asked = what === 'an answer' ? await workers.last.frame() : undefined;
      await settle();
      controller.abort(new Error('enough'));
      await expect(next).rejects.toThrow('enough');
      expect([camera.isClosed, frames.open]).toEqual([true, 0]);
      if (asked) expect(asked.isCancelled).toBe(true);
    },
  );

  test.each(['aborted', 'disposed of'])('though nobody asks it for more, when it is %s', async (how) => {
    const camera = new Camera();
    const controller = new AbortController();
    const loop = follow(camera.feed, { signal: controller.signal });
    const first = loop.next();
    camera.give();
    await answer(seen());
    await first;
    camera.give();
    if (how === 'aborted') controller.abort();
    else session.dispose();
    expect([camera.isClosed, frames.open]).toEqual([true, 0]);
  });

  test('and closes a frame that comes nevertheless', async () => {
    let give = (_frame: VideoFrame) => {};
    const feed: Feed = {
      hasFrame: false,
      next: () =>
        new Promise((resolve) => {
          give = (frame) => resolve({ frame, timestamp: 0, arrivedMs: 0, dropped: 0 });
        }),
      close: () => {},
    };
    const controller = new AbortController();
    const next = follow(feed, { signal: controller.signal }).next();
    await settle();
    controller.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
    give(frames.make(0));
    await settle();
    expect(frames.open).toBe(0);
  });
});
