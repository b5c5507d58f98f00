import type { analysePhoto } from '../pipeline/photo/analysis.ts';
import type { NeededNetworks } from '../pipeline/photo/qualities.ts';
import type { Network } from '../networks/network.ts';
import { importAsset } from '../runtime/asset-script.ts';
import type { OwnNetworkInfo } from '../schema/own-networks.ts';
import type { OwnNetworkRequest } from './protocol.ts';

/** Everyone in a photo. */
export type AnalysePhoto = typeof analysePhoto;

/** A network of the app's own, as far as it is known before it is fetched. */
export interface OpenedOwnNetwork {
  network: Network;
  info: OwnNetworkInfo;
  analyse: AnalysePhoto;
  /** What photos take then, in place of what they take else. */
  needed(usual: NeededNetworks): NeededNetworks;
}

/**
 * Opens a network of the app's own.
 * @throws BodyAnalysisError `invalid-option`
 */
export type OpenOwnNetwork = (request: OwnNetworkRequest) => OpenedOwnNetwork;

/**
 * The same, by the script that does it, which nobody else loads.
 * @param baseUrl the folder that hosts it; the package itself where `undefined`
 * @throws BodyAnalysisError `worker-load` or `invalid-option`
 */
export async function openOwnNetwork(
  request: OwnNetworkRequest,
  baseUrl: string | undefined,
): Promise<OpenedOwnNetwork> {
  const { open } = await importAsset<{ open: OpenOwnNetwork }>('own-networks.js', baseUrl);
  return open(request);
}
