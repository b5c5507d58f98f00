import { BodyAnalysisError } from '../schema/errors.ts';
import type { Network } from '../networks/network.ts';
import type { NetworkBytes, RunningNetwork } from './backend/running-network.ts';

/** A network that is ready, and how many squares it is to be given at once. */
export interface ReadyNetwork {
  running: RunningNetwork;
  batch: number;
}

/** What the others are made of. */
export interface OtherNetworkParts {
  /** Beside other work. */
  fetch: (network: Network) => Promise<NetworkBytes>;
  /** Needs the runtime for itself; `undefined` where the network does not do what it should here. */
  start: (network: Network, bytes: NetworkBytes) => Promise<ReadyNetwork | undefined>;
}

/** Where one of them has got to: a failed fetch is told of once, and forgotten, so that asking again fetches again. */
type State = 'fetching' | 'not fetched' | 'unfit' | { bytes: NetworkBytes } | ReadyNetwork;

/** Networks that are fetched and started while others do the work, such as another landmark model for a video. */
export class OtherNetworks {
  readonly #parts: OtherNetworkParts;
  readonly #states = new Map<string, State>();

  constructor(parts: OtherNetworkParts) {
    this.#parts = parts;
  }

  /** One that {@link prepare} has made ready; `undefined` for any else. */
  get({ file }: Network): ReadyNetwork | undefined {
    const state = this.#states.get(file);
    return typeof state === 'object' && 'running' in state ? state : undefined;
  }

  /**
   * Sees to a network, a step for each call: fetches it beside other work, then starts it, for which the runtime must be free.
   * @returns `failed` where it cannot be had: for good where it does not start or not do what it should, else until it is asked for again
   */
  async prepare(network: Network): Promise<'ready' | 'fetching' | 'failed'> {
    const { file } = network;
    const state = this.#states.get(file);
    if (state === undefined) {
      this.#fetch(network);
      return 'fetching';
    }
    if (state === 'fetching') return state;
    if (state === 'unfit') return 'failed';
    if (state === 'not fetched') {
      this.#states.delete(file);
      return 'failed';
    }
    if ('running' in state) return 'ready';
    const started = await this.#parts.start(network, state.bytes).catch((error: unknown) => {
      // As where there is no memory for one more: the one that is in use runs on. A GPU that failed does not.
      if (error instanceof BodyAnalysisError && error.code === 'backend-failed') return undefined;
      throw error;
    });
    this.#states.set(file, started ?? 'unfit');
    return started ? 'ready' : 'failed';
  }

  #fetch(network: Network): void {
    const { file } = network;
    this.#states.set(file, 'fetching');
    this.#parts.fetch(network).then(
      (bytes) => this.#states.set(file, { bytes }),
      (error: unknown) => {
        // Megabytes that are the wrong ones now will be so in a minute.
        const isWrong = error instanceof BodyAnalysisError && error.code === 'model-integrity';
        this.#states.set(file, isWrong ? 'unfit' : 'not fetched');
      },
    );
  }
}
