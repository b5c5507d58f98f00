import type { Region } from '../../src/networks/geometry.ts';
import type { DimsOf, Network, Outputs, OutputsWithHead } from '../../src/networks/network.ts';
import type { Networks } from '../../src/pipeline/networks.ts';

/** A network that is made up. */
export interface FakeNetwork {
  network: Network;
  answer: (region: Region, withHead: boolean) => Outputs<string> | Promise<Outputs<string>>;
}

/** A network that gives what the function says for each region. */
export function fake<Output extends string, HeadOutput extends string = never>(
  network: Network<Output, HeadOutput>,
  answer: (
    region: Region,
    withHead: boolean,
  ) => OutputsWithHead<Output, HeadOutput> | Promise<OutputsWithHead<Output, HeadOutput>>,
): FakeNetwork {
  return { network, answer };
}

/**
 * Networks of which only those are there; each looks at so many regions at once.
 * @param options.onRun told of every run
 */
export function fakeNetworks(
  fakes: readonly FakeNetwork[],
  {
    batch = 1,
    dimsOf = () => [],
    onRun = () => {},
  }: { batch?: number; dimsOf?: DimsOf; onRun?: (network: Network, regions: readonly Region[]) => void } = {},
): Networks {
  return {
    have: async () => {},
    batchOf: () => batch,
    run: async <Read, Output extends string, HeadOutput extends string = never>(
      network: Network<Output, HeadOutput>,
      regions: readonly Region[],
      read: (output: OutputsWithHead<Output, HeadOutput>, region: Region, dimsOf: DimsOf<Output>) => Read,
      { withHead = false } = {},
    ) => {
      const found = fakes.find((other) => other.network.file === network.file);
      if (!found) throw new Error(`nobody has made up ${network.file}`);
      onRun(network, regions);
      const outputs = await Promise.all(regions.map(async (region) => found.answer(region, withHead)));
      return regions.map((region, index) =>
        read(outputs[index] as OutputsWithHead<Output, HeadOutput>, region, dimsOf),
      );
    },
  };
}
