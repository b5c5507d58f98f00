import { f16round, setFloat16 } from '@petamoriken/float16';

/** How far the exponents of single precision and of halves, biased, are apart. */
const EXPONENT_APART = 127 - 15;

/**
 * Numbers as little-endian halves, or undefined when one of them is not a half exactly (NaN counts as
 * that too): rounding would change a weight, so such a list has to stay in single precision.
 */
export function encodeHalvesExactly(values: Float32Array): Uint8Array | undefined {
  const bytes = new Uint8Array(values.length * 2);
  const view = new DataView(bytes.buffer);
  const singles = new Uint32Array(values.buffer, values.byteOffset, values.length);
  // Not by an iterator, whose pairs take ten times as long for millions of numbers.
  for (let k = 0; k < singles.length; k++) {
    const half = usualHalf(singles[k] ?? NaN);
    if (half !== undefined) {
      view.setUint16(2 * k, half, true);
      continue;
    }
    const value = values[k] ?? NaN;
    if (f16round(value) !== value) return undefined;
    setFloat16(view, 2 * k, value, true);
  }
  return bytes;
}

/**
 * A number's half by its bits, where it is 0 or a normal half exactly: nearly every weight is, and there are
 * millions, for which the package takes ten times as long.
 */
function usualHalf(bits: number): number | undefined {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fff_ffff;
  if (magnitude === 0) return sign;
  const exponent = magnitude >>> 23;
  const isNormal = exponent > EXPONENT_APART && exponent <= EXPONENT_APART + 30 && (magnitude & 0x1fff) === 0;
  return isNormal ? sign | ((magnitude >>> 13) - (EXPONENT_APART << 10)) : undefined;
}
