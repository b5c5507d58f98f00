import { sizeOf, UnsupportedError } from './graph.ts';
import type { Codes, Constant } from './graph.ts';
import type { Kernels } from './module.ts';
import type { Packer } from './kernels.ts';

/* What is in memory from the start, written there one constant at a time: its numbers are made for that. */

/** Where a constant's numbers belong, and what helps to bring them there. */
export interface Room {
  /** Of the buffer that is to be written, in bytes. */
  address: number;
  /** The whole memory. */
  floats: Float32Array;
  words: Int32Array;
  bytes: Uint8Array;
  kernels: Pick<Kernels, Packer>;
  /** Where nothing is before the first run: room for the buffer's `staged` bytes. */
  staging: number;
}

/** Writes a constant. */
export type Fill = (room: Room) => void;

/** Memory that is written before anything runs, and then no more. */
export interface Filled {
  bytes: number;
  fill: Fill;
  /** How many bytes it needs to bring weights into another order. Default 0 */
  staged?: number;
}

/** Writes the numbers as they are. */
export function filledWith(values: Float32Array | Int32Array): Filled {
  return {
    bytes: values.byteLength,
    fill({ address, floats, words }) {
      if (values instanceof Float32Array) floats.set(values, address / 4);
      else words.set(values, address / 4);
    },
  };
}

/** So many numbers: a constant's and zeros after them, or the only one that it has, `count` times. */
export function filledFrom(constant: Constant, numbers: number, count = sizeOf(constant.shape)): Filled {
  return {
    bytes: 4 * numbers,
    fill({ address, floats }) {
      const values = floatsOf(constant);
      const at = address / 4;
      floats.fill(0, at, at + numbers);
      if (values.length === 1) floats.fill(values[0] ?? 0, at, at + count);
      else floats.set(values, at);
    },
  };
}

/** Weights in another order. */
export function packed(
  weights: Constant,
  bytes: number,
  pack: (kernels: Pick<Kernels, Packer>, source: number, target: number) => void,
): Filled {
  return {
    bytes,
    // A packer may read a vector that goes on beyond the end.
    staged: 4 * sizeOf(weights.shape) + 16,
    fill({ address, floats, kernels, staging }) {
      floats.set(floatsOf(weights), staging / 4);
      pack(kernels, staging, address);
    },
  };
}

/** Codes of 8 bits in another order. */
export function packedCodes(
  { codes }: Codes,
  bytes: number,
  pack: (kernels: Pick<Kernels, Packer>, source: number, target: number) => void,
): Filled {
  return {
    bytes,
    staged: codes.length,
    fill({ address, bytes: all, kernels, staging }) {
      all.set(new Uint8Array(codes.buffer, codes.byteOffset, codes.length), staging);
      pack(kernels, staging, address);
    },
  };
}

/** Fills a network's memory, before its first run. */
export function writeConstants(
  { constants, staging }: { constants: readonly { address: number; fill: Fill }[]; staging: number },
  kernels: Pick<Kernels, Packer>,
  { buffer }: WebAssembly.Memory,
): void {
  const [floats, words, bytes] = [new Float32Array(buffer), new Int32Array(buffer), new Uint8Array(buffer)];
  const everywhere = { floats, words, bytes, kernels, staging };
  for (const { address, fill } of constants) fill({ ...everywhere, address });
}

/** A constant's numbers, which have to be fractions and as many as its shape says. */
export function floatsOf(constant: Constant): Float32Array {
  const values = constant.values();
  if (!(values instanceof Float32Array))
    throw new UnsupportedError('a kernel would have to read whole numbers');
  if (values.length !== sizeOf(constant.shape))
    throw new UnsupportedError(`a constant of shape [${constant.shape.join()}] has ${values.length} numbers`);
  return values;
}

/** How many of so many numbers, spread over a list, are looked at before all are. */
const SAMPLE = 1024;

/**
 * How many numbers of a list are not zero (NaN is not), where that is a smaller part of them than `share`.
 * Most lists are told by a sample to be full: with millions of weights to count, script that has just started
 * would take longer than all else that makes a network ready.
 */
export function countIfSparse(values: Float32Array, share: number): number | undefined {
  const step = Math.max(1, Math.floor(values.length / SAMPLE));
  const looked = Math.floor(values.length / step);
  if (countNonZero(values, step) >= share * looked) return undefined;
  const count = countNonZero(values, 1);
  return count < share * values.length ? count : undefined;
}

function countNonZero(values: Float32Array, step: number): number {
  let count = 0;
  for (let at = step - 1; at < values.length; at += step) if (values[at] !== 0) count++;
  return count;
}
