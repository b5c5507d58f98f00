/**
 * A worker that opens is silent longest while a GPU or a slow phone compiles what it runs; one
 * that analyses, while a model runs once; and on a slow device that takes longer. Milliseconds.
 */
export const SILENCE = { opening: 60_000, analysing: 10_000, slow: 60_000 };
/**
 * The longest run while warming up, times this, is allowed where that
 * is longer: a slow GPU is not a dead one.
 */
export const SLOWEST_RUN_FACTOR = 5;

/** How often the silence is measured, in milliseconds. */
const TICK_MS = 1000;

/**
 * Notices when something that should give signs of life gives none. Time in which this page
 * itself stood still (a sleeping computer, a long task, a debugger) does not count: the
 * signs are then only waiting to be heard.
 */
export class Watchdog {
  readonly #onSilence: (ms: number) => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  #limitMs = Infinity;
  #silentMs = 0;
  #longestMs = 0;
  #lastTick = 0;

  /** @param onSilence told once, and the watch is over */
  constructor(onSilence: (ms: number) => void) {
    this.#onSilence = onSilence;
  }

  /** The longest silence of this watch, or of the last one. */
  get longestMs(): number {
    return Math.max(this.#longestMs, this.#silentMs);
  }

  /** Watches from now on, until {@link idle}; a watch that is on goes on with the new limit. */
  watch(limitMs: number): void {
    this.#limitMs = limitMs;
    this.heartbeat();
    this.#longestMs = 0;
    this.#lastTick = performance.now();
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
  }

  /** A sign of life. */
  heartbeat(): void {
    this.#longestMs = this.longestMs;
    this.#silentMs = 0;
  }

  /** Nothing is expected for now. */
  idle(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    const now = performance.now();
    this.#silentMs += Math.min(now - this.#lastTick, 1.5 * TICK_MS);
    this.#lastTick = now;
    if (this.#silentMs < this.#limitMs) return;
    this.idle();
    this.#onSilence(this.#silentMs);
  }
}
