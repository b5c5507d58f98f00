import { afterEach, describe, expect, test, vi } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import type { EngineOptions, Network } from '../../src/engine/engine.ts';
import type { Graph } from '../../src/engine/graph.ts';
import type { HelperFault } from '../support/engine-helper.ts';
import { endHelpers, startHelper } from '../support/engine-helpers.ts';
import type { NodeHelper } from '../support/engine-helpers.ts';
import { graphOf } from '../support/engine-runs.ts';
import { LAYERS, LAYERS_INPUT } from '../support/engine-teams.ts';

/*
 * Threads that die, hang and fail in the middle of a run, and memory that cannot be had: every run gives the
 * right numbers all the same, or throws.
 */

/** How many faults in a row: `npm test -- soak`. */
const FAULTS_IN_A_ROW = Number(process.env['VITE_FAULTS'] ?? 10);

/** So long at most a test waits for something to happen, in milliseconds. */
const PATIENCE = { timeout: 100_000 };

/** Side of a picture that takes many pages of memory. */
const LARGE = 300;

const expected = new Engine().load(LAYERS).run({ a: LAYERS_INPUT });

afterEach(async () => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  await endHelpers();
});

function expectRight(network: Network): void {
  expect(network.run({ a: LAYERS_INPUT })).toEqual(expected);
}

/** Makes runs until helpers have failed. Each must be right, and the next ones, of old and new networks. */
async function expectToGoOn(engine: Engine, helpers: readonly NodeHelper[]): Promise<void> {
  const [network, other] = [engine.load(LAYERS), engine.load(LAYERS)];
  await vi.waitUntil(() => {
    expectRight(network);
    return engine.trouble !== undefined;
  }, PATIENCE);
  for (const helper of helpers) expect(helper.endedFor).toBe(engine.trouble);
  expectRight(network);
  expectRight(other);
  expectRight(engine.load(LAYERS));
  other.release();
  expectRight(network);
}

const IN_A_PART: [name: string, fault: HelperFault][] = [
  ['that dies in its first part', { kind: 'exit', part: 1 }],
  ['that dies in a later part', { kind: 'exit', part: 7 }],
  ['that hangs in a part', { kind: 'hang', part: 3 }],
  ['that forgets a part', { kind: 'forget', part: 3 }],
  ['whose part throws', { kind: 'throw', part: 2 }],
  ['whose part traps', { kind: 'trap', part: 2 }],
];

describe.each([1, 2])('with %i helpers, one', (count) => {
  test.each(IN_A_PART)('%s is done without', async (_name, fault) => {
    const helpers = Array.from({ length: count }, (_, index) => startHelper(index === 0 ? fault : undefined));
    await expectToGoOn(new Engine({ helpers, patienceMs: 200 }), helpers);
  });
});

test('what a helper writes that was given up harms nobody', async () => {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const helper = startHelper({ kind: 'haunt', part: 4, gate: gate.buffer });
  // It cannot be ended either.
  const engine = new Engine({ helpers: [{ ...helper, end: () => {} }], patienceMs: 100 });
  const network = engine.load(LAYERS);
  await vi.waitUntil(() => {
    expectRight(network);
    return engine.trouble !== undefined;
  }, PATIENCE);
  Atomics.store(gate, 0, 1);
  Atomics.notify(gate, 0);
  await vi.waitUntil(() => Atomics.load(gate, 0) === 2, PATIENCE);
  expectRight(network);
});

test('a helper that is only slow is waited for', async () => {
  const helper = startHelper({ kind: 'sleep', part: 3, ms: 400 });
  const engine = new Engine({ helpers: [helper], patienceMs: 1e9 });
  const network = engine.load(LAYERS);
  let slowest = 0;
  await vi.waitUntil(() => {
    const start = performance.now();
    expectRight(network);
    slowest = Math.max(slowest, performance.now() - start);
    // From when it takes its parts.
    return slowest >= 200;
  }, PATIENCE);
  expect(engine.trouble).toBeUndefined();
  expect(helper.endedFor).toBeUndefined();
});

