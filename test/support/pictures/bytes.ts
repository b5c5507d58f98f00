/** The bytes of a file. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** All the parts after one another. */
export function concat(...parts: readonly ArrayLike<number>[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The text's characters as a byte each. */
export function ascii(text: string): Bytes {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Integers of that many bytes, the lowest first. */
export function little(size: 2 | 3 | 4, ...values: readonly number[]): Bytes {
  const bytes = values.flatMap((value) =>
    Array.from({ length: size }, (_, index) => (value >> (8 * index)) & 0xff),
  );
  return Uint8Array.from(bytes);
}

/** Integers of that many bytes, the highest first. */
export function big(size: 2 | 4, ...values: readonly number[]): Bytes {
  return concat(...values.map((value) => little(size, value).toReversed()));
}
