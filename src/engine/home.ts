import { startKernels } from './module.ts';
import type { Kernels } from './module.ts';

/** A page of WASM's memory, in bytes. */
const PAGE = 65536;

/** Before it nothing lies, so that 0 is no address to kernels: a line of the cache, in bytes. */
const NOTHING = 64;

/**
 * Where networks have what they need only while they run, one after the other: the memory's first 16 MB.
 * What no network touches takes no memory of the machine.
 */
const AREA = { address: NOTHING, bytes: 16 * 2 ** 20 - NOTHING };

/** The most memory that there may be, in bytes. Browsers set aside addresses for it, no memory. */
const MOST = 256 * 2 ** 20;

/** Where a network lies in memory. Asked for whole lines of the cache. */
export interface Ground {
  /** The address of so many bytes that are the network's own. */
  own(bytes: number): number;
  /** The address of so many bytes that are its own only while it runs. */
  area(bytes: number): number;
}

/** A stretch of memory: its first byte, and the one behind its last. */
interface Stretch {
  from: number;
  to: number;
}

/** Which addresses behind the area are taken. */
export class Addresses {
  /** In their order. */
  #taken: Stretch[] = [];

  /** Of the first byte that nobody needs. */
  get end(): number {
    return this.#taken.at(-1)?.to ?? AREA.address + AREA.bytes;
  }

  /** The ground of one network. */
  lot(): Lot {
    const own = new Set<Stretch>();
    const take = (bytes: number) => {
      const stretch = this.#take(bytes);
      own.add(stretch);
      return stretch.from;
    };
    return {
      own: take,
      area: (bytes) => (bytes <= AREA.bytes ? AREA.address : take(bytes)),
      release: () => {
        this.#taken = this.#taken.filter((stretch) => !own.has(stretch));
      },
    };
  }

  /** The first that is free. */
  #take(bytes: number): Stretch {
    let from = AREA.address + AREA.bytes;
    let index = 0;
    for (const other of this.#taken) {
      if (from + bytes <= other.from) break;
      from = other.to;
      index++;
    }
    const stretch = { from, to: from + bytes };
    this.#taken.splice(index, 0, stretch);
    return stretch;
  }
}

/** A network's ground, for as long as it is there. */
export interface Lot extends Ground {
  /** Leaves it to others. */
  release(): void;
}

/** The one memory in which all networks of an engine lie, and the kernels at work there. */
export class Home {
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels;
  #numbers: Float32Array;

  /**
   * @param bytes how much of it there is at first
   * @throws RangeError where there is not enough
   */
  constructor(module: WebAssembly.Module, { shared, bytes }: { shared: boolean; bytes: number }) {
    const initial = Math.ceil(bytes / PAGE);
    this.memory = new WebAssembly.Memory({ initial, maximum: MOST / PAGE, shared });
    this.kernels = startKernels(module, this.memory);
    this.#numbers = new Float32Array(this.memory.buffer);
  }

  /** All of it, until there is more. */
  get numbers(): Float32Array {
    const { buffer } = this.memory;
    if (this.#numbers.buffer !== buffer) this.#numbers = new Float32Array(buffer);
    return this.#numbers;
  }

  /**
   * Has memory up to that address.
   * @throws RangeError where there is not enough
   */
  reach(end: number): void {
    const missing = end - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
  }

  /** Takes over what lies in another memory, but for what networks need only while they run. */
  moveIn({ numbers }: Home): void {
    const from = (AREA.address + AREA.bytes) / 4;
    this.numbers.set(numbers.subarray(from, this.numbers.length), from);
  }
}