test.each<[name: string, fault: HelperFault]>([
  ['dies before it has heard of anything', { kind: 'exit-at-start' }],
  ['hears nothing', { kind: 'deaf' }],
  ['has no memory for the kernels', { kind: 'no-instance' }],
])('a helper that %s holds nobody up', async (_name, fault) => {
  const engine = new Engine({ helpers: [startHelper(fault)], patienceMs: 200 });
  const network = engine.load(LAYERS);
  for (let run = 0; run < 50; run++) {
    expectRight(network);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expectRight(engine.load(LAYERS));
});

test('helpers that cannot be told are done without', async () => {
  const helper = startHelper();
  const options: EngineOptions = {
    helpers: [
      {
        post: () => {
          throw new DOMException('no memory for you', 'DataCloneError');
        },
        end: (reason) => helper.end(reason),
      },
    ],
  };
  const engine = new Engine(options);
  expectRight(engine.load(LAYERS));
  expect(engine.trouble).toContain('no memory for you');
  expect(engine.threads).toBe(1);
  expect(helper.endedFor).toBe(engine.trouble);
  expectRight(engine.load(LAYERS));
});

test('where nothing can be shared one thread does all', () => {
  vi.stubGlobal('SharedArrayBuffer', undefined);
  const helper = startHelper();
  const engine = new Engine({ helpers: [helper] });
  const network = engine.load(LAYERS);
  vi.unstubAllGlobals();
  expectRight(network);
  expect(engine.trouble).toContain('shared');
  expect(helper.endedFor).toBe(engine.trouble);
  expectRight(engine.load(LAYERS));
});

/** Has WASM's memory refused where `isRefused` says so. */
function refuseMemory(isRefused: (descriptor: WebAssembly.MemoryDescriptor) => boolean): void {
  const { Memory } = WebAssembly;
  vi.spyOn(WebAssembly, 'Memory').mockImplementation(function (descriptor) {
    if (isRefused(descriptor)) throw new RangeError('could not allocate memory');
    return new Memory(descriptor);
  });
}

test('where no memory can be shared one thread does all', () => {
  const helper = startHelper();
  const engine = new Engine({ helpers: [helper] });
  refuseMemory(({ shared }) => shared === true);
  const network = engine.load(LAYERS);
  expect(engine.trouble).toContain('could not allocate memory');
  expect(helper.endedFor).toBe(engine.trouble);
  expect(engine.threads).toBe(1);
  expectRight(network);
});

test('where there is no memory at all loading throws, and the engine lives on', () => {
  const engine = new Engine({ helpers: [startHelper()] });
  refuseMemory(() => true);
  expect(() => engine.load(LAYERS)).toThrow(RangeError);
  vi.restoreAllMocks();
  expectRight(engine.load(LAYERS));
});

test.each([0, 1])(
  'with %i helpers, where memory cannot grow, loading throws, and all else lives on',
  (count) => {
    const engine = new Engine({ helpers: Array.from({ length: count }, () => startHelper()) });
    const network = engine.load(LAYERS);
    const grow = vi.spyOn(WebAssembly.Memory.prototype, 'grow').mockImplementation(() => {
      throw new RangeError('could not allocate memory');
    });
    // Behind the first network's page.
    const values = new Float32Array(LARGE * LARGE).fill(1);
    const large: Graph = {
      ...graphOf('Add', { a: [1, 1, LARGE, LARGE] }, {}, {}, ['a', 'b']),
      constants: new Map([['b', { shape: [1, 1, LARGE, LARGE], values: () => values }]]),
    };
    expect(() => engine.load(large)).toThrow(RangeError);
    expectRight(network);
    grow.mockRestore();
    const added = engine.load(large).run({ a: values });
    expect(added['result']?.every((value) => value === 2)).toBe(true);
    expectRight(network);
  },
);

test('where there is no memory to go on with alone the run throws, and a later one does not', async () => {
  const engine = new Engine({ helpers: [startHelper({ kind: 'hang', part: 3 })], patienceMs: 200 });
  const network = engine.load(LAYERS);
  refuseMemory(() => true);
  await vi.waitUntil(() => {
    try {
      expectRight(network);
      return false;
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      return true;
    }
  }, PATIENCE);
  expect(() => network.run({ a: LAYERS_INPUT })).toThrow(RangeError);
  vi.restoreAllMocks();
  expectRight(network);
});

test('a kernel that traps in the engine’s own thread fails that run, and leaves no helper waiting', async () => {
  const helper = startHelper();
  const engine = new Engine({ helpers: [helper] });
  const { Instance } = WebAssembly;
  let isTrapping = false;
  vi.spyOn(WebAssembly, 'Instance').mockImplementation(function (module, imports) {
    const { exports } = new Instance(module, imports);
    const trapping = Object.entries(exports).map(([name, kernel]) => [
      name,
      typeof kernel === 'function'
        ? (...numbers: number[]) => {
            if (isTrapping) throw new WebAssembly.RuntimeError('unreachable');
            kernel(...numbers);
          }
        : kernel,
    ]);
    return { exports: Object.fromEntries(trapping) };
  });
  const network = engine.load(LAYERS);
  const thrown: unknown[] = [];
  for (let run = 0; run < 100; run++) {
    isTrapping = run % 2 === 1;
    try {
      // Also while its own thread traps, where the helper has been quicker and has done it all.
      expectRight(network);
    } catch (error) {
      thrown.push(error);
    }
  }
  expect(thrown.length).toBeGreaterThan(0);
  for (const error of thrown) expect(error).toBeInstanceOf(WebAssembly.RuntimeError);
  expect(engine.trouble).toBeUndefined();
  expect(helper.endedFor).toBeUndefined();
});

test('helpers that have failed are replaced, twice at most, and each time all networks go on', async () => {
  const teams: NodeHelper[][] = [];
  const hire = () => {
    const team = [startHelper({ kind: 'forget', part: 2 })];
    teams.push(team);
    return team;
  };
  const engine = new Engine({ helpers: hire(), others: hire, patienceMs: 100 });
  const [network, other] = [engine.load(LAYERS), engine.load(LAYERS)];
  const threads: number[] = [];
  for (let failed = 1; failed <= 3; failed++) {
    await vi.waitUntil(() => {
      expectRight(network);
      return teams[failed - 1]?.[0]?.endedFor !== undefined;
    }, PATIENCE);
    threads.push(engine.threads);
    expect(engine.trouble).toBe(teams[failed - 1]?.[0]?.endedFor);
    expectRight(other);
    expectRight(engine.load(LAYERS));
  }
  expect(threads).toEqual([2, 2, 1]);
  expect(teams).toHaveLength(3);
});

test('others in the stead of helpers that have failed do help', async () => {
  let control: Int32Array | undefined;
  const good = startHelper();
  const post = good.post.bind(good);
  good.post = (message) => {
    if (message.kind === 'start') control = new Int32Array(message.control);
    post(message);
  };
  const engine = new Engine({
    helpers: [startHelper({ kind: 'throw', part: 1 })],
    others: () => [good],
    patienceMs: 1e9,
  });
  const network = engine.load(LAYERS);
  await vi.waitUntil(() => {
    expectRight(network);
    return engine.trouble !== undefined;
  }, PATIENCE);
  // The first of the control words is the one that it sleeps on: it is there, and hears of the next run.
  await vi.waitUntil(() => {
    expect([engine.trouble, good.endedFor, good.died]).toEqual([expect.any(String), undefined, undefined]);
    return control && Atomics.notify(control, 0) === 1;
  }, PATIENCE);
  for (let run = 0; run < 20; run++) expectRight(network);
  expect(engine.threads).toBe(2);
  expect(good.endedFor).toBeUndefined();
});

test('a message is counted before it is there: who has handled more than were posted would not sleep again', () => {
  const counts: [handled: number, posted: number][] = [];
  let control: Int32Array | undefined;
  const engine = new Engine({
    helpers: [
      {
        post(message) {
          if (message.kind === 'start') control = new Int32Array(message.control);
          // The second of the control words.
          counts.push([counts.length + 1, control ? Atomics.load(control, 1) : 0]);
        },
        end() {},
      },
    ],
  });
  engine.load(LAYERS);
  engine.load(LAYERS).release();
  expect(counts).toEqual([1, 2, 3, 4].map((count) => [count, count]));
});

test(`${FAULTS_IN_A_ROW} faults in a row`, async () => {
  for (let fault = 0; fault < FAULTS_IN_A_ROW; fault++) {
    const [, of] = IN_A_PART[fault % IN_A_PART.length] ?? [];
    if (!of || !('part' in of)) continue;
    const helpers = [startHelper({ ...of, part: 1 + (fault % 23) }), startHelper()];
    await expectToGoOn(new Engine({ helpers, patienceMs: 100 }), helpers);
    await endHelpers();
  }
});
