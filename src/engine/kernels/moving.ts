import { VECTOR } from './arithmetic';

/**
 * Copies some numbers of every pixel elsewhere: concatenation, padding, depth to space and packing are this
 * with other strides, all in bytes.
 * @param count numbers of a pixel
 * @param width pixels of a row
 * @param from first row, and `to` the one after the last
 */
export function copy(
  input: usize,
  inputRow: usize,
  inputPixel: usize,
  output: usize,
  outputRow: usize,
  outputPixel: usize,
  count: i32,
  width: i32,
  _scratch: usize,
  from: i32,
  to: i32,
): void {
  const bytes = (<usize>count) << 2;
  const bytesOfVectors = bytes & ~15;
  for (let y = from; y < to; y++) {
    let source = input + <usize>y * inputRow;
    let target = output + <usize>y * outputRow;
    for (let x = 0; x < width; x++) {
      let at: usize = 0;
      for (; at < bytesOfVectors; at += VECTOR) v128.store(target + at, v128.load(source + at));
      for (; at < bytes; at += 4) store<i32>(target + at, load<i32>(source + at));
      source += inputPixel;
      target += outputPixel;
    }
  }
}

/**
 * Channels that are planes one after the other, put side by side in every pixel.
 *
 * Loops: tiles of 4 pixels › 4 channels, turned around in registers.
 * @param plane bytes of a plane
 * @param pixels how many there are in all
 * @param from first tile, and `to` the one after the last
 */
export function fromPlanes(
  input: usize,
  plane: usize,
  channels: i32,
  output: usize,
  stride: usize,
  pixels: i32,
  _scratch: usize,
  from: i32,
  to: i32,
): void {
  for (let tile = from; tile < to; tile++) {
    const first = tile << 2;
    const count = min(4, pixels - first);
    for (let channel = 0; channel < channels; channel += 4) {
      const source = input + <usize>channel * plane + ((<usize>first) << 2);
      const target = output + <usize>first * stride + ((<usize>channel) << 2);
      const seen = min(4, channels - channel);
      if (count === 4 && seen === 4) turn(source, plane, target, stride);
      else
        for (let c = 0; c < seen; c++) {
          for (let p = 0; p < count; p++) {
            const number = load<i32>(source + <usize>c * plane + ((<usize>p) << 2));
            store<i32>(target + <usize>p * stride + ((<usize>c) << 2), number);
          }
        }
    }
  }
}

/** How many tiles `toPlanes` takes four channels of at a time. */
const RUN: i32 = 32;

/**
 * The channels of every pixel, put into planes one after the other. Arguments as of `fromPlanes`.
 *
 * Loops: runs of tiles › 4 channels › tiles of 4 pixels, turned around in registers.
 */
export function toPlanes(
  input: usize,
  stride: usize,
  channels: i32,
  output: usize,
  plane: usize,
  pixels: i32,
  _scratch: usize,
  from: i32,
  to: i32,
): void {
  for (let run = from; run < to; run += RUN) {
    const end = min(run + RUN, to);
    for (let channel = 0; channel < channels; channel += 4) {
      const seen = min(4, channels - channel);
      for (let tile = run; tile < end; tile++) {
        const first = tile << 2;
        const source = input + <usize>first * stride + ((<usize>channel) << 2);
        const target = output + <usize>channel * plane + ((<usize>first) << 2);
        const count = min(4, pixels - first);
        if (count === 4 && seen === 4) turn(source, stride, target, plane);
        else if (count === 4) turnSome(source, stride, target, plane, seen);
        else
          for (let c = 0; c < seen; c++) {
            for (let p = 0; p < count; p++) {
              const number = load<i32>(source + <usize>p * stride + ((<usize>c) << 2));
              store<i32>(target + <usize>c * plane + ((<usize>p) << 2), number);
            }
          }
      }
    }
  }
}

/** A square of 4×4 numbers, whose rows become columns; it may stay where it is. */
export function turn(source: usize, sourceRow: usize, target: usize, targetRow: usize): void {
  const a = v128.load(source);
  const b = v128.load(source + sourceRow);
  const c = v128.load(source + 2 * sourceRow);
  const d = v128.load(source + 3 * sourceRow);
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(target, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
  v128.store(target + targetRow, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
  v128.store(target + 2 * targetRow, v128.shuffle<f32>(ab2, cd2, 0, 1, 4, 5));
  v128.store(target + 3 * targetRow, v128.shuffle<f32>(ab2, cd2, 2, 3, 6, 7));
}

/** The same, of whose rows only so many are written, 1 to 3. */
function turnSome(source: usize, sourceRow: usize, target: usize, targetRow: usize, rows: i32): void {
  const a = v128.load(source);
  const b = v128.load(source + sourceRow);
  const c = v128.load(source + 2 * sourceRow);
  const d = v128.load(source + 3 * sourceRow);
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  v128.store(target, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
  if (rows > 1) v128.store(target + targetRow, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
  if (rows < 3) return;
  const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(target + 2 * targetRow, v128.shuffle<f32>(ab2, cd2, 0, 1, 4, 5));
}
