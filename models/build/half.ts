import { f16round, setFloat16 } from '@petamoriken/float16';

/**
 * Numbers as little-endian halves, or undefined when one of them is not a half exactly (NaN counts as
 * that too): rounding would change a weight, so such a list has to stay in single precision.
 */
export function encodeHalvesExactly(values: Float32Array): Uint8Array | undefined {
  const bytes = new Uint8Array(values.length * 2);
  const view = new DataView(bytes.buffer);
  for (const [k, value] of values.entries()) {
    if (f16round(value) !== value) return undefined;
    setFloat16(view, 2 * k, value, true);
  }
  return bytes;
}
