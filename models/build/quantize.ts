import { at, product } from './arrays.ts';
import type { Constant, Graph, Node } from './graph.ts';

/** Filters of fewer numbers than this in all stay as they are: there is next to nothing to save. */
const LEAST_NUMBERS = 4096;

/** The largest code; with its negative, eight bits have one more that is not used. */
const LARGEST = 127;

/**
 * Rounds the weights of dense convolutions to 8 bits, with one scale for each filter. Depthwise ones stay, since they are
 * few, and each of their filters has but nine numbers to make up for one another's errors.
 */
export function quantize(graph: Graph): Graph {
  const constants = graph.constants.map((constant) =>
    areDenseFilters(constant, graph.nodes) ? roundFilters(constant) : constant,
  );
  return { ...graph, constants };
}

function areDenseFilters({ name, shape, weights }: Constant, nodes: readonly Node[]): boolean {
  const readers = nodes.filter(({ inputs }) => inputs.includes(name));
  return (
    weights &&
    product(shape) >= LEAST_NUMBERS &&
    readers.length > 0 &&
    readers.every(
      ({ operator, inputs, attributes }) =>
        (operator === 'Conv' || operator === 'FusedConv') && inputs[1] === name && attributes.group === 1,
    )
  );
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
    const numbers = values.subarray(filter * size, (filter + 1) * size);
    const largest = numbers.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    scales[filter] = largest > 0 ? largest / LARGEST : 1;
    const scale = at(scales, filter);
    for (const [k, value] of numbers.entries()) {
      const code = Math.max(-LARGEST, Math.min(LARGEST, Math.round(value / scale)));
      codes[filter * size + k] = code;
      rounded[filter * size + k] = code * scale;
    }
  }
  return { ...constant, values: rounded, codes: { values: codes, scales } };
}
