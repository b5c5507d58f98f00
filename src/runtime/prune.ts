/**
 * Takes outputs off an ONNX file that a use does not need, with every node and weight that only they need. ONNX Runtime
 * computes all that a graph holds, whatever is fetched from it: the mask alone costs a fifth of a run of `full`.
 *
 * An ONNX file is a protobuf message; only the few fields that matter here are looked into, the rest is copied
 * as it is. Field numbers are those of `onnx.proto`.
 */
const MODEL_GRAPH = 7;
const GRAPH_NODE = 1;
const GRAPH_INITIALIZER = 5;
const GRAPH_OUTPUT = 12;
const NODE_INPUT = 1;
const NODE_OUTPUT = 2;
const TENSOR_NAME = 8;
const VALUE_NAME = 1;

/** A field of a message: its number, where it begins with its key, and where its content lies. */
export interface Field {
  id: number;
  start: number;
  content: number;
  end: number;
}

/** The wire types that ONNX files have: varint, 64 bit, length-delimited, 32 bit. */
const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED_SIZE: Record<number, number> = { 1: 8, 5: 4 };

/**
 * The model with these outputs only.
 * @throws Error where the bytes are no ONNX file
 */
export function keepOutputs(
  model: Uint8Array<ArrayBuffer>,
  names: readonly string[],
): Uint8Array<ArrayBuffer> {
  const graph = fieldsOf(model, 0, model.length).find(({ id }) => id === MODEL_GRAPH);
  if (!graph) throw new Error('the model has no graph');
  const fields = fieldsOf(model, graph.content, graph.end);
  const needed = new Set(names);
  const dropped = new Set<Field>();
  for (const field of fields) {
    if (field.id === GRAPH_OUTPUT && !needed.has(strings(model, field, VALUE_NAME)[0] ?? ''))
      dropped.add(field);
  }
  // Nodes stand in an order in which they can run, so that from behind every reader comes before its source.
  for (const field of fields.toReversed()) {
    if (field.id !== GRAPH_NODE) continue;
    if (!strings(model, field, NODE_OUTPUT).some((name) => needed.has(name))) dropped.add(field);
    else for (const name of strings(model, field, NODE_INPUT)) needed.add(name);
  }
  for (const field of fields) {
    if (field.id !== GRAPH_INITIALIZER) continue;
    if (!needed.has(strings(model, field, TENSOR_NAME)[0] ?? '')) dropped.add(field);
  }
  const kept = fields
    .filter((field) => !dropped.has(field))
    .map(({ start, end }) => model.subarray(start, end));
  const size = kept.reduce((sum, part) => sum + part.length, 0);
  return concatenate([
    model.subarray(0, graph.start),
    Uint8Array.from([(MODEL_GRAPH << 3) | LENGTH_DELIMITED, ...varint(size)]),
    ...kept,
    model.subarray(graph.end),
  ]);
}

/** The fields of the protobuf message that lies there. */
export function fieldsOf(bytes: Uint8Array, from: number, to: number): Field[] {
  const fields: Field[] = [];
  let at = from;
  while (at < to) {
    const start = at;
    const key = readVarint(bytes, at);
    const wire = key.value & 7;
    let content = key.end;
    let end = content + (FIXED_SIZE[wire] ?? 0);
    if (wire === VARINT) end = readVarint(bytes, content).end;
    else if (wire === LENGTH_DELIMITED) {
      const length = readVarint(bytes, content);
      content = length.end;
      end = content + length.value;
    } else if (!(wire in FIXED_SIZE)) throw new Error(`the model has a field of wire type ${wire}`);
    fields.push({ id: key.value >>> 3, start, content, end });
    at = end;
  }
  return fields;
}

function strings(bytes: Uint8Array, message: Field, id: number): string[] {
  const decoder = new TextDecoder();
  return fieldsOf(bytes, message.content, message.end)
    .filter((field) => field.id === id)
    .map(({ content, end }) => decoder.decode(bytes.subarray(content, end)));
}

function readVarint(bytes: Uint8Array, from: number): { value: number; end: number } {
  let value = 0;
  let at = from;
  // Multiplied, not shifted: negative numbers take ten bytes, and shifts would wrap at 32 bits.
  for (let factor = 1; ; factor *= 128) {
    const byte = bytes[at++];
    if (byte === undefined) throw new Error('the model is cut off');
    value += (byte & 127) * factor;
    if (byte < 128) return { value, end: at };
  }
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
