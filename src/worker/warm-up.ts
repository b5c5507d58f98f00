import type { Network } from '../networks/network.ts';
import type { Models } from '../runtime/models.ts';
import { encodeFigure } from '../runtime/pictures/drawn-figure.ts';
import type { Frame } from '../source/frame.ts';

/** The side of the picture in pixels: about that of a photo, so that squares are cut from reduced copies. */
const SIDE = 1024;

/**
 * A call is settled that was not faster than the fastest before it by the share `gain`, or after `maxMs`
 * milliseconds. Browsers compile WASM quickly first and put better code in its place function by function, on
 * a thread of their own, which comes to it late where the engine's threads keep every core busy. So each call
 * is followed by a pause of the share `pause` of its time.
 */
const SETTLED = { gain: 0.1, pause: 0.35, maxMs: 4000 };

/** Answers a call. */
export type Analyse = (frame: Frame, signal: AbortSignal) => Promise<unknown>;

/**
 * Has whole calls answered, on a drawn figure, until further ones are no faster. Where it was ended
 * it may begin anew: calls soon are no faster.
 * @param signal ends it; a call that is under way then is for {@link Analyse} to end
 */
export async function warmUp(analyse: Analyse, signal: AbortSignal): Promise<void> {
  const data = await encodeFigure(SIDE);
  const begin = performance.now();
  let fastest = Infinity;
  while (!signal.aborted) {
    const start = performance.now();
    await analyse({ kind: 'encoded', data }, signal);
    const took = performance.now() - start;
    if (took > (1 - SETTLED.gain) * fastest || performance.now() - begin > SETTLED.maxMs) return;
    fastest = Math.min(fastest, took);
    await pause(SETTLED.pause * took, signal);
  }
}

/** Waits so long, or until the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
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

/**
 * Starts networks that are on their way, once they have come.
 * @returns whether they are ready. Why one is not is told to the call that needs it, which tries again
 */
export async function startAll(
  models: Models,
  networks: readonly Network[],
  signal: AbortSignal,
): Promise<boolean> {
  for (const network of networks) {
    if (signal.aborted) return false;
    try {
      await models.have(network, { signal, inBackground: true });
    } catch {
      return false;
    }
  }
  return !signal.aborted;
}
