/** Between two frames whose times do not tell, in milliseconds, before any have: thirty frames a second. */
const USUAL_INTERVAL_MS = 1000 / 30;

/** When a frame was taken. */
export interface FrameTime {
  /** In milliseconds from the first frame; later than every frame before it. */
  ms: number;
  /** Whether the video has gone back: this frame need not follow on from the one before. */
  isCut: boolean;
}

/**
 * Makes a video's times rise. A clip that loops, a player that seeks back and a playlist that goes on to its next file begin
 * anew, and some sources say the same time twice; whoever follows people through them counts in what has passed since.
 */
export class MediaTime {
  #last: { sourceMs: number; ms: number } | undefined;
  #intervalMs = USUAL_INTERVAL_MS;

  /** @param sourceMs when the next frame was taken, in milliseconds by the source's own clock */
  next(sourceMs: number): FrameTime {
    const elapsedMs = this.#last ? sourceMs - this.#last.sourceMs : 0;
    if (elapsedMs > 0) this.#intervalMs = elapsedMs;
    const ms = this.#last ? this.#last.ms + this.#intervalMs : 0;
    this.#last = { sourceMs, ms };
    return { ms, isCut: elapsedMs < 0 };
  }
}
