import { BodyAnalysisError } from '../schema/errors.ts';
import { isKind } from './kinds.ts';
import type { FedFrame, Feed } from './newest-feed.ts';
import { SourceWatch } from './source-watch.ts';
import { frameOf } from './video-frames.ts';

/** The first steps through a file, in seconds: less than a frame of 120 a second lasts. */
const SHORTEST_STEP = 1 / 125;

/** A frame that is not shown so long after it was found, in milliseconds, is the one before. */
const UNSHOWN_MS = 100;

/** Two times of a video are the same, in seconds: browsers count in microseconds. */
const SAME_TIME = 1e-5;

/** Every frame of a `<video>`'s file, and of the file that takes its place meanwhile. */
export class SteppedFeed implements Feed {
  readonly hasFrame = true;
  readonly #video: HTMLVideoElement;
  #file: SteppedFile;
  /** Aborted when nothing more is wanted, or to come; with an error, if that is why. */
  readonly #end = new AbortController();

  constructor(video: HTMLVideoElement) {
    this.#video = video;
    video.pause();
    this.#file = new SteppedFile(video);
    const watch = new SourceWatch(video, { over: (error) => this.#end.abort(error) });
    const { signal } = this.#end;
    const emptied = () => {
      this.#file.close();
      // Another file plays by itself where `autoplay` is set.
      video.pause();
      this.#file = new SteppedFile(video);
    };
    video.addEventListener('emptied', emptied, { signal });
    const end = () => {
      this.#file.close();
      watch.close();
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  }

  async next(): Promise<FedFrame | undefined> {
    const { signal } = this.#end;
    for (;;) {
      if (signal.reason instanceof BodyAnalysisError) throw signal.reason;
      if (signal.aborted) return undefined;
      if (isKind(this.#video.srcObject, 'MediaStream')) throw doesNotWait();
      const file = this.#file;
      const fed = await file.next();
      if (fed) return fed;
      if (file === this.#file && !signal.aborted) return undefined;
    }
  }

  close(): void {
    this.#end.abort();
  }
}

/** What to say to whoever wants every frame of a camera. */
export function doesNotWait(): BodyAnalysisError {
  return new BodyAnalysisError(
    'invalid-option',
    'options.everyFrame is for what waits: a <video> that plays a file, or a ReadableStream of VideoFrames. A camera does not wait.',
  );
}

/**
 * Every frame of a file, found by seeking in steps of half the shortest frame so far. Firefox says
 * of every frame that it begins where it was sought: until a browser is seen to know better, frames
 * are told apart by what they show as well.
 */
class SteppedFile {
  readonly #video: HTMLVideoElement;
  /** Where the last frame was found, in seconds. */
  #mediaTime = -1;
  /** The shortest time between two frames so far. */
  #shortest = Infinity;
  /** Whether the browser tells where a frame begins, and not only where it was sought. */
  #tellsTimes = false;
  /** What the last frame shows, where only that tells it from the next. */
  #shown: Uint8Array | undefined;
  /** Aborted when nobody wants more of it. */
  readonly #end = new AbortController();

  constructor(video: HTMLVideoElement) {
    this.#video = video;
  }

  /** The next frame; `undefined` after the last. */
  async next(): Promise<FedFrame | undefined> {
    const video = this.#video;
    const step = Number.isFinite(this.#shortest) ? this.#shortest / 2 : SHORTEST_STEP;
    let at = this.#mediaTime < 0 ? video.currentTime : this.#mediaTime + step;
    for (;;) {
      if (this.#end.signal.aborted || at >= video.duration) return undefined;
      const mediaTime = await seek(video, at, this.#end.signal);
      if (mediaTime >= 0 && Math.abs(mediaTime - at) > SAME_TIME) this.#tellsTimes = true;
      // Where another file is on its way already, this one is not there to be read.
      if (mediaTime > this.#mediaTime && video.readyState > HTMLMediaElement.HAVE_NOTHING) {
        const frame = frameOf(video, mediaTime);
        if (this.#tellsTimes || !(await this.#isShown(frame))) {
          if (this.#mediaTime >= 0) this.#shortest = Math.min(this.#shortest, mediaTime - this.#mediaTime);
          this.#mediaTime = mediaTime;
          return { frame, timestamp: mediaTime * 1000, arrivedMs: performance.now(), dropped: 0 };
        }
        frame.close();
      }
      at += step;
    }
  }

  /** Whether the frame shows what the last one did, byte by byte; if not, it is the last one from here on. */
  async #isShown(frame: VideoFrame): Promise<boolean> {
    const before = this.#shown;
    let bytes: Uint8Array;
    try {
      bytes = new Uint8Array(frame.allocationSize());
      await frame.copyTo(bytes);
    } catch {
      // Without its pixels, its time has to do.
      return false;
    }
    if (before?.length === bytes.length && bytes.every((value, at) => value === before[at])) return true;
    this.#shown = bytes;
    return false;
  }

  close(): void {
    this.#end.abort();
  }
}

/**
 * Shows the frame of that time, in seconds; resolves to when the frame itself
 * begins, or to -1 where none was shown.
 * @param end aborted when nobody waits for it any more
 */
function seek(video: HTMLVideoElement, seconds: number, end: AbortSignal): Promise<number> {
  return new Promise((resolve) => {
    const settled = new AbortController();
    const { signal } = settled;
    const settle = (mediaTime: number) => {
      settled.abort();
      video.cancelVideoFrameCallback(handle);
      resolve(mediaTime);
    };
    const handle = video.requestVideoFrameCallback((_now, { mediaTime }) => settle(mediaTime));
    const unshown = () => {
      if (signal.aborted) return;
      // A window that the app opened may be hidden while this one is not.
      const { ownerDocument } = video;
      if (ownerDocument.hidden) {
        ownerDocument.addEventListener('visibilitychange', expectFrame, { once: true, signal });
        return;
      }
      settle(-1);
    };
    const expectFrame = () => setTimeout(unshown, UNSHOWN_MS);
    // Where the frame is the one that is shown already, a browser need not show it again.
    video.addEventListener('seeked', expectFrame, { once: true, signal });
    end.addEventListener('abort', () => settle(-1), { once: true, signal });
    const start = () => (video.currentTime = seconds);
    // Before, that would be where the next file begins.
    if (video.readyState > HTMLMediaElement.HAVE_NOTHING) start();
    else video.addEventListener('loadedmetadata', start, { once: true, signal });
  });
}
