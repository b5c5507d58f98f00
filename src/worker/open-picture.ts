import type { Network } from '../networks/network.ts';
import type { Networks } from '../pipeline/networks.ts';
import { batches } from '../pipeline/landmark-pass.ts';
import type { Models } from '../runtime/models.ts';
import type { Picture } from '../runtime/pictures/picture.ts';

/**
 * A frame of a live video that has waited so long is skipped, and so is one whose work was held up so long: a
 * newer one is there by then. In milliseconds; about a frame and a half of a camera.
 */
export const LATE_MS = 50;

/** Thrown where a frame has become too old while it was worked on. */
export class FrameIsLate extends Error {}

/** How networks are run on a picture. */
export interface RunningOptions {
  /** Whether work that is held up is to be given up. Default `false`. */
  isLive?: boolean;
  /**
   * Ends the waiting for a network that is on its way, where no call waits for it; a call's own signal does
   * so in any case.
   */
  waiting?: AbortSignal;
  /** Networks of which the others are fetched as soon as one is waited for, since it is seldom enough. */
  together?: readonly Network[];
}

/** A picture that was read, and the networks to run on it. */
export interface OpenPicture {
  picture: Picture;
  /** The networks, run on the picture. */
  networks: (options?: RunningOptions) => Networks;
}

/** Who is concerned with the runs on a picture. */
export interface RunListeners {
  /** Told before every run. */
  onRun: () => void;
  /** Stops the work between two runs, and the waiting for a network. */
  signal: AbortSignal;
}

/** Opens a picture to the networks. */
export function openPicture(models: Models, picture: Picture, { onRun, signal }: RunListeners): OpenPicture {
  return {
    picture,
    networks: ({ isLive = false, waiting, together = [] }: RunningOptions = {}): Networks => {
      const have: Networks['have'] = (network) => {
        const there = models.have(network, {
          signal: waiting ? AbortSignal.any([signal, waiting]) : signal,
          inBackground: waiting !== undefined,
        });
        if (together.includes(network)) for (const each of together) models.bring(each);
        return there;
      };
      return {
        have,
        batchOf: (network) => models.batchOf(network),
        run: async (network, regions, read, options) => {
          const made = [];
          if (regions.length > 0) await have(network);
          for (const batch of batches(regions, models.batchOf(network))) {
            await checkpoint(isLive);
            signal.throwIfAborted();
            onRun();
            made.push(...(await models.run(picture.pixels, network, batch, read, options)));
          }
          return made;
        },
      };
    },
  };
}

/** A run blocks the worker, so only between runs can a message that cancels the call come in. */
async function checkpoint(isLive: boolean): Promise<void> {
  const start = performance.now();
  await nextTask();
  if (isLive && performance.now() - start > LATE_MS) throw new FrameIsLate();
}

/** Who waits for the next task, in their order. */
const waiting: (() => void)[] = [];
/** What they wait by: one for all, since a run's own would be garbage, and that of the browser's heap too. */
let tasks: MessageChannel | undefined;

/** Resolves after the messages that have arrived so far, sooner than a timer's four milliseconds. */
function nextTask(): Promise<void> {
  if (!tasks) {
    tasks = new MessageChannel();
    tasks.port1.addEventListener('message', () => waiting.shift()?.());
    tasks.port1.start();
  }
  const { port2 } = tasks;
  return new Promise((resolve) => {
    waiting.push(resolve);
    port2.postMessage(undefined);
  });
}
