import { encodeFigure } from '../runtime/pictures/figure.ts';
import type { Frame } from '../source/frame.ts';

/** The side of the picture in pixels: about that of a photo, so that squares are cut from reduced copies. */
const SIDE = 1024;

/**
 * A call is settled that was not faster than the fastest before it by the share `gain`, or after `maxMs`
 * milliseconds. Browsers run WASM in a quick translation first and put a better one in its place function by
 * function, on a thread of their own; where the models' threads keep every core busy, that takes three times
 * as long. So each call is followed by a pause of the share `pause` of its time.
 */
const SETTLED = { gain: 0.1, pause: 0.35, maxMs: 4000 };

/**
 * How often a model is started again, for the next visit. Chromium keeps the better translation once there is
 * 1 MB of it (V8's `wasm_caching_hard_threshold`). Calls alone make .76 to .95 MB; with 35 starts there is
 * enough, with 100 there are 1.3 MB in a second's work. What they add is what the next visit begins with.
 */
const STARTS = 100;

/** What is done to warm up. */
export interface Parts {
  /** Answers a call. */
  analyse: (frame: Frame, signal: AbortSignal) => Promise<unknown>;
  /** Starts a model and lets it go. */
  start: () => Promise<unknown>;
}

/**
 * Has whole calls answered, on a drawn figure, until further ones are no faster, then
 * models started for the next visit's sake.
 */
export class WarmUp {
  readonly #parts: Parts;
  #starts = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Begins, or goes on where it was ended: starts are counted, and calls soon are no faster.
   * @param options.afterMs how long to wait first, in milliseconds
   * @param options.signal ends it; a call that is under way then is for {@link Parts.analyse} to end
   */
  async run({ afterMs = 0, signal }: { afterMs?: number; signal: AbortSignal }): Promise<void> {
    const { analyse, start } = this.#parts;
    await pause(afterMs, signal);
    await warmUpCalls((frame) => analyse(frame, signal), signal);
    for (; this.#starts < STARTS && !signal.aborted; this.#starts++) {
      await start();
      // Messages of the page, which may be a call, come in between.
      await pause(0, signal);
    }
  }
}

async function warmUpCalls(analyse: (frame: Frame) => Promise<unknown>, signal: AbortSignal): Promise<void> {
  const data = await encodeFigure(SIDE);
  const begin = performance.now();
  let fastest = Infinity;
  while (!signal.aborted) {
    const start = performance.now();
    await analyse({ kind: 'encoded', data });
    const took = performance.now() - start;
    if (took > (1 - SETTLED.gain) * fastest || performance.now() - begin > SETTLED.maxMs) return;
    fastest = Math.min(fastest, took);
    await pause(SETTLED.pause * took, signal);
  }
}

/** Waits so long, or until the signal is aborted. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
