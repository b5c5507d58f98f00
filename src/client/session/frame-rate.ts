/**
 * A frame that comes this share of a frame's time too soon is still taken:
 * sources keep their times only roughly.
 */
const EARLY = 0.25;

/** Holds frames down to a rate: what comes sooner has to wait. */
export class FrameRate {
  readonly #everyMs: number;
  #dueMs = -Infinity;

  /** @param fps frames a second */
  constructor(fps: number) {
    this.#everyMs = 1000 / fps;
  }

  /** How long the next frame has to wait, in milliseconds; 0 or less if not at all. */
  msToNext(now = performance.now()): number {
    return this.#dueMs - EARLY * this.#everyMs - now;
  }

  /** A frame was taken. Time that was lost is not made good by frames in quick succession. */
  note(now = performance.now()): void {
    this.#dueMs = Math.max(this.#dueMs + this.#everyMs, now);
  }
}
