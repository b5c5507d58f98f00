import { withDefaults } from '../../schema/defaults.ts';
import type { Defaults } from '../../schema/defaults.ts';
import { DEFAULT_SMOOTHING } from '../../schema/tracking.ts';
import type { SmoothingOptions } from '../../schema/tracking.ts';
import type { Landmark } from '../../networks/blazepose.ts';
import type { Resizing } from './resizing.ts';

/** Scores follow what the model says with this time constant, in milliseconds. */
const SCORE_MS = 100;

/** One coordinate on its way. */
interface Filtered {
  value: number;
  /** Per second. */
  speed: number;
}

/** One person's landmarks, frame after frame, without their jitter. */
export class PoseSmoother {
  readonly #options: Defaults<SmoothingOptions>;
  #last: { ms: number; xs: Filtered[]; ys: Filtered[]; peaks: number[] } | undefined;

  constructor(options: SmoothingOptions = {}) {
    this.#options = withDefaults(DEFAULT_SMOOTHING, options);
  }

  /** Forgets what was: the next landmarks are taken as they are. */
  reset(): void {
    this.#last = undefined;
  }

  /** The frames to come are of another size. */
  resize(to: Resizing): void {
    for (const x of this.#last?.xs ?? [])
      Object.assign(x, { value: to.x(x.value), speed: to.length(x.speed) });
    for (const y of this.#last?.ys ?? [])
      Object.assign(y, { value: to.y(y.value), speed: to.length(y.speed) });
  }

  /**
   * @param size of the person, in the landmarks' own unit: what speeds are measured in
   * @param ms when the landmarks were seen. What is not later than the last is given back as it is
   */
  smooth(landmarks: readonly Landmark[], size: number, ms: number): Landmark[] {
    const last = this.#last;
    const seconds = last ? (ms - last.ms) / 1000 : 0;
    if (last && !(seconds > 0)) return [...landmarks];
    if (!last || last.xs.length !== landmarks.length) {
      this.#last = {
        ms,
        xs: landmarks.map(({ x }) => ({ value: x, speed: 0 })),
        ys: landmarks.map(({ y }) => ({ value: y, speed: 0 })),
        peaks: landmarks.map(({ peak }) => peak),
      };
      return [...landmarks];
    }
    last.ms = ms;
    const scoreShare = 1 - Math.exp((-1000 * seconds) / SCORE_MS);
    return landmarks.map((landmark, index) => {
      const [x, y] = [last.xs[index], last.ys[index]];
      if (!x || !y) return landmark;
      this.#follow(x, landmark.x, size, seconds);
      this.#follow(y, landmark.y, size, seconds);
      const before = last.peaks[index] ?? landmark.peak;
      const peak = before + scoreShare * (landmark.peak - before);
      last.peaks[index] = peak;
      return { x: x.value, y: y.value, peak };
    });
  }

  #follow(filtered: Filtered, value: number, size: number, seconds: number): void {
    const { minCutoff, beta, derivativeCutoff } = this.#options;
    const speed = (value - filtered.value) / seconds;
    filtered.speed += share(derivativeCutoff, seconds) * (speed - filtered.speed);
    const cutoff = minCutoff + (beta * Math.abs(filtered.speed)) / size;
    filtered.value += share(cutoff, seconds) * (value - filtered.value);
  }
}

/** How much of a new value a first-order low-pass with that cutoff takes on. */
function share(cutoff: number, seconds: number): number {
  return 1 / (1 + 1 / (2 * Math.PI * cutoff * seconds));
}
