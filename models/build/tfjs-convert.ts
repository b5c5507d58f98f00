import type { TfjsOutput, TfjsSpec } from './catalogue.ts';
import type { Graph, Value } from './graph.ts';
import type { TfjsModel, TfjsNode } from './tfjs.ts';
import { TfjsContext } from './tfjs-context.ts';
import { ELEMENTWISE, SELECTABLE, TFJS_HANDLERS } from './tfjs-operators.ts';

/** Turns a TensorFlow.js graph into an ONNX graph with the outputs that the catalogue asks for. */
export function convertTfjs(model: TfjsModel, spec: TfjsSpec): Graph {
  const nodes = neededFor(spec.outputs, enter(model, spec));
  const names = new Map<string, string>();
  const channels = new Map<string, number>();
  for (const output of spec.outputs) {
    try {
      names.set(computedBy(output.node, nodes), output.name);
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
    inputs: [valueOf(input.name, context)],
    outputs: spec.outputs.map(({ node }) => valueOf(node, context)),
    nodes: context.nodes,
    constants: context.constants,
  };
}

function valueOf(node: string, context: TfjsContext): Value {
  const { name, shape } = context.value(node);
  return { name, shape };
}

/** The nodes with the one as the input that the catalogue says, and with the order of its dimensions. */
function enter({ file, nodes }: TfjsModel, { entry = {} }: TfjsSpec): readonly TfjsNode[] {
  const input = nodes.find(({ operator }) => operator === 'Placeholder');
  const entered = entry.node ?? input?.name;
  if (!input || !nodes.some(({ name }) => name === entered))
    throw new Error(`${file}: there is no node “${entered}” to be the input`);
  const attributes = new Map(input.attributes);
  // What a source computes from whole numbers, it computes in fractions.
  if (entry.node !== undefined) attributes.set('dtype', 'DT_FLOAT');
  if (entry.order) attributes.set('order', entry.order);
  return nodes.map((node) => (node.name === entered ? { ...input, name: node.name, attributes } : node));
}

/** The nodes that lead to these outputs, in the file's order. */
function neededFor(outputs: readonly TfjsOutput[], nodes: readonly TfjsNode[]): TfjsNode[] {
  const needed = new Set(outputs.map(({ node }) => nodeOf(node)));
  return nodes
    .toReversed()
    .filter(({ name, inputs }) => {
      if (!needed.has(name)) return false;
      for (const input of inputs) needed.add(nodeOf(input));
      return true;
    })
    .toReversed();
}

function find(name: string | undefined, nodes: readonly TfjsNode[]): TfjsNode {
  const node = nodes.find((candidate) => candidate.name === name);
  if (!node) throw new Error(`there is no node “${name}”`);
  return node;
}

/** The name of a node that gives a value, `split:1` being the second one of `split`. */
function nodeOf(value: string): string {
  return value.replace(/:\d+$/, '');
}

/** The value that an output is: a node that only passes one on has none of its own. */
function computedBy(name: string, nodes: readonly TfjsNode[]): string {
  const node = find(nodeOf(name), nodes);
  const [source] = node.inputs;
  return node.operator === 'Identity' && source !== undefined ? computedBy(source, nodes) : name;
}

/** The node that has to give one channel only for the output to have one. */
function sourceOfChannel({ node: name }: TfjsOutput, nodes: readonly TfjsNode[]): string {
  let node = find(name, nodes);
  for (;;) {
    const current = node;
    const readers = nodes.filter(({ inputs }) => inputs.includes(current.name));
    if (readers.length > (current.name === name ? 0 : 1))
      throw new Error(`cannot keep one channel: other nodes read “${current.name}” as well`);
    if (node.operator === SELECTABLE) return node.name;
    if (!ELEMENTWISE.has(node.operator))
      throw new Error(`cannot keep one channel: “${node.name}” is neither a split nor elementwise`);
    node = find(node.inputs[0], nodes);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
