import { compile } from '../../src/engine/compile.ts';
import type { Program } from '../../src/engine/compile.ts';
import type { Attribute, Constant, Graph, Node } from '../../src/engine/graph.ts';
import type { Ground } from '../../src/engine/home.ts';
import { compileKernels, startKernels } from '../../src/engine/module.ts';
import type { Build } from '../../src/engine/module.ts';
import { writeConstants } from '../../src/engine/packing.ts';
import { openRun, wordsFor, workAlone, workOf, workTogether } from '../../src/engine/work.ts';

/** Random numbers that are the same at every run: mulberry32, of 32 bits of state. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from `low` to `high`, both included. */
export function randomBetween(random: () => number, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

/** Numbers from -1 to 1. */
export function randomValues(random: () => number, count: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: count }, () => 2 * random() - 1);
}

/** A graph of one node, whose first output is the graph's. */
export function graphOf(
  operator: string,
  inputs: Readonly<Record<string, readonly number[]>>,
  constants: Readonly<Record<string, Constant>>,
  attributes: Readonly<Record<string, Attribute>>,
  order: readonly string[] = [...Object.keys(inputs), ...Object.keys(constants)],
): Graph {
  return {
    inputs: Object.entries(inputs).map(([name, shape]) => ({ name, shape })),
    outputs: ['result'],
    nodes: [node(operator, order, 'result', attributes)],
    constants: new Map(Object.entries(constants)),
  };
}

/** A node with one output. */
export function node(
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: Node['attributes'] = {},
): Node {
  return { operator, inputs, outputs: [output], attributes };
}

/** How a program is run. */
export interface RunOptions {
  /** Whether every call is made in the parts that several threads would share out. Default not. */
  inParts?: boolean;
  /** Whether relaxed SIMD is used. Default not. */
  relaxed?: boolean;
}

/** What a run gave, and the program that gave it. */
export interface Outcome {
  program: Program;
  outputs: ReadonlyMap<string, Float32Array>;
}

/**
 * Runs a graph in a memory that has NaN wherever nothing was written: what reads a
 * number that means nothing gives NaN then.
 */
export function runPoisoned(
  graph: Graph,
  inputs: Readonly<Record<string, Float32Array>>,
  { inParts = false, relaxed = false }: RunOptions = {},
): Outcome {
  const program = compile(graph, inParts ? 3 : 1, emptyGround());
  const pages = Math.ceil(program.memory.end / 65536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: inParts });
  const numbers = new Float32Array(memory.buffer).fill(NaN);
  const kernels = startKernels(compiled({ shared: inParts, relaxed }), memory);
  writeConstants(program.memory, kernels, memory);
  numbers.fill(NaN, program.memory.staging / 4);
  for (const { name, address, size } of program.inputs) {
    const values = inputs[name];
    if (values?.length !== size) throw new Error(`“${name}” needs ${size} numbers`);
    numbers.set(values, address / 4);
  }
  const work = workOf(program, kernels, 0, wordsFor(program));
  if (inParts) {
    openRun(work, 1, () => true);
    workTogether(work, 1, {
      isGoingOn: () => true,
      onFailure: (error) => {
        throw error;
      },
    });
  } else {
    workAlone(work, () => true);
  }
  const outputs = program.outputs.map(({ name, address, size }): [string, Float32Array] => [
    name,
    numbers.slice(address / 4, address / 4 + size),
  ]);
  return { program, outputs: new Map(outputs) };
}

/** Memory that a network has for itself. */
export function emptyGround(): Ground {
  let end = 64;
  const take = (bytes: number) => {
    end += bytes;
    return end - bytes;
  };
  return { own: take, area: take };
}

const modules = new Map<string, WebAssembly.Module>();

/** Compiles each build once. */
function compiled(build: Build): WebAssembly.Module {
  const key = JSON.stringify(build);
  const module = modules.get(key) ?? compileKernels(build);
  modules.set(key, module);
  return module;
}
