import type { Network } from '../../networks/network.ts';

/**
 * A network that could not be had is asked for again after so long, in
 * milliseconds: the internet may be back.
 */
const ASK_AGAIN_MS = 30_000;

/**
 * Sees to a network without waiting for it, a step for each call.
 * @returns `ready` where it can be run at once; `failed` where it cannot be had now
 */
export type PrepareNetwork = (network: Network) => Promise<'ready' | 'fetching' | 'failed'>;

/** A network that a video's frames do not wait for. */
export class LateNetwork {
  readonly #network: Network;
  readonly #prepare: PrepareNetwork;
  #isReady = false;
  #askMs = -Infinity;

  constructor(network: Network, prepare: PrepareNetwork) {
    this.#network = network;
    this.#prepare = prepare;
  }

  /**
   * Whether it can be run now. Where it cannot, this has it fetched beside other work.
   * @param ms the time, which never goes back
   */
  async isReady(ms: number): Promise<boolean> {
    if (this.#isReady || ms < this.#askMs) return this.#isReady;
    const state = await this.#prepare(this.#network);
    this.#isReady = state === 'ready';
    if (state === 'failed') this.#askMs = ms + ASK_AGAIN_MS;
    return this.#isReady;
  }
}
