import { serveTeam } from '../../engine/team.ts';
import type { Helper, TeamMessage } from '../../engine/team.ts';
import type { ThreadsInfo } from '../../schema/loading.ts';

/*
 * Threads for the engine, started from the worker's own script: nothing more has to be fetched or
 * deployed, and every policy that allows the worker allows them. By its name a thread knows what it is.
 */

const NAME = 'body21-thread';

/** Of what only workers have, which is not among the types of pages. */
const SCOPE: { crossOriginIsolated: boolean; name?: unknown; importScripts?: () => void } = globalThis;

/** What a thread says when it is up. */
const UP = 'up';

/**
 * For so long it is waited for threads before it is told how many there are, in milliseconds: a browser that
 * starts none says so mostly, and on a busy machine it takes seconds. Who comes later helps all the same.
 */
const PATIENCE_MS = 20_000;

/** Threads that help an engine. */
export interface Threads {
  /** What the engine is handed: who has not come up yet, or never will, does not hold it up. */
  readonly helpers: readonly Helper[];
  /**
   * How many threads there are, the worker's own included, and why no more. Waits until every one has come up
   * or failed, but no longer than some seconds.
   */
  report(): Promise<ThreadsInfo>;
  /** Starts as many anew, in the stead of those that the engine was handed before. */
  others(): readonly Helper[];
  /** Told whenever there are more or fewer threads than was reported last. */
  onChange: (threads: ThreadsInfo) => void;
  /** Ends them, for good. Not while one is still needed by an engine's run. */
  end(): void;
}

/** Serves an engine of another worker, where this one is a thread of it. */
export function serveAsThread(): boolean {
  if (SCOPE.name !== NAME) return false;
  serveTeam((handle) =>
    addEventListener('message', ({ data }: MessageEvent<TeamMessage>) => {
      handle(data);
    }),
  );
  postMessage(UP);
  return true;
}

/**
 * Starts threads beside this worker, where it is cross-origin isolated. They end when it does.
 * @param count how many; 0 does nothing
 */
export function startThreads(count: number): Threads {
  return new StartedThreads(count);
}

class StartedThreads implements Threads {
  readonly helpers: readonly Helper[];
  onChange: (threads: ThreadsInfo) => void = () => {};
  readonly #count: number;
  #threads: readonly Thread[];
  #reported: number | undefined;

  constructor(count: number) {
    this.#count = count;
    this.#threads = this.#start();
    this.helpers = this.#threads;
  }

  async report(): Promise<ThreadsInfo> {
    await this.#settled();
    const missing = this.#threads.find(({ isUp }) => !isUp);
    const threads = 1 + this.#threads.filter(({ isUp }) => isUp).length;
    this.#reported = threads;
    if (!missing) return { threads };
    return {
      threads,
      threadsReason:
        missing.trouble ??
        notStarted(`it had not come up after ${PATIENCE_MS / 1000} seconds, and helps as soon as it has`),
    };
  }

  others(): readonly Helper[] {
    return (this.#threads = this.#start());
  }

  end(): void {
    const ending = this.#threads;
    // There is none left to tell of.
    this.#threads = [];
    this.#reported = undefined;
    for (const thread of ending) thread.end('It was told to.');
  }

  #start(): readonly Thread[] {
    return Array.from({ length: this.#count }, () => new Thread(() => void this.#noteChange()));
  }

  /** Waits for every one that there is, and those that take their places meanwhile, but not for long. */
  async #settled(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS);
    });
    let asked: readonly Thread[];
    do {
      asked = this.#threads;
      await Promise.race([patience, Promise.all(asked.map(({ settled }) => settled))]);
    } while (asked !== this.#threads);
    clearTimeout(timer);
  }

  async #noteChange(): Promise<void> {
    const before = this.#reported;
    if (before === undefined) return;
    const report = await this.report();
    if (report.threads !== before) this.onChange(report);
  }
}

/** One thread, from when it is asked for. */
class Thread implements Helper {
  isUp = false;
  /** Why it never came up, or is no more. */
  trouble: string | undefined;
  /** Resolves when the thread has come up or failed. */
  readonly settled: Promise<void>;
  #settle: () => void = () => {};
  #worker: Worker | undefined;
  readonly #onChange: () => void;
  /** What was said before it came up, and has to be said again to one that takes its place. */
  #unheard: TeamMessage[] = [];

  /** @param onChange told when it has come up, and when it is no more */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
    this.settled = new Promise((resolve) => {
      this.#settle = resolve;
    });
    const type = scriptType();
    this.#start(type, type === 'module' ? 'classic' : 'module');
  }

  post(message: TeamMessage): void {
    if (!this.isUp) this.#unheard.push(message);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
    this.#worker?.postMessage(message);
  }

  /** @param other what the script may be as well: it is tried where it does not come up */
  #start(type: WorkerType, other?: WorkerType): void {
    try {
      const worker = new Worker(location.href, { type, name: NAME });
      this.#worker = worker;
      worker.addEventListener('message', () => {
        this.isUp = true;
        this.#unheard = [];
        this.#settle();
        this.#onChange();
      });
      worker.addEventListener('error', (event) => {
        // Else it would be the worker's own error, and the page would take that for dead.
        event.preventDefault();
        if (this.#worker !== worker) return;
        if (this.isUp || !other) {
          this.#stop(notStarted(event.message || POLICIES));
          return;
        }
        worker.terminate();
        this.#start(other);
      });
      for (const message of this.#unheard) {
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
        worker.postMessage(message);
      }
    } catch (error) {
      this.#stop(notStarted(error instanceof Error ? error.message : String(error)));
    }
  }

  end(reason: string): void {
    this.#stop(`The engine does without threads. ${reason}`);
  }

  #stop(trouble: string): void {
    this.trouble ??= trouble;
    this.isUp = false;
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#settle();
    this.#onChange();
  }
}

/** What may be the matter where browsers do not say. */
const POLICIES =
  'its host must send the script once more, with the same headers, and the policies of page and worker must allow it by `worker-src`';

function notStarted(why: string): string {
  return `A thread could not be started from the worker's script ${location.href}: ${why.replace(/\.$/, '')}.`;
}

/**
 * What this worker's own script most likely is: bundlers make a classic one of the library's module. In
 * Firefox it cannot be told, and `classic` is what comes out.
 */
function scriptType(): WorkerType {
  try {
    // Does nothing without addresses, but throws in a module.
    SCOPE.importScripts?.();
    return 'classic';
  } catch {
    return 'module';
  }
}
