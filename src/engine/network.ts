import type { Program, Slot } from './compile.ts';

/** What a run needs of a program whose constants have been put into memory. */
export interface Plan extends Omit<Program, 'memory'> {
  memory: Pick<Program['memory'], 'scratch'>;
}

/** The numbers of an input, or what writes them where the network reads them: again, if a run begins anew. */
export type InputValues = Float32Array | ((target: Float32Array) => void);

/** What one run is to do. */
export interface RunOrder {
  /** Writes the inputs into the whole memory's numbers. */
  fill: (memory: Float32Array) => void;
  isWanted: (output: string) => boolean;
}

/** What the engine does for a network. */
export interface Host {
  /** @returns the numbers of all memory, the outputs among them */
  run: (order: RunOrder) => Float32Array;
  release: () => void;
}

/** A network that is ready to run. */
export class Network {
  readonly #plan: Plan;
  #host: Host | undefined;

  /** @internal Made by {@link Engine.load}. */
  constructor(plan: Plan, host: Host) {
    this.#plan = plan;
    this.#host = host;
  }

  /** What a run is given. */
  get inputs(): readonly Slot[] {
    return this.#plan.inputs;
  }

  /** What a run can give. */
  get outputs(): readonly Slot[] {
    return this.#plan.outputs;
  }

  /**
   * @param inputs every input, in ONNX's order
   * @param wanted which outputs to give. All by default
   * @param into what outputs are copied into; what is not there, or of another size, is made
   * @returns copies of the outputs, in ONNX's order
   * @throws RangeError where an input is not there or of another size, an output is not known, or there is
   * not enough memory to go on without helpers
   */
  run(
    inputs: Readonly<Record<string, InputValues>>,
    wanted: readonly string[] = this.outputs.map(({ name }) => name),
    into: ReadonlyMap<string, Float32Array<ArrayBuffer>> = new Map(),
  ): Record<string, Float32Array<ArrayBuffer>> {
    if (!this.#host) throw new Error('The network was released.');
    const outputs = wanted.map((name) => this.#output(name));
    const numbers = this.#host.run({
      fill: (memory) => this.#fill(memory, inputs),
      isWanted: (output) => wanted.includes(output),
    });
    return Object.fromEntries(
      outputs.map(({ name, address, size }) => {
        const given = into.get(name);
        const copy = given?.length === size ? given : new Float32Array(size);
        copy.set(numbers.subarray(address / 4, address / 4 + size));
        return [name, copy];
      }),
    );
  }

  /** Lets its memory go. */
  release(): void {
    this.#host?.release();
    this.#host = undefined;
  }

  #output(name: string): Slot {
    const slot = this.outputs.find((output) => output.name === name);
    if (!slot) throw new RangeError(`there is no output “${name}”`);
    return slot;
  }

  #fill(memory: Float32Array, inputs: Readonly<Record<string, InputValues>>): void {
    for (const { name, address, size } of this.inputs) {
      const values = inputs[name];
      const target = memory.subarray(address / 4, address / 4 + size);
      if (typeof values === 'function') values(target);
      else if (values?.length === size) target.set(values);
      else throw new RangeError(`“${name}” has ${values?.length ?? 'no'} numbers, expected ${size}`);
    }
  }
}
