import type { VideoSource } from 'body21';
import type { Container } from './container.ts';
import { words } from '../words/words.ts';

/** How long a frame is shown where nothing tells, in milliseconds. */
const USUAL_FRAME_MS = 1000 / 30;

/** A video that was opened, and what is known of its frames. */
export class Clip {
  readonly file: File;
  /** An object URL of the file. */
  readonly url: string;
  /** When each frame begins, in milliseconds and in order; empty where that is not known, or not yet. */
  times: readonly number[] = [];
  /** What reads the file's frames; `undefined` where only a `<video>` does. */
  container: Container | undefined;
  /** Whether the browser decodes the file's frames one by one. */
  canDecode = false;
  /** Resolves when the file has told what it tells, which may be nothing. */
  readonly isRead: Promise<void>;
  readonly #end = new AbortController();

  constructor(file: File) {
    this.file = file;
    this.url = URL.createObjectURL(file);
    // Offline, what reads files may not be there; stepping does without.
    this.isRead = this.#read().catch(() => {});
  }

  async #read(): Promise<void> {
    const { Container: Opened } = await import('./container.ts');
    const container = await Opened.open(this.file);
    if (!container) return;
    if (this.#end.signal.aborted) {
      container.close();
      return;
    }
    this.container = container;
    const canDecode = await container.canDecode();
    this.times = await container.times(this.#end.signal);
    // Of a file that is cut off there are no times, and what plays it does without the rest.
    this.canDecode = canDecode;
  }

  /** Whether there is sound; `undefined` where that is not known. */
  get hasSound(): boolean | undefined {
    return this.container?.hasSound;
  }

  /** How long a frame is shown, in milliseconds: half of all frames no longer than that. */
  get frameMs(): number {
    const gaps = this.times.slice(1, 400).map((time, at) => time - (this.times[at] ?? 0));
    return gaps.toSorted((a, b) => a - b)[gaps.length >> 1] || USUAL_FRAME_MS;
  }

  /** On average, a second; `undefined` where it is not known. */
  get frameRate(): number | undefined {
    const { times } = this;
    const [first, last] = [times[0] ?? 0, times.at(-1) ?? 0];
    return last > first ? (1000 * (times.length - 1)) / (last - first) : undefined;
  }

  /** Which frame is shown at a time in milliseconds; -1 where that is not known. */
  indexAt(time: number): number {
    return this.times.findLastIndex((begin) => begin <= time + 1);
  }

  /** Every frame from a time on, in milliseconds, for `client.track`. */
  async framesFrom(from: number, signal: AbortSignal): Promise<VideoSource> {
    await this.isRead;
    if (this.container && this.canDecode) return this.container.frames(from);
    // Another video than the one on show, which stays the visitor's.
    const video = document.createElement('video');
    video.muted = true;
    video.preload = 'auto';
    await new Promise((resolve, reject) => {
      video.addEventListener('loadeddata', resolve, { once: true, signal });
      video.addEventListener('error', () => reject(new Error(words.video.unreadable)), { signal });
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      video.src = this.url;
    });
    video.currentTime = from / 1000;
    return video;
  }

  close(): void {
    this.#end.abort(new Error('closed'));
    this.container?.close();
    URL.revokeObjectURL(this.url);
  }
}
