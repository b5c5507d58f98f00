/*
 * Model files travel as planes of bytes. What they hold is told apart, since gzip knows of bytes only what
 * those before them were: of 16-bit floats the low bytes are noise, and sign and exponent can be told from
 * the others; codes of 8 bits are noise too, but where most of them are zero. `models/build/byte-planes.ts`
 * packs them. One stream for all came out by 1 to 7 % larger.
 *
 * First the file's segments, in their order: 4 × length + kind, 7 bits a byte, the lowest first, and all but
 * the last with the highest bit set. Then the streams, each with what all segments have of it: bytes as they
 * are; the maps; codes; low bytes; high bytes.
 */

/** What a segment of a file holds. */
export const SEGMENT_KINDS = {
  /** Bytes as they are. */
  bytes: 0,
  /** Codes of 8 bits, as they are. */
  codes: 1,
  /** A map with a bit for each code, the lowest first: whether it is other than zero. Then those that are. */
  sparse: 2,
  /** 16-bit numbers: their low bytes, and their high ones. */
  halves: 3,
} as const;

interface Segment {
  kind: number;
  /** Bytes of the file. */
  length: number;
}

/** How many bytes the map of so many codes takes. */
export function mapSize(codes: number): number {
  return Math.ceil(codes / 8);
}

/**
 * The file that was packed. Of anything else whatever comes out, so that the result is to be checked; nothing
 * where it cannot be a file of that size.
 * @param bytes the file's size
 */
export function unpackPlanes(packed: Uint8Array, bytes: number): Uint8Array<ArrayBuffer> {
  const { segments, end } = readSegments(packed, bytes);
  const sum = (kind: number, size: (length: number) => number) =>
    segments.reduce((total, segment) => total + (segment.kind === kind ? size(segment.length) : 0), 0);
  const halves = sum(SEGMENT_KINDS.halves, (length) => length / 2);
  let plain = end;
  let map = plain + sum(SEGMENT_KINDS.bytes, (length) => length);
  let codes = map + sum(SEGMENT_KINDS.sparse, mapSize);
  let high = packed.length - halves;
  let low = high - halves;
  if (segments.length === 0 || low < codes) return new Uint8Array();
  const file = new Uint8Array(bytes);
  let at = 0;
  for (const { kind, length } of segments) {
    if (kind === SEGMENT_KINDS.bytes) {
      file.set(packed.subarray(plain, plain + length), at);
      plain += length;
    } else if (kind === SEGMENT_KINDS.codes) {
      file.set(packed.subarray(codes, codes + length), at);
      codes += length;
    } else if (kind === SEGMENT_KINDS.sparse) {
      for (let k = 0; k < length; k++) {
        if ((packed[map + (k >> 3)] ?? 0) & (1 << (k & 7))) file[at + k] = packed[codes++] ?? 0;
      }
      map += mapSize(length);
    } else {
      for (let k = 0; k < length; k += 2) {
        file[at + k] = packed[low++] ?? 0;
        file[at + k + 1] = packed[high++] ?? 0;
      }
    }
    at += length;
  }
  return file;
}

/** @returns no segments where they are not those of a file of that size */
function readSegments(packed: Uint8Array, bytes: number): { segments: Segment[]; end: number } {
  const segments: Segment[] = [];
  let end = 0;
  for (let left = bytes; left > 0;) {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = packed[end++] ?? 0;
      value += scale * (byte & 127);
      if (byte < 128) break;
    }
    const [kind, length] = [value % 4, Math.floor(value / 4)];
    left -= length;
    const isWhole = kind !== SEGMENT_KINDS.halves || length % 2 === 0;
    if (length === 0 || left < 0 || !isWhole) return { segments: [], end };
    segments.push({ kind, length });
  }
  return { segments, end };
}
