import { activate, madd, VECTOR } from './arithmetic';

/** A pixel of the padded copy: 16 channels, one line of the cache. */
export const PIXEL: usize = 64;

/*
 * One row of a depthwise convolution, for 4 channels: 4 pixels in registers › the window's rows. What two
 * pixels read is loaded once; every load has a fixed offset.
 */

/** 3×3, single steps. */
export function row3(
  source: usize,
  rowBytes: usize,
  weights: usize,
  bias: usize,
  target: usize,
  stride: usize,
  width: i32,
  activation: usize,
): void {
  for (let left = width; left > 0; left -= 4) {
    let a0 = v128.load(bias);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let s = source;
    const end = weights + 9 * VECTOR;
    for (let w = weights; w < end; w += 3 * VECTOR) {
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      const w2 = v128.load(w, 32);
      a0 = madd(v128.load(s), w0, a0);
      let x = v128.load(s, 64);
      a0 = madd(x, w1, a0);
      a1 = madd(x, w0, a1);
      x = v128.load(s, 128);
      a0 = madd(x, w2, a0);
      a1 = madd(x, w1, a1);
      a2 = madd(x, w0, a2);
      x = v128.load(s, 192);
      a1 = madd(x, w2, a1);
      a2 = madd(x, w1, a2);
      a3 = madd(x, w0, a3);
      x = v128.load(s, 256);
      a2 = madd(x, w2, a2);
      a3 = madd(x, w1, a3);
      a3 = madd(v128.load(s, 320), w2, a3);
      s += rowBytes;
    }
    store4(target, stride, left, a0, a1, a2, a3, activation);
    target += stride << 2;
    source += 4 * PIXEL;
  }
}

/** 3×3, steps of 2. */
export function row3by2(
  source: usize,
  rowBytes: usize,
  weights: usize,
  bias: usize,
  target: usize,
  stride: usize,
  width: i32,
  activation: usize,
): void {
  for (let left = width; left > 0; left -= 4) {
    let a0 = v128.load(bias);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let s = source;
    const end = weights + 9 * VECTOR;
    for (let w = weights; w < end; w += 3 * VECTOR) {
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      const w2 = v128.load(w, 32);
      a0 = madd(v128.load(s), w0, a0);
      a0 = madd(v128.load(s, 64), w1, a0);
      let x = v128.load(s, 128);
      a0 = madd(x, w2, a0);
      a1 = madd(x, w0, a1);
      a1 = madd(v128.load(s, 192), w1, a1);
      x = v128.load(s, 256);
      a1 = madd(x, w2, a1);
      a2 = madd(x, w0, a2);
      a2 = madd(v128.load(s, 320), w1, a2);
      x = v128.load(s, 384);
      a2 = madd(x, w2, a2);
      a3 = madd(x, w0, a3);
      a3 = madd(v128.load(s, 448), w1, a3);
      a3 = madd(v128.load(s, 512), w2, a3);
      s += rowBytes;
    }
    store4(target, stride, left, a0, a1, a2, a3, activation);
    target += stride << 2;
    source += 8 * PIXEL;
  }
}

/** 5×5, single steps. */
export function row5(
  source: usize,
  rowBytes: usize,
  weights: usize,
  bias: usize,
  target: usize,
  stride: usize,
  width: i32,
  activation: usize,
): void {
  for (let left = width; left > 0; left -= 4) {
    let a0 = v128.load(bias);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let s = source;
    const end = weights + 25 * VECTOR;
    for (let w = weights; w < end; w += 5 * VECTOR) {
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      const w2 = v128.load(w, 32);
      const w3 = v128.load(w, 48);
      const w4 = v128.load(w, 64);
      a0 = madd(v128.load(s), w0, a0);
      let x = v128.load(s, 64);
      a0 = madd(x, w1, a0);
      a1 = madd(x, w0, a1);
      x = v128.load(s, 128);
      a0 = madd(x, w2, a0);
      a1 = madd(x, w1, a1);
      a2 = madd(x, w0, a2);
      x = v128.load(s, 192);
      a0 = madd(x, w3, a0);
      a1 = madd(x, w2, a1);
      a2 = madd(x, w1, a2);
      a3 = madd(x, w0, a3);
      x = v128.load(s, 256);
      a0 = madd(x, w4, a0);
      a1 = madd(x, w3, a1);
      a2 = madd(x, w2, a2);
      a3 = madd(x, w1, a3);
      x = v128.load(s, 320);
      a1 = madd(x, w4, a1);
      a2 = madd(x, w3, a2);
      a3 = madd(x, w2, a3);
      x = v128.load(s, 384);
      a2 = madd(x, w4, a2);
      a3 = madd(x, w3, a3);
      a3 = madd(v128.load(s, 448), w4, a3);
      s += rowBytes;
    }
    store4(target, stride, left, a0, a1, a2, a3, activation);
    target += stride << 2;
    source += 4 * PIXEL;
  }
}

/** 5×5, steps of 2. */
export function row5by2(
  source: usize,
  rowBytes: usize,
  weights: usize,
  bias: usize,
  target: usize,
  stride: usize,
  width: i32,
  activation: usize,
): void {
  for (let left = width; left > 0; left -= 4) {
    let a0 = v128.load(bias);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let s = source;
    const end = weights + 25 * VECTOR;
    for (let w = weights; w < end; w += 5 * VECTOR) {
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      const w2 = v128.load(w, 32);
      const w3 = v128.load(w, 48);
      const w4 = v128.load(w, 64);
      a0 = madd(v128.load(s), w0, a0);
      a0 = madd(v128.load(s, 64), w1, a0);
      let x = v128.load(s, 128);
      a0 = madd(x, w2, a0);
      a1 = madd(x, w0, a1);
      x = v128.load(s, 192);
      a0 = madd(x, w3, a0);
      a1 = madd(x, w1, a1);
      x = v128.load(s, 256);
      a0 = madd(x, w4, a0);
      a1 = madd(x, w2, a1);
      a2 = madd(x, w0, a2);
      x = v128.load(s, 320);
      a1 = madd(x, w3, a1);
      a2 = madd(x, w1, a2);
      x = v128.load(s, 384);
      a1 = madd(x, w4, a1);
      a2 = madd(x, w2, a2);
      a3 = madd(x, w0, a3);
      x = v128.load(s, 448);
      a2 = madd(x, w3, a2);
      a3 = madd(x, w1, a3);
      x = v128.load(s, 512);
      a2 = madd(x, w4, a2);
      a3 = madd(x, w2, a3);
      a3 = madd(v128.load(s, 576), w3, a3);
      a3 = madd(v128.load(s, 640), w4, a3);
      s += rowBytes;
    }
    store4(target, stride, left, a0, a1, a2, a3, activation);
    target += stride << 2;
    source += 8 * PIXEL;
  }
}

/** Writes 4 channels of as many of 4 pixels as are left in the row. */
function store4(
  target: usize,
  stride: usize,
  left: i32,
  a0: v128,
  a1: v128,
  a2: v128,
  a3: v128,
  activation: usize,
): void {
  v128.store(target, activate(a0, activation));
  if (left > 1) v128.store(target + stride, activate(a1, activation));
  if (left > 2) v128.store(target + 2 * stride, activate(a2, activation));
  if (left > 3) v128.store(target + 3 * stride, activate(a3, activation));
}
