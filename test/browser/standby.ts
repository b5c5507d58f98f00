import { afterAll, beforeAll } from 'vitest';
import { BodyAnalysisClient } from '../../src/index.ts';
import { sampleBlob } from './pictures.ts';

/** Calls until most of the code that calls run through is compiled for speed. */
const CALLS = 6;

/**
 * Keeps a client that nobody uses for as long as a file's tests run: browsers compile WASM once for all workers
 * of a page that are alive, so that with it the others start and answer with code that is better already.
 */
export function keepStandby(): void {
  let standby: BodyAnalysisClient | undefined;
  beforeAll(async () => {
    standby = await BodyAnalysisClient.create({ model: 'lite', quality: 'fast', warmUp: false, threads: 1 });
    const blob = await sampleBlob('stand');
    for (let call = 0; call < CALLS; call++) await standby.bodyAnalysis(blob);
  });
  afterAll(() => standby?.dispose());
}
