/** For so long something has to be needed before it counts, in milliseconds. */
const PATIENCE_MS = 500;

/**
 * Whether a video needs a network that it did without so far. A camera's first frames are dark, someone who
 * moves fast is back in a moment, and who comes in is cut off by the edge for a while: what counts is how
 * long it is so.
 */
export class LastingNeed {
  #sinceMs: number | undefined;
  #isThere = false;

  /** Whether it is needed; once it is, it stays so. */
  get isThere(): boolean {
    return this.#isThere;
  }

  /** Takes on whether it would be of use now. */
  note(ms: number, isOfUse: boolean): void {
    if (isOfUse) this.#sinceMs ??= ms;
    else this.#sinceMs = undefined;
    this.#isThere ||= this.#sinceMs !== undefined && ms - this.#sinceMs >= PATIENCE_MS;
  }
}
