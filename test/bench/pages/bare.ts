/** One of our model files by itself, in the engine or in ONNX Runtime, in a worker as the library has them. */
import { wrap } from 'comlink';
import type { BareRuns } from './bare-runs.ts';
import type { Contender } from './contender.ts';

/** What the page is opened with. */
export interface BareOptions {
  runtime: 'engine' | 'ort';
  /** By its name in `model-inputs.ts`. */
  model: string;
  threads: number;
}

/** Starts the runtime. Its only task is a run. */
export async function open({ runtime, model, threads }: BareOptions): Promise<Contender> {
  // Spelled out, because that is how the server finds workers.
  const worker =
    runtime === 'engine'
      ? new Worker(new URL('./engine-worker.ts', import.meta.url), { type: 'module' })
      : new Worker(new URL('./ort-worker.ts', import.meta.url), { type: 'module' });
  const runs = wrap<BareRuns>(worker);
  await runs.open(model, threads);
  return { call: (_task, count) => runs.call(count) };
}
