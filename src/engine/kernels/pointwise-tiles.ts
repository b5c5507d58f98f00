import { madd } from './arithmetic';

/*
 * Sums of the 1×1 convolution, a few pixels × 8 outputs at a time. What decides the speed is whether engines
 * keep all of a tile's sums in registers. So tiles have functions of their own, with one loop of one step and
 * nothing before it or after, not even the activation. GMAC/s over depths and outputs from 24 to 1632, one
 * thread, on an AMD EPYC (Zen 5):
 *
 * | pixels × outputs | plain: Chromium 156, Node 20 | relaxed SIMD: Chromium 156, Node 20 |
 * | ---------------- | ---------------------------- | ----------------------------------- |
 * | 4 × 8            | 31–34, 30–32                 | 30–34, 30–31                        |
 * | the same, two steps of the depth in the loop | 20–27, 30–31 | 30–34, 16–22            |
 * | 5 × 8            | 31–34, 14–19                 | 31–34, 13–20                        |
 * | 6 × 8            | 17–24, 17–22                 | 33–36, 16–20                        |
 * | 3 × 12           | 32–34, 13–19                 | 31–34, 32–33                        |
 * | 2 × 16           | 31–33, 30–31                 | 31–33, 31–32                        |
 * | 4 × 12           | 16–24, 17–22                 | 16–24, 16–22                        |
 * | 8 × 4            | 25–28, 11–15                 | 24–28, 11–15                        |
 *
 * Zen 5 multiplies and adds side by side, so that relaxed SIMD, which does both at once, gains it little. An
 * Intel Xeon with AVX-512 does one or the other: 4 × 8 in Node 20 has 16 there, and 20–22 with relaxed SIMD.
 */

/** 4 pixels at a time. */
export function tilesOf4(
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

/** 6 pixels at a time: for relaxed SIMD, where a product takes no register beside its sum. */
export function tilesOf6(
  input: usize,
  inputStride: usize,
  bytes: usize,
  output: usize,
  outputStride: usize,
  weights: usize,
  bias: usize,
  pixels: i32,
): void {
  for (; pixels > 0; pixels -= 6) {
    let p0 = input;
    let p1 = p0 + inputStride;
    let p2 = p1 + inputStride;
    let p3 = p2 + inputStride;
    let p4 = p3 + inputStride;
    let p5 = p4 + inputStride;
    let w = weights;
    let a0 = v128.load(bias);
    let b0 = v128.load(bias, 16);
    let a1 = a0;
    let b1 = b0;
    let a2 = a0;
    let b2 = b0;
    let a3 = a0;
    let b3 = b0;
    let a4 = a0;
    let b4 = b0;
    let a5 = a0;
    let b5 = b0;
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
      x = v128.load_splat<f32>(p4);
      a4 = madd(x, u, a4);
      b4 = madd(x, v, b4);
      x = v128.load_splat<f32>(p5);
      a5 = madd(x, u, a5);
      b5 = madd(x, v, b5);
      p0 += 4;
      p1 += 4;
      p2 += 4;
      p3 += 4;
      p4 += 4;
      p5 += 4;
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
    v128.store(output, a4);
    v128.store(output, b4, 16);
    output += outputStride;
    v128.store(output, a5);
    v128.store(output, b5, 16);
    output += outputStride;
    input += 6 * inputStride;
  }
}

/** One pixel at a time. */
export function singles(
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
