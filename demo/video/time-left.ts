/**
 * The last so many frames tell how fast it goes: the first take longer, and a phone grows slower as it grows
 * hot.
 */
const WINDOW = 40;

/** How long the frames that are left will take, by how long the last ones took. */
export class TimeLeft {
  #durations: number[] = [];
  #last: number | undefined;

  /** A frame is done. @param now in milliseconds */
  note(now: number): void {
    if (this.#last !== undefined) this.#durations.push(now - this.#last);
    if (this.#durations.length > WINDOW) this.#durations.shift();
    this.#last = now;
  }

  /** For a while no frame is done, on purpose. */
  rest(): void {
    this.#last = undefined;
  }

  /** In milliseconds; `undefined` where it is too early to tell. */
  of(frames: number): number | undefined {
    const { length } = this.#durations;
    if (length < 5) return undefined;
    return (frames * this.#durations.reduce((sum, ms) => sum + ms, 0)) / length;
  }
}
