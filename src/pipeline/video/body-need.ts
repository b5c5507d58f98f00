/** For so long searches may leave something to be desired before it counts, in milliseconds. */
const PATIENCE_MS = 500;

/**
 * Whether a video needs NanoDet, which is as much to fetch as all else that following with `lite` takes. The
 * pose detector, which goes by faces, finds whoever stands before a camera; NanoDet also sees backs, people
 * far away and people half hidden. So it is for where that detector alone does not do.
 */
export class BodyNeed {
  #sinceMs: number | undefined;
  #isThere = false;

  /** Whether it is needed; once it is, it stays so. */
  get isThere(): boolean {
    return this.#isThere;
  }

  /**
   * A search by the pose detector alone is over.
   * @param isEnough whether nobody seems to be missed. A camera's first frames are dark, and someone who
   * moves fast is back in a moment: what counts is how long it is not so
   */
  note(ms: number, isEnough: boolean): void {
    if (isEnough) this.#sinceMs = undefined;
    else this.#sinceMs ??= ms;
    this.#isThere ||= this.#sinceMs !== undefined && ms - this.#sinceMs >= PATIENCE_MS;
  }
}
