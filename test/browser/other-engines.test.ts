import { afterEach, expect, test } from 'vitest';
import { openFeed } from '../../src/source/feed.ts';
import { PixelPyramid } from '../../src/runtime/pixels.ts';
import { readPicture } from '../../src/runtime/picture.ts';
import { LIMITS } from '../../src/index.ts';

/*
 * Habits of other engines, put on Chromium, so that they are looked at with every change; `npm run test:engines` has the
 * engines themselves.
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
  const picture = await readPicture({ kind: 'video-frame', frame }, LIMITS);
  frame.close();
  if (!(picture.pixels instanceof PixelPyramid)) throw new Error('the pixels are not in memory');
  expect(Array.from(picture.pixels.level(0).data.subarray(0, 4))).toEqual(RED);
});

test('without a MediaStreamTrackProcessor, as in Firefox, a camera is followed until its track is stopped', async () => {
  const Processor: unknown = Reflect.get(globalThis, 'MediaStreamTrackProcessor');
  Reflect.deleteProperty(globalThis, 'MediaStreamTrackProcessor');
  undo.push(() => Reflect.set(globalThis, 'MediaStreamTrackProcessor', Processor));
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

test('where a frame is said to begin where it was sought, as in Firefox, each is given once', async () => {
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
  const video = document.createElement('video');
  video.muted = true;
  video.src = '/samples/crossing.webm';
  await new Promise((resolve) => video.addEventListener('loadeddata', resolve, { once: true }));
  const feed = openFeed(video, { everyFrame: true });
  const times: number[] = [];
  while (times.length < 8) {
    const fed = await feed.next();
    if (!fed) throw new Error('the clip is over');
    times.push(fed.timestamp);
    fed.frame.close();
  }
  feed.close();
  // Fifteen a second, each found to one step.
  const frameMs = 1000 / 15;
  const numbers = times.map((time) => Math.floor((time + 0.01) / frameMs));
  expect(numbers).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});
