import { withDefaults } from '../schema/defaults.ts';
import { frozen } from '../schema/frozen.ts';
import { hipHeight } from './lengths.ts';
import { invalidOption } from './person.ts';
import type { MeasurablePerson, Measure } from './person.ts';

/** What a repetition is. */
export interface RepOptions {
  /** What is looked at: an angle (`angleOf`), a height, a similarity with a pose. */
  measure: Measure;
  /** A repetition is under way, or is over, when the measure falls below this … */
  low: number;
  /** … and rises above this. What lies between changes nothing, so that jitter does not count. */
  high: number;
  /** Between repetitions the measure is high, as of who squats, or low, as of who lifts. Default `high`. */
  rest?: 'high' | 'low' | undefined;
  /** Shorter ones, in milliseconds, are a false frame or two. Default 250. */
  minDurationMs?: number | undefined;
  /**
   * After nothing was measured for longer than this, in milliseconds, a repetition
   * that was under way does not count. Default 2000.
   */
  maxGapMs?: number | undefined;
}

/** Squats, seen from the front, the back or a side: the height of the hips over the ankles. */
export const SQUATS: Readonly<Pick<RepOptions, 'measure' | 'low' | 'high' | 'rest'>> = /* #__PURE__ */ frozen(
  { measure: (person: MeasurablePerson) => hipHeight(person), low: 0.33, high: 0.41, rest: 'high' },
);

/** What a {@link RepCounter} knows after a frame. */
export interface RepState {
  /** Repetitions so far. */
  count: number;
  /** `rest` between two, `effort` within one, `undefined` until one of the two was seen. */
  phase: 'rest' | 'effort' | undefined;
  /** The measure of this frame, smoothed; `undefined` where nothing was measured. */
  value: number | undefined;
  /** Whether this frame ended a repetition. */
  isNew: boolean;
}

/** Of so many frames the middle one counts: one false frame among them changes nothing. */
const SMOOTHED_FRAMES = 3;

/**
 * Counts repetitions of one person from frame to frame, at any frame rate, with frames missing.
 *
 * ```ts
 * const counter = new RepCounter(SQUATS);
 * for await (const { result, timestamp } of client.track(video)) {
 *   const { count } = counter.add(result.person_info[0], timestamp);
 * }
 * ```
 */
export class RepCounter {
  readonly #options: Required<{ [Name in keyof RepOptions]: Exclude<RepOptions[Name], undefined> }>;
  #count = 0;
  #phase: RepState['phase'];
  #values: number[] = [];
  /** When something was measured last, in milliseconds. */
  #measuredAt = -Infinity;
  /** When the repetition began that is under way. */
  #beganAt = 0;

  /** @throws BodyAnalysisError `invalid-option` where `low` is not below `high`, or a time is no time */
  constructor(options: RepOptions) {
    const defaults = { ...options, rest: 'high' as const, minDurationMs: 250, maxGapMs: 2000 };
    const { low, high, minDurationMs, maxGapMs } = (this.#options = withDefaults(defaults, options));
    if (!(low < high)) throw invalidOption(`low must be below high; ${low} is not below ${high}.`);
    if (!(minDurationMs >= 0))
      throw invalidOption(`minDurationMs must be 0 or more; ${minDurationMs} is not.`);
    if (!(maxGapMs >= 0)) throw invalidOption(`maxGapMs must be 0 or more; ${maxGapMs} is not.`);
  }

  /** Repetitions so far. */
  get count(): number {
    return this.#count;
  }

  /** Begins anew, from 0. */
  reset(): void {
    this.#count = 0;
    this.#forget();
  }

  /**
   * Takes the next frame.
   * @param person who is counted; `undefined` where they are not in the frame
   * @param timestamp of the frame, in milliseconds; where it goes back, as in a clip that
   *   begins again, what was under way does not count
   */
  add(person: MeasurablePerson | undefined, timestamp: number): RepState {
    const { measure, minDurationMs, maxGapMs } = this.#options;
    const measured = person && measure(person);
    if (measured === undefined || !Number.isFinite(measured)) return this.#state(undefined, false);
    const sinceLast = timestamp - this.#measuredAt;
    if (sinceLast < 0 || sinceLast > maxGapMs) this.#forget();
    this.#measuredAt = timestamp;
    this.#values = [...this.#values, measured].slice(-SMOOTHED_FRAMES);
    const value = median(this.#values);
    const phase = this.#phaseOf(value);
    const isOver = this.#phase === 'effort' && phase === 'rest';
    if (phase === 'effort' && this.#phase !== 'effort') this.#beganAt = timestamp;
    // One that was under way when it was seen first may have been any part of one.
    const isNew = isOver && timestamp - this.#beganAt >= minDurationMs;
    if (isNew) this.#count++;
    this.#phase = phase;
    return this.#state(value, isNew);
  }

  #phaseOf(value: number): RepState['phase'] {
    const { low, high, rest } = this.#options;
    if (value > high) return rest === 'high' ? 'rest' : 'effort';
    if (value < low) return rest === 'low' ? 'rest' : 'effort';
    return this.#phase;
  }

  #forget(): void {
    this.#phase = undefined;
    this.#values = [];
  }

  #state(value: number | undefined, isNew: boolean): RepState {
    return { count: this.#count, phase: this.#phase, value, isNew };
  }
}

/** The middle one of some numbers, of an even number the mean of the two. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [below = NaN, above = NaN] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return (below + above) / 2;
}
