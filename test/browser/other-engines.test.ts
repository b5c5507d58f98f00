import { afterEach, describe, expect, test, vi } from 'vitest';
import { keepFrameOf, openFeed } from '../../src/source/feed.ts';
import { PixelPyramid } from '../../src/runtime/pictures/pixels.ts';
import { readPicture } from '../../src/runtime/pictures/picture.ts';
import { DEFAULT_LIMITS } from '../../src/index.ts';

/*
 * Habits of other engines, put on Chromium, so that they are looked at with every change; `npm test --
 * engines` has the engines themselves.
 */

const undo: (() => void)[] = [];
afterEach(() => {
  for (const each of undo.splice(0)) each();
});

/** Has a method do something else for one test. */
function replace<T extends object, K extends keyof T>(
  owner: T,
  name: K,
  make: (original: T[K]) => T[K],
): void {
  const original = owner[name];
  owner[name] = make(original);
  undo.push(() => (owner[name] = original));
}

test('where copyTo passes over the format that is asked for, as in WebKit, red stays red', async () => {
  replace(
    VideoFrame.prototype,
    'copyTo',
    (copyTo) =>
      function copy(this: VideoFrame, target: AllowSharedBufferSource) {
        return copyTo.call(this, target);
      },
  );
  const RED = [250, 120, 10, 255] as const;
  const [red, green, blue, alpha] = RED;
  const frame = new VideoFrame(
    Uint8Array.from(Array.from({ length: 32 * 32 }, () => [blue, green, red, alpha]).flat()),
    { format: 'BGRA', codedWidth: 32, codedHeight: 32, timestamp: 0 },
  );
  const picture = await readPicture({ kind: 'video-frame', frame }, DEFAULT_LIMITS);
  frame.close();
  if (!(picture.pixels instanceof PixelPyramid)) throw new Error('the pixels are not in memory');
  expect(Array.from(picture.pixels.level(0).data.subarray(0, 4))).toEqual(RED);
});

/** Takes something away for one test. */
function remove(owner: object, name: string): void {
  const property = Object.getOwnPropertyDescriptor(owner, name);
  if (!property) throw new Error(`no ${name}`);
  Reflect.deleteProperty(owner, name);
  undo.push(() => Object.defineProperty(owner, name, property));
}

/** The sample clip, with its first frame there. */
async function sampleVideo(): Promise<HTMLVideoElement> {
  const video = document.createElement('video');
  video.muted = true;
  video.src = '/samples/crossing.webm';
  await new Promise((resolve) => video.addEventListener('loadeddata', resolve, { once: true }));
  return video;
}

test('without a MediaStreamTrackProcessor, as in Firefox, a camera is followed until its track is stopped', async () => {
  remove(globalThis, 'MediaStreamTrackProcessor');
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  const timer = setInterval(() => context?.fillRect(0, 0, 9, 9), 20);
  undo.push(() => clearInterval(timer));
  const [track] = canvas.captureStream(30).getVideoTracks();
  if (!track) throw new Error('no track');
  const feed = openFeed(track, { everyFrame: false });
  const fed = await feed.next();
  expect(fed?.frame.displayWidth).toBe(canvas.width);
  fed?.frame.close();
  track.stop();
  for (let next = await feed.next(); next; next = await feed.next()) next.frame.close();
  feed.close();
});

/** Has a frame of a video that is given no time take that of the video, in microseconds. */
function nameFrames(timeOf: (video: HTMLVideoElement) => number): void {
  replace(
    globalThis,
    'VideoFrame',
    (Frame) =>
      new Proxy(Frame, {
        construct(target, [source, init]: ConstructorParameters<typeof VideoFrame>) {
          const isUnnamed = source instanceof HTMLVideoElement && init?.timestamp === undefined;
          return new target(source, isUnnamed ? { ...init, timestamp: timeOf(source) } : init);
        },
      }),
  );
}

