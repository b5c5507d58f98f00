import { PROGRAMS } from './kernels.generated.ts';
import { unpackRepetitions } from './programs.ts';
import { KERNELS, PACKERS } from './kernels.ts';
import type { Kernel, Packer } from './kernels.ts';

/** A kernel as WebAssembly exports it. */
export type KernelFunction = (...args: number[]) => void;

/** The kernels at work on one memory. */
export type Kernels = Readonly<Record<Kernel | Packer, KernelFunction>>;

/** Which of the builds of the kernels. */
export interface Build {
  /** Whether memory is shared between threads. */
  shared: boolean;
  /**
   * Whether it uses relaxed SIMD: multiplications and additions in one,
   * and rounded once, where the machine can.
   */
  relaxed: boolean;
}

/** Whether this engine knows relaxed SIMD: Chrome 114 and Firefox 146 do, Safari does not (November 2026). */
export function knowsRelaxed(): boolean {
  return WebAssembly.validate(bytesOf({ shared: false, relaxed: true }));
}

/** Compiles the kernels, a few kilobytes. */
export function compileKernels(build: Build): WebAssembly.Module {
  return new WebAssembly.Module(bytesOf(build));
}

/** Puts compiled kernels to work on a memory. */
export function startKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const names = [...Object.keys(KERNELS), ...Object.keys(PACKERS)];
  if (!names.every((name) => typeof exports[name] === 'function'))
    throw new Error('The engine’s kernels are not those of its table.');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- looked at a line above
  return exports as unknown as Kernels;
}

/** The bit of a memory's limits that says so (WebAssembly core, 5.3.8). */
const SHARED = 2;

/** All builds, unpacked when the first is asked for. */
let programs: Uint8Array<ArrayBuffer> | undefined;

function bytesOf({ shared, relaxed }: Build): Uint8Array<ArrayBuffer> {
  const { start, end, sharedAt } = PROGRAMS[relaxed ? 'relaxed' : 'plain'];
  programs ??= unpackRepetitions(
    Uint8Array.from(atob(PROGRAMS.packed), (character) => character.charCodeAt(0)),
    PROGRAMS.relaxed.end,
  );
  const bytes = programs.slice(start, end);
  if (shared) bytes[sharedAt] = (bytes[sharedAt] ?? 0) | SHARED;
  return bytes;
}
