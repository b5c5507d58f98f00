/**
 * After how long the detectors look again, in milliseconds: longer each time that they find nobody new; for
 * someone who is missed, at once and then every `missed`.
 */
const SEARCH_MS = { first: 200, longest: 2000, factor: 1.6, missed: 100 };
/**
 * For so many frames a search that is due waits for idle time. By frames, not
 * by time: after a pause all would be due.
 */
const PATIENCE = 6;

/** What a search in a frame depends on. */
export interface SearchNeed {
  /** Whether someone is missed, and since this frame. */
  isMissing: boolean;
  isNewlyMissing: boolean;
  /** Whether anybody else would be followed. */
  hasRoom: boolean;
  /** How much rarer than usual the detectors look, as a factor. */
  rarer: number;
}

/** When the detectors look for people whom nobody follows yet. */
export class SearchTimes {
  readonly #hasFreeTime: boolean;
  #lastMs = -Infinity;
  #everyMs = SEARCH_MS.first;
  /** Frames in which a search was due and has waited for idle time. */
  #waited = 0;

  /** @param hasFreeTime whether there is time between frames that a search may wait for */
  constructor(hasFreeTime: boolean) {
    this.#hasFreeTime = hasFreeTime;
  }

  /** Whether the frame itself is to be searched. */
  isDueInFrame(ms: number, { isMissing, isNewlyMissing, hasRoom, rarer }: SearchNeed): boolean {
    if (isNewlyMissing || this.#lastMs === -Infinity) return true;
    if (!hasRoom) return false;
    const sinceMs = ms - this.#lastMs;
    if (isMissing) return sinceMs >= rarer * SEARCH_MS.missed;
    if (sinceMs < rarer * this.#everyMs) return false;
    return !this.#hasFreeTime || ++this.#waited > PATIENCE;
  }

  /** Whether idle time is to be used for a search. */
  isDueInIdleTime(ms: number, rarer: number): boolean {
    return ms - this.#lastMs >= rarer * this.#everyMs;
  }

  /** A search begins. */
  begin(ms: number): void {
    this.#lastMs = ms;
    this.#waited = 0;
  }

  /** A search is over. */
  end({ hasNews }: { hasNews: boolean }): void {
    this.#everyMs = hasNews ? SEARCH_MS.first : Math.min(SEARCH_MS.longest, SEARCH_MS.factor * this.#everyMs);
  }

  /** Searches find more from now on: the next one is due soon. */
  hasten(): void {
    this.#everyMs = SEARCH_MS.first;
  }

  /** Others may be in sight now: the next frame is searched. */
  restart(): void {
    this.#lastMs = -Infinity;
    this.#everyMs = SEARCH_MS.first;
  }
}
