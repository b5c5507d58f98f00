/** The networks on the GPU, in a worker as the library has them. */
import { wrap } from 'comlink';
import type { Remote } from 'comlink';
import type { GpuRuns } from './gpu-worker.ts';

/** What the page is asked for, as its property `benchGpu`. */
export type BenchGpu = Remote<GpuRuns>;

const worker = new Worker(new URL('./gpu-worker.ts', import.meta.url), { type: 'module' });
Object.assign(globalThis, { benchGpu: wrap<GpuRuns>(worker) satisfies BenchGpu });
