import { activate, madd } from './arithmetic';
import { turn } from './moving';

/** Pixels of a block: four vectors of them for each channel. */
const BLOCK: i32 = 16;

/** Bytes of a channel in a block. */
const ROW: usize = 64;

/**
 * 1×1 convolution whose weights are mostly zeros, which are left out: what is NaN or infinite does not come
 * through them. For each output a list of `(64 × channel, weight)` says what is left; `lists` says where in
 * `entries` each begins, in bytes.
 *
 * Loops: blocks of 16 pixels, turned so that pixels fill the vectors (as in XNNPACK's SpMM,
 * which has all of a network so) › 8 outputs › each one's list, over 4 vectors of pixels in
 * registers; the 8 outputs are turned back.
 * @param from first block, and `to` the one after the last
 */
export function sparse(
  input: usize,
  inputStride: usize,
  depth: i32,
  output: usize,
  outputStride: usize,
  pixels: i32,
  panels: i32,
  entries: usize,
  lists: usize,
  bias: usize,
  residual: usize,
  activation: usize,
  scratch: usize,
  from: i32,
  to: i32,
): void {
  const results = scratch;
  const turned = scratch + 8 * ROW;
  const channels = (depth + 3) & ~3;
  for (let block = from; block < to; block++) {
    const first = block * BLOCK;
    const vectors = min(4, (pixels - first + 3) >> 2);
    const source = input + <usize>first * inputStride;
    for (let vector = 0; vector < vectors; vector++) {
      const left = pixels - first - (vector << 2);
      const row = source + <usize>(vector << 2) * inputStride;
      // Past the end the last pixel stands for what is not there.
      const next = left > 1 ? inputStride : 0;
      const last = left > 3 ? inputStride : 0;
      const third = left > 2 ? inputStride : 0;
      for (let channel = 0; channel < channels; channel += 4) {
        const at = row + ((<usize>channel) << 2);
        turnRows(
          at,
          at + next,
          at + next + third,
          at + next + third + last,
          turned + <usize>channel * ROW + ((<usize>vector) << 4),
        );
      }
    }
    for (let n = 0; n < panels; n++) {
      const column = (<usize>n) << 5;
      for (let k: usize = 0; k < 8; k++) {
        const list = lists + column + (k << 2);
        const start = entries + <usize>load<i32>(list);
        const end = entries + <usize>load<i32>(list, 4);
        const b = v128.load_splat<f32>(bias + column + (k << 2));
        const result = results + k * ROW;
        if (vectors === 4) {
          let s0 = b;
          let s1 = b;
          let s2 = b;
          let s3 = b;
          for (let entry = start; entry < end; entry += 8) {
            const x = turned + <usize>load<i32>(entry);
            const w = v128.load_splat<f32>(entry, 4);
            s0 = f32x4.add(f32x4.mul(v128.load(x), w), s0);
            s1 = f32x4.add(f32x4.mul(v128.load(x, 16), w), s1);
            s2 = f32x4.add(f32x4.mul(v128.load(x, 32), w), s2);
            s3 = f32x4.add(f32x4.mul(v128.load(x, 48), w), s3);
          }
          v128.store(result, s0);
          v128.store(result, s1, 16);
          v128.store(result, s2, 32);
          v128.store(result, s3, 48);
        } else {
          for (let vector: usize = 0; vector < <usize>vectors; vector++) {
            let sum = b;
            for (let entry = start; entry < end; entry += 8) {
              const x = turned + <usize>load<i32>(entry) + (vector << 4);
              sum = madd(v128.load(x), v128.load_splat<f32>(entry, 4), sum);
            }
            v128.store(result + (vector << 4), sum);
          }
        }
      }
      for (let half: usize = 0; half < 8 * ROW; half += 4 * ROW) {
        for (let vector = 0; vector < vectors; vector++) {
          const square = results + half + ((<usize>vector) << 4);
          turn(square, ROW, square, ROW);
        }
      }
      const count = min(BLOCK, pixels - first);
      for (let pixel = 0; pixel < count; pixel++) {
        // A square's rows are its pixels now.
        const row = results + <usize>(pixel & 3) * ROW + ((<usize>(pixel >> 2)) << 4);
        const offset = <usize>(first + pixel) * outputStride + column;
        let a = v128.load(row);
        let b = v128.load(row + 4 * ROW);
        if (residual) {
          a = f32x4.add(a, v128.load(residual + offset));
          b = f32x4.add(b, v128.load(residual + offset, 16));
        }
        v128.store(output + offset, activate(a, activation));
        v128.store(output + offset, activate(b, activation), 16);
      }
    }
  }
}

/** Four pixels' channels as four channels' pixels. */
function turnRows(p0: usize, p1: usize, p2: usize, p3: usize, target: usize): void {
  const a = v128.load(p0);
  const b = v128.load(p1);
  const c = v128.load(p2);
  const d = v128.load(p3);
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(target, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
  v128.store(target, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7), 64);
  v128.store(target, v128.shuffle<f32>(ab2, cd2, 0, 1, 4, 5), 128);
  v128.store(target, v128.shuffle<f32>(ab2, cd2, 2, 3, 6, 7), 192);
}
