import { afterAll, expect, test, vi } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { Team } from '../../src/engine/team.ts';
import { openRun, workTogether } from '../../src/engine/work.ts';
import { readEngineGraph } from '../../src/runtime/onnx/engine-graph.ts';
import { modelBytes } from '../support/model-bytes.ts';
import { randomNumbers, randomValues } from '../support/engine-runs.ts';
import { endHelpers, startHelper } from '../support/engine-helpers.ts';
import { isDone, LAYERS, LAYERS_INPUT, prepareForTwo } from '../support/engine-teams.ts';

/*
 * Several threads on one network. How they share out the work differs
 * from run to run; what comes out may not.
 */

afterAll(endHelpers);

test.each([1, 2])('with %i helpers every run gives what one thread gives', (count) => {
  const helpers = Array.from({ length: count }, () => startHelper());
  const engine = new Engine({ helpers, relaxed: false });
  const alone = new Engine({ relaxed: false });
  const lite = readEngineGraph(modelBytes('pose_landmark_lite.onnx'));
  const picture = randomValues(randomNumbers(3), 3 * 256 * 256);
  const expected = [alone.load(LAYERS).run({ a: LAYERS_INPUT }), alone.load(lite).run({ image: picture })];
  const [small, large] = [engine.load(LAYERS), engine.load(lite)];
  for (let run = 0; run < 20; run++) {
    expectSame(small.run({ a: LAYERS_INPUT }), expected[0]);
    if (run % 10 === 0) expectSame(large.run({ image: picture }), expected[1]);
  }
  large.release();
  expectSame(small.run({ a: LAYERS_INPUT }), expected[0]);
});

test('a helper that never starts holds nobody up', () => {
  const engine = new Engine({ helpers: [{ post: () => {}, end: () => {} }], relaxed: false });
  const expected = new Engine({ relaxed: false }).load(LAYERS).run({ a: LAYERS_INPUT });
  expect(engine.load(LAYERS).run({ a: LAYERS_INPUT })).toEqual(expected);
});

test('a helper does all that is left to it', async () => {
  const { program, memory, module, words, work } = prepareForTwo(LAYERS);
  const team = new Team([startHelper()], { module, memory }, Infinity);
  team.load(0, program, words);
  const numbers = new Float32Array(memory.buffer);
  const [input] = program.inputs;
  numbers.set(LAYERS_INPUT, (input?.address ?? 0) / 4);
  openRun(work, 1, () => true);
  // The thread that is helped makes no call itself.
  team.run(0, { ...work, calls: [] }, () => true);
  await vi.waitUntil(() => isDone(work), { timeout: 100_000 });
  const [output] = program.outputs;
  const from = (output?.address ?? 0) / 4;
  const { result } = new Engine({ relaxed: false }).load(LAYERS).run({ a: LAYERS_INPUT });
  expect(numbers.slice(from, from + (output?.size ?? 0))).toEqual(result);
});

test('helpers sleep between runs, and wake for the next', async () => {
  let control: Int32Array | undefined;
  const helper = startHelper();
  const post = helper.post.bind(helper);
  helper.post = (message) => {
    if (message.kind === 'start') control = new Int32Array(message.control);
    post(message);
  };
  const network = new Engine({ helpers: [helper], relaxed: false }).load(LAYERS);
  for (let run = 0; run < 3; run++) {
    const before = network.run({ a: LAYERS_INPUT });
    // The first of the control words is the one that they wait for; who is told so is who sleeps.
    await vi.waitUntil(() => control && Atomics.notify(control, 0) === 1, { timeout: 100_000 });
    expect(network.run({ a: LAYERS_INPUT })).toEqual(before);
  }
});

test.each([0, 1])(
  'thread %i begins with its own share, and then does what is left of the other',
  (thread) => {
    const { work } = prepareForTwo(LAYERS);
    const [call] = work.calls;
    if (!call) throw new Error('There are calls.');
    const taken: number[] = [];
    const make = (from: number) => void taken.push(from);
    const own = { ...work, calls: [{ ...call, make, units: 8, part: 1, parts: 8 }], thread };
    openRun(own, 1, () => true);
    workTogether(own, 1, { isGoingOn: () => true, onFailure: () => {} });
    const [first, second] = [
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ];
    expect(taken).toEqual(thread === 0 ? [...first, ...second] : [...second, ...first]);
  },
);

test('a thread that is late takes nothing of the next run', () => {
  const { work } = prepareForTwo(LAYERS);
  openRun(work, 2, () => true);
  const before = work.words.slice();
  workTogether(work, 1, { isGoingOn: () => false, onFailure: () => {} });
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
