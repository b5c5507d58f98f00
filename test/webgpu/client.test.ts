import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BodyAnalysisClient } from '../../src/index.ts';
import type { BodyAnalysisClientOptions, BodyAnalysisResult, RecoveredEvent } from '../../src/index.ts';
import { expectSame } from '../browser/answers.ts';
import { FaultyWorkers } from '../browser/faults.ts';
import type { Fault } from '../browser/faults.ts';
import faultyWorkerUrl from '../browser/faulty-worker.ts?worker&url';
import { plainCanvas, sampleBlob } from '../browser/pictures.ts';
import golden from '../support/golden.json';
import { SMALL_INPUT, smallNetwork } from '../support/own-graphs.ts';
import asyncifyWorkerUrl from './asyncify-worker.ts?worker&url';

/*
 * The whole client on WebGPU: on the browser's software adapter, which takes seconds for a run and most
 * of a minute for NanoDet's. So that one runs on WASM here (faulty-worker.ts), but for `npm test --
 * soak`, which has everything on the GPU.
 */
const OPTIONS: BodyAnalysisClientOptions = {
  model: 'lite',
  quality: 'fast',
  backend: 'webgpu',
  warmUp: false,
};

/** Whether there is time: `npm test -- soak`. */
const IS_LONG = import.meta.env['VITE_FAULTS'] !== undefined;

const ID = 'stand';
/** How a small network is made that runs in a moment. */
const SMALL = { keypoints: 17, width: 96, height: 128 };
/** A picture for which NanoDet and MoveNet are asked. */
const CROWD = 'two';
const expected: BodyAnalysisResult = { ...golden[ID], log_id: '' };
let blob: Blob;

beforeAll(async () => {
  blob = await sampleBlob(ID);
});

test('auto does not take a software adapter', async () => {
  using client = await BodyAnalysisClient.create({ ...OPTIONS, backend: 'auto' });
  expect(client.backend).toMatchObject({
    name: 'wasm',
    runtime: 'engine',
    skipped: [{ name: 'webgpu', reason: 'The only adapter, swiftshader, is software: WASM is faster.' }],
  });
  expectSame(await client.bodyAnalysis(blob), expected);
});

/** On the software adapter, with nothing left out. */
const ON_GPU = {
  name: 'webgpu',
  runtime: 'onnxruntime',
  build: 'jspi',
  precision: 'float32',
  batch: 1,
  adapter: { architecture: 'swiftshader', isSoftware: true },
  skipped: [],
} as const;

test.runIf(IS_LONG)(
  'every model on WebGPU, with JSPI, gives the golden answer',
  { timeout: 400_000 },
  async () => {
    using client = await BodyAnalysisClient.create(OPTIONS);
    expect(client.backend).toMatchObject(ON_GPU);
    expectSame(await client.bodyAnalysis(await sampleBlob(CROWD)), { ...golden[CROWD], log_id: '' });
  },
);

test.runIf(IS_LONG)('and so does every model with Asyncify', { timeout: 400_000 }, async () => {
  using client = await BodyAnalysisClient.create({ ...OPTIONS, workerUrl: asyncifyWorkerUrl });
  expect(client.backend).toMatchObject({
    name: 'webgpu',
    runtime: 'onnxruntime',
    build: 'asyncify',
    skipped: [],
  });
  expectSame(await client.bodyAnalysis(await sampleBlob(CROWD)), { ...golden[CROWD], log_id: '' });
});

