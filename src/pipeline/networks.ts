import type { Region } from '../networks/geometry.ts';
import type { Network, OutputsWithHead } from '../networks/network.ts';

/** Whatever networks there are, looking at one picture. The pipeline knows nothing of how they run. */
export interface Networks {
  /**
   * Runs a network on squares of the picture, one after the other where there are more than {@link batchOf}
   * of them. One that is not there yet is waited for.
   * @returns an output for each region
   */
  run<Output extends string, HeadOutput extends string = never>(
    network: Network<Output, HeadOutput>,
    regions: readonly Region[],
    options?: RunOptions,
  ): Promise<OutputsWithHead<Output, HeadOutput>[]>;
  /** How many regions a network looks at in one run. */
  batchOf(network: Network): number;
}

/** What a run is to give. */
export interface RunOptions {
  /** Whether the outputs are to have those of the network's head as well. Default `false`. */
  withHead?: boolean;
}

/** Runs a network on one square of the picture. */
export async function runOnce<Output extends string>(
  networks: Networks,
  network: Network<Output>,
  region: Region,
): Promise<OutputsWithHead<Output, never>> {
  const [output] = await networks.run(network, [region]);
  if (!output) throw new RangeError(`${network.file} has given nothing`);
  return output;
}
