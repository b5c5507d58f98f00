import type { Region } from '../networks/geometry.ts';
import type { DimsOf, Network, OutputsWithHead } from '../networks/network.ts';

/** Whatever networks there are, looking at one picture. The pipeline knows nothing of how they run. */
export interface Networks {
  /**
   * Runs a network on squares of the picture, one after the other where there are more than {@link batchOf}
   * of them. One that is not there yet is waited for.
   * @param read makes of a region's output what is wanted of it, at once: what is kept of the output itself
   * must be copied, since the next run writes into the same memory
   * @returns what it has made for each region
   */
  run<Read, Output extends string, HeadOutput extends string = never>(
    network: Network<Output, HeadOutput>,
    regions: readonly Region[],
    read: (output: OutputsWithHead<Output, HeadOutput>, region: Region, dimsOf: DimsOf<Output>) => Read,
    options?: RunOptions,
  ): Promise<Read[]>;
  /** Waits for a network that is not there yet. */
  have(network: Network): Promise<void>;
  /** How many regions a network looks at in one run. */
  batchOf(network: Network): number;
}

/** What a run is to give. */
export interface RunOptions {
  /** Whether the outputs are to have those of the network's head as well. Default `false`. */
  withHead?: boolean;
}

/**
 * Runs a network on one square of the picture.
 * @param read makes of its output what is wanted of it, as in {@link Networks.run}
 */
export async function runOnce<Read, Output extends string>(
  networks: Networks,
  network: Network<Output>,
  region: Region,
  read: (output: OutputsWithHead<Output, never>) => Read,
): Promise<Read> {
  const made = await networks.run(network, [region], read);
  if (made.length !== 1) throw new RangeError(`${network.file} has given nothing`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- counted a line above
  return made[0] as Read;
}
