import { activate } from './arithmetic';
import { singles, tilesOf4, tilesOf6 } from './pointwise-tiles';

/** Bytes of input that stay in the cache while all panels go over them. */
const BLOCK: i32 = 65536;

/**
 * 1×1 convolution, split by pixels. A panel is the weights of 8 outputs, `[depth][8]`.
 *
 * Loops: blocks of pixels that fit the cache › panels › 4 or 6 pixels × 8 outputs in registers › depth. The
 * panels are how BLAS libraries lay out a matrix.
 * @param depth channels that are read
 * @param panels outputs ÷ 8, rounded up
 * @param residual added before the activation, at the output's stride; 0 for none
 * @param from first pixel, and `to` the one after the last
 */
export function pointwise(
  input: usize,
  inputStride: usize,
  depth: i32,
  output: usize,
  outputStride: usize,
  panels: i32,
  weights: usize,
  bias: usize,
  residual: usize,
  activation: usize,
  _scratch: usize,
  from: i32,
  to: i32,
): void {
  const fitting = BLOCK / (depth << 2);
  const block = max(12, fitting - (fitting % 12));
  for (let first = from; first < to; first += block) {
    const pixels = min(block, to - first);
    const source = input + <usize>first * inputStride;
    const offset = <usize>first * outputStride;
    for (let n = 0; n < panels; n++) {
      panel(
        source,
        inputStride,
        depth,
        output + offset + ((<usize>n) << 5),
        outputStride,
        weights + ((<usize>n * <usize>depth) << 5),
        bias + ((<usize>n) << 5),
        residual ? residual + offset + ((<usize>n) << 5) : 0,
        activation,
        pixels,
      );
    }
  }
}

/**
 * 1×1 convolution of few pixels, split by panels: `from` is the first panel and `to` the one after the last.
 */
export function pointwisePanels(
  input: usize,
  inputStride: usize,
  depth: i32,
  output: usize,
  outputStride: usize,
  pixels: i32,
  weights: usize,
  bias: usize,
  residual: usize,
  activation: usize,
  scratch: usize,
  from: i32,
  to: i32,
): void {
  const start = (<usize>from) << 5;
  pointwise(
    input,
    inputStride,
    depth,
    output + start,
    outputStride,
    to - from,
    weights + start * <usize>depth,
    bias + start,
    residual ? residual + start : 0,
    activation,
    scratch,
    0,
    pixels,
  );
}

/**
 * One panel over a run of pixels: bare sums in tiles (`pointwise-tiles.ts`), finished while the first cache
 * has them.
 * @param activation 0 where sums are what is wanted
 */
export function panel(
  input: usize,
  inputStride: usize,
  depth: i32,
  output: usize,
  outputStride: usize,
  weights: usize,
  bias: usize,
  residual: usize,
  activation: usize,
  pixels: i32,
): void {
  const bytes = (<usize>depth) << 2;
  let left = pixels;
  let from = input;
  let to = output;
  if (ASC_FEATURE_RELAXED_SIMD) {
    // 2 or 3 that are left over make two tiles of 4 with the 6 before them.
    const over = pixels % 6;
    const inTiles = max(0, pixels - over - (over & 2 ? 6 : 0));
    tilesOf6(from, inputStride, bytes, to, outputStride, weights, bias, inTiles);
    from += <usize>inTiles * inputStride;
    to += <usize>inTiles * outputStride;
    left -= inTiles;
  }
  const inTiles = left & ~3;
  tilesOf4(from, inputStride, bytes, to, outputStride, weights, bias, inTiles);
  from += <usize>inTiles * inputStride;
  to += <usize>inTiles * outputStride;
  singles(from, inputStride, bytes, to, outputStride, weights, bias, left - inTiles);
  if (activation) finish(output, outputStride, residual, activation, pixels);
}

/** Makes numbers of sums: adds what is added to them, and the activation. */
export function finish(output: usize, stride: usize, residual: usize, activation: usize, pixels: i32): void {
  if (residual) {
    for (let left = pixels; left > 0; left--) {
      const a = f32x4.add(v128.load(output), v128.load(residual));
      const b = f32x4.add(v128.load(output, 16), v128.load(residual, 16));
      v128.store(output, activate(a, activation));
      v128.store(output, activate(b, activation), 16);
      output += stride;
      residual += stride;
    }
  } else {
    for (let left = pixels; left > 0; left--) {
      v128.store(output, activate(v128.load(output), activation));
      v128.store(output, activate(v128.load(output, 16), activation), 16);
      output += stride;
    }
  }
}
