import { parentPort, workerData } from 'node:worker_threads';
import { serveTeam } from '../../src/engine/team.ts';

/* A thread of Node's that helps an engine, and may do so badly. */

/** What a thread does wrong. Parts are calls of kernels, counted from 1. */
export type HelperFault =
  /** It ends in the middle of that part. */
  | { kind: 'exit'; part: number }
  /** It never comes back from that part. */
  | { kind: 'hang'; part: number }
  /** It is not run for so long in that part. */
  | { kind: 'sleep'; part: number; ms: number }
  /** It is not run in that part until it is let go (1), and then writes all over the memory (2). */
  | { kind: 'haunt'; part: number; gate: SharedArrayBuffer }
  /** That part throws. */
  | { kind: 'throw'; part: number }
  /** That part reads what is not there. */
  | { kind: 'trap'; part: number }
  /** It takes that part and leaves without a word. */
  | { kind: 'forget'; part: number }
  /** It ends before it has read anything. */
  | { kind: 'exit-at-start' }
  /** It has no memory for the kernels. */
  | { kind: 'no-instance' }
  /** Messages do not reach it. */
  | { kind: 'deaf' };

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what `startHelper` gives
const fault = workerData as HelperFault | undefined;
if (fault?.kind === 'exit-at-start') process.exit();
if (fault && fault.kind !== 'deaf') failAtKernels(fault);
if (fault?.kind !== 'deaf') serveTeam((handle) => parentPort?.on('message', handle));
else parentPort?.on('message', () => {});

/** Has the kernels that this thread starts do wrong. */
function failAtKernels(of: Exclude<HelperFault, { kind: 'deaf' }>): void {
  const { Instance } = WebAssembly;
  let calls = 0;
  const Failing = function (module: WebAssembly.Module, imports: { env: { memory: WebAssembly.Memory } }) {
    const { memory } = imports.env;
    if (of.kind === 'no-instance') throw new RangeError('made to fail');
    const { exports } = new Instance(module, imports);
    const kernels = new Map(
      Object.entries(exports).flatMap(([name, value]) => (isKernel(value) ? [[name, value] as const] : [])),
    );
    // Of the last 64 bytes that WASM can address at all.
    const trap = () => kernels.get('add')?.(-64, -64, -64, -64, 0, 0, 4);
    const failing = [...kernels].map(([name, kernel]) => {
      const call = (...numbers: number[]) => {
        calls++;
        if ('part' in of && of.part === calls) suffer(of, memory, trap);
        kernel(...numbers);
      };
      return [name, call];
    });
    return { exports: Object.fromEntries(failing) };
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only `new` is used of it
  WebAssembly.Instance = Failing as unknown as typeof Instance;
}

function isKernel(value: WebAssembly.ExportValue): value is (...numbers: number[]) => void {
  return typeof value === 'function';
}

/** Where it returns, the kernel is run. */
function suffer(
  of: Extract<HelperFault, { part: number }>,
  memory: WebAssembly.Memory,
  trap: () => void,
): void {
  switch (of.kind) {
    case 'exit':
      process.exit();
    // oxlint-disable-next-line no-fallthrough -- it has ended
    case 'hang':
      for (;;);
    case 'sleep':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, of.ms);
      return;
    case 'haunt': {
      const gate = new Int32Array(of.gate);
      Atomics.wait(gate, 0, 0);
      new Float32Array(memory.buffer).fill(NaN);
      Atomics.store(gate, 0, 2);
      return;
    }
    case 'throw':
      throw new Error('made to fail');
    case 'trap':
      return trap();
    case 'forget': {
      const { add } = Atomics;
      // What would count the part as done.
      Object.assign(Atomics, { add: () => void Object.assign(Atomics, { add }) });
    }
  }
}
