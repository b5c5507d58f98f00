import { compile } from './compile.ts';
import type { Program, Slot } from './compile.ts';
import type { Graph } from './graph.ts';
import { compileKernels, knowsRelaxed, startKernels } from './module.ts';
import { writeConstants } from './packing.ts';
import { Team } from './team.ts';
import type { Helper } from './team.ts';
import { openRun, workAlone, workOf } from './work.ts';
import type { Work } from './work.ts';

/** A page of WASM's memory, in bytes. */
const PAGE = 65536;

/** How an engine runs. */
export interface EngineOptions {
  /** Threads that help, whose script calls `serveTeam`. None by default; with any, memory is shared. */
  helpers?: readonly Helper[];
  /**
   * Whether to use relaxed SIMD. Where WebAssembly has it by default: in Chromium 156 on an AMD EPYC networks
   * then take 5 to 10 % less, and less still on processors that do not multiply and add side by side.
   */
  relaxed?: boolean;
}

/**
 * Compiles networks and runs them on WASM. All that it does, it does at once and in the thread that calls it.
 */
export class Engine {
  readonly #module: WebAssembly.Module;
  readonly #team: Team | undefined;
  #networks = 0;

  constructor({ helpers = [], relaxed = knowsRelaxed() }: EngineOptions = {}) {
    const shared = helpers.length > 0;
    this.#module = compileKernels({ shared, relaxed });
    this.#team = shared ? new Team(helpers, this.#module) : undefined;
  }

  /**
   * Makes a network ready to run.
   * @throws UnsupportedError where it has something in it that the engine does not know
   * @throws RangeError where there is not enough memory
   */
  load(graph: Graph): Network {
    const program = compile(graph, this.#team?.threads ?? 1);
    const pages = Math.ceil(program.memory.bytes / PAGE);
    const memory = new WebAssembly.Memory({
      initial: pages,
      maximum: pages,
      shared: this.#team !== undefined,
    });
    const kernels = startKernels(this.#module, memory);
    writeConstants(program.memory, kernels, memory);
    const number = this.#networks++;
    this.#team?.load(number, memory, program);
    return new Network(program, memory, workOf(program, kernels, memory, 0), this.#team, number);
  }
}

/** A network that is ready to run. */
export class Network {
  readonly #inputs: readonly Slot[];
  readonly #outputs: readonly Slot[];
  readonly #team: Team | undefined;
  readonly #number: number;
  #ready: { memory: Float32Array; work: Work } | undefined;

  /** @internal Made by {@link Engine.load}. */
  constructor(
    { inputs, outputs }: Pick<Program, 'inputs' | 'outputs'>,
    memory: WebAssembly.Memory,
    work: Work,
    team: Team | undefined,
    number: number,
  ) {
    // Not the program: its constants lead to the bytes that they are made of.
    this.#inputs = inputs;
    this.#outputs = outputs;
    this.#team = team;
    this.#number = number;
    this.#ready = { memory: new Float32Array(memory.buffer), work };
  }

  /**
   * @param inputs the numbers of every input, in ONNX's order
   * @param wanted which outputs to give. All by default
   * @returns copies of the outputs, in ONNX's order
   * @throws RangeError where an input is not there or of another size, or an output is not known
   */
  run(
    inputs: Readonly<Record<string, Float32Array>>,
    wanted: readonly string[] = this.#outputs.map(({ name }) => name),
  ): Record<string, Float32Array<ArrayBuffer>> {
    if (!this.#ready) throw new Error('The network was released.');
    const { memory, work } = this.#ready;
    for (const { name, address, size } of this.#inputs) {
      const values = inputs[name];
      if (values?.length !== size)
        throw new RangeError(`“${name}” has ${values?.length ?? 'no'} numbers, expected ${size}`);
      memory.set(values, address / 4);
    }
    const outputs = wanted.map((name) => this.#output(name));
    this.#work(work, (output) => wanted.includes(output));
    return Object.fromEntries(
      outputs.map(({ name, address, size }) => {
        const copy = new Float32Array(size);
        copy.set(memory.subarray(address / 4, address / 4 + size));
        return [name, copy];
      }),
    );
  }

  /** Lets its memory go. */
  release(): void {
    if (this.#ready) this.#team?.release(this.#number);
    this.#ready = undefined;
  }

  #output(name: string): Slot {
    const slot = this.#outputs.find((output) => output.name === name);
    if (!slot) throw new RangeError(`there is no output “${name}”`);
    return slot;
  }

  #work(work: Work, isWanted: (output: string) => boolean): void {
    if (!this.#team) {
      workAlone(work, isWanted);
      return;
    }
    const run = this.#team.nextRun();
    openRun(work, run, isWanted);
    this.#team.run(this.#number, work, run);
  }
}
