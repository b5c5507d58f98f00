import { fieldsOf } from '../../src/runtime/prune.ts';
import type { Field } from '../../src/runtime/prune.ts';

/**
 * The file with another sign on one weight: that of median size in a filter, chosen by where the filter lies
 * among all. The largest would not do, since it often belongs to a channel that is always zero.
 */
export function withChangedWeight(onnx: Uint8Array, place: number): Uint8Array {
  const bytes = Uint8Array.from(onnx);
  const filters = findFilters(bytes);
  const filter = filters[Math.round(place * (filters.length - 1))];
  if (!filter) throw new Error('no filters found');
  const view = new DataView(bytes.buffer);
  // Without its sign bit, a half is the larger the larger its bits are as a whole number.
  const magnitude = (at: number): number => view.getUint16(at, true) & 0x7fff;
  const places = Array.from({ length: (filter.end - filter.content) / 2 }, (_, k) => filter.content + 2 * k)
    .filter((at) => magnitude(at) > 0)
    .toSorted((one, other) => magnitude(one) - magnitude(other));
  const median = places[Math.floor(places.length / 2)];
  if (median === undefined) throw new Error('a filter of zeros');
  view.setUint16(median, view.getUint16(median, true) ^ 0x8000, true);
  return bytes;
}

/** Where the file has the float16 weights of its convolutions; the numbers are those of `onnx.proto`. */
function findFilters(bytes: Uint8Array): Field[] {
  const graph = fieldsOf(bytes, 0, bytes.length).find(({ id }) => id === 7);
  if (!graph) throw new Error('no graph found');
  return fieldsOf(bytes, graph.content, graph.end)
    .filter(({ id }) => id === 5)
    .flatMap(({ content, end }) => {
      const tensor = fieldsOf(bytes, content, end);
      const isHalf = tensor.some((field) => field.id === 2 && bytes[field.content] === 10);
      const dimensions = tensor.filter(({ id }) => id === 1).length;
      return isHalf && dimensions === 4 ? tensor.filter(({ id }) => id === 9) : [];
    });
}

/** The largest of some values. */
export function largest(values: Float32Array = new Float32Array()): number {
  return values.reduce((one, other) => Math.max(one, other), -Infinity);
}

/**
 * The largest difference between two runtimes' values of one output.
 * @param includes which elements count; all of them when absent
 */
export function largestDifference(
  values: Float32Array | undefined,
  wanted: Float32Array | undefined,
  includes: (index: number) => boolean = () => true,
): number {
  if (!values || !wanted || values.length !== wanted.length || values.length === 0) {
    throw new Error('an output is missing, or of another size');
  }
  let worst = 0;
  for (const [index, value] of values.entries()) {
    if (!includes(index)) continue;
    const difference = Math.abs(value - (wanted[index] ?? Number.NaN));
    // NaN compares false with everything, so it would pass for no difference.
    worst = Number.isNaN(difference) ? Infinity : Math.max(worst, difference);
  }
  return worst;
}

/** A file of the dev server. */
export async function load(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