describe('with NanoDet on WASM', () => {
  const workers = new FaultyWorkers();

  beforeEach(() => workers.install());
  afterEach(() => workers.uninstall());

  /** A client whose first workers fail as told, and what it says of it. */
  async function makeClient(
    options: BodyAnalysisClientOptions,
    ...plans: Fault[][]
  ): Promise<{ client: BodyAnalysisClient; events: RecoveredEvent[] }> {
    workers.plans = plans;
    const client = await BodyAnalysisClient.create({ ...OPTIONS, ...options, workerUrl: faultyWorkerUrl });
    const events: RecoveredEvent[] = [];
    client.addEventListener('recovered', (event) => events.push(event));
    return { client, events };
  }

  // Each of the package's networks takes seconds for a run here: what the landmark model gives on a GPU is tested
  // without a client (`running-network.test.ts`), and a small network is held against WASM, and used, in a client of
  // either build. `npm test -- soak` has the whole answer, by all networks at once.
  test.each([
    { build: 'jspi', faults: [] },
    { build: 'asyncify', faults: [{ kind: 'no-jspi' }] },
  ] as const)('WebGPU with $build computes what WASM does', async ({ build, faults }) => {
    const url = URL.createObjectURL(new Blob([smallNetwork('heatmap', SMALL)]));
    const landmarks = { kind: 'heatmap', keypoints: 'coco-17', input: SMALL_INPUT, url } as const;
    const spot = plainCanvas(400, 400, '#000');
    const person = await createImageBitmap(blob);
    const context = spot.getContext('2d');
    if (!context) throw new Error('no 2D canvas');
    context.drawImage(person, 0, 0, (400 * person.width) / person.height, 400);
    context.fillStyle = '#f0f';
    context.fillRect(120, 180, 20, 20);
    const { client, events } = await makeClient({ landmarks }, [...faults, { kind: 'own-on-gpu' }]);
    expect(client.backend).toMatchObject({ ...ON_GPU, build });
    const onGpu = await client.bodyAnalysis(spot);
    expect(workers.onGpu).toEqual(new Set(['body21_heatmaps']));
    client.dispose();
    using alone = await BodyAnalysisClient.create({ ...OPTIONS, backend: 'wasm', landmarks });
    const onWasm = await alone.bodyAnalysis(spot);
    expect(onWasm.person_num).toBe(1);
    expectSame(onGpu, onWasm);
    expect(events).toEqual([]);
    URL.revokeObjectURL(url);
  });

  // What the GPU computes is not what this and the next are about.
  test('a GPU that is lost and does not start again is given up', async () => {
    const { client, events } = await makeClient(
      {},
      [{ kind: 'gpu-on-wasm' }, { kind: 'destroy-device', run: 2, call: 2 }],
      [{ kind: 'gpu-on-wasm' }, { kind: 'destroy-device-at-start' }],
    );
    expect(client.backend).toMatchObject(ON_GPU);
    expectSame(await client.bodyAnalysis(blob), expected);
    expect(events).toEqual([]);
    expectSame(await client.bodyAnalysis(blob), expected);
    expect(events.map(({ error, backend: { name } }) => [error.code, name])).toEqual([
      ['gpu-failed', 'wasm'],
    ]);
    expect(events[0]?.error.message).toContain('The GPU was lost.');
    expect(client.backend).toMatchObject({
      name: 'wasm',
      runtime: 'engine',
      skipped: [{ name: 'webgpu', reason: expect.stringMatching(/^It could not be started: .*\.$/) }],
    });
    expect([workers.started, workers.running.size]).toEqual([3, 1]);
    client.dispose();
    expect(workers.running.size).toBe(0);
  });

  test.runIf(IS_LONG)('a GPU that fails twice is given up', async () => {
    const { client, events } = await makeClient(
      {},
      [{ kind: 'gpu-on-wasm' }, { kind: 'destroy-device', run: 1 }],
      [{ kind: 'gpu-on-wasm' }, { kind: 'out-of-memory', run: 1 }],
    );
    expectSame(await client.bodyAnalysis(blob), expected);
    expect(events.map(({ error, backend: { name } }) => [error.code, name])).toEqual([
      ['gpu-failed', 'webgpu'],
      ['gpu-failed', 'wasm'],
    ]);
    expect(events[1]?.error.message).toContain('made to run out of memory');
    expect(client.backend.skipped[0]?.reason).toMatch(/^It failed 2 times: .*\.$/);
    client.dispose();
  });

  test.runIf(IS_LONG)('a GPU that was lost once is used again', { timeout: 400_000 }, async () => {
    const { client, events } = await makeClient({}, [{ kind: 'destroy-device', run: 1 }]);
    expectSame(await client.bodyAnalysis(blob), expected);
    expect(events.map(({ backend: { name } }) => name)).toEqual(['webgpu']);
    expect(client.backend).toMatchObject({
      name: 'webgpu',
      runtime: 'onnxruntime',
      build: 'jspi',
      skipped: [],
    });
    client.dispose();
  });

  test('auto takes WASM where the GPU is slower, and says by how much', async () => {
    const { client } = await makeClient({ backend: 'auto' }, [{ kind: 'pose-as-gpu' }, { kind: 'slow-gpu' }]);
    expect(client.backend).toMatchObject({
      name: 'wasm',
      runtime: 'engine',
      skipped: [
        {
          name: 'webgpu',
          reason: expect.stringMatching(/^It is slower here: [\d.]+ ms a run, against [\d.]+ ms on WASM\.$/),
        },
      ],
    });
    expect(client.backend).not.toHaveProperty('adapter');
    expectSame(await client.bodyAnalysis(blob), expected);
    client.dispose();
  });

  test('a GPU that computes something else is not taken', async () => {
    const { client } = await makeClient({}, [{ kind: 'gpu-on-wasm' }, { kind: 'wrong-landmarks' }]);
    expect(client.backend).toMatchObject({
      name: 'wasm',
      skipped: [
        { name: 'webgpu', reason: 'It computes something else than WASM: landmarks are off by 3.0 px.' },
      ],
    });
    expectSame(await client.bodyAnalysis(blob), expected);
    client.dispose();
  });
});
