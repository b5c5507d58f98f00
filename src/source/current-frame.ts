import { BodyAnalysisError } from '../schema/errors.ts';
import { checkPictureSize } from '../schema/limits.ts';
import type { PictureLimits } from '../schema/limits.ts';
import type { Frame } from './frame.ts';
import { isDomException } from './kinds.ts';
import { bitmapFrame, tainted } from './pixels.ts';

/** How long a video may take to show its first frame, in milliseconds. */
const VIDEO_WAIT = 5000;
/** How often it is looked at meanwhile. */
const VIDEO_POLL = 30;

/**
 * The frame that a `<video>` shows now; of one that shows none yet, its first.
 * @param signal ends the wait for that
 */
export async function currentFrame(
  video: HTMLVideoElement,
  limits: Readonly<PictureLimits>,
  signal: AbortSignal,
): Promise<Frame> {
  if (!hasFrame(video)) await firstFrame(video, signal);
  checkPictureSize(video.videoWidth, video.videoHeight, limits);
  if (!('VideoFrame' in globalThis)) return bitmapFrame(video, limits);
  try {
    return { kind: 'video-frame', frame: new VideoFrame(video) };
  } catch (cause) {
    if (isDomException(cause, 'SecurityError')) throw tainted('<video>', cause);
    return bitmapFrame(video, limits);
  }
}

function hasFrame(video: HTMLVideoElement): boolean {
  if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || video.videoWidth === 0) return false;
  if (!('VideoFrame' in globalThis)) return true;
  try {
    new VideoFrame(video).close();
    return true;
  } catch (cause) {
    // Chromium says that it has data some moments before there is a frame to read.
    return !isDomException(cause, 'InvalidStateError');
  }
}

/** Resolves when the video has a frame to show; fails when it never will, or not soon. */
function firstFrame(video: HTMLVideoElement, signal: AbortSignal): Promise<void> {
  if (video.error || (!video.currentSrc && !video.src && !video.srcObject && video.children.length === 0)) {
    return Promise.reject(
      new BodyAnalysisError(
        'source-not-ready',
        'The <video> has no source, or failed to load it. Set one that plays.',
        video.error ?? undefined,
      ),
    );
  }
  return new Promise((resolve, reject) => {
    const listening = new AbortController();
    const settle = (action: () => void) => () => {
      listening.abort();
      clearTimeout(timer);
      clearInterval(watch);
      action();
    };
    const fail = (message: string) =>
      settle(() => reject(new BodyAnalysisError('source-not-ready', message, video.error ?? undefined)));
    const ready = settle(resolve);
    const timer = setTimeout(
      fail(`The <video> showed no frame within ${VIDEO_WAIT / 1000} s. Wait for its loadeddata event.`),
      VIDEO_WAIT,
    );
    const once = { signal: listening.signal };
    // No event tells it: a stream's size and a file's first readable frame come some time after `loadeddata`.
    const watch = setInterval(() => hasFrame(video) && ready(), VIDEO_POLL);
    // Without anyone who asks, Chromium makes no frame of a paused video that is not on the page.
    if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(() => {});
    video.addEventListener('error', fail('The <video> failed to load. Check its source.'), once);
    signal.addEventListener(
      'abort',
      settle(() => reject(signal.reason)),
      once,
    );
  });
}
