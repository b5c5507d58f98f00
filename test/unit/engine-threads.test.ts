import { Worker } from 'node:worker_threads';
import { afterAll, expect, test, vi } from 'vitest';
import { compile } from '../../src/engine/compile.ts';
import type { Program } from '../../src/engine/compile.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { Graph } from '../../src/engine/graph.ts';
import { compileKernels, startKernels } from '../../src/engine/module.ts';
import { writeConstants } from '../../src/engine/packing.ts';
import { Team } from '../../src/engine/team.ts';
import type { Helper, TeamMessage } from '../../src/engine/team.ts';
import { openRun, workOf, workTogether } from '../../src/engine/work.ts';
import type { Work } from '../../src/engine/work.ts';
import { engineGraph, modelBytes } from '../support/engine-graphs.ts';
import { graphOf, node, randomNumbers, randomValues } from '../support/engine-runs.ts';

/*
 * Several threads on one network. How they share out the work differs
 * from run to run; what comes out may not.
 */

const workers: Worker[] = [];
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.terminate()));
});

/** A thread of Node's; `change` sees what it is told. */
function startHelper(change: (message: TeamMessage) => TeamMessage = (message) => message): Helper {
  const { href } = new URL('../support/engine-helper.ts', import.meta.url);
  // Node 20 cannot read TypeScript by itself, and in its threads options do not make it.
  const script = `import('tsx/esm/api').then(({ register }) => (register(), import('${href}')))`;
  const worker = new Worker(script, { eval: true });
  workers.push(worker);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread of Node's has no origin
  return { post: (message) => worker.postMessage(change(message)) };
}

/** A few layers of every way of sharing out. */
const SIZE = 24;
const GRAPH: Graph = {
  ...graphOf('Conv', { a: [1, 3, SIZE, SIZE] }, {}, {}),
  nodes: [
    node('Conv', ['a', 'w0'], 'b', { pads: [1, 1, 1, 1] }),
    node('Conv', ['b', 'w1'], 'c', { pads: [1, 1, 1, 1], group: 20 }),
    node('Conv', ['c', 'w2'], 'd'),
    node('Add', ['b', 'd'], 'e'),
    node('MaxPool', ['e'], 'f', { kernel_shape: [2, 2], strides: [2, 2] }),
    node('Conv', ['f', 'w2'], 'g'),
    node('Sigmoid', ['g'], 'result'),
  ],
  constants: new Map(
    [[20, 3, 3, 3] as const, [20, 1, 3, 3] as const, [20, 20, 1, 1] as const].map((shape, k) => [
      `w${k}`,
      { shape, values: () => randomValues(randomNumbers(k), shape[0] * shape[1] * shape[2] * shape[3]) },
    ]),
  ),
};
const INPUT = randomValues(randomNumbers(9), 3 * SIZE * SIZE);

