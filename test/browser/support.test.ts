import { expect, test } from 'vitest';
import { BodyAnalysisClient, isSupported } from '../../src/index.ts';

test('what is said of this browser before anything is loaded is what a client then has', async () => {
  const before = performance.getEntriesByType('resource').length;
  const support = await isSupported({ backend: 'wasm' });
  expect(performance.getEntriesByType('resource')).toHaveLength(before);
  if (!support.supported) throw new Error(support.reason);
  const client = await BodyAnalysisClient.create({ backend: 'wasm', quality: 'fast', warmUp: false });
  const { name, threads, skipped } = client.backend;
  expect({ backend: name, threads, skipped }).toEqual({
    backend: support.backend,
    threads: support.threads,
    skipped: support.skipped,
  });
  client.dispose();
});
