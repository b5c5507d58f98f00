import { compile } from './compile.ts';
import type { Program, Slot } from './compile.ts';
import type { Graph } from './graph.ts';
import { compileKernels, knowsRelaxed, startKernels } from './module.ts';
import { writeConstants } from './packing.ts';
import { Team } from './team.ts';
import type { Helper } from './team.ts';
import { workAlone, workOf } from './work.ts';
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
  /**
   * How long a run waits for what a helper has begun and does not finish, in milliseconds, before the engine
   * does without helpers. Default 3000: parts take a few at most, but a busy machine may hold a thread up.
   */
  patienceMs?: number;
}

/** A program whose constants have been put into its memory. */
interface Plan extends Omit<Program, 'memory'> {
  memory: Pick<Program['memory'], 'bytes' | 'scratch'>;
}

/** A network's memory, and what makes its calls there. */
interface Place {
  memory: WebAssembly.Memory;
  numbers: Float32Array;
  work: Work;
  /** Who helps there, and knows the network by that number. */
  team: { team: Team; number: number } | undefined;
}

/**
 * Compiles networks and runs them on WASM. All that it does, it does at once and in the thread that calls it.
 * Where helpers fail, or memory cannot be shared, it does without them, and {@link Engine.trouble} says why.
 */
export class Engine {
  /** Which of the builds of the kernels it runs. */
  readonly build: 'simd' | 'relaxed';
  readonly #relaxed: boolean;
  /** Of the two builds, compiled when the first network needs them. */
  readonly #modules = new Map<boolean, WebAssembly.Module>();
  readonly #team: Team | undefined;
  #trouble: string | undefined;
  #networks = 0;

  constructor({ helpers = [], relaxed = knowsRelaxed(), patienceMs = 3000 }: EngineOptions = {}) {
    this.build = relaxed ? 'relaxed' : 'simd';
    this.#relaxed = relaxed;
    const module = this.#module(helpers.length > 0);
    if (helpers.length === 0) return;
    try {
      this.#team = new Team(helpers, module, patienceMs);
    } catch (error) {
      const trouble = `No memory can be shared with them: ${String(error)}`;
      for (const helper of helpers) helper.end(trouble);
      this.#trouble = trouble;
    }
  }

  /** Why helpers do not help. */
  get trouble(): string | undefined {
    return this.#trouble ?? this.#team?.trouble;
  }

  /**
   * Makes a network ready to run.
   * @throws UnsupportedError where it has something in it that the engine does not know
   * @throws RangeError where there is not enough memory
   */
  load(graph: Graph): Network {
    const {
      memory: { constants, staging, bytes, scratch },
      ...program
    } = compile(graph, this.#team?.threads ?? 1);
    // Without the constants, which lead to the bytes that they are made of.
    const plan: Plan = { ...program, memory: { bytes, scratch } };
    const team = this.trouble === undefined ? this.#team : undefined;
    const place = this.#sharedPlace(plan, team) ?? this.#placeAlone(plan);
    writeConstants({ constants, staging }, place.work.kernels, place.memory);
    // Who helps is told once there is something to run.
    place.team?.team.load(place.team.number, place.memory, plan);
    return new Network(plan, place, () => this.#placeAlone(plan));
  }

  /** Memory that helpers share; `undefined` where there is none to be had, or nobody helps. */
  #sharedPlace(plan: Plan, team: Team | undefined): Place | undefined {
    if (!team) return undefined;
    let memory: WebAssembly.Memory;
    try {
      memory = memoryFor(plan, true);
    } catch (error) {
      this.#trouble = `There is no memory to share with them: ${String(error)}`;
      return undefined;
    }
    return { ...this.#place(plan, memory, true), team: { team, number: this.#networks++ } };
  }

  #placeAlone(plan: Plan): Place {
    return this.#place(plan, memoryFor(plan, false), false);
  }

  #place(plan: Plan, memory: WebAssembly.Memory, shared: boolean): Place {
    const work = workOf(plan, startKernels(this.#module(shared), memory), memory, 0);
    return { memory, numbers: new Float32Array(memory.buffer), work, team: undefined };
  }

  #module(shared: boolean): WebAssembly.Module {
    const module = this.#modules.get(shared) ?? compileKernels({ shared, relaxed: this.#relaxed });
    this.#modules.set(shared, module);
    return module;
  }
}

/** @throws RangeError where there is not enough */
function memoryFor({ memory: { bytes } }: Plan, shared: boolean): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
}

/** A network that is ready to run. */
export class Network {
  readonly #plan: Plan;
  readonly #placeAlone: () => Place;
  #place: Place | undefined;
  /** Whether a helper that was given up may still write into the memory. */
  #isHaunted = false;

  /** @internal Made by {@link Engine.load}. */
  constructor(plan: Plan, place: Place, placeAlone: () => Place) {
    this.#plan = plan;
    this.#place = place;
    this.#placeAlone = placeAlone;
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
   * @param inputs the numbers of every input, in ONNX's order
   * @param wanted which outputs to give. All by default
   * @returns copies of the outputs, in ONNX's order
   * @throws RangeError where an input is not there or of another size, an output is not known, or there is
   * not enough memory to go on without helpers
   */
  run(
    inputs: Readonly<Record<string, Float32Array>>,
    wanted: readonly string[] = this.outputs.map(({ name }) => name),
  ): Record<string, Float32Array<ArrayBuffer>> {
    const outputs = wanted.map((name) => this.#output(name));
    const { numbers } = this.#work(
      (memory) => this.#fill(memory, inputs),
      (output) => wanted.includes(output),
    );
    return Object.fromEntries(
      outputs.map(({ name, address, size }) => {
        const copy = new Float32Array(size);
        copy.set(numbers.subarray(address / 4, address / 4 + size));
        return [name, copy];
      }),
    );
  }

  /** Lets its memory go. */
  release(): void {
    const team = this.#place?.team;
    team?.team.release(team.number);
    this.#place = undefined;
  }

  #output(name: string): Slot {
    const slot = this.outputs.find((output) => output.name === name);
    if (!slot) throw new RangeError(`there is no output “${name}”`);
    return slot;
  }

  #fill(memory: Float32Array, inputs: Readonly<Record<string, Float32Array>>): void {
    for (const { name, address, size } of this.inputs) {
      const values = inputs[name];
      if (values?.length !== size)
        throw new RangeError(`“${name}” has ${values?.length ?? 'no'} numbers, expected ${size}`);
      memory.set(values, address / 4);
    }
  }

  /** @returns where the outputs are */
  #work(fill: (memory: Float32Array) => void, isWanted: (output: string) => boolean): Place {
    const place = this.#healthyPlace();
    fill(place.numbers);
    if (!place.team || place.team.team.trouble !== undefined) {
      workAlone(place.work, isWanted);
      return place;
    }
    const { team, number } = place.team;
    try {
      if (team.run(number, place.work, isWanted)) return place;
    } finally {
      this.#isHaunted = team.trouble !== undefined;
    }
    return this.#work(fill, isWanted);
  }

  #healthyPlace(): Place {
    if (!this.#place) throw new Error('The network was released.');
    if (!this.#isHaunted) return this.#place;
    const fresh = this.#placeAlone();
    // Constants come before all that calls write.
    fresh.numbers.set(this.#place.numbers.subarray(0, this.#plan.memory.scratch.address / 4));
    this.#isHaunted = false;
    this.#place = fresh;
    return fresh;
  }
}
