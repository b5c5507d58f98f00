import { VECTOR } from './arithmetic';

/**
 * The largest of every window.
 *
 * Loops: rows › pixels › vectors of 4 channels › the window. `max`, since it hands
 * on NaN; there are few of these layers.
 * @param from first row of the output, and `to` the one after the last
 */
export function maxPool(
  input: usize,
  inputWidth: i32,
  inputHeight: i32,
  stride: usize,
  output: usize,
  outputWidth: i32,
  windowWidth: i32,
  windowHeight: i32,
  step: i32,
  left: i32,
  top: i32,
  _scratch: usize,
  from: i32,
  to: i32,
): void {
  for (let y = from; y < to; y++) {
    const firstRow = max(0, y * step - top);
    const endOfRows = min(inputHeight, y * step - top + windowHeight);
    for (let x = 0; x < outputWidth; x++) {
      const firstColumn = max(0, x * step - left);
      const endOfColumns = min(inputWidth, x * step - left + windowWidth);
      const target = output + <usize>(y * outputWidth + x) * stride;
      for (let channel: usize = 0; channel < stride; channel += VECTOR) {
        let largest = f32x4.splat(-Infinity);
        for (let row = firstRow; row < endOfRows; row++) {
          let source = input + <usize>(row * inputWidth + firstColumn) * stride + channel;
          for (let column = firstColumn; column < endOfColumns; column++) {
            largest = f32x4.max(largest, v128.load(source));
            source += stride;
          }
        }
        v128.store(target + channel, largest);
      }
    }
  }
}

/**
 * The mean of each channel over all pixels. `from` is the first vector of 4
 * channels, and `to` the one after the last.
 */
export function globalAverage(
  input: usize,
  stride: usize,
  pixels: i32,
  output: usize,
  _scratch: usize,
  from: i32,
  to: i32,
): void {
  for (let vector = from; vector < to; vector++) {
    const offset = <usize>vector * VECTOR;
    let sum = f32x4.splat(0);
    let source = input + offset;
    for (let pixel = 0; pixel < pixels; pixel++) {
      sum = f32x4.add(sum, v128.load(source));
      source += stride;
    }
    v128.store(output + offset, f32x4.div(sum, f32x4.splat(<f32>pixels)));
  }
}

/**
 * Bilinear resizing. What is read for a row or a column stands in a table: the byte offsets of the two of the
 * input (i32), and the weights of both (f32).
 *
 * Loops: rows › pixels › vectors of 4 channels.
 * @param from first row of the output, and `to` the one after the last
 */
export function resize(
  input: usize,
  stride: usize,
  output: usize,
  outputWidth: i32,
  rows: usize,
  columns: usize,
  _scratch: usize,
  from: i32,
  to: i32,
): void {
  for (let y = from; y < to; y++) {
    const row = rows + <usize>y * 16;
    const above = input + load<i32>(row);
    const below = input + load<i32>(row, 4);
    const ofAbove = v128.load_splat<f32>(row, 8);
    const ofBelow = v128.load_splat<f32>(row, 12);
    for (let x = 0; x < outputWidth; x++) {
      const column = columns + <usize>x * 16;
      const left = <usize>load<i32>(column);
      const right = <usize>load<i32>(column, 4);
      const ofLeft = v128.load_splat<f32>(column, 8);
      const ofRight = v128.load_splat<f32>(column, 12);
      const target = output + <usize>(y * outputWidth + x) * stride;
      for (let channel: usize = 0; channel < stride; channel += VECTOR) {
        const upper = f32x4.add(
          f32x4.mul(v128.load(above + left + channel), ofLeft),
          f32x4.mul(v128.load(above + right + channel), ofRight),
        );
        const lower = f32x4.add(
          f32x4.mul(v128.load(below + left + channel), ofLeft),
          f32x4.mul(v128.load(below + right + channel), ofRight),
        );
        v128.store(target + channel, f32x4.add(f32x4.mul(upper, ofAbove), f32x4.mul(lower, ofBelow)));
      }
    }
  }
}
