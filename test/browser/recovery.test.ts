import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { BodyAnalysisClient } from '../../src/index.ts';
import type {
  BodyAnalysisClientOptions,
  BodyAnalysisResult,
  ImageSource,
  RecoveredEvent,
} from '../../src/index.ts';
import { expectSame } from './answers.ts';
import { FaultyWorkers } from './faults.ts';
import type { Fault } from './faults.ts';
import faultyWorkerUrl from './faulty-worker.ts?worker&url';
import { mainThreadWork } from './main-thread.ts';
import { plainCanvas, sampleBlob } from './pictures.ts';

/*
 * What only real workers can show: that they crash, hang and are ended as the page takes it to be. What the
 * page makes of that, in every order, is in test/unit/session.test.ts.
 */

/** How many calls in a row are made to fail: `npm test -- soak`. */
const FAULTS_IN_A_ROW = Number(import.meta.env['VITE_FAULTS'] ?? 0);

const OPTIONS: BodyAnalysisClientOptions = {
  model: 'lite',
  quality: 'fast',
  warmUp: false,
  threads: 1,
  workerUrl: faultyWorkerUrl,
};

const workers = new FaultyWorkers();
let blob: Blob;
let expected: BodyAnalysisResult;
/** Has the code compiled for all workers of this page, as long as it lives. */
let standby: BodyAnalysisClient;

beforeAll(async () => {
  blob = await sampleBlob('stand');
  standby = await BodyAnalysisClient.create(OPTIONS);
  expected = await standby.bodyAnalysis(blob);
  expect(expected.person_num).toBe(1);
  workers.install();
});
afterEach(() => vi.useRealTimers());
afterAll(() => {
  workers.uninstall();
  standby.dispose();
});

/** A client whose first workers fail as told, and what it says of it. */
async function makeClient(
  plans: Fault[][],
  options: BodyAnalysisClientOptions = {},
): Promise<{ client: BodyAnalysisClient; events: RecoveredEvent[] }> {
  workers.plans = [...plans];
  const client = await BodyAnalysisClient.create({ ...OPTIONS, ...options });
  const events: RecoveredEvent[] = [];
  client.addEventListener('recovered', (event) => events.push(event));
  return { client, events };
}

/** The codes of what went wrong since this was asked before. */
function codes(events: RecoveredEvent[]): string[] {
  return events.splice(0).map(({ error }) => error.code);
}

/** Has the watchdog's clock stand still until the test moves it. */
function holdWatchdog(): void {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
}

/** Has the watchdog find that a worker has been silent for longer than any may be that has answered. */
function passTime(): void {
  vi.advanceTimersByTime(11_000);
}

describe('a worker that fails in a call is replaced, and the call answered as ever,', () => {
  let client: BodyAnalysisClient;
  let events: RecoveredEvent[];
  let bitmap: ImageBitmap;

  beforeAll(async () => {
    ({ client, events } = await makeClient([]));
    bitmap = await createImageBitmap(blob);
  });
  afterAll(() => {
    client.dispose();
    expect(workers.running.size).toBe(0);
  });

  function pixels(): ImageData {
    const context = plainCanvas(bitmap.width, bitmap.height).getContext('2d');
    context?.drawImage(bitmap, 0, 0);
    const data = context?.getImageData(0, 0, bitmap.width, bitmap.height);
    if (!data) throw new Error('no 2D canvas');
    return data;
  }

  // Each with something that has to be copied to be handed to another worker.
  test.each<[string, Fault, string, () => ImageSource]>([
    ['throws: an ImageBitmap', { kind: 'throw', run: 1 }, 'inference-failed', () => bitmap],
    ['crashes: an ImageData', { kind: 'crash', run: 2 }, 'worker-crash', pixels],
    [
      'crashes: a VideoFrame',
      { kind: 'crash', run: 1 },
      'worker-crash',
      () => new VideoFrame(bitmap, { timestamp: 0 }),
    ],
  ])('where it %s', async (_how, fault, code, make) => {
    const { backend } = client;
    const started = workers.started;
    workers.plan([fault]);
    const source = make();
    expectSame(await client.bodyAnalysis(source), expected);
    if (source instanceof VideoFrame) source.close();
    expect(events[0]?.backend).toBe(client.backend);
    expect(client.backend).toEqual({ ...backend, warmupMs: expect.any(Number) });
    expect(codes(events)).toEqual([code]);
    expect([workers.started - started, workers.running.size]).toEqual([1, 1]);
  });

  test('where it hangs; a call that is cancelled meanwhile rejects at once, and the next is answered', async () => {
    holdWatchdog();
    workers.plan([{ kind: 'hang', run: 1 }]);
    const controller = new AbortController();
    const cancelled = client.bodyAnalysis(blob, { signal: controller.signal });
    const next = client.bodyAnalysis(blob);
    await workers.suffering;
    controller.abort(new Error('enough'));
    await expect(cancelled).rejects.toThrow('enough');
    passTime();
    expectSame(await next, expected);
    expect(codes(events)).toEqual(['worker-hung']);
    expect(workers.running.size).toBe(1);
  });

  test('where someone ended it', async () => {
    holdWatchdog();
    let isKilled = false;
    const onProgress = () => {
      if (isKilled) return;
      // Its first sign of life in this call is its last.
      for (const worker of workers.running) worker.terminate();
      isKilled = true;
      passTime();
    };
    expectSame(await client.bodyAnalysis(blob, { onProgress }), expected);
    expect(codes(events)).toEqual(['worker-hung']);
    expect(workers.running.size).toBe(1);
  });

  test('with so little work of the page’s own that no task of it could be long', async () => {
    workers.plan([{ kind: 'crash', run: 2 }]);
    const workMs = await mainThreadWork(async () => {
      expectSame(await client.bodyAnalysis(blob), expected);
    });
    expect(codes(events)).toEqual(['worker-crash']);
    // From here on browsers call a single task long.
    expect(workMs).toBeLessThan(50);
  });
});

