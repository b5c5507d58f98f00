import { BodyAnalysisError } from '../schema/errors.ts';
import { assetUrl } from './files/assets.ts';
import type { AssetFile } from './files/assets.ts';

/**
 * Loads a script of the package's that few clients need.
 * @param baseUrl the folder that hosts it; the package itself where `undefined`
 * @throws BodyAnalysisError `worker-load`
 */
export async function importAsset<Module>(file: AssetFile, baseUrl: string | undefined): Promise<Module> {
  const url = assetUrl(file, baseUrl);
  try {
    // By its address, as a file of its own: bundlers would make it a part of the worker.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is the package's own file
    return (await import(/* webpackIgnore: true */ /* @vite-ignore */ url)) as Module;
  } catch (cause) {
    throw new BodyAnalysisError(
      'worker-load',
      `The script ${url} could not be loaded. Deploy it with the models, and allow it by \`script-src\`.`,
      cause,
    );
  }
}