test.each([
  ['in Firefox, which names the time that was sought', 'Firefox'],
  ['in WebKit, which tells of a frame when it begins', 'WebKit'],
])('where a frame does not say itself when it begins, each is given once: as %s', async (_name, engine) => {
  if (engine === 'WebKit') nameFrames(({ currentTime }) => Math.round(1e6 * currentTime));
  else {
    // It takes seconds for microseconds.
    nameFrames(({ currentTime }) => Math.trunc(currentTime));
    replace(
      HTMLVideoElement.prototype,
      'requestVideoFrameCallback',
      (request) =>
        function ask(this: HTMLVideoElement, callback: VideoFrameRequestCallback) {
          return request.call(this, (now, metadata) =>
            callback(now, { ...metadata, mediaTime: this.currentTime }),
          );
        },
    );
  }
  const video = await sampleVideo();
  const feed = openFeed(video, { everyFrame: true });
  const times: number[] = [];
  while (times.length < 8) {
    const fed = await feed.next();
    if (!fed) throw new Error('the clip is over');
    times.push(fed.timestamp);
    fed.frame.close();
  }
  feed.close();
  // Fifteen a second, each found to one step, or to the file's millisecond.
  const frameMs = 1000 / 15;
  const numbers = times.map((time) => Math.floor((time + 0.5) / frameMs));
  expect(numbers).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

describe('where a video cannot be read', () => {
  test.each([true, false])(
    'for want of VideoFrame, that is said at once (everyFrame: %s)',
    async (everyFrame) => {
      const video = await sampleVideo();
      remove(globalThis, 'VideoFrame');
      expect(() => openFeed(video, { everyFrame })).toThrow(
        expect.objectContaining({
          code: 'unsupported-environment',
          message: expect.stringContaining('VideoFrame'),
        }),
      );
    },
  );

  test('for want of requestVideoFrameCallback, that is said at once, of a camera too', async () => {
    const video = await sampleVideo();
    const [track] = document.createElement('canvas').captureStream().getVideoTracks();
    if (!track) throw new Error('no track');
    remove(HTMLVideoElement.prototype, 'requestVideoFrameCallback');
    remove(globalThis, 'MediaStreamTrackProcessor');
    for (const [source, everyFrame] of [
      [video, true],
      [video, false],
      [track, false],
    ] as const) {
      expect(() => openFeed(source, { everyFrame })).toThrow(
        expect.objectContaining({ code: 'unsupported-environment' }),
      );
    }
    track.stop();
  });

  /** Has reading any frame end in that error, and counts how often. */
  function failWith(error: Error): { times: number } {
    const failures = { times: 0 };
    replace(
      globalThis,
      'VideoFrame',
      (Original) =>
        new Proxy(Original, {
          construct: () => {
            failures.times++;
            throw error;
          },
        }),
    );
    return failures;
  }

  test('for good, the loop ends', async () => {
    const video = await sampleVideo();
    failWith(new TypeError('not of a <video>'));
    const feed = openFeed(video, { everyFrame: false });
    await expect(feed.next()).rejects.toMatchObject({ code: 'source-not-ready' });
    feed.close();
  });

  describe('for a moment', () => {
    afterEach(() => vi.useRealTimers());

    test('it is asked again, but not for ever', async () => {
      const video = await sampleVideo();
      // How often a video is looked at is up to this clock.
      vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
      failWith(new DOMException('no frame', 'InvalidStateError'));
      const feed = openFeed(video, { everyFrame: false });
      vi.advanceTimersByTime(1000);
      undo.pop()?.();
      vi.advanceTimersByTime(250);
      const fed = await feed.next();
      expect(fed?.timestamp).toBe(0);
      fed?.frame.close();

      const failures = failWith(new DOMException('no frame', 'InvalidStateError'));
      const next = feed.next();
      const sought = new Promise((resolve) => video.addEventListener('seeked', resolve, { once: true }));
      video.currentTime = 1;
      await sought;
      await expect.poll(() => failures.times).toBeGreaterThan(0);
      vi.advanceTimersByTime(5000);
      await expect(next).rejects.toMatchObject({ code: 'source-not-ready' });
      feed.close();
    });
  });
});

test('where a MediaSource is set as srcObject, as in Safari, it is no camera: its time goes back, its frames are not copied', async () => {
  const video = await sampleVideo();
  Object.defineProperty(video, 'srcObject', { value: {} });
  let copies = 0;
  replace(
    VideoFrame.prototype,
    'copyTo',
    (copyTo) =>
      function copy(this: VideoFrame, ...parameters: Parameters<VideoFrame['copyTo']>) {
        copies++;
        return copyTo.apply(this, parameters);
      },
  );
  const feed = openFeed(video, { everyFrame: false });
  const times: number[] = [];
  for (const seconds of [0, 2, 1]) {
    if (seconds > 0) video.currentTime = seconds;
    const fed = await feed.next();
    if (!fed) throw new Error('no frame');
    times.push(Math.round(fed.timestamp / 1000));
    const kept = await keepFrameOf(video, fed.frame);
    kept.close();
    fed.frame.close();
  }
  feed.close();
  expect(times).toEqual([0, 2, 1]);
  expect(copies).toBe(0);
});
