import { afterAll, beforeAll } from 'vitest';
import { BodyAnalysisClient } from '../../src/index.ts';
import { sampleBlob } from './pictures.ts';

/** Calls until most of the code that calls run through is translated for speed. */
const CALLS = 6;

/**
 * Keeps a client that nobody uses for as long as a file's tests run: browsers translate a WASM file once for
 * all workers of a page that are alive, so that with it the others start and answer in a third of the time.
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
