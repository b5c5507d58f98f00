import { mapSize, SEGMENT_KINDS } from '../../src/runtime/files/byte-planes.ts';
import { FLOAT16, GRAPH, GRAPH_FIELDS, INT8, TENSOR_FIELDS } from '../../src/runtime/onnx/onnx.ts';
import { fieldsOf, firstOf, join } from '../../src/runtime/onnx/protobuf.ts';
import type { Bytes } from '../../src/runtime/onnx/protobuf.ts';
import { typeOf } from '../../src/runtime/onnx/weights.ts';

/** A part of a file. */
export interface Segment {
  kind: keyof typeof SEGMENT_KINDS;
  start: number;
  end: number;
}

/** Codes of which more are zero are packed with a map. At a quarter it takes what it saves. */
const SPARSE_SHARE = 0.25;
/** Shorter tensors stay among the bytes around them: to tell of them takes more than they save. */
const LEAST_BYTES = 64;

/** The segments of an ONNX file: weights and codes, and what is between them. */
export function segmentsOf(file: Bytes): Segment[] {
  const graph = firstOf(fieldsOf(file, { start: 0, end: file.length }), GRAPH);
  const segments: Segment[] = [];
  let from = 0;
  for (const { number, content } of fieldsOf(file, graph)) {
    const type = number === GRAPH_FIELDS.initializer ? typeOf(file, content) : undefined;
    if (type !== FLOAT16 && type !== INT8) continue;
    const { start, end } = firstOf(fieldsOf(file, content), TENSOR_FIELDS.data);
    if (end - start < LEAST_BYTES) continue;
    if (start > from) segments.push({ kind: 'bytes', start: from, end: start });
    let zeros = 0;
    for (let at = start; at < end; at++) if (file[at] === 0) zeros++;
    const isSparse = zeros > SPARSE_SHARE * (end - start);
    segments.push({ kind: type === FLOAT16 ? 'halves' : isSparse ? 'sparse' : 'codes', start, end });
    from = end;
  }
  if (from < file.length) segments.push({ kind: 'bytes', start: from, end: file.length });
  return segments;
}

/**
 * A file as planes of bytes, which `unpackPlanes` unpacks.
 * @param segments all of the file, in its order
 * @returns the streams, one after the other
 */
export function packPlanes(file: Bytes, segments: readonly Segment[] = segmentsOf(file)): Bytes[] {
  const header: number[] = [];
  const [plain, maps, codes, low, high]: Bytes[][] = [[], [], [], [], []];
  for (const { kind, start, end } of segments) {
    writeNumber(4 * (end - start) + SEGMENT_KINDS[kind], header);
    const bytes = file.subarray(start, end);
    if (kind === 'bytes') plain?.push(bytes);
    else if (kind === 'codes') codes?.push(bytes);
    else if (kind === 'sparse') {
      maps?.push(mapOf(bytes));
      codes?.push(bytes.filter((code) => code !== 0));
    } else {
      const [even, odd] = halvesApart(bytes);
      low?.push(even);
      high?.push(odd);
    }
  }
  return [[Uint8Array.from(header)], plain, maps, codes, low, high].map((parts = []) => join(parts));
}

/** The lower bytes of halves, and the upper ones. */
function halvesApart(bytes: Bytes): [Bytes, Bytes] {
  const [low, high] = [new Uint8Array(bytes.length / 2), new Uint8Array(bytes.length / 2)];
  for (let at = 0; at < low.length; at++) {
    low[at] = bytes[2 * at] ?? 0;
    high[at] = bytes[2 * at + 1] ?? 0;
  }
  return [low, high];
}

function mapOf(codes: Bytes): Bytes {
  const map = new Uint8Array(mapSize(codes.length));
  for (let k = 0; k < codes.length; k++)
    if (codes[k] !== 0) map[k >> 3] = (map[k >> 3] ?? 0) | (1 << (k & 7));
  return map;
}

function writeNumber(value: number, bytes: number[]): void {
  let left = value;
  for (; left > 127; left = Math.floor(left / 128)) bytes.push(128 + (left % 128));
  bytes.push(left);
}
