import type { Buffer, Call } from './builder.ts';
import type { Fill } from './packing.ts';

/** Everything begins at a line of the cache. */
const LINE = 64;

/** How many words threads need to share out a call. */
export function wordsPerCall(threads: number): number {
  return 1 + threads;
}

/** Where everything lies in a network's memory, in bytes. */
export interface MemoryPlan {
  /** Of all of it. */
  bytes: number;
  constants: readonly { address: number; fill: Fill }[];
  /** Where constants have room to be brought into another order. */
  staging: number;
  /** Room that a thread has for itself: where the first one's is, and how far it is to the next one's. */
  scratch: { address: number; bytes: number };
  addressOf(buffer: Buffer): number;
}

/** A buffer that calls write, and in whose stead others can lie before and after. */
interface Living {
  buffer: Buffer;
  /** The first call that has to do with it, and the last. */
  born: number;
  dies: number;
}

/**
 * Lays out memory: words that threads share (`work.ts`), so that nothing else is at 0, which is “none” to
 * kernels; then constants; then scratch and what calls write, which are staging room before. Two buffers that
 * calls write may overlap if one is no longer read when the other is written: the largest is placed first,
 * each at the lowest address where nothing is that lives at the same time.
 * @param inputs are there before the first call
 * @param outputs are there after the last
 */
export function planMemory(
  calls: readonly Call[],
  inputs: readonly Buffer[],
  outputs: readonly Buffer[],
  threads: number,
): MemoryPlan {
  const lives = livesOf(calls, inputs, outputs);
  const addresses = new Map<Buffer, number>();
  let end = aligned(Math.max(LINE, 4 * wordsPerCall(threads) * calls.length));
  const constants = [];
  let staged = 0;
  for (const { buffer } of lives) {
    if (!buffer.fill) continue;
    addresses.set(buffer, end);
    constants.push({ address: end, fill: buffer.fill });
    staged = Math.max(staged, buffer.staged ?? 0);
    end = aligned(end + buffer.bytes);
  }
  const staging = end;
  const scratch = { address: end, bytes: aligned(Math.max(0, ...calls.map((call) => call.scratch))) };
  end += scratch.bytes * threads;

  const placed: { life: Living; from: number; to: number }[] = [];
  const bySize = lives
    .filter(({ buffer }) => !buffer.fill)
    .toSorted((a, b) => b.buffer.bytes - a.buffer.bytes);
  let bytes = Math.max(end, aligned(staging + staged));
  for (const life of bySize) {
    const beside = placed
      .filter((other) => other.life.born <= life.dies && life.born <= other.life.dies)
      .toSorted((a, b) => a.from - b.from);
    let from = end;
    for (const other of beside) {
      if (from + life.buffer.bytes <= other.from) break;
      from = Math.max(from, other.to);
    }
    const to = aligned(from + life.buffer.bytes);
    placed.push({ life, from, to });
    addresses.set(life.buffer, from);
    bytes = Math.max(bytes, to);
  }
  return {
    bytes,
    constants,
    staging,
    scratch,
    addressOf(buffer) {
      const address = addresses.get(buffer);
      if (address === undefined) throw new Error('a buffer has no place in the memory plan');
      return address;
    },
  };
}

function livesOf(calls: readonly Call[], inputs: readonly Buffer[], outputs: readonly Buffer[]): Living[] {
  const lives = new Map<Buffer, Living>();
  const see = (buffer: Buffer, at: number) => {
    const life = lives.get(buffer);
    if (life) life.dies = at;
    else lives.set(buffer, { buffer, born: at, dies: at });
  };
  for (const buffer of inputs) see(buffer, -1);
  for (const [index, call] of calls.entries())
    for (const each of call.arguments) if (typeof each === 'object') see(each.buffer, index);
  for (const buffer of outputs) see(buffer, calls.length);
  return [...lives.values()];
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / LINE) * LINE;
}
