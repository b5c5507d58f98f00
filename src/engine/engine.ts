import { compile } from './compile.ts';
import type { Graph } from './graph.ts';
import { Addresses, Home } from './home.ts';
import { compileKernels, knowsRelaxed } from './module.ts';
import { Network } from './network.ts';
import type { Plan, RunOrder } from './network.ts';
import { writeConstants } from './packing.ts';
import { Team } from './team.ts';
import type { Helper } from './team.ts';
import { wordsFor, workAlone, workOf } from './work.ts';
import type { Work } from './work.ts';

export type { Network } from './network.ts';

/** How an engine runs. */
export interface EngineOptions {
  /** Threads that help, whose script calls `serveTeam`. None by default; with any, memory is shared. */
  helpers?: readonly Helper[];
  /**
   * Others in their stead, for where they have failed in a run: called some times at most. None by default.
   */
  others?: () => readonly Helper[];
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

/** How often helpers are replaced that have failed. One that fails again and again is slower than none. */
const REPLACEMENTS = 2;

/** A network as the engine knows it. */
interface Loaded {
  plan: Plan;
  number: number;
  /** What makes its calls in the memory that there is now. */
  work: Work;
}

/**
 * Compiles networks and runs them on WASM. All that it does, it does at once and in the thread that calls it:
 * so no two networks run at the same time, and what a network needs only while it runs it shares with all
 * others. Where helpers fail it goes on without them, then with others in their stead; where these fail too,
 * or memory cannot be shared, it does without, and {@link Engine.trouble} says why.
 */
export class Engine {
  /** Which of the builds of the kernels it runs. */
  readonly build: 'simd' | 'relaxed';
  readonly #options: Required<Pick<EngineOptions, 'relaxed' | 'patienceMs'>> & Pick<EngineOptions, 'others'>;
  /** Of the two builds, compiled when the first network needs them. */
  readonly #modules = new Map<boolean, WebAssembly.Module>();
  readonly #addresses = new Addresses();
  readonly #loaded = new Set<Loaded>();
  #home: Home | undefined;
  /** Who helps from the first network on, with whom memory is shared. */
  readonly #helpers: readonly Helper[];
  #team: Team | undefined;
  #trouble: string | undefined;
  /** Whether a helper that was given up may still write into the memory. */
  #isHaunted = false;
  #replacements = 0;
  #networks = 0;

  constructor({ helpers = [], others, relaxed = knowsRelaxed(), patienceMs = 3000 }: EngineOptions = {}) {
    this.build = relaxed ? 'relaxed' : 'simd';
    this.#options = { relaxed, patienceMs, ...(others && { others }) };
    this.#helpers = helpers;
    this.#module(helpers.length > 0);
  }

  /** How many threads there are, its own among them. */
  get threads(): number {
    return this.#team?.threads ?? 1;
  }

  /** Why no helpers help, or those of the beginning do not any more. */
  get trouble(): string | undefined {
    return this.#trouble ?? this.#team?.trouble;
  }

  /**
   * Makes a network ready to run.
   * @throws UnsupportedError where it has something in it that the engine does not know
   * @throws RangeError where there is not enough memory
   */
  load(graph: Graph): Network {
    const lot = this.#addresses.lot();
    try {
      const home = this.#healthyHome();
      const {
        memory: { constants, staging, scratch },
        ...program
      } = compile(graph, this.threads, lot);
      home.reach(this.#addresses.end);
      writeConstants({ constants, staging }, home.kernels, home.memory);
      // Without the constants, which lead to the bytes that they are made of.
      const plan: Plan = { ...program, memory: { scratch } };
      const number = this.#networks++;
      const loaded: Loaded = { plan, number, work: this.#workOf(plan, number, home) };
      this.#loaded.add(loaded);
      return new Network(plan, {
        run: (order) => this.#run(loaded, order),
        release: () => {
          this.#loaded.delete(loaded);
          this.#team?.release(number);
          lot.release();
        },
      });
    } catch (error) {
      lot.release();
      throw error;
    }
  }

  #run(loaded: Loaded, { fill, isWanted }: RunOrder): Float32Array {
    let home = this.#healthyHome();
    fill(home.numbers);
    const team = this.#team?.trouble === undefined ? this.#team : undefined;
    if (team) {
      try {
        if (team.run(loaded.number, loaded.work, isWanted)) return home.numbers;
      } finally {
        this.#isHaunted = team.trouble !== undefined;
      }
      home = this.#healthyHome();
      fill(home.numbers);
    }
    workAlone(loaded.work, isWanted);
    return home.numbers;
  }

  /**
   * Memory into which nobody else writes.
   * @throws RangeError where there is not enough
   */
  #healthyHome(): Home {
    const before = this.#home;
    if (before && !this.#isHaunted) return before;
    const home = this.#settle(before ? this.#replaced() : this.#helpers);
    if (before) {
      home.moveIn(before);
      for (const loaded of this.#loaded) loaded.work = this.#workOf(loaded.plan, loaded.number, home);
    }
    this.#isHaunted = false;
    this.#home = home;
    return home;
  }

  /** Memory for all networks, shared with those who help, if there is any to be shared. */
  #settle(helpers: readonly Helper[]): Home {
    const bytes = this.#addresses.end;
    this.#trouble = this.trouble;
    this.#team = undefined;
    if (helpers.length > 0) {
      const module = this.#module(true);
      try {
        const home = new Home(module, { shared: true, bytes });
        this.#team = new Team(helpers, { module, memory: home.memory }, this.#options.patienceMs);
        return home;
      } catch (error) {
        this.#trouble = `No memory can be shared with them: ${String(error)}`;
        for (const helper of helpers) helper.end(this.#trouble);
      }
    }
    return new Home(this.#module(false), { shared: false, bytes });
  }

  /** Who helps instead of those who have failed. */
  #replaced(): readonly Helper[] {
    if (!this.#options.others || this.#replacements >= REPLACEMENTS) return [];
    this.#replacements++;
    return this.#options.others();
  }

  /** What makes a network's calls, of which helpers are told as well. */
  #workOf(plan: Plan, number: number, { kernels }: Home): Work {
    const team = this.#team;
    if (!team) return workOf(plan, kernels);
    const words = wordsFor(plan);
    // Who helps is told once there is something to run.
    team.load(number, plan, words);
    return workOf(plan, kernels, 0, words);
  }

  #module(shared: boolean): WebAssembly.Module {
    const module = this.#modules.get(shared) ?? compileKernels({ shared, relaxed: this.#options.relaxed });
    this.#modules.set(shared, module);
    return module;
  }
}
