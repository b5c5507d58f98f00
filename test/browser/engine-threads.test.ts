import { afterEach, expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { LAYERS, LAYERS_INPUT } from '../support/engine-teams.ts';
import { LOCK } from './engine-worker.ts';
import type { EngineAnswer, EngineRequest } from './engine-worker.ts';
import engineWorkerUrl from './engine-worker.ts?worker&url';

/*
 * The engine's threads as browsers start them, from the worker's own script.
 */

/** How many workers are made and ended at once, and how often: more by `npm test -- soak`. */
const AT_ONCE = 4;
const ROUNDS = Math.max(2, Number(import.meta.env['VITE_FAULTS'] ?? 0) / AT_ONCE);

const workers: Worker[] = [];
afterEach(() => {
  for (const worker of workers.splice(0)) worker.terminate();
});

function startWorker(url: string = engineWorkerUrl): Worker {
  const worker = new Worker(url, { type: 'module', name: 'body21' });
  workers.push(worker);
  return worker;
}

function ask(worker: Worker, request: EngineRequest): Promise<EngineAnswer> {
  return new Promise((resolve, reject) => {
    worker.addEventListener('message', ({ data }: MessageEvent<EngineAnswer>) => resolve(data), {
      once: true,
    });
    worker.addEventListener('error', ({ message }) => reject(new Error(message)));
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
    worker.postMessage(request);
  });
}

/** What one thread gives. */
const alone = (engine: Engine) => engine.load(LAYERS).run({ a: LAYERS_INPUT })['result'];
const expected = alone(new Engine());

/** The trampoline of a page whose worker's script is of another origin. */
function trampoline(): string {
  const { href } = new URL(engineWorkerUrl, location.href);
  return URL.createObjectURL(new Blob([`import ${JSON.stringify(href)};`], { type: 'text/javascript' }));
}

test('with a thread that helps every run gives what one thread gives, to the bit', async () => {
  expect(crossOriginIsolated).toBe(true);
  const { results, ...report } = await ask(startWorker(), { kind: 'run', threads: 2, times: 20 });
  expect(report).toEqual({ threads: 2 });
  expect(results).toHaveLength(20);
  for (const result of results) expect(result).toEqual(expected);
});

test('a thread does all that is left to it', async () => {
  const answer = await ask(startWorker(), { kind: 'leave' });
  expect(answer).toEqual({ threads: 2, results: [alone(new Engine({ relaxed: false }))] });
});

test('a worker that was started by way of a script of the page’s own has threads', async () => {
  const { results, ...report } = await ask(startWorker(trampoline()), { kind: 'run', threads: 3, times: 5 });
  expect(report).toEqual({ threads: 3 });
  for (const result of results) expect(result).toEqual(expected);
});

test('a worker whose script can be had no more does without threads, and says why', async () => {
  const url = trampoline();
  const worker = startWorker(url);
  expect(await ask(worker, { kind: 'run', threads: 1, times: 1 })).toMatchObject({ threads: 1 });
  URL.revokeObjectURL(url);
  const { results, ...report } = await ask(worker, { kind: 'run', threads: 2, times: 3 });
  expect(report).toMatchObject({ threads: 1, threadsReason: expect.stringContaining(url) as string });
  for (const result of results) expect(result).toEqual(expected);
});

test('it is told of a thread that fails, and of one in its stead', async () => {
  const worker = startWorker();
  const answers: EngineAnswer[] = [];
  worker.addEventListener('message', ({ data }: MessageEvent<EngineAnswer>) => answers.push(data));
  await ask(worker, { kind: 'replace' });
  await expect.poll(() => answers, { timeout: 60_000 }).toHaveLength(2);
  expect(answers).toEqual([
    { threads: 1, threadsReason: expect.stringContaining('It was made to fail.') as string, results: [] },
    { threads: 2, results: [] },
  ]);
});

test('threads end with their worker, also while they sleep', async () => {
  const locks = async () =>
    ((await navigator.locks.query()).held ?? []).filter(({ name }) => name === LOCK).length;
  await expect.poll(locks).toBe(0);
  for (let round = 0; round < ROUNDS; round++) {
    const started = Array.from({ length: AT_ONCE }, () => startWorker());
    await Promise.all(started.map((worker) => ask(worker, { kind: 'start' })));
    await expect.poll(locks).toBe(AT_ONCE);
    // From here on the threads sleep.
    await Promise.all(started.map((worker) => ask(worker, { kind: 'run-again' })));
    for (const worker of started) worker.terminate();
    await expect.poll(locks).toBe(0);
  }
});
