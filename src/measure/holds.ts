import { withDefaults } from '../schema/defaults.ts';
import { invalidOption } from './person.ts';
import type { MeasurablePerson, Measure } from './person.ts';

/** What is held. */
export interface HoldOptions {
  /** What is looked at: an angle (`angleOf`), a height, a similarity with a pose. */
  measure: Measure;
  /** It is held while the measure is no less than this. Default no limit. */
  min?: number | undefined;
  /** It is held while the measure is no more than this. Default no limit. */
  max?: number | undefined;
  /** So long, in milliseconds, it may be left, or nothing be measured, and still go on. Default 300. */
  toleranceMs?: number | undefined;
}

/** What a {@link HoldTimer} knows after a frame. */
export interface HoldState {
  /** Whether it is held now. */
  isHeld: boolean;
  /** For how long it has been held now, in milliseconds; 0 where it is not. */
  heldMs: number;
  /** The longest time so far, in milliseconds. */
  longestMs: number;
}

/**
 * Tells from frame to frame how long one person holds a pose, as a plank or a stretch.
 *
 * ```ts
 * const timer = new HoldTimer({ measure: (person) => poseSimilarity(person, wanted), min: 0.8 });
 * const { heldMs } = timer.add(result.person_info[0], timestamp);
 * ```
 */
export class HoldTimer {
  readonly #options: Required<{ [Name in keyof HoldOptions]: Exclude<HoldOptions[Name], undefined> }>;
  /** When it began, and was seen last; in milliseconds. */
  #span: { from: number; to: number } | undefined;
  #longestMs = 0;

  /** @throws BodyAnalysisError `invalid-option` where `min` is above `max`, or the tolerance is no time */
  constructor(options: HoldOptions) {
    const defaults = { ...options, min: -Infinity, max: Infinity, toleranceMs: 300 };
    const { min, max, toleranceMs } = (this.#options = withDefaults(defaults, options));
    if (!(min <= max)) throw invalidOption(`min must not be above max; ${min} and ${max} are given.`);
    if (!(toleranceMs >= 0)) throw invalidOption(`toleranceMs must be 0 or more; ${toleranceMs} is not.`);
  }

  /** Begins anew. */
  reset(): void {
    this.#span = undefined;
    this.#longestMs = 0;
  }

  /**
   * Takes the next frame.
   * @param person who is timed; `undefined` where they are not in the frame
   * @param timestamp of the frame, in milliseconds; where it goes back, it begins anew
   */
  add(person: MeasurablePerson | undefined, timestamp: number): HoldState {
    const { measure, min, max, toleranceMs } = this.#options;
    const span = this.#span;
    if (span && (timestamp < span.to || timestamp - span.to > toleranceMs)) this.#span = undefined;
    const value = person && measure(person);
    if (value !== undefined && value >= min && value <= max) {
      this.#span = { from: this.#span?.from ?? timestamp, to: timestamp };
    }
    const heldMs = this.#span ? this.#span.to - this.#span.from : 0;
    this.#longestMs = Math.max(this.#longestMs, heldMs);
    return { isHeld: this.#span !== undefined, heldMs, longestMs: this.#longestMs };
  }
}
