import { expect } from 'vitest';

/*
 * `toEqual` asks of each number of a typed array whether it is the other's, in two microseconds: a second for the
 * pixels of a small picture. Those of the same class and the same bytes are equal; what is not goes its way.
 */
expect.addEqualityTesters([
  (one: unknown, other: unknown): true | undefined =>
    ArrayBuffer.isView(one) &&
    ArrayBuffer.isView(other) &&
    Object.getPrototypeOf(one) === Object.getPrototypeOf(other) &&
    hasSameBytes(bytesOf(one), bytesOf(other))
      ? true
      : undefined,
]);

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function hasSameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
