/*
 * An ONNX file is a protobuf message, a list of fields: a tag, which is the field's number and the kind of what follows,
 * and then a number, or a length and as many bytes. The numbers here are those of onnx.proto. A library reads more
 * of the format than is needed here, and would have to be loaded before anything starts.
 */

const GRAPH = 7;
const NODE = 1;
const NODE_INPUT = 1;
const NODE_OUTPUT = 2;
const NODE_OPERATOR = 4;
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
 * A model with its weights in single precision, without the Casts that it begins with and those that it ends with, which
 * change nothing then, and otherwise the same. Left to itself the runtime runs one Cast for each weight when a session
 * starts: with code that the browser has only just got, that takes as long as all the rest of the start.
 * @param file an ONNX file, whose Casts are all to single precision
 * @returns a changed copy
 */
export function withoutCasts(file: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const pieces = rewrite(
    file,
    { start: 0, end: file.length },
    { [GRAPH]: (graph) => plainGraph(file, graph) },
  );
  const plain = new Uint8Array(lengthOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    plain.set(piece, at);
    at += piece.length;
  }
  return plain;
}

/** What is needed of a node: its operator, and its first input and output, of which Casts and Identities have no other. */
interface Ends {
  operator: string;
  input: string;
  output: string;
}

function plainGraph(file: Uint8Array<ArrayBuffer>, graph: Span): Uint8Array[] {
  const fields = fieldsOf(file, graph);
  const nodes = fields.filter(({ number }) => number === NODE);
  const ends = nodes.map(({ content }) => endsOf(file, content));
  const first = ends.findIndex(({ operator }) => operator !== 'Cast');
  const last = ends.findLastIndex(({ operator }) => operator !== 'Cast' && operator !== 'Identity');
  const names = new Map<string, string>();
  for (const { input, output } of ends.slice(0, first)) names.set(output, input);
  // From the end, since an Identity has the Cast before it as its input.
  for (const { input, output } of ends.slice(last + 1).toReversed()) {
    names.set(input, names.get(output) ?? output);
  }
  const rename = (name: Span) => [encode(names.get(decode(file, name)) ?? decode(file, name))];
  const kept = new Set(nodes.slice(first, last + 1));
  return fields.flatMap((field) => {
    if (field.number === INITIALIZER) return framed(INITIALIZER, widenTensor(file, field.content));
    if (field.number !== NODE) return [bytesOf(file, field)];
    if (!kept.has(field)) return [];
    return framed(NODE, rewrite(file, field.content, { [NODE_INPUT]: rename, [NODE_OUTPUT]: rename }));
  });
}

function endsOf(file: Uint8Array<ArrayBuffer>, node: Span): Ends {
  const ends: Ends = { operator: '', input: '', output: '' };
  for (const { number, content } of fieldsOf(file, node)) {
    if (number === NODE_OPERATOR) ends.operator = decode(file, content);
    else if (number === NODE_INPUT) ends.input ||= decode(file, content);
    else if (number === NODE_OUTPUT) ends.output ||= decode(file, content);
  }
  return ends;
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

/** A message, in pieces, with other content in each field of the numbers that something is told to replace. */
function rewrite(
  file: Uint8Array<ArrayBuffer>,
  message: Span,
  replacing: Readonly<Record<number, (content: Span) => Uint8Array[]>>,
): Uint8Array[] {
  return fieldsOf(file, message).flatMap((field) => {
    const replace = replacing[field.number];
    return replace ? framed(field.number, replace(field.content)) : [bytesOf(file, field)];
  });
}

/** A field that holds bytes. */
function framed(number: number, pieces: Uint8Array[]): Uint8Array[] {
  return [head(number, lengthOf(pieces)), ...pieces];
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

const UTF8 = new TextDecoder();

function decode(file: Uint8Array<ArrayBuffer>, name: Span): string {
  return UTF8.decode(bytesOf(file, name));
}

function encode(name: string): Uint8Array {
  return new TextEncoder().encode(name);
}

function bytesOf(file: Uint8Array<ArrayBuffer>, { start, end }: Span): Uint8Array<ArrayBuffer> {
  return file.subarray(start, end);
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}
