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
  const places = Array.from({ length: (filter.end - filter.start) / 2 }, (_, k) => filter.start + 2 * k)
    .filter((at) => magnitude(at) > 0)
    .toSorted((one, other) => magnitude(one) - magnitude(other));
  const median = places[Math.floor(places.length / 2)];
  if (median === undefined) throw new Error('a filter of zeros');
  view.setUint16(median, view.getUint16(median, true) ^ 0x8000, true);
  return bytes;
}

/** Where the file has the float16 weights of its convolutions; the numbers are those of `onnx.proto`. */
function findFilters(bytes: Uint8Array): { start: number; end: number }[] {
  const [graph] = readFields(bytes, 0, bytes.length).filter(({ field }) => field === 7);
  if (!graph) throw new Error('no graph found');
  return readFields(bytes, graph.start, graph.end)
    .filter(({ field }) => field === 5)
    .flatMap(({ start, end }) => {
      const tensor = readFields(bytes, start, end);
      const isHalf = tensor.some(({ field, value }) => field === 2 && value === 10);
      const dimensions = tensor.filter(({ field }) => field === 1).length;
      return isHalf && dimensions === 4 ? tensor.filter(({ field }) => field === 9) : [];
    });
}

interface Field {
  field: number;
  /** Of a whole number. */
  value: number;
  /** Where the content lies. */
  start: number;
  end: number;
}

/** The fields of one Protocol Buffers message, of the two kinds that these files have: whole numbers and bytes. */
function readFields(bytes: Uint8Array, start: number, end: number): Field[] {
  const fields: Field[] = [];
  let at = start;
  const whole = (): number => {
    let value = 0;
    for (let weight = 1; ; weight *= 128) {
      const byte = bytes[at] ?? 0;
      at += 1;
      value += (byte % 128) * weight;
      if (byte < 128) return value;
    }
  };
  while (at < end) {
    const tag = whole();
    const value = whole();
    const content = at;
    if (tag % 8 === 2) at += value;
    else if (tag % 8 !== 0) throw new Error(`unexpected kind of field: ${tag % 8}`);
    fields.push({ field: Math.floor(tag / 8), value, start: content, end: at });
  }
  return fields;
}
