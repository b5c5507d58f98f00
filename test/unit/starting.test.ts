import { afterEach, expect, test, vi } from 'vitest';
import { BLAZEPOSE } from '../../src/networks/blazepose.ts';
import { MOVENET } from '../../src/networks/movenet.ts';
import { NANODET } from '../../src/networks/nanodet.ts';
import type { Backend } from '../../src/runtime/backend/backend.ts';
import type { Gpu } from '../../src/runtime/backend/gpu.ts';
import { startThreads } from '../../src/runtime/backend/engine-threads.ts';
import { RunningNetwork } from '../../src/runtime/backend/running-network.ts';
import type { Runtimes } from '../../src/runtime/backend/session.ts';
import * as trial from '../../src/runtime/backend/gpu-trial.ts';
import { startNetworks } from '../../src/runtime/starting.ts';

vi.mock('../../src/runtime/backend/gpu-trial.ts', () => ({
  withFigures: (_gpu: unknown, work: (figures: unknown) => unknown) => work({}),
  tryGpu: vi.fn(),
}));

afterEach(() => {
  vi.restoreAllMocks();
});

test('a GPU that computes one network wrong is left with nothing on it, and all run on WASM', async () => {
  const log: string[] = [];
  vi.mocked(trial.tryGpu).mockImplementation(async (_gpu, { network }) => {
    if (network === MOVENET) return { reason: 'It computes something else.' };
    const running = { release: async () => void log.push(`releases ${network.file}`) };
    return {
      running: running as unknown as RunningNetwork,
      precision: 'float16',
      batch: 4,
      slowestRunMs: 9,
    };
  });
  vi.spyOn(RunningNetwork, 'start').mockImplementation(async ({ file }, _bytes, { gpu }) => {
    log.push(`starts ${file} on ${gpu ? 'the GPU' : 'WASM'}`);
    return {} as RunningNetwork;
  });
  const gpu = { device: { destroy: () => log.push('ends the GPU') } } as unknown as Gpu;
  const backend: Backend = { gpu, runtimes: {} as Runtimes, threads: startThreads(0), skipped: [] };
  const bytes = Promise.resolve({ body: new Uint8Array(1) });
  const started = await startNetworks(
    backend,
    new Map([NANODET, MOVENET, BLAZEPOSE.lite].map((network) => [network, bytes])),
    { choice: 'auto', main: BLAZEPOSE.lite, onHeartbeat: () => {} },
  );
  expect(log).toEqual([
    `releases ${BLAZEPOSE.lite.file}`,
    `releases ${NANODET.file}`,
    'ends the GPU',
    `starts ${NANODET.file} on WASM`,
    `starts ${MOVENET.file} on WASM`,
    `starts ${BLAZEPOSE.lite.file} on WASM`,
  ]);
  expect(started).toMatchObject({
    backend: { gpu: undefined, skipped: [{ name: 'webgpu', reason: 'It computes something else.' }] },
    precision: 'float32',
    batch: 1,
    slowestRunMs: 0,
  });
});
