import { startKernels } from './module.ts';
import type { Kernels } from './module.ts';
import { NAP_MS, openRun, RUNS, workOf, workTogether } from './work.ts';
import type { WorkPlan, Work } from './work.ts';

/*
 * Threads that help the one that the engine runs in. Between runs they sleep in `Atomics.wait`,
 * deaf to messages: so each message is counted, and a thread that has handled fewer than were
 * posted goes back to its event loop for them.
 */

/**
 * Words that all threads share: `wake` is what they sleep on, `posted` counts messages, `run` and `network`
 * say what is to be done, and `failed` that a part was not.
 */
const WORDS = { wake: 0, posted: 1, run: 2, network: 3, failed: 4 };

/** What a thread is told. */
export type TeamMessage =
  | {
      kind: 'start';
      control: SharedArrayBuffer;
      module: WebAssembly.Module;
      memory: WebAssembly.Memory;
      thread: number;
    }
  | { kind: 'load'; network: number; words: SharedArrayBuffer; plan: WorkPlan }
  | { kind: 'release'; network: number };

/** A thread as its owner sees it: a `Worker` of browsers or of Node, whose script calls {@link serveTeam}. */
export interface Helper {
  /** Posts a message to it. */
  post(message: TeamMessage): void;
  /**
   * Ends it: it failed, or one beside it.
   * @param reason a sentence
   */
  end(reason: string): void;
}

/** The threads that help. */
export class Team {
  readonly #control = new Int32Array(new SharedArrayBuffer(4 * Object.keys(WORDS).length));
  readonly #naps: number;
  #helpers: readonly Helper[];
  #trouble: string | undefined;

  /**
   * @param of.memory where all networks lie, and `module` the kernels that work there
   * @param patienceMs for so long nothing may be done of what helpers have begun and is waited for
   * @throws ReferenceError where this browser, or this page, has no shared memory
   */
  constructor(
    helpers: readonly Helper[],
    { module, memory }: { module: WebAssembly.Module; memory: WebAssembly.Memory },
    patienceMs: number,
  ) {
    this.#helpers = helpers;
    // Not by the clock: while the machine sleeps nobody is late.
    this.#naps = Math.ceil(patienceMs / NAP_MS);
    // An `Int32Array` may have either kind of buffer, which the type does not tell.
    const control = this.#control.buffer;
    if (!(control instanceof SharedArrayBuffer)) throw new TypeError('the control words are not shared');
    this.#post((thread) => ({ kind: 'start', control, module, memory, thread }));
  }

  /** How many threads there are, with the one that is helped. */
  get threads(): number {
    return this.#helpers.length + 1;
  }

  /** Why there are no helpers any more. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Tells of a network. Threads that are late just help later. */
  load(network: number, { calls, threads, memory: { scratch } }: WorkPlan, words: SharedArrayBuffer): void {
    const plan: WorkPlan = { calls, threads, memory: { scratch } };
    this.#post(() => ({ kind: 'load', network, words, plan }));
  }

  /** Tells that a network is no longer needed. */
  release(network: number): void {
    this.#post(() => ({ kind: 'release', network }));
  }

  /**
   * Runs a network.
   * @returns whether that went well. If not, helpers are no more, but one of them may still write into
   * memory
   * @throws unknown what a kernel throws in this thread
   */
  run(network: number, work: Work, isWanted: (output: string) => boolean): boolean {
    const run = (Atomics.load(this.#control, WORDS.run) % RUNS) + 1;
    openRun(work, run, isWanted);
    Atomics.store(this.#control, WORDS.network, network);
    Atomics.store(this.#control, WORDS.run, run);
    this.#wake();
    const failures: unknown[] = [];
    workTogether(work, run, {
      isGoingOn: (naps) => {
        if (naps >= this.#naps) this.#disband('One of them fell silent in the middle of its work.');
        return this.#trouble === undefined;
      },
      onFailure: (error) => failures.push(error),
    });
    if (failures.length > 0) throw failures[0];
    if (Atomics.load(this.#control, WORDS.failed) > 0) this.#disband('One of them failed at its work.');
    return this.#trouble === undefined;
  }

  #post(messageFor: (thread: number) => TeamMessage): void {
    // Before it is sent: a thread that had handled more than were posted would wait for one that never comes.
    Atomics.add(this.#control, WORDS.posted, 1);
    try {
      for (const [index, helper] of this.#helpers.entries()) helper.post(messageFor(index + 1));
    } catch (error) {
      this.#disband(`They cannot be told what to do: ${String(error)}`);
    }
    this.#wake();
  }

  #disband(trouble: string): void {
    this.#trouble ??= trouble;
    // Whoever waits for the others waits no longer.
    Atomics.store(this.#control, WORDS.run, 0);
    for (const helper of this.#helpers) helper.end(trouble);
    this.#helpers = [];
  }

  #wake(): void {
    Atomics.add(this.#control, WORDS.wake, 1);
    Atomics.notify(this.#control, WORDS.wake);
  }
}

/**
 * Makes a thread one that helps.
 * @param listen calls what it is given with every message
 */
export function serveTeam(listen: (handle: (message: TeamMessage) => void) => void): void {
  const networks = new Map<number, Work>();
  let started: { control: Int32Array; kernels: Kernels; thread: number } | undefined;
  let handled = 0;
  listen((message) => {
    handled++;
    if (message.kind === 'start') {
      const { control, module, memory, thread } = message;
      started = { control: new Int32Array(control), kernels: startKernels(module, memory), thread };
    } else if (message.kind === 'release') {
      networks.delete(message.network);
    } else if (started) {
      const { network, words, plan } = message;
      networks.set(network, workOf(plan, started.kernels, started.thread, words));
    }
    if (started) helpUntilMessage(started.control, networks, handled);
  });
}

function helpUntilMessage(control: Int32Array, networks: ReadonlyMap<number, Work>, handled: number): void {
  let last = 0;
  for (;;) {
    const wake = Atomics.load(control, WORDS.wake);
    if (Atomics.load(control, WORDS.posted) !== handled) return;
    const run = Atomics.load(control, WORDS.run);
    if (run === last || run === 0) {
      Atomics.wait(control, WORDS.wake, wake);
      continue;
    }
    last = run;
    // Where that is the next run's network already, its words have another
    // run's number: nothing is taken from it.
    const work = networks.get(Atomics.load(control, WORDS.network));
    if (!work) continue;
    workTogether(work, run, {
      isGoingOn: () => Atomics.load(control, WORDS.run) === run,
      onFailure: () => Atomics.store(control, WORDS.failed, 1),
    });
  }
}
