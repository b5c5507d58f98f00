/** The largest of some values. */
export function largest(values: Float32Array = new Float32Array()): number {
  return values.reduce((one, other) => Math.max(one, other), -Infinity);
}

/**
 * The largest difference between two runtimes' values of one output.
 * @param includes which elements count; all of them when absent
 */
export function largestDifference(
  values: Float32Array | undefined,
  wanted: Float32Array | undefined,
  includes: (index: number) => boolean = () => true,
): number {
  if (!values || !wanted || values.length !== wanted.length || values.length === 0) {
    throw new Error('an output is missing, or of another size');
  }
  let worst = 0;
  for (const [index, value] of values.entries()) {
    if (!includes(index)) continue;
    const difference = Math.abs(value - (wanted[index] ?? Number.NaN));
    // NaN compares false with everything, so it would pass for no difference.
    worst = Number.isNaN(difference) ? Infinity : Math.max(worst, difference);
  }
  return worst;
}

/** A file of the dev server. */
export async function load(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
