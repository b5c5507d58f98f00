import type { TfjsOutput, TfjsSpec } from './catalogue.ts';
import type { Graph } from './graph.ts';
import type { TfjsModel, TfjsNode } from './tfjs.ts';
import { TfjsContext } from './tfjs-context.ts';
import { CONVOLUTIONS, ELEMENTWISE, TFJS_HANDLERS } from './tfjs-operators.ts';

/** Turns a TensorFlow.js graph into an ONNX graph with the outputs that the catalogue asks for. */
export function convertTfjs(model: TfjsModel, spec: TfjsSpec): Graph {
  const nodes = neededFor(spec.outputs, model);
  const names = new Map<string, string>();
  const channels = new Map<string, number>();
  for (const output of spec.outputs) {
    try {
      names.set(computedBy(output.node, nodes).name, output.name);
      if (output.channel !== undefined) channels.set(sourceOfChannel(output, nodes), output.channel);
    } catch (error) {
      throw new Error(`${model.file}: output “${output.name}”: ${messageOf(error)}`, { cause: error });
    }
  }

  const [input, ...others] = nodes.filter(({ operator }) => operator === 'Placeholder');
  if (!input || others.length > 0)
    throw new Error(`${model.file}: expected one input, found ${others.length + (input ? 1 : 0)}`);
  names.set(input.name, spec.input);

  const context = new TfjsContext(model, names, channels);
  for (const node of nodes) {
    try {
      const handler = TFJS_HANDLERS.get(node.operator);
      if (!handler) throw new Error('unknown operator');
      handler(node, context);
    } catch (error) {
      throw new Error(`${model.file}: node “${node.name}”, ${node.operator}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
  return {
    name: spec.name,
    inputs: [context.value(input.name)],
    outputs: spec.outputs.map(({ node }) => context.value(node)),
    nodes: context.nodes,
    constants: context.constants,
  };
}

/** The nodes that lead to these outputs, in the file's order. */
function neededFor(outputs: readonly TfjsOutput[], model: TfjsModel): TfjsNode[] {
  const needed = new Set(outputs.map(({ node }) => node));
  return model.nodes
    .toReversed()
    .filter(({ name, inputs }) => {
      if (!needed.has(name)) return false;
      for (const input of inputs) needed.add(input);
      return true;
    })
    .toReversed();
}

function find(name: string | undefined, nodes: readonly TfjsNode[]): TfjsNode {
  const node = nodes.find((candidate) => candidate.name === name);
  if (!node) throw new Error(`there is no node “${name}”`);
  return node;
}

/** The node whose result has this name: one that only passes on a value has none of its own. */
function computedBy(name: string, nodes: readonly TfjsNode[]): TfjsNode {
  const node = find(name, nodes);
  const [source] = node.inputs;
  return node.operator === 'Identity' && source !== undefined ? computedBy(source, nodes) : node;
}

/** The convolution that has to give one channel only for the output to have one. */
function sourceOfChannel({ node: name }: TfjsOutput, nodes: readonly TfjsNode[]): string {
  let node = find(name, nodes);
  for (;;) {
    const current = node;
    const readers = nodes.filter(({ inputs }) => inputs.includes(current.name));
    if (readers.length > (current.name === name ? 0 : 1))
      throw new Error(`cannot keep one channel: other nodes read “${current.name}” as well`);
    if (CONVOLUTIONS.has(node.operator)) return node.name;
    if (!ELEMENTWISE.has(node.operator))
      throw new Error(`cannot keep one channel: “${node.name}” is neither a convolution nor elementwise`);
    node = find(node.inputs[0], nodes);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
