import type { Buffer, Call } from './builder.ts';
import type { Ground } from './home.ts';
import type { Fill } from './packing.ts';

/** Everything begins at a line of the cache. */
const LINE = 64;

/** Where everything lies that a network needs, in bytes. */
export interface MemoryPlan {
  /** Behind all of it. */
  end: number;
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
 * Lays out memory: constants, which are there for as long as the network, and an area that it needs while it
 * runs. There lie scratch and what calls write; before the first run the area is staging room. Two buffers
 * that calls write may overlap if one is no longer read when the other is written: the largest is placed
 * first, each at the lowest address where nothing is that lives at the same time.
 * @param inputs are there before the first call
 * @param outputs are there after the last
 * @param ground where the two are to lie
 */
export function planMemory(
  calls: readonly Call[],
  { inputs, outputs }: { inputs: readonly Buffer[]; outputs: readonly Buffer[] },
  threads: number,
  ground: Ground,
): MemoryPlan {
  const lives = livesOf(calls, inputs, outputs);
  const filled = lives.flatMap(({ buffer }) => (buffer.fill ? [buffer] : []));
  const ownBytes = filled.reduce((sum, { bytes }) => sum + aligned(bytes), 0);
  const staged = Math.max(0, ...filled.map((buffer) => buffer.staged ?? 0));
  const scratchBytes = aligned(Math.max(0, ...calls.map((call) => call.scratch)));
  const written = lives.filter(({ buffer }) => !buffer.fill);
  const { offsets, bytes } = planWritten(written, scratchBytes * threads);

  let own = ground.own(ownBytes);
  const area = ground.area(Math.max(bytes, aligned(staged)));
  const end = Math.max(own + ownBytes, area + Math.max(bytes, aligned(staged)));
  const addresses = new Map<Buffer, number>([...offsets].map(([buffer, offset]) => [buffer, area + offset]));
  const constants = filled.map((buffer) => {
    const address = own;
    addresses.set(buffer, address);
    own += aligned(buffer.bytes);
    return { address, fill: buffer.fill };
  });
  return {
    end,
    constants,
    staging: area,
    scratch: { address: area, bytes: scratchBytes },
    addressOf(buffer) {
      const address = addresses.get(buffer);
      if (address === undefined) throw new Error('a buffer has no place in the memory plan');
      return address;
    },
  };
}

/** Where what calls write lies in the area, behind its first bytes; and how large the area is. */
function planWritten(
  written: readonly Living[],
  first: number,
): { offsets: ReadonlyMap<Buffer, number>; bytes: number } {
  const offsets = new Map<Buffer, number>();
  const placed: { life: Living; from: number; to: number }[] = [];
  let bytes = first;
  for (const life of written.toSorted((a, b) => b.buffer.bytes - a.buffer.bytes)) {
    const beside = placed
      .filter((other) => other.life.born <= life.dies && life.born <= other.life.dies)
      .toSorted((a, b) => a.from - b.from);
    let from = first;
    for (const other of beside) {
      if (from + life.buffer.bytes <= other.from) break;
      from = Math.max(from, other.to);
    }
    const to = aligned(from + life.buffer.bytes);
    placed.push({ life, from, to });
    offsets.set(life.buffer, from);
    bytes = Math.max(bytes, to);
  }
  return { offsets, bytes };
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
