import { VECTOR } from './arithmetic';
import { panel } from './pointwise';

/**
 * Convolution over windows of any size, all channels together. Weights are panels of 8 outputs,
 * `[window rows][window columns][depth][8]`.
 *
 * Loops: blocks of pixels › each pixel's window, copied into the scratch as one run of numbers (im2col) ›
 * panels, over the block as the 1×1 convolution goes over pixels. To look pixels up in the innermost loop
 * instead takes no copy, but leaves it too few registers for the sums: slower by a fifth.
 * @param zeros as many as a pixel has channels
 * @param block most pixels at a time, for which the scratch has room
 * @param from first pixel of the output, and `to` the one after the last
 */
export function dense(
  input: usize,
  inputStride: usize,
  inputWidth: i32,
  inputHeight: i32,
  depth: i32,
  output: usize,
  outputStride: usize,
  outputWidth: i32,
  panels: i32,
  weights: usize,
  bias: usize,
  residual: usize,
  activation: usize,
  windowWidth: i32,
  windowHeight: i32,
  step: i32,
  left: i32,
  top: i32,
  zeros: usize,
  block: i32,
  scratch: usize,
  from: i32,
  to: i32,
): void {
  const bytes = (<usize>depth) << 2;
  const places = windowWidth * windowHeight;
  const patchBytes = bytes * <usize>places;
  for (let start = from; start < to; start += block) {
    const pixels = min(block, to - start);
    let patch = scratch;
    for (let pixel = start; pixel < start + pixels; pixel++) {
      const y = (pixel / outputWidth) * step - top;
      const x = (pixel % outputWidth) * step - left;
      for (let row = y; row < y + windowHeight; row++) {
        for (let column = x; column < x + windowWidth; column++) {
          const isInside = <u32>row < <u32>inputHeight && <u32>column < <u32>inputWidth;
          const source = isInside ? input + <usize>(row * inputWidth + column) * inputStride : zeros;
          // The last vector may go on into the next place, which is written after it.
          for (let at: usize = 0; at < bytes; at += VECTOR) v128.store(patch + at, v128.load(source + at));
          patch += bytes;
        }
      }
    }
    const offset = <usize>start * outputStride;
    for (let n = 0; n < panels; n++) {
      const column = (<usize>n) << 5;
      panel(
        scratch,
        patchBytes,
        depth * places,
        output + offset + column,
        outputStride,
        weights + column * <usize>(depth * places),
        bias + column,
        residual ? residual + offset + column : 0,
        activation,
        pixels,
      );
    }
  }
}
