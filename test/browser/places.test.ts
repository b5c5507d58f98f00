import { describe, expect, test } from 'vitest';
import { BodyAnalysisClient } from '../../src/index.ts';
import type { BodyAnalysisClientOptions } from '../../src/index.ts';
import { MAX_CLIENTS } from '../../src/client/session/places.ts';
import { sampleBlob } from './pictures.ts';

const SMALL: BodyAnalysisClientOptions = {
  model: 'lite',
  quality: 'fast',
  backend: 'wasm',
  threads: 1,
  warmUp: false,
};

/** So many clients that are being made, and are stopped before they have loaded anything. */
function begin(count: number): {
  settled: Promise<PromiseSettledResult<BodyAnalysisClient>[]>;
  stop: () => void;
} {
  const stopping = new AbortController();
  const making = Array.from({ length: count }, () =>
    BodyAnalysisClient.create({ ...SMALL, signal: stopping.signal }),
  );
  return { settled: Promise.allSettled(making), stop: () => stopping.abort(new Error('enough')) };
}

const REFUSAL = { code: 'too-many-clients', message: expect.stringMatching(/\. Use one .*\.$/) };

describe('clients in one page', () => {
  test('are refused beyond the most there may be, those on their way counted, and others have their places after', async () => {
    const client = await BodyAnalysisClient.create(SMALL);
    const photo = await sampleBlob('stand');
    const others = begin(MAX_CLIENTS - 1);
    await expect(BodyAnalysisClient.create(SMALL)).rejects.toMatchObject(REFUSAL);
    others.stop();
    await others.settled;
    // The one that lives is none the worse.
    expect((await client.bodyAnalysis(photo)).person_num).toBe(1);

    // Stopped on their way, they gave their places back; disposed of, this one does, and once only.
    const again = begin(MAX_CLIENTS - 1);
    await expect(BodyAnalysisClient.create(SMALL)).rejects.toMatchObject(REFUSAL);
    client.dispose();
    client.dispose();
    const next = begin(1);
    await expect(BodyAnalysisClient.create(SMALL)).rejects.toMatchObject(REFUSAL);
    for (const { stop, settled } of [again, next]) {
      stop();
      for (const { status } of await settled) expect(status).toBe('rejected');
    }
  });

  test('do not count where they could not be made', async () => {
    const missing = Array.from({ length: MAX_CLIENTS }, () =>
      BodyAnalysisClient.create({ ...SMALL, workerUrl: '/no-such-worker.js' }),
    );
    for (const { status } of await Promise.allSettled(missing)) expect(status).toBe('rejected');
    const client = await BodyAnalysisClient.create(SMALL);
    client.dispose();
  });
});
