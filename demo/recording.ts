import { toCsv } from 'body21';
import type { BodyAnalysisResult } from 'body21';

/** Results of a video, to be written down: those that were shown. */
export class Recording {
  readonly #frames: { timestamp: number; result: BodyAnalysisResult }[] = [];

  get length(): number {
    return this.#frames.length;
  }

  /** @param timestamp of the frame, in milliseconds */
  add(timestamp: number, result: BodyAnalysisResult): void {
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
