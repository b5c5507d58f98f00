import { Builder } from './builder.ts';
import type { Call, Tensor } from './builder.ts';
import { fuse } from './fuse.ts';
import { sizeOf, unsupported, UnsupportedError } from './graph.ts';
import type { Graph } from './graph.ts';
import type { Ground } from './home.ts';
import { planMemory } from './memory-plan.ts';
import type { MemoryPlan } from './memory-plan.ts';
import { convolution } from './operators/convolution.ts';
import { activation, add, multiply } from './operators/elementwise.ts';
import { concat, depthToSpace, pad, reshape, transpose } from './operators/moving.ts';
import type { Operator, Values } from './operators/operator.ts';
import { globalAverage, maxPool, resize } from './operators/spatial.ts';

/** From a node to calls of kernels: what is not in here the engine does not know. */
const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['Conv', convolution],
  ['FusedConv', convolution],
  ['Add', add],
  ['Mul', multiply],
  ['Relu', activation],
  ['Clip', activation],
  ['LeakyRelu', activation],
  ['Sigmoid', activation],
  ['HardSwish', activation],
  ['MaxPool', maxPool],
  ['GlobalAveragePool', globalAverage],
  ['Resize', resize],
  ['Concat', concat],
  ['Pad', pad],
  ['DepthToSpace', depthToSpace],
  ['Transpose', transpose],
  ['Reshape', reshape],
]);

/** What a run copies in or out. */
export interface Slot {
  name: string;
  shape: readonly number[];
  /** In bytes. */
  address: number;
  /** How many numbers. */
  size: number;
}

/** A call whose addresses are known. */
export interface ProgramCall extends Pick<Call, 'kernel' | 'units' | 'output'> {
  arguments: readonly number[];
  /** How many units a thread takes at a time, and how often that is to be done. */
  part: number;
  parts: number;
}

/** Parts of a call for each thread: with more, one that is slower than the others holds them up less. */
const PARTS = 4;

/** A network as the engine runs it: calls of kernels in the order of their addresses' planning. */
export interface Program {
  /** How many run it. */
  threads: number;
  inputs: readonly Slot[];
  outputs: readonly Slot[];
  calls: readonly ProgramCall[];
  memory: MemoryPlan;
}

/**
 * Compiles a network.
 * @param threads how many will run it
 * @param ground where it is to lie
 * @throws UnsupportedError where it has an operator, an attribute or a shape that the engine does not know
 */
export function compile(graph: Graph, threads: number, ground: Ground): Program {
  const fused = fuse(graph);
  const builder = new Builder();
  const tensors = new Map<string, Tensor>(
    fused.inputs.map(({ name, shape }) => [name, builder.tensor(shape, 'flat')]),
  );
  const values: Values = {
    constants: fused.constants,
    tensor(name) {
      const known = tensors.get(name);
      if (known) return known;
      const tensor = builder.constant(this.constant(name));
      tensors.set(name, tensor);
      return tensor;
    },
    constant(name) {
      const constant = fused.constants.get(name);
      if (!constant) throw new UnsupportedError(`“${name}” is not known when the network is compiled`);
      return constant;
    },
  };
  for (const node of fused.nodes) {
    const operator = OPERATORS.get(node.operator) ?? unsupported(node, 'the engine has no such operator');
    const made = operator(node, values, builder);
    for (const [k, name] of node.outputs.entries())
      tensors.set(name, made[k] ?? unsupported(node, `it gives no output ${k}`));
  }
  const inputs = fused.inputs.map(({ name }) => ({ name, tensor: values.tensor(name) }));
  const outputs = fused.outputs.map((name) => {
    builder.output = name;
    return { name, tensor: builder.toFlat(values.tensor(name)) };
  });
  const memory = planMemory(
    builder.calls,
    {
      inputs: inputs.map(({ tensor }) => tensor.buffer),
      outputs: outputs.map(({ tensor }) => tensor.buffer),
    },
    threads,
    ground,
  );
  const slotOf = ({ name, tensor: { buffer, shape } }: { name: string; tensor: Tensor }): Slot => ({
    name,
    shape,
    address: memory.addressOf(buffer),
    size: sizeOf(shape),
  });
  return {
    threads,
    inputs: inputs.map(slotOf),
    outputs: outputs.map(slotOf),
    calls: builder.calls.map(({ kernel, units, grain, isWhole, output, arguments: given }) => {
      const part = grain * Math.ceil(units / (threads * (isWhole ? 1 : PARTS) * grain));
      return {
        kernel,
        units,
        output,
        part,
        parts: Math.ceil(units / part),
        arguments: given.map((each) =>
          typeof each === 'number' ? each : memory.addressOf(each.buffer) + each.offset,
        ),
      };
    }),
    memory,
  };
}
