import type { Part } from './catalogue.ts';
import { constantsOf } from './graph.ts';
import type { Graph, Node, Value } from './graph.ts';

/**
 * Cuts a graph in two: one without the part's outputs, and one with nothing but what only they need. The
 * values that the second reads of the first become outputs of the one and inputs of the other.
 *
 * The cut is found in the written graph, not in the source: operators may have been put off, moved or joined.
 * @param shapeOf the shape of a computed value
 */
export function split(
  graph: Graph,
  part: Part,
  shapeOf: (value: string) => readonly number[],
): readonly [Graph, Graph] {
  const isApart = ({ name }: Value): boolean => part.outputs.includes(name);
  const kept = graph.outputs.filter((output) => !isApart(output));
  const apart = graph.outputs.filter(isApart);
  const needed = nodesFor(kept, graph.nodes);
  const own = graph.nodes.filter((node) => needed.has(node));
  // Whatever else the graph holds is there for the part's outputs.
  const others = graph.nodes.filter((node) => !needed.has(node));

  const made = new Set(others.flatMap(({ outputs }) => outputs));
  const anyway = part.outputs.find((name) => !made.has(name));
  if (anyway !== undefined)
    throw new Error(`“${part.name}”: nothing computes “${anyway}” that is not needed anyway`);

  const constants = new Set(graph.constants.map(({ name }) => name));
  const read = new Set(others.flatMap(({ inputs }) => inputs));
  // An optional input that is left out has no name.
  const cut = [...read].filter((name) => name !== '' && !made.has(name) && !constants.has(name));
  if (cut.length !== part.features.length)
    throw new Error(
      `“${part.name}”: reads ${cut.length} values (${cut.join(', ')}), the catalogue names ${part.features.length}`,
    );
  const named = [...graph.inputs, ...kept].find(({ name }) => cut.includes(name));
  if (named) throw new Error(`“${part.name}”: reads “${named.name}”, which has a name already`);

  const names = new Map(cut.map((name, k) => [name, part.features[k] ?? name]));
  const features = cut.map((name) => ({ name: names.get(name) ?? name, shape: shapeOf(name) }));
  return [
    { ...graph, outputs: [...kept, ...features], ...withNodes(own, graph, names) },
    { name: part.name, inputs: features, outputs: apart, ...withNodes(others, graph, names) },
  ];
}

/** The nodes that lead to these values. */
function nodesFor(values: readonly Value[], nodes: readonly Node[]): ReadonlySet<Node> {
  const needed = new Set(values.map(({ name }) => name));
  // Nodes stand in an order in which they can run, so that from behind every reader comes before its source.
  const found = nodes.toReversed().filter(({ inputs, outputs }) => {
    if (!outputs.some((name) => needed.has(name))) return false;
    for (const name of inputs) needed.add(name);
    return true;
  });
  return new Set(found);
}

/** These nodes with other names for some values, and the constants that they read. */
function withNodes(
  nodes: readonly Node[],
  { constants }: Graph,
  names: ReadonlyMap<string, string>,
): Pick<Graph, 'nodes' | 'constants'> {
  const renamed = (values: readonly string[]): string[] => values.map((name) => names.get(name) ?? name);
  return {
    nodes: nodes.map((node) => ({ ...node, inputs: renamed(node.inputs), outputs: renamed(node.outputs) })),
    constants: constantsOf(nodes, constants),
  };
}
