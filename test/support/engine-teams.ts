import { compile } from '../../src/engine/compile.ts';
import type { Program } from '../../src/engine/compile.ts';
import type { Graph } from '../../src/engine/graph.ts';
import { compileKernels, startKernels } from '../../src/engine/module.ts';
import { writeConstants } from '../../src/engine/packing.ts';
import { wordsFor, wordsPerCall, workOf } from '../../src/engine/work.ts';
import type { Work } from '../../src/engine/work.ts';
import { emptyGround, graphOf, node, randomNumbers, randomValues } from './engine-runs.ts';

/* What is run on several threads, in Node and in browsers. */

/** A few layers of every way of sharing out. */
const SIZE = 24;
export const LAYERS: Graph = {
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
/** What they are run on. */
export const LAYERS_INPUT = randomValues(randomNumbers(9), 3 * SIZE * SIZE);

/** A program in shared memory, ready to run on two threads. */
export function prepareForTwo(graph: Graph): {
  program: Program;
  memory: WebAssembly.Memory;
  words: SharedArrayBuffer;
  work: Work;
  module: WebAssembly.Module;
} {
  const program = compile(graph, 2, emptyGround());
  const pages = Math.ceil(program.memory.end / 65536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const module = compileKernels({ shared: true, relaxed: false });
  const kernels = startKernels(module, memory);
  writeConstants(program.memory, kernels, memory);
  const words = wordsFor(program);
  return { program, memory, module, words, work: workOf(program, kernels, 0, words) };
}

/** Whether every call of the last run has been made. */
export function isDone({ calls, threads, words }: Work): boolean {
  return calls.every(({ parts }, index) => Atomics.load(words, wordsPerCall(threads) * index) >= parts);
}
