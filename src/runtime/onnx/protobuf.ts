/*
 * Protobuf messages, read and put together again. A message is a list of fields: a tag, which is the field's
 * number and the kind of what follows, and then a number, or a length and as many bytes. A library reads more
 * of the format than is needed here, and would have to be loaded before anything starts.
 */

/** Those of a file that is a message. */
export type Bytes = Uint8Array<ArrayBuffer>;

/**
 * The kinds of what a field holds, other than the two of fixed size, which have 8 bytes (1) and 4 bytes (5).
 */
const KIND = { number: 0, bytes: 2 };

/**
 * Bytes that are made when they are written to their place: so that a file of megabytes is never there twice.
 */
export interface LazyPiece {
  /** How many they are. */
  length: number;
  make: () => Uint8Array;
}

/** What a message is put together from. */
export type Piece = Uint8Array | LazyPiece;

/** A stretch of a file. */
export interface Span {
  start: number;
  end: number;
}

/** One field of a message. */
export interface Field extends Span {
  number: number;
  /** What is in it, without the tag and the length. */
  content: Span;
}

/** The fields of a message, in the order in which they are in the file. */
export function fieldsOf(file: Bytes, message: Span): Field[] {
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

/** What is in the first field of a number, empty where there is none. */
export function firstOf(fields: readonly Field[], number: number): Span {
  return fields.find((field) => field.number === number)?.content ?? { start: 0, end: 0 };
}

/** What is in the fields of a number. */
export function allOf(fields: readonly Field[], number: number): Span[] {
  return fields.filter((field) => field.number === number).map(({ content }) => content);
}

/** A field that holds bytes, in pieces. */
export function bytesField(number: number, pieces: readonly Piece[]): Piece[] {
  return [
    Uint8Array.from([...sevenBits((number << 3) | KIND.bytes), ...sevenBits(lengthOf(pieces))]),
    ...pieces,
  ];
}

/** A field that holds a whole number from 0 below 2^32. */
export function numberField(number: number, value: number): Uint8Array {
  return Uint8Array.from([...sevenBits((number << 3) | KIND.number), ...sevenBits(value)]);
}

/** A number in seven bits a byte, the lowest first; the eighth says that more follow. */
function sevenBits(number: number): number[] {
  const bytes: number[] = [];
  let rest = number;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

/** A stretch as it is. */
export function bytesOf(file: Bytes, { start, end }: Span): Bytes {
  return file.subarray(start, end);
}

/** A stretch as text. */
export function textOf(file: Bytes, span: Span): string {
  return DECODER.decode(bytesOf(file, span));
}

/** A field that holds text. */
export function textField(number: number, text: string): Piece[] {
  return bytesField(number, [ENCODER.encode(text)]);
}

const DECODER = new TextDecoder();
const ENCODER = new TextEncoder();

/** The whole number that a field holds; of one below 0 or above 2^31 the lowest 32 bits, with sign. */
export function integerOf(file: Bytes, { start }: Span): number {
  return readNumber(file, start).value | 0;
}

/** The number of single precision that a field of four bytes holds. */
export function floatOf(file: Bytes, { start }: Span): number {
  return new DataView(file.buffer, file.byteOffset).getFloat32(start, true);
}

/** Pieces one after the other. */
export function join(pieces: readonly Piece[]): Bytes {
  const whole = new Uint8Array(lengthOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    whole.set('make' in piece ? piece.make() : piece, at);
    at += piece.length;
  }
  return whole;
}

function lengthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

/**
 * Seven bits in each byte, the lowest first; the eighth says that more follow. Those from the 32nd on are
 * left out: no length has them.
 */
function readNumber(file: Bytes, start: number): { value: number; end: number } {
  let value = 0;
  let end = start;
  for (let shift = 0; ; shift += 7) {
    const byte = file[end++] ?? 0;
    if (shift < 32) value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { value: value >>> 0, end };
  }
}
