/*
 * An ONNX file is a protobuf message, a list of fields: a tag, which is the field's number and the kind of what follows,
 * and then a number, or a length and as many bytes. The numbers here are those of onnx.proto. A library reads more
 * of the format than is needed here, and would have to be loaded before anything starts.
 */

const GRAPH = 7;
const INITIALIZER = 5;
const DATA_TYPE = 2;
const RAW_DATA = 9;
const FLOAT = 1;
const FLOAT16 = 10;

/** The kinds of what a field holds, other than the two of fixed size, which have 8 bytes (1) and 4 bytes (5). */
const KIND = { number: 0, bytes: 2 };

/** A stretch of the file. */
interface Span {
  start: number;
  end: number;
}

/** One field of a message. */
interface Field extends Span {
  number: number;
  /** What is in it, without the tag and the length. */
  content: Span;
}

/**
 * A model with its weights of half precision in single precision, and otherwise the same. The Casts that it begins with
 * change nothing then, and the runtime drops them. Left to itself it runs one Cast for each weight when a session starts:
 * with code that the browser has only just got, that takes as long as all the rest of the start.
 * @param file an ONNX file
 * @returns a changed copy
 */
export function widenWeights(file: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const model = { start: 0, end: file.length };
  const pieces = rewrite(file, model, GRAPH, (graph) =>
    rewrite(file, graph, INITIALIZER, (tensor) => widenTensor(file, tensor)),
  );
  const widened = new Uint8Array(lengthOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    widened.set(piece, at);
    at += piece.length;
  }
  return widened;
}

/** The numbers of half precision that bytes hold, little-endian. */
export function decodeHalves(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  // A copy begins where two bytes can be read at once.
  const { buffer } = new Uint8Array(bytes);
  const count = bytes.length >> 1;
  // The browser's own conversion is compiled already; a script's has to be, while every core compiles the runtime.
  return typeof Float16Array === 'function'
    ? new Float32Array(new Float16Array(buffer, 0, count))
    : decodeByTable(new Uint16Array(buffer, 0, count));
}

/** The same where the browser knows no half precision, that is before Chromium 135, Firefox 129 and Safari 18.2. */
export function decodeByTable(halves: Uint16Array): Float32Array<ArrayBuffer> {
  decoded ??= Float32Array.from({ length: 0x1_0000 }, (_, bits) => decodeHalf(bits));
  const singles = new Float32Array(halves.length);
  for (let k = 0; k < halves.length; k++) singles[k] = decoded[halves[k] ?? 0] ?? 0;
  return singles;
}

/** Every half by its bits, once any was asked for. */
let decoded: Float32Array | undefined;

/** IEEE 754: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits. */
function decodeHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function widenTensor(file: Uint8Array<ArrayBuffer>, tensor: Span): Uint8Array[] {
  const fields = fieldsOf(file, tensor);
  const isHalf = fields.some(
    ({ number, content }) => number === DATA_TYPE && file[content.start] === FLOAT16,
  );
  if (!isHalf) return [bytesOf(file, tensor)];
  return fields.flatMap((field) => {
    if (field.number === DATA_TYPE) return [Uint8Array.of((DATA_TYPE << 3) | KIND.number, FLOAT)];
    if (field.number !== RAW_DATA) return [bytesOf(file, field)];
    const singles = new Uint8Array(decodeHalves(bytesOf(file, field.content)).buffer);
    return [head(RAW_DATA, singles.length), singles];
  });
}

/** A message, in pieces, with other content in each field of that number. */
function rewrite(
  file: Uint8Array<ArrayBuffer>,
  message: Span,
  number: number,
  replace: (content: Span) => Uint8Array[],
): Uint8Array[] {
  return fieldsOf(file, message).flatMap((field) => {
    if (field.number !== number) return [bytesOf(file, field)];
    const pieces = replace(field.content);
    return [head(number, lengthOf(pieces)), ...pieces];
  });
}

function fieldsOf(file: Uint8Array<ArrayBuffer>, message: Span): Field[] {
  const fields: Field[] = [];
  for (let start = message.start; start < message.end;) {
    const tag = readNumber(file, start);
    const value = readNumber(file, tag.end);
    const kind = tag.value & 7;
    let content: Span;
    if (kind === KIND.bytes) content = { start: value.end, end: value.end + value.value };
    else if (kind === KIND.number) content = { start: tag.end, end: value.end };
    else content = { start: tag.end, end: tag.end + (kind === 1 ? 8 : 4) };
    fields.push({ number: tag.value >>> 3, start, end: content.end, content });
    start = content.end;
  }
  return fields;
}

/** Seven bits in each byte, the lowest first; the eighth says that more follow. Those from the 32nd on are left out: no length has them. */
function readNumber(file: Uint8Array, start: number): { value: number; end: number } {
  let value = 0;
  let end = start;
  for (let shift = 0; ; shift += 7) {
    const byte = file[end++] ?? 0;
    if (shift < 32) value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { value: value >>> 0, end };
  }
}

/** Tag and length of a field that holds bytes. */
function head(number: number, length: number): Uint8Array {
  const bytes = [(number << 3) | KIND.bytes];
  let rest = length;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}

function bytesOf(file: Uint8Array<ArrayBuffer>, { start, end }: Span): Uint8Array<ArrayBuffer> {
  return file.subarray(start, end);
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}
