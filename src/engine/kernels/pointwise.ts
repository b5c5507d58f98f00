import { activate, madd } from './arithmetic';

/** Bytes of input that stay in the cache while all panels go over them. */
const BLOCK: i32 = 65536;

/**
 * 1×1 convolution, split by pixels. A panel is the weights of 8 outputs, `[depth][8]`.
 *
 * Loops: blocks of pixels that fit the cache › panels › 4 pixels × 8 outputs in registers › depth. A step of
 * the depth takes two loads of weights and four numbers spread over a vector, for eight multiply-adds. The
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
  const block = max(4, (BLOCK / (depth << 2)) & ~3);
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
 * One panel over a run of pixels.
 *
 * The tiles have a function of their own, with one loop of one step and nothing before it or after: with the
 * activation or single pixels in the same function V8 puts sums on the stack, and it takes 1.6 times as long.
 * So tiles write bare sums, which are finished while they are in the first cache.
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
  const inTiles = pixels & ~3;
  tiles(input, inputStride, bytes, output, outputStride, weights, bias, inTiles);
  if (inTiles < pixels)
    singles(
      input + <usize>inTiles * inputStride,
      inputStride,
      bytes,
      output + <usize>inTiles * outputStride,
      outputStride,
      weights,
      bias,
      pixels - inTiles,
    );
  if (activation) finish(output, outputStride, residual, activation, pixels);
}

/**
 * Sums of 4 pixels × 8 outputs at a time. What decides the speed is whether an engine keeps all sums in
 * registers, which it does with this tile and few others. GMAC/s on an AMD EPYC (Zen 5), in Chromium 156 and
 * Node 20: this loop 31–34 and 30–31; with two steps of the depth in it 20–27 and 30–31; 5 pixels × 8 outputs
 * 31–34 and 14–19; 3 × 12 32–34 and 13–19; 2 × 16 31–33 and 30–31; 6 × 8 17–24 and 17–22; 4 × 12 16–24 and
 * 17–22; 8 × 4 25–28 and 11–15.
 */
function tiles(
  input: usize,
  inputStride: usize,
  bytes: usize,
  output: usize,
  outputStride: usize,
  weights: usize,
  bias: usize,
  pixels: i32,
): void {
  for (; pixels > 0; pixels -= 4) {
    let p0 = input;
    let p1 = p0 + inputStride;
    let p2 = p1 + inputStride;
    let p3 = p2 + inputStride;
    let w = weights;
    let a0 = v128.load(bias);
    let b0 = v128.load(bias, 16);
    let a1 = a0;
    let b1 = b0;
    let a2 = a0;
    let b2 = b0;
    let a3 = a0;
    let b3 = b0;
    const end = p0 + bytes;
    while (p0 < end) {
      const u = v128.load(w);
      const v = v128.load(w, 16);
      let x = v128.load_splat<f32>(p0);
      a0 = madd(x, u, a0);
      b0 = madd(x, v, b0);
      x = v128.load_splat<f32>(p1);
      a1 = madd(x, u, a1);
      b1 = madd(x, v, b1);
      x = v128.load_splat<f32>(p2);
      a2 = madd(x, u, a2);
      b2 = madd(x, v, b2);
      x = v128.load_splat<f32>(p3);
      a3 = madd(x, u, a3);
      b3 = madd(x, v, b3);
      p0 += 4;
      p1 += 4;
      p2 += 4;
      p3 += 4;
      w += 32;
    }
    v128.store(output, a0);
    v128.store(output, b0, 16);
    output += outputStride;
    v128.store(output, a1);
    v128.store(output, b1, 16);
    output += outputStride;
    v128.store(output, a2);
    v128.store(output, b2, 16);
    output += outputStride;
    v128.store(output, a3);
    v128.store(output, b3, 16);
    output += outputStride;
    input += inputStride << 2;
  }
}

/** The same for pixels that make no tile. */
function singles(
  input: usize,
  inputStride: usize,
  bytes: usize,
  output: usize,
  outputStride: usize,
  weights: usize,
  bias: usize,
  pixels: i32,
): void {
  for (; pixels > 0; pixels--) {
    let w = weights;
    let a = v128.load(bias);
    let b = v128.load(bias, 16);
    const end = input + bytes;
    for (let p = input; p < end; p += 4) {
      const x = v128.load_splat<f32>(p);
      a = madd(x, v128.load(w), a);
      b = madd(x, v128.load(w, 16), b);
      w += 32;
    }
    v128.store(output, a);
    v128.store(output, b, 16);
    input += inputStride;
    output += outputStride;
  }
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