/** A program in shared memory, ready to run on two threads. */
function prepare(graph: Graph): {
  program: Program;
  memory: WebAssembly.Memory;
  work: Work;
  module: WebAssembly.Module;
} {
  const program = compile(graph, 2);
  const pages = Math.ceil(program.memory.bytes / 65536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const module = compileKernels({ shared: true, relaxed: false });
  const kernels = startKernels(module, memory);
  writeConstants(program.memory, kernels, memory);
  return { program, memory, module, work: workOf(program, kernels, memory, 0) };
}

test.each([1, 2])('with %i helpers every run gives what one thread gives', (count) => {
  const helpers = Array.from({ length: count }, () => startHelper());
  const engine = new Engine({ helpers, relaxed: false });
  const alone = new Engine({ relaxed: false });
  const lite = engineGraph(modelBytes('pose_landmark_lite.onnx'));
  const picture = randomValues(randomNumbers(3), 3 * 256 * 256);
  const expected = [alone.load(GRAPH).run({ a: INPUT }), alone.load(lite).run({ image: picture })];
  const [small, large] = [engine.load(GRAPH), engine.load(lite)];
  for (let run = 0; run < 20; run++) {
    expectSame(small.run({ a: INPUT }), expected[0]);
    if (run % 10 === 0) expectSame(large.run({ image: picture }), expected[1]);
  }
  large.release();
  expectSame(small.run({ a: INPUT }), expected[0]);
});

test('a helper that never starts holds nobody up', () => {
  const engine = new Engine({ helpers: [{ post: () => {} }], relaxed: false });
  const expected = new Engine({ relaxed: false }).load(GRAPH).run({ a: INPUT });
  expect(engine.load(GRAPH).run({ a: INPUT })).toEqual(expected);
});

test('a helper does all that is left to it', async () => {
  const { program, memory, module, work } = prepare(GRAPH);
  const team = new Team([startHelper()], module);
  team.load(0, memory, program);
  const numbers = new Float32Array(memory.buffer);
  const [input] = program.inputs;
  numbers.set(INPUT, (input?.address ?? 0) / 4);
  openRun(work, 1, () => true);
  // The thread that is helped makes no call itself.
  team.run(0, { ...work, calls: [] }, 1);
  await vi.waitUntil(() => isDone(work), { timeout: 100_000 });
  const [output] = program.outputs;
  const from = (output?.address ?? 0) / 4;
  const { result } = new Engine({ relaxed: false }).load(GRAPH).run({ a: INPUT });
  expect(numbers.slice(from, from + (output?.size ?? 0))).toEqual(result);
});

test('helpers sleep between runs, and wake for the next', async () => {
  let control: Int32Array | undefined;
  const helper = startHelper((message) => {
    if (message.kind === 'start') control = new Int32Array(message.control);
    return message;
  });
  const network = new Engine({ helpers: [helper], relaxed: false }).load(GRAPH);
  for (let run = 0; run < 3; run++) {
    const before = network.run({ a: INPUT });
    // The first of the control words is the one that they wait for; who is told so is who sleeps.
    await vi.waitUntil(() => control && Atomics.notify(control, 0) === 1, { timeout: 100_000 });
    expect(network.run({ a: INPUT })).toEqual(before);
  }
});

test('a helper that fails fails the run instead of leaving it waiting', async () => {
  const { program, memory, module, work } = prepare(GRAPH);
  const helper = startHelper((message) =>
    message.kind === 'load'
      ? {
          ...message,
          calls: message.calls.map((call) => ({ ...call, arguments: call.arguments.map(() => -64) })),
        }
      : message,
  );
  const team = new Team([helper], module);
  team.load(0, memory, program);
  openRun(work, 1, () => true);
  team.run(0, { ...work, calls: [] }, 1);
  await vi.waitUntil(
    () => {
      try {
        team.run(0, { ...work, calls: [] }, 1);
        return false;
      } catch {
        return true;
      }
    },
    { timeout: 100_000 },
  );
  expect(() => team.run(0, work, 1)).toThrow('One of the engine’s threads failed.');
});

test('a thread that is late takes nothing of the next run', () => {
  const { work } = prepare(GRAPH);
  openRun(work, 2, () => true);
  const before = work.words.slice();
  workTogether(work, 1, () => false);
  expect(work.words).toEqual(before);
});

/** To the bit; quicker than to compare hundreds of thousands of numbers one by one. */
function expectSame(
  actual: Readonly<Record<string, Float32Array>>,
  wanted: Readonly<Record<string, Float32Array>> | undefined,
): void {
  expect(Object.keys(actual)).toEqual(Object.keys(wanted ?? {}));
  const bytes = ({ buffer }: Float32Array = new Float32Array()) => new Uint8Array(buffer);
  for (const [name, values] of Object.entries(actual))
    expect(Buffer.compare(bytes(values), bytes(wanted?.[name])), name).toBe(0);
}

function isDone({ calls, words }: Work): boolean {
  return calls.every(({ parts }, index) => Atomics.load(words, 2 * index + 1) >= parts);
}