describe('a fault while opening', () => {
  test('is overcome: a worker that dies, and requests for models that fail', async () => {
    await caches.delete('body21-models');
    const { client, events } = await makeClient([
      [{ kind: 'crash-while-opening' }],
      [
        { kind: 'fetch', nth: 1 },
        { kind: 'fetch', nth: 3 },
      ],
    ]);
    expectSame(await client.bodyAnalysis(blob), expected);
    expect([workers.running.size, events.length]).toEqual([1, 0]);
    client.dispose();
  });

  test('no GPU to give: WASM, with the reason', async () => {
    const { client } = await makeClient([[{ kind: 'no-adapter' }]], { backend: 'webgpu' });
    expect(client.backend).toMatchObject({
      name: 'wasm',
      runtime: 'engine',
      build: expect.stringMatching(/^(?:simd|relaxed)$/),
      skipped: [{ name: 'webgpu', reason: 'The browser has no GPU that it lets pages use.' }],
    });
    client.dispose();
  });
});

test('a fault while nobody asks comes of warming up alone, and is told with the next answer', async () => {
  const quiet = await makeClient([[{ kind: 'crash', run: 1, call: 0 }]]);
  // The detector and the landmark model, of which the latter would not run if
  // nobody were found in the drawn figure.
  const warming = await makeClient([[{ kind: 'crash', run: 2, call: 0 }]], { warmUp: true });
  await workers.until(() => workers.running.size === 1);
  expect([quiet.events, warming.events]).toEqual([[], []]);
  expectSame(await warming.client.bodyAnalysis(blob), expected);
  expect(codes(warming.events)).toEqual(['worker-crash']);
  // The one that was there first.
  expectSame(await quiet.client.bodyAnalysis(blob), expected);
  expect(codes(quiet.events)).toEqual([]);
  for (const { client } of [quiet, warming]) client.dispose();
});

test.runIf(FAULTS_IN_A_ROW > 0)(
  `${FAULTS_IN_A_ROW} faults, each in another call, lose none, and leave one worker`,
  async () => {
    const plans = Array.from({ length: FAULTS_IN_A_ROW }, (_, index): Fault[] => {
      // A worker that was started to repeat a call answers that one.
      const call = index === 0 ? 1 : 2;
      return [index % 2 === 0 ? { kind: 'throw', run: 1, call } : { kind: 'crash', run: 2, call }];
    });
    const { client, events } = await makeClient(plans);
    // All at once: those that wait are answered by the worker that is there when their turn comes.
    const results = await Promise.all(plans.map(() => client.bodyAnalysis(blob)));
    for (const result of results) expectSame(result, expected);
    expect(events).toHaveLength(FAULTS_IN_A_ROW);
    expect(workers.running.size).toBe(1);
    client.dispose();
    expect(workers.running.size).toBe(0);
  },
  60_000 + FAULTS_IN_A_ROW * 15_000,
);
