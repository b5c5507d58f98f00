import type { Network } from '../../networks/network.ts';

/**
 * A network that could not be had is asked for again after so long, in
 * milliseconds: the internet may be back.
 */
const ASK_AGAIN_MS = 30_000;

/**
 * Sees to a network without waiting for it, a step for each call.
 * @param isNeeded whether one that is not on its way is to be fetched
 * @returns `ready` where it can be run at once; `failed` where it cannot be had now, and `absent` where it is
 * not on its way
 */
export type PrepareNetwork = (
  network: Network,
  isNeeded: boolean,
) => Promise<'ready' | 'fetching' | 'failed' | 'absent'>;

/** A network that a video's frames do not wait for. */
export class LateNetwork {
  readonly #network: Network;
  readonly #prepare: PrepareNetwork;
  #isReady = false;
  #isWanted = false;
  #askMs = -Infinity;

  /** @param prepare where absent, whoever runs it waits for it */
  constructor(network: Network, prepare: PrepareNetwork = async () => 'ready') {
    this.#network = network;
    this.#prepare = prepare;
  }

  /**
   * Whether it can be run now. Where it cannot, this has it fetched beside other work, once it is needed.
   * @param ms the time, which never goes back
   */
  async isReady(ms: number, isNeeded: boolean): Promise<boolean> {
    if (this.#isReady || ms < this.#askMs) return this.#isReady;
    const state = await this.#prepare(this.#network, isNeeded || this.#isWanted);
    this.#isReady = state === 'ready';
    // Whoever else has wanted it, it was to come.
    this.#isWanted ||= state !== 'absent';
    if (state === 'failed') this.#askMs = ms + ASK_AGAIN_MS;
    return this.#isReady;
  }
}
