/** The numbers of half precision that bytes hold, little-endian. */
export function decodeHalves(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  // A copy begins where two bytes can be read at once.
  const { buffer } = new Uint8Array(bytes);
  const count = bytes.length >> 1;
  // The browser's own conversion is compiled already; a script's has to be,
  // while much else begins.
  return typeof Float16Array === 'function'
    ? new Float32Array(new Float16Array(buffer, 0, count))
    : decodeByTable(new Uint16Array(buffer, 0, count));
}

/**
 * The same where the browser knows no half precision, that is before
 * Chromium 135, Firefox 129 and Safari 18.2.
 */
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
