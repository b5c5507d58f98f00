import { ACTIVATIONS, activationOfNode, attributesOf } from './activation.ts';
import type { Graph, Node } from './graph.ts';

/** Operators whose kernels can add something and have an activation before they write a number. */
const CONVOLUTIONS: ReadonlySet<string> = new Set(['Conv', 'FusedConv']);
const CLAMPING: ReadonlySet<string> = new Set([...CONVOLUTIONS, 'Add', 'Mul']);

/**
 * A graph with fewer passes over memory: a sum becomes part of the convolution before it (the fourth input of
 * `FusedConv`), and an activation part of the convolution, sum or product before it (its attributes). Only
 * where nothing else reads what then is never written.
 */
export function fuse(graph: Graph): Graph {
  return fuseWith(fuseWith(graph, sumIntoConvolution), activationIntoNode);
}

/** Tries for every node to become one with a node before it. */
function fuseWith(
  graph: Graph,
  join: (node: Node, before: (name: string) => Node | undefined, graph: Graph) => Joined | undefined,
): Graph {
  const reads = new Map<string, number>();
  for (const name of [...graph.outputs, ...graph.nodes.flatMap(({ inputs }) => inputs)])
    reads.set(name, (reads.get(name) ?? 0) + 1);
  const makers = new Map<string, Node>();
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const joined = join(node, (name) => (reads.get(name) === 1 ? makers.get(name) : undefined), graph);
    // In the place of the later one, where the inputs of both are there.
    if (joined) nodes.splice(nodes.indexOf(joined.instead), 1);
    const kept = joined?.node ?? node;
    nodes.push(kept);
    for (const name of kept.outputs) makers.set(name, kept);
  }
  return { ...graph, nodes };
}

interface Joined {
  node: Node;
  /** The earlier node that it takes the place of. */
  instead: Node;
}

function sumIntoConvolution(node: Node, before: (name: string) => Node | undefined): Joined | undefined {
  const [a = '', b = ''] = node.inputs;
  if (node.operator !== 'Add' || a === b) return undefined;
  const pairs = [
    [a, b],
    [b, a],
  ] as const;
  for (const [own, other] of pairs) {
    const convolution = before(own);
    if (convolution?.operator !== 'Conv') continue;
    const [input = '', weights = '', bias = ''] = convolution.inputs;
    return {
      node: {
        ...convolution,
        operator: 'FusedConv',
        inputs: [input, weights, bias, other],
        outputs: node.outputs,
      },
      instead: convolution,
    };
  }
  return undefined;
}

function activationIntoNode(
  node: Node,
  before: (name: string) => Node | undefined,
  { constants }: Graph,
): Joined | undefined {
  const maker = before(node.inputs[0] ?? '');
  if (!maker || !ACTIVATIONS.has(node.operator)) return undefined;
  if (!CLAMPING.has(maker.operator) || maker.attributes['activation'] !== undefined) return undefined;
  const attributes = attributesOf(activationOfNode(node, constants));
  if (!attributes) return undefined;
  return {
    node: {
      ...maker,
      operator: maker.operator === 'Conv' ? 'FusedConv' : maker.operator,
      outputs: node.outputs,
      attributes: { ...maker.attributes, ...attributes },
    },
    instead: maker,
  };
}
