/** Between two frames whose times do not tell, in milliseconds, before any have: thirty frames a second. */
const USUAL_INTERVAL_MS = 1000 / 30;
/**
 * A gap over so many milliseconds, and so many times as long as the one
 * before, is a jump and no slow frame rate.
 */
const JUMP = { ms: 2000, factor: 5 };

/** When a frame was taken. */
export interface FrameTime {
  /** In milliseconds from the first frame; later than every frame before it. */
  ms: number;
  /** Whether the video has jumped, to and fro: this frame need not follow on from the one before. */
  isCut: boolean;
}

/**
 * Makes a video's times rise. A clip that loops and a player that seeks back begin anew, and some sources say
 * the same time twice; whoever follows people through them counts in what has passed since.
 */
export class MediaTime {
  #last: { sourceMs: number; ms: number } | undefined;
  #intervalMs = USUAL_INTERVAL_MS;

  /** @param sourceMs when the next frame was taken, in milliseconds by the source's own clock */
  next(sourceMs: number): FrameTime {
    const elapsedMs = this.#last ? sourceMs - this.#last.sourceMs : 0;
    const isJump = elapsedMs > Math.max(JUMP.ms, JUMP.factor * this.#intervalMs);
    if (elapsedMs > 0 && !isJump) this.#intervalMs = elapsedMs;
    const passedMs = elapsedMs > 0 ? elapsedMs : this.#intervalMs;
    const ms = this.#last ? this.#last.ms + passedMs : 0;
    this.#last = { sourceMs, ms };
    return { ms, isCut: isJump || elapsedMs < 0 };
  }
}
