import { encodeFigure } from '../runtime/figure.ts';
import type { Frame } from '../source/frame.ts';

/** The side of the rehearsal's picture in pixels: about that of a photo, so that squares are cut from reduced copies. */
const SIDE = 1024;

/**
 * A call is settled that was not faster than the fastest before it by the share `gain`, or after `maxMs` milliseconds.
 * Browsers run WASM in a quick translation first and put a better one in its place function by function, on a thread of
 * their own; where the models' threads keep every core busy, that takes three times as long. So each call is followed
 * by a rest of the share `rest` of its time.
 */
const SETTLED = { gain: 0.1, rest: 0.35, maxMs: 4000 };

/**
 * Has whole calls answered, on a drawn figure, until further ones are no faster.
 * @param options.afterMs how long to wait first, in milliseconds
 * @param options.signal ends it; a call that is under way then is for {@link analyse} to end
 */
export async function rehearse(
  analyse: (frame: Frame) => Promise<unknown>,
  { afterMs = 0, signal }: { afterMs?: number; signal: AbortSignal },
): Promise<void> {
  await pause(afterMs, signal);
  const data = await encodeFigure(SIDE);
  const begin = performance.now();
  let fastest = Infinity;
  while (!signal.aborted) {
    const start = performance.now();
    // oxlint-disable-next-line no-await-in-loop -- one after the other is the point, and so is the rest
    await analyse({ kind: 'encoded', data });
    const took = performance.now() - start;
    if (took > (1 - SETTLED.gain) * fastest || performance.now() - begin > SETTLED.maxMs) return;
    fastest = Math.min(fastest, took);
    // oxlint-disable-next-line no-await-in-loop -- as above
    await pause(SETTLED.rest * took, signal);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
