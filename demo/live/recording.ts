import { toCsv } from 'body21';
import type { TrackedFrame } from 'body21';

/** Results of a video, to be written down. */
export class Recording {
  readonly #frames: Pick<TrackedFrame, 'timestamp' | 'result'>[] = [];

  get length(): number {
    return this.#frames.length;
  }

  add({ timestamp, result }: TrackedFrame): void {
    this.#frames.push({ timestamp, result });
  }

  /** A frame a line. */
  toJsonLines(): string {
    return this.#frames.map((frame) => `${JSON.stringify(frame)}\n`).join('');
  }

  /** A keypoint a line; pictures are named by their time in milliseconds. */
  toCsv(): string {
    return toCsv(this.#frames.map(({ timestamp, result }) => ({ image_id: timestamp.toFixed(1), result })));
  }
}
