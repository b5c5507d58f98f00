import { LANES } from './builder.ts';

/**
 * Weights of a convolution over all channels, as the kernels read them: panels of 8 outputs, `[places of the
 * window][depth][8]` each; zeros for outputs that are not there.
 * @param values `[outputs][depth][places]`, as ONNX has them
 */
export function packPanels(
  values: Float32Array,
  outputs: number,
  depth: number,
  places: number,
): Float32Array {
  const panels = Math.ceil(outputs / LANES);
  const packed = new Float32Array(panels * LANES * depth * places);
  for (let output = 0; output < outputs; output++) {
    const panel = Math.floor(output / LANES) * LANES * depth * places + (output % LANES);
    const row = output * depth * places;
    for (let place = 0; place < places; place++) {
      let to = panel + place * depth * LANES;
      for (let k = 0; k < depth; k++, to += LANES) packed[to] = values[row + k * places + place] ?? 0;
    }
  }
  return packed;
}

/**
 * Weights of a depthwise convolution, `[channels / 4][places of the window][4]`,
 * with zeros up to the channels of a pixel.
 * @param values `[channels][places]`
 */
export function packDepthwise(values: Float32Array, channels: number, places: number): Float32Array {
  const packed = new Float32Array(LANES * Math.ceil(channels / LANES) * places);
  for (let channel = 0; channel < channels; channel++) {
    const to = (channel - (channel % 4)) * places + (channel % 4);
    for (let place = 0; place < places; place++)
      packed[to + 4 * place] = values[channel * places + place] ?? 0;
  }
  return packed;
}

/** Numbers with others after them, up to the channels of a pixel. */
export function padLanes(values: Float32Array, channels: number): Float32Array {
  const padded = new Float32Array(LANES * Math.ceil(channels / LANES));
  padded.set(values);
  return padded;
}

/**
 * What a row or a column of a 3×3 filter becomes: of its three numbers, the sums
 * that Winograd's F(2, 3) multiplies by.
 */
const WINOGRAD = [
  [1, 0, 0],
  [0.5, 0.5, 0.5],
  [0.5, -0.5, 0.5],
  [0, 0, 1],
] as const;

/**
 * Filters of 3×3 as the 4×4 sums that Winograd's F(2×2, 3×3) multiplies by.
 * @param values filters of nine numbers, one after the other
 */
export function winogradFilters(values: Float32Array): Float32Array {
  const turned = new Float32Array((values.length / 9) * 16);
  for (let from = 0, to = 0; from < values.length; from += 9) {
    for (const [a, b, c] of WINOGRAD) {
      const column = (k: number) =>
        a * (values[from + k] ?? 0) + b * (values[from + 3 + k] ?? 0) + c * (values[from + 6 + k] ?? 0);
      const [x, y, z] = [column(0), column(1), column(2)];
      for (const [d, e, f] of WINOGRAD) turned[to++] = d * x + e * y + f * z;
    }
  }
  return turned;
}

/**
 * Weights that are mostly zeros, as the sparse kernel reads them: what is not zero, one output
 * after the other, each as where its channel is in a block of 16 pixels, in bytes, and the weight;
 * and where each output's begin, in bytes.
 * @param values `[outputs][depth]`
 */
export function packSparse(
  values: Float32Array,
  outputs: number,
  depth: number,
): { entries: Int32Array; lists: Int32Array } {
  const entries = new Int32Array(2 * countNonZero(values));
  const weights = new Float32Array(entries.buffer);
  const lists = new Int32Array(LANES * Math.ceil(outputs / LANES) + 1);
  let at = 0;
  for (let output = 0; output < lists.length; output++) {
    lists[output] = 4 * at;
    if (output >= outputs) continue;
    for (let k = 0; k < depth; k++) {
      const weight = values[output * depth + k] ?? 0;
      if (weight === 0) continue;
      entries[at++] = 64 * k;
      weights[at++] = weight;
    }
  }
  return { entries, lists };
}

/** How many are not zero; NaN is none. */
export function countNonZero(values: Float32Array): number {
  let count = 0;
  for (const value of values) if (value !== 0) count++;
  return count;
}
