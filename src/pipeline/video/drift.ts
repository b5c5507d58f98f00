/**
 * How fast someone drifts away from where they are taken to be, in their lengths from the shoulders to the
 * ears a second: whoever moves most is looked at four times as often as someone who stands still.
 */
const SPEED = { least: 0.5, most: 2 };
/** How fast that follows what is seen: the time constant in milliseconds. */
const SPEED_MS = 500;

/** How far someone may be from where they are taken to be, since they were looked at last. */
export class Drift {
  #speed = SPEED.most;
  #lookedMs: number;

  /** @param ms when they were seen first */
  constructor(ms: number) {
    this.#lookedMs = ms;
  }

  /**
   * They were looked at.
   * @param way how far they have moved since they were seen last, in their lengths; `undefined` where they
   * were not seen
   * @param elapsedMs how long that took
   */
  look(ms: number, way?: number, elapsedMs = 0): void {
    this.#lookedMs = ms;
    if (way === undefined) return;
    const speed = Math.min(Math.max((1000 * way) / elapsedMs, SPEED.least), SPEED.most);
    this.#speed += (1 - Math.exp(-elapsedMs / SPEED_MS)) * (speed - this.#speed);
  }

  /** The longer the way that they may have drifted by then, the sooner they are to be looked at. */
  urgency(ms: number, isInDoubt: boolean): number {
    return (ms - this.#lookedMs) * (isInDoubt ? SPEED.most : this.#speed);
  }
}
