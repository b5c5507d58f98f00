import type { Graph, Node } from './graph.ts';

/** What a convolution can do with its result before it writes it, as ONNX Runtime's `FusedConv` calls it. */
interface Activation {
  activation: string;
  activation_params?: { floats: readonly number[] };
}

/**
 * Puts activations into the convolutions before them, as ONNX Runtime does while it loads a model: with nothing left to
 * do it can be told not to look, which takes longer where a visit is the first than all the rest of a session's start.
 */
export function fuseActivations(graph: Graph): Graph {
  const singles = new Map(
    graph.constants.flatMap(({ name, values }) => (values.length === 1 ? [[name, Number(values[0])]] : [])),
  );
  const kept = new Set(graph.outputs.map(({ name }) => name));
  const readers = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    for (const input of node.inputs) readers.set(input, [...(readers.get(input) ?? []), node]);
  }
  const dropped = new Set<Node>();
  const fused = graph.nodes.map((node): Node => {
    const [result = ''] = node.outputs;
    const [reader, ...others] = readers.get(result) ?? [];
    if (node.operator !== 'Conv' || !reader || others.length > 0 || kept.has(result)) return node;
    const activation = activationOf(reader, singles);
    if (!activation) return node;
    dropped.add(reader);
    return {
      ...node,
      operator: 'FusedConv',
      outputs: reader.outputs,
      attributes: { ...node.attributes, ...activation },
    };
  });
  const nodes = fused.filter((node) => !dropped.has(node));
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  return { ...graph, nodes, constants: graph.constants.filter(({ name }) => read.has(name)) };
}

function activationOf(
  { operator, inputs }: Node,
  singles: ReadonlyMap<string, number>,
): Activation | undefined {
  if (operator === 'Relu' || operator === 'Sigmoid') return { activation: operator };
  if (operator !== 'Clip') return undefined;
  const [low, high] = inputs.slice(1).map((name) => singles.get(name));
  if (low === undefined || high === undefined) return undefined;
  return { activation: 'Clip', activation_params: { floats: [low, high] } };
}
