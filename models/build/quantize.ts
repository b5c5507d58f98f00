import { at, product } from './arrays.ts';
import { correct } from './corrections.ts';
import type { Corrections } from './corrections.ts';
import type { Constant, Graph, Node } from './graph.ts';

/** Filters of fewer numbers than this in all stay as they are: there is next to nothing to save. */
const LEAST_NUMBERS = 4096;

/** The largest code; with its negative, eight bits have one more that is not used. */
const LARGEST = 127;

/**
 * Rounds the weights of dense convolutions to 8 bits, with one scale for each filter. Depthwise ones stay,
 * since they are few, and each of their filters has but nine numbers to make up for one another's errors.
 * Those whose results are given as they are stay too: what they give is in pixels, and nothing comes after
 * them that would even errors out.
 *
 * Each rounded filter is off by a little for every picture alike, since inputs after an
 * activation are mostly positive. These constant parts add up from layer to layer, and make
 * most of what rounding does to BlazePose.
 * @param corrections what to add to biases against that; nothing where absent
 */
export function quantize(graph: Graph, corrections?: Corrections): Graph {
  const filters = new Set(denseLayers(graph).map(({ filters: { name } }) => name));
  const unknown = [...(corrections?.keys() ?? [])].find((name) => !filters.has(name));
  if (unknown !== undefined)
    throw new Error(`“${graph.name}”: a correction for “${unknown}”, which is not rounded`);
  const corrected = new Map(
    graph.nodes.flatMap(({ inputs: [, name = '', bias = ''] }) => {
      const values = filters.has(name) ? corrections?.get(name) : undefined;
      return values ? [[bias, values] as const] : [];
    }),
  );
  const constants = graph.constants.map((constant) => {
    if (filters.has(constant.name)) return roundFilters(constant);
    const { name, values } = constant;
    const correction = corrected.get(name);
    return correction && values instanceof Float32Array
      ? { ...constant, values: correct(values, correction) }
      : constant;
  });
  return { ...graph, constants };
}

/** The convolutions whose weights are rounded, with these. */
export function denseLayers(graph: Graph): { node: Node; filters: Constant }[] {
  const last = new Set(graph.outputs.map(({ name }) => convolutionOf(name, graph)));
  const constants = new Map(graph.constants.map((constant) => [constant.name, constant]));
  return graph.nodes.flatMap((node) => {
    const [, name = ''] = node.inputs;
    const filters = constants.get(name);
    const isConvolution = node.operator === 'Conv' || node.operator === 'FusedConv';
    if (!isConvolution || node.attributes.group !== 1 || last.has(node) || !filters) return [];
    const readers = graph.nodes.filter(({ inputs }) => inputs.includes(name));
    const isLarge = filters.weights && product(filters.shape) >= LEAST_NUMBERS;
    return isLarge && readers.length === 1 ? [{ node, filters }] : [];
  });
}

/** Nodes that change nothing but where numbers are. */
const MOVING = new Set(['Reshape', 'Transpose']);

/** The convolution that gives a value as it is, if one does. */
function convolutionOf(name: string, graph: Graph): Node | undefined {
  const node = graph.nodes.find(({ outputs }) => outputs.includes(name));
  if (node?.operator === 'Conv') return node;
  const [source] = node?.inputs ?? [];
  return node && source !== undefined && MOVING.has(node.operator) ? convolutionOf(source, graph) : undefined;
}

function roundFilters(constant: Constant): Constant {
  const { values, shape } = constant;
  if (!(values instanceof Float32Array)) return constant;
  const count = at(shape, 0);
  const size = values.length / count;
  const scales = new Float32Array(count);
  const codes = new Int8Array(values.length);
  const rounded = new Float32Array(values.length);
  for (let filter = 0; filter < count; filter++) {
    const [start, end] = [filter * size, (filter + 1) * size];
    let largest = 0;
    // Not by `at`, which is a call for each of millions.
    for (let k = start; k < end; k++) largest = Math.max(largest, Math.abs(values[k] ?? NaN));
    scales[filter] = largest > 0 ? largest / LARGEST : 1;
    const scale = at(scales, filter);
    for (let k = start; k < end; k++) {
      const code = Math.max(-LARGEST, Math.min(LARGEST, Math.round((values[k] ?? NaN) / scale)));
      codes[k] = code;
      rounded[k] = code * scale;
    }
  }
  return { ...constant, values: rounded, codes: { values: codes, scales } };
}
