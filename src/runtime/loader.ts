import type { Network } from '../networks/network.ts';
import { BodyAnalysisError, whyWrongOnGpu } from '../schema/errors.ts';
import type { RunningNetwork } from './backend/running-network.ts';
import type { NetworkBytes } from './files/network-files.ts';

/** A network that is ready, and how many squares it is to be given at once. */
export interface ReadyNetwork {
  running: RunningNetwork;
  batch: number;
}

/** How networks come to be. */
export interface LoaderParts {
  /** Beside other work. */
  fetch: (network: Network) => Promise<NetworkBytes>;
  /** Needs the runtime for itself. */
  start: (network: Network, bytes: NetworkBytes) => Promise<ReadyNetwork>;
}

/** Whether a network can be run now; `failed` where it cannot be had, `absent` where it is not on its way. */
export type Readiness = 'ready' | 'fetching' | 'failed' | 'absent';

/** Where a network has got to; nothing is remembered of one that was not asked for. */
type State =
  | { fetching: Promise<NetworkBytes> }
  | { bytes: NetworkBytes }
  | { starting: Promise<ReadyNetwork> }
  | { failure: unknown }
  | { ready: ReadyNetwork };

/** Fetches and starts networks: at once where they are needed at once, else while others do the work. */
export class Loader {
  readonly #parts: LoaderParts;
  readonly #states = new Map<string, State>();

  /** @param parts how networks come to be */
  constructor(parts: LoaderParts) {
    this.#parts = parts;
  }

  /** A network that is ready; `undefined` for any else. */
  get({ file }: Network): ReadyNetwork | undefined {
    const state = this.#states.get(file);
    return state && 'ready' in state ? state.ready : undefined;
  }

  /** Takes one that was started otherwise. */
  add({ file }: Network, ready: ReadyNetwork): void {
    this.#states.set(file, { ready });
  }

  /**
   * Takes one that is on its way already. Where it does not come, it is fetched again when it is asked for.
   */
  expect(network: Network, fetching: Promise<NetworkBytes>): void {
    this.#await(network, fetching);
  }

  /** Has one fetched that is not on its way, for who will ask for it soon. */
  bring(network: Network): void {
    if (!this.#states.has(network.file)) this.#fetch(network).catch(() => {});
  }

  /**
   * Waits until a network is ready, however it failed before.
   * @throws what the two parts throw
   */
  async load(network: Network): Promise<ReadyNetwork> {
    await this.fetch(network);
    return this.#start(network);
  }

  /**
   * Waits until a network's files have come, however that failed before: what
   * there is to wait for without the runtime.
   * @param signal ends the waiting; the files come all the same, for the next call
   * @throws what fetching throws, or the signal's reason
   */
  async fetch(network: Network, signal?: AbortSignal): Promise<void> {
    const state = this.#states.get(network.file);
    if (!state || 'failure' in state) await abortable(this.#fetch(network), signal);
    else if ('fetching' in state) await abortable(state.fetching, signal);
  }

  /**
   * Sees to a network, a step for each call: fetches it beside other work, then starts
   * it, for which the runtime must be free.
   * @param isNeeded whether one that is not on its way is to be fetched
   * @returns `failed` where it cannot be had: for good where it does not start or not do what it
   * should, else until it is asked for again
   * @throws BodyAnalysisError `gpu-failed` where the GPU itself failed
   */
  async prepare(network: Network, isNeeded = true): Promise<Readiness> {
    const { file } = network;
    const state = this.#states.get(file);
    if (!state) {
      if (!isNeeded) return 'absent';
      this.#fetch(network).catch(() => {});
      return 'fetching';
    }
    if ('ready' in state) return 'ready';
    if ('fetching' in state) return 'fetching';
    if ('failure' in state) {
      // Told of once, and forgotten, so that asking again fetches again.
      if (!isFinal(state.failure)) this.#states.delete(file);
      return 'failed';
    }
    try {
      await this.#start(network);
      return 'ready';
    } catch (error) {
      if (isFinal(error)) return 'failed';
      throw error;
    }
  }

  #fetch(network: Network): Promise<NetworkBytes> {
    const fetching = this.#parts.fetch(network);
    this.#await(network, fetching);
    return fetching;
  }

  #await({ file }: Network, fetching: Promise<NetworkBytes>): void {
    this.#states.set(file, { fetching });
    fetching.then(
      (bytes) => this.#states.set(file, { bytes }),
      (failure: unknown) => this.#states.set(file, { failure }),
    );
  }

  /** Starts one that has come; whoever asks meanwhile waits for the same. */
  async #start(network: Network): Promise<ReadyNetwork> {
    const { file } = network;
    const state = this.#states.get(file);
    if (state && 'ready' in state) return state.ready;
    if (state && 'starting' in state) return state.starting;
    if (!state || !('bytes' in state)) throw new Error(`${file} was not fetched`);
    const starting = this.#parts.start(network, state.bytes);
    this.#states.set(file, { starting });
    try {
      const ready = await starting;
      this.#states.set(file, { ready });
      return ready;
    } catch (failure) {
      this.#states.set(file, { failure });
      throw failure;
    }
  }
}

/**
 * Whether it would fail again: megabytes that are the wrong ones now will be so in a minute, and where there
 * is no memory for one more network there will be none. A GPU that was lost says nothing about the network.
 */
function isFinal(error: unknown): boolean {
  return (
    error instanceof BodyAnalysisError &&
    (error.code === 'model-integrity' ||
      error.code === 'backend-failed' ||
      whyWrongOnGpu(error) !== undefined)
  );
}

async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  signal.throwIfAborted();
  const over = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: over.signal });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    over.abort();
  }
}
