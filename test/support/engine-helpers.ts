import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'vite';
import type { Helper } from '../../src/engine/team.ts';
import type { HelperFault } from './engine-helper.ts';

/** An engine's thread in Node. */
export interface NodeHelper extends Helper {
  /** Why its engine has ended it. */
  endedFor: string | undefined;
  /** What ended it by itself. */
  died: unknown;
}

const workers = new Set<Worker>();

/** What a thread runs, as one script: Node 20 cannot read TypeScript, and what makes it takes half a second in each. */
const script = await bundle(fileURLToPath(new URL('engine-helper.ts', import.meta.url)));

async function bundle(entry: string): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: entry,
      write: false,
      minify: false,
      rolldownOptions: { output: { format: 'cjs', codeSplitting: false } },
    },
  });
  const [chunk] = [built].flat().flatMap((output) => ('output' in output ? output.output : []));
  if (chunk?.type !== 'chunk') throw new Error('nothing was built');
  return chunk.code;
}

/** Starts a thread of Node's that helps an engine, and may do so badly. */
export function startHelper(fault?: HelperFault): NodeHelper {
  const worker = new Worker(script, { eval: true, workerData: fault });
  workers.add(worker);
  const helper: NodeHelper = {
    endedFor: undefined,
    died: undefined,
    post(message) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread of Node's has no origin
      worker.postMessage(message);
    },
    end(reason) {
      this.endedFor = reason;
      void worker.terminate();
    },
  };
  worker.on('error', (error) => (helper.died = error));
  return helper;
}

/** Ends all that were started. */
export async function endHelpers(): Promise<void> {
  await Promise.all([...workers].map((worker) => worker.terminate()));
  workers.clear();
}
