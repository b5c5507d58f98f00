import { BodyAnalysisError } from '../schema/errors.ts';
import { isKind } from './kinds.ts';
import type { FedFrame, Feed } from './newest-feed.ts';
import { SourceWatch } from './source-watch.ts';
import { frameOf } from './video-frames.ts';

/** The first steps through a file, in seconds: less than a frame of 120 a second lasts. */
const SHORTEST_STEP = 1 / 125;

/**
 * So many times the page is drawn after a seek until no word of another frame means that there is none. Not
 * a time: a busy page is drawn late and tells late, and one that is hidden does neither until it is shown.
 */
const UNTOLD_DRAWINGS = 6;

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
 * Every frame of a file, found by seeking in steps of half the shortest frame so far. When a frame begins,
 * Chromium says in the frame itself, WebKit when it tells of it, and Firefox not at all (it names the time
 * that was sought): until a browser is seen to know, frames are told apart by what they show as well.
 */
class SteppedFile {
  readonly #video: HTMLVideoElement;
  /** Where the last frame was found, in seconds. */
  #mediaTime = -1;
  /** The shortest time between two frames so far. */
  #shortest = Infinity;
  /** Who says where a frame begins, and not only where it was sought. */
  #knows: 'frame' | 'callback' | undefined;
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
      const told = await seek(video, at, this.#end.signal);
      // Where another file is on its way already, this one is not there to be read.
      if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && !this.#end.signal.aborted) {
        const shown = frameOf(video);
        const mediaTime = this.#timeOf(shown, at, told);
        if (mediaTime > this.#mediaTime && (this.#knows || !(await this.#isShown(shown)))) {
          if (this.#mediaTime >= 0) this.#shortest = Math.min(this.#shortest, mediaTime - this.#mediaTime);
          this.#mediaTime = mediaTime;
          const frame = new VideoFrame(shown, { timestamp: Math.round(mediaTime * 1e6) });
          shown.close();
          return { frame, timestamp: mediaTime * 1000, arrivedMs: performance.now(), dropped: 0 };
        }
        shown.close();
      }
      at += step;
    }
  }

  /**
   * Where a frame begins, in seconds, that was sought there and of which the callback told that, if it came;
   * -1 for one that is not there.
   */
  #timeOf({ timestamp }: VideoFrame, at: number, told: number | undefined): number {
    const own = timestamp / 1e6;
    // WebKit gives a frame the time of the video, Firefox as many microseconds as that has seconds.
    const { currentTime } = this.#video;
    if (timestamp > currentTime && Math.abs(own - currentTime) > SAME_TIME) this.#knows = 'frame';
    else if (told !== undefined && Math.abs(told - at) > SAME_TIME) this.#knows ??= 'callback';
    // A late callback may be of the frame before.
    if (this.#knows === 'frame') return own;
    return this.#knows === 'callback' ? (told ?? -1) : at;
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
 * Shows the frame of that time, in seconds; resolves to when the frame begins by
 * what the browser tells of it, or to nothing where it tells of none.
 * @param end aborted when nobody waits for it any more
 */
function seek(video: HTMLVideoElement, seconds: number, end: AbortSignal): Promise<number | undefined> {
  return new Promise((resolve) => {
    const settled = new AbortController();
    const { signal } = settled;
    let told: number | undefined;
    const settle = () => {
      settled.abort();
      video.cancelVideoFrameCallback(handle);
      resolve(told);
    };
    // Either may be first: the word of the frame, or that it can be read.
    const isReadable = () => video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
    const handle = video.requestVideoFrameCallback((_now, { mediaTime }) => {
      told = mediaTime;
      if (isReadable()) settle();
    });
    let drawings = 0;
    const drawn = () => {
      if (signal.aborted) return;
      if (isReadable() && (told !== undefined || drawings++ === UNTOLD_DRAWINGS)) settle();
      // A window that the app opened may be hidden while this one is not.
      else video.ownerDocument.defaultView?.requestAnimationFrame(drawn);
    };
    // Where the frame is the one that is shown already, a browser need not tell of it again.
    video.addEventListener('seeked', drawn, { once: true, signal });
    end.addEventListener('abort', settle, { once: true, signal });
    const start = () => (video.currentTime = seconds);
    // Before, that would be where the next file begins.
    if (video.readyState > HTMLMediaElement.HAVE_NOTHING) start();
    else video.addEventListener('loadedmetadata', start, { once: true, signal });
  });
}
