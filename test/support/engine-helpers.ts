import { Worker } from 'node:worker_threads';
import type { Helper } from '../../src/engine/team.ts';
import type { HelperFault } from './engine-helper.ts';

/** An engine's thread in Node. */
export interface NodeHelper extends Helper {
  /** Why its engine has ended it. */
  endedFor: string | undefined;
}

const workers = new Set<Worker>();

/** Starts a thread of Node's that helps an engine, and may do so badly. */
export function startHelper(fault?: HelperFault): NodeHelper {
  const { href } = new URL('engine-helper.ts', import.meta.url);
  // Node 20 cannot read TypeScript by itself, and in its threads options do not make it.
  const script = `import('tsx/esm/api').then(({ register }) => (register(), import('${href}')))`;
  const worker = new Worker(script, { eval: true, workerData: fault });
  // Of faults that end it.
  worker.on('error', () => {});
  workers.add(worker);
  return {
    endedFor: undefined,
    post(message) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread of Node's has no origin
      worker.postMessage(message);
    },
    end(reason) {
      this.endedFor = reason;
      void worker.terminate();
    },
  };
}

/** Ends all that were started. */
export async function endHelpers(): Promise<void> {
  await Promise.all([...workers].map((worker) => worker.terminate()));
  workers.clear();
}
