import { Engine } from '../../src/engine/engine.ts';
import { Team } from '../../src/engine/team.ts';
import { openRun } from '../../src/engine/work.ts';
import { startThreads } from '../../src/runtime/backend/engine-threads.ts';
import type { ThreadsInfo } from '../../src/schema/loading.ts';
import type { Threads } from '../../src/runtime/backend/engine-threads.ts';
import '../../src/worker/entry.ts';
import { isDone, LAYERS, LAYERS_INPUT, prepareForTwo } from '../support/engine-teams.ts';

/*
 * The library's worker, which also runs an engine as the page asks; its threads are of the same script.
 */

/** What the page asks for. */
export type EngineRequest =
  | { kind: 'run'; threads: number; times: number }
  /** A run of which this worker makes no call itself. */
  | { kind: 'leave' }
  /** A thread that lives as long as the worker, and a run with it. */
  | { kind: 'start' }
  | { kind: 'run-again' }
  /** One thread: it is ended, and then another started in its stead. Answers with what is told of each. */
  | { kind: 'replace' };

/** What it is told. */
export interface EngineAnswer {
  threads: number;
  threadsReason?: string;
  /** Of each run. */
  results: readonly (Float32Array | undefined)[];
}

/** Held by every thread that lives. */
export const LOCK = 'engine-thread';

const { name }: { name?: unknown; crossOriginIsolated: boolean } = globalThis;
if (name === 'body21-thread')
  void navigator.locks.request(LOCK, { mode: 'shared' }, () => new Promise(() => {}));

addEventListener('message', ({ data }: MessageEvent<EngineRequest | { kind?: never }>) => {
  if (data.kind === 'run') void run(data.threads, data.times);
  if (data.kind === 'leave') void leave();
  if (data.kind === 'start') void start();
  if (data.kind === 'run-again') runAgain();
  if (data.kind === 'replace') void replace();
});

async function run(count: number, times: number): Promise<void> {
  const threads = startThreads(count - 1);
  const engine = new Engine({ helpers: threads.helpers });
  const network = engine.load(LAYERS);
  // Before any thread can have come up, and with those that have.
  const results = [network.run({ a: LAYERS_INPUT })];
  const report = await threads.report();
  for (let time = 1; time < times; time++) results.push(network.run({ a: LAYERS_INPUT }));
  answer({ ...report, results: results.map(({ result }) => result) });
}

async function leave(): Promise<void> {
  const { program, memory, module, words, work } = prepareForTwo(LAYERS);
  const threads = startThreads(1);
  const team = new Team(threads.helpers, { module, memory }, Infinity);
  team.load(0, program, words);
  const numbers = new Float32Array(memory.buffer);
  const [input] = program.inputs;
  const [output] = program.outputs;
  if (!input || !output) throw new Error('The network has an input and an output.');
  numbers.set(LAYERS_INPUT, input.address / 4);
  openRun(work, 1, () => true);
  team.run(0, { ...work, calls: [] }, () => true);
  while (!isDone(work)) await new Promise((resolve) => setTimeout(resolve));
  answer({
    ...(await threads.report()),
    results: [numbers.slice(output.address / 4, output.address / 4 + output.size)],
  });
}

let started: Threads | undefined;

async function start(): Promise<void> {
  started = startThreads(1);
  answer({ ...(await started.report()), results: [] });
}

function runAgain(): void {
  const { helpers } = started ?? startThreads(0);
  const { result } = new Engine({ helpers }).load(LAYERS).run({ a: LAYERS_INPUT });
  answer({ threads: 1 + helpers.length, results: [result] });
}

async function replace(): Promise<void> {
  const threads = startThreads(1);
  const told = () => new Promise<ThreadsInfo>((resolve) => (threads.onChange = resolve));
  await threads.report();
  const ofEnd = told();
  threads.helpers[0]?.end('It was made to fail.');
  answer({ ...(await ofEnd), results: [] });
  const ofOther = told();
  threads.others();
  answer({ ...(await ofOther), results: [] });
}

function answer(message: EngineAnswer): void {
  postMessage(message);
}
