/**
 * Numbers as little-endian halves, or undefined when one of them is not a half exactly (NaN counts as
 * that too): rounding would change a weight, so such a list has to stay in single precision.
 */
export function encodeHalvesExactly(values: Float32Array): Uint8Array | undefined {
  const singles = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const bytes = new Uint8Array(values.length * 2);
  const view = new DataView(bytes.buffer);
  for (const [k, single] of singles.entries()) {
    const half = halfBits(single);
    if (half === undefined) return undefined;
    view.setUint16(2 * k, half, true);
  }
  return bytes;
}

/** From the bits of a single (8 exponent bits with bias 127, 23 fraction bits) to those of the same half. */
function halfBits(single: number): number | undefined {
  const sign = (single >>> 16) & 0x8000;
  const exponent = ((single >>> 23) & 0xff) - 127;
  const fraction = single & 0x7f_ffff;
  if (exponent === -127) return fraction ? undefined : sign;
  if (exponent === 128) return fraction ? undefined : sign | 0x7c00;
  if (exponent > 15 || exponent < -24) return undefined;
  // Below 2^−14 a half has no leading one of its own: it becomes part of the fraction, one place lower each.
  const subnormal = exponent < -14;
  const significand = subnormal ? fraction | 0x80_0000 : fraction;
  const dropped = subnormal ? -1 - exponent : 13;
  if (significand & (2 ** dropped - 1)) return undefined;
  return sign | (subnormal ? 0 : (exponent + 15) << 10) | (significand >>> dropped);
}
