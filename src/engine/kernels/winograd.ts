import { activate, VECTOR } from './arithmetic';
import { panel } from './pointwise';

/** Places of a tile, 4×4. */
const PLACES: i32 = 16;

/**
 * Bytes from the end of one place's sums to the next one's: at round distances all 16 of a tile would fall on
 * the same few lines of the cache.
 */
const APART: usize = 64;

/** Bytes at the start of the scratch that hold the addresses of a tile's pixels. */
const ADDRESSES: usize = 64;

/**
 * Convolution over windows of 3×3 in single steps, by Winograd's F(2×2, 3×3) as Lavin and Gray describe
 * it (2015): 4×4 pixels of the input become as many sums, of which each is multiplied by itself; 2×2
 * pixels of the output are sums of the products. 16 multiplications for 4 numbers instead of 36. Weights
 * are panels of 8 outputs, `[16][depth][8]`, turned into sums before (`packing.ts`). An infinity may come
 * out as NaN, for it is taken off itself.
 *
 * Loops: blocks of tiles whose sums fit the second cache › each tile's sums › for each of the 16 a 1×1
 * convolution over the block › each tile's outputs.
 * @param block most tiles at a time, for which the scratch has room
 * @param zeros as many as a pixel has channels
 * @param from first tile, and `to` the one after the last
 */
export function winograd(
  input: usize,
  inputStride: usize,
  inputWidth: i32,
  inputHeight: i32,
  depth: i32,
  output: usize,
  outputStride: usize,
  outputWidth: i32,
  outputHeight: i32,
  panels: i32,
  weights: usize,
  bias: usize,
  residual: usize,
  activation: usize,
  left: i32,
  top: i32,
  zeros: usize,
  block: i32,
  scratch: usize,
  from: i32,
  to: i32,
): void {
  const across = (outputWidth + 1) >> 1;
  const sumsStride = (<usize>((depth + 3) & ~3)) << 2;
  const productsStride = (<usize>panels) << 5;
  const sums = scratch + ADDRESSES;
  const sumsPlace = <usize>block * sumsStride + APART;
  const products = sums + <usize>PLACES * sumsPlace;
  const productsPlace = <usize>block * productsStride + APART;
  const panelBytes = (<usize>depth) << 5;
  for (let first = from; first < to; first += block) {
    const tiles = min(block, to - first);
    for (let tile = 0; tile < tiles; tile++) {
      const y = ((first + tile) / across) * 2 - top;
      const x = ((first + tile) % across) * 2 - left;
      for (let place = 0; place < PLACES; place++) {
        const row = y + (place >> 2);
        const column = x + (place & 3);
        const isInside = <u32>row < <u32>inputHeight && <u32>column < <u32>inputWidth;
        const pixel = input + <usize>(row * inputWidth + column) * inputStride;
        store<usize>(scratch + ((<usize>place) << 2), isInside ? pixel : zeros);
      }
      sumUp(scratch, sums + <usize>tile * sumsStride, sumsPlace, sumsStride);
    }
    for (let n = 0; n < panels; n++) {
      for (let place = 0; place < PLACES; place++) {
        panel(
          sums + <usize>place * sumsPlace,
          sumsStride,
          depth,
          products + <usize>place * productsPlace + ((<usize>n) << 5),
          productsStride,
          weights + <usize>(n * PLACES + place) * panelBytes,
          zeros,
          0,
          0,
          tiles,
        );
      }
    }
    for (let tile = 0; tile < tiles; tile++) {
      const y = ((first + tile) / across) * 2;
      const x = ((first + tile) % across) * 2;
      const offset = <usize>(y * outputWidth + x) * outputStride;
      finish(
        products + <usize>tile * productsStride,
        productsPlace,
        productsStride,
        bias,
        output + offset,
        residual ? residual + offset : 0,
        x + 1 < outputWidth ? outputStride : 0,
        y + 1 < outputHeight ? <usize>outputWidth * outputStride : 0,
        activation,
      );
    }
  }
}

/** The sums of one tile, 4 channels at a time. */
function sumUp(addresses: usize, target: usize, place: usize, bytes: usize): void {
  for (let channel: usize = 0; channel < bytes; channel += VECTOR) {
    // Along columns first: d0 − d2, d1 + d2, d2 − d1, d1 − d3; then the same along rows.
    for (let column: usize = 0; column < 4; column++) {
      const at = addresses + (column << 2);
      const d0 = v128.load(load<usize>(at) + channel);
      const d1 = v128.load(load<usize>(at, 16) + channel);
      const d2 = v128.load(load<usize>(at, 32) + channel);
      const d3 = v128.load(load<usize>(at, 48) + channel);
      const t = target + channel + column * place;
      v128.store(t, f32x4.sub(d0, d2));
      v128.store(t + 4 * place, f32x4.add(d1, d2));
      v128.store(t + 8 * place, f32x4.sub(d2, d1));
      v128.store(t + 12 * place, f32x4.sub(d1, d3));
    }
    for (let row: usize = 0; row < 4; row++) {
      const t = target + channel + 4 * row * place;
      const d0 = v128.load(t);
      const d1 = v128.load(t + place);
      const d2 = v128.load(t + 2 * place);
      const d3 = v128.load(t + 3 * place);
      v128.store(t, f32x4.sub(d0, d2));
      v128.store(t + place, f32x4.add(d1, d2));
      v128.store(t + 2 * place, f32x4.sub(d2, d1));
      v128.store(t + 3 * place, f32x4.sub(d1, d3));
    }
  }
}

/**
 * The outputs of one tile, 4 at a time. `right` and `below` are how far the
 * other pixels are; 0 where there are none.
 */
function finish(
  products: usize,
  place: usize,
  bytes: usize,
  bias: usize,
  output: usize,
  residual: usize,
  right: usize,
  below: usize,
  activation: usize,
): void {
  for (let channel: usize = 0; channel < bytes; channel += VECTOR) {
    let p = products + channel;
    const b = v128.load(bias + channel);
    // Along columns m0 + m1 + m2 and m1 − m2 − m3, added up along rows in the same way as they come.
    let u0 = b;
    let u1 = b;
    let v0 = b;
    let v1 = b;
    for (let column = 0; column < 4; column++) {
      const m0 = v128.load(p);
      const m1 = v128.load(p + 4 * place);
      const m2 = v128.load(p + 8 * place);
      const m3 = v128.load(p + 12 * place);
      const u = f32x4.add(f32x4.add(m0, m1), m2);
      const v = f32x4.sub(f32x4.sub(m1, m2), m3);
      if (column < 3) {
        u0 = f32x4.add(u0, u);
        v0 = f32x4.add(v0, v);
      }
      if (column === 1) {
        u1 = f32x4.add(u1, u);
        v1 = f32x4.add(v1, v);
      }
      if (column > 1) {
        u1 = f32x4.sub(u1, u);
        v1 = f32x4.sub(v1, v);
      }
      p += place;
    }
    const o = output + channel;
    const r = residual ? residual + channel : 0;
    write(o, u0, r, activation);
    if (right) write(o + right, u1, r ? r + right : 0, activation);
    if (below) write(o + below, v0, r ? r + below : 0, activation);
    if (right && below) write(o + right + below, v1, r ? r + right + below : 0, activation);
  }
}

function write(output: usize, sum: v128, residual: usize, activation: usize): void {
  if (residual) sum = f32x4.add(sum, v128.load(residual));
  v128.store(output, activate(sum, activation));
}
