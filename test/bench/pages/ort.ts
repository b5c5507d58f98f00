/** Our model files in our runtime, in a worker, as the library has them. Its tasks are the models. */
import { wrap } from 'comlink';
import type { Contender } from './contender.ts';
import type { OrtRuns } from './ort-worker.ts';

/** Starts the runtime. */
export async function open({ threads }: { threads: number }): Promise<Contender> {
  const worker = new Worker(new URL('./ort-worker.ts', import.meta.url), { type: 'module' });
  const runs = wrap<OrtRuns>(worker);
  await runs.open(threads);
  return { call: (task, count) => runs.call(task, count) };
}
