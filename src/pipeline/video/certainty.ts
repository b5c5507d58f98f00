/**
 * For so long, in milliseconds, someone goes on as before while what is
 * seen of them is weak, or may be another.
 */
const UNSURE_MS = 800;

/** When someone was seen beyond doubt, and since when they were not. */
export class Certainty {
  #sureMs: number;
  #weakMs: number | undefined;

  /** @param ms when they were seen first */
  constructor(ms: number) {
    this.#sureMs = ms;
  }

  /** When they were last seen beyond doubt. */
  get sureMs(): number {
    return this.#sureMs;
  }

  /**
   * They were seen.
   * @param given.isWeak whether that may be someone else
   * @param given.wasAway whether they were not, when they were looked for last
   * @returns whether it is to be gone by
   */
  note(ms: number, { isWeak, wasAway }: { isWeak: boolean; wasAway: boolean }): boolean {
    // Someone may have been away for longer than that: what is weak after it tells no more than before.
    this.#weakMs = isWeak ? (this.#weakMs ?? (wasAway ? ms : this.#sureMs)) : undefined;
    if (this.#weakMs !== undefined && ms - this.#weakMs <= UNSURE_MS) return false;
    this.#weakMs = undefined;
    this.#sureMs = ms;
    return true;
  }
}
