/** A view whose frames take longer than this, in milliseconds, stutters: six of them come a second. */
const SLOW_MS = 160;
/** Of so many frames the middle one counts: one may be held up. */
const FRAMES = 15;
/** Nobody is to look on for longer than this, in milliseconds, where none of the first frames is quick. */
const PATIENCE_MS = 2000;
/** Of the first ones so many do not count then: what a view needs is made ready in them. */
const FIRST = 2;

/** Whether this device keeps up with what is shown of each frame. */
export class Pace {
  #took: number[] = [];

  /**
   * Notes what a frame has taken, from when it was there until it was shown, in milliseconds.
   * @returns whether that is too slow by now
   */
  isTooSlow(tookMs: number): boolean {
    this.#took.push(tookMs);
    if (this.#took.length >= FRAMES) {
      this.#took.splice(0, this.#took.length - FRAMES);
      return (this.#took.toSorted((a, b) => a - b)[Math.floor(FRAMES / 2)] ?? 0) > SLOW_MS;
    }
    const together = this.#took.reduce((sum, ms) => sum + ms, 0);
    const counted = this.#took.slice(FIRST);
    return together >= PATIENCE_MS && counted.length > FIRST && Math.min(...counted) > SLOW_MS;
  }

  /** Something else is shown from now on. */
  restart(): void {
    this.#took = [];
  }
}
