import { VECTOR } from './arithmetic';
import { PIXEL, row3, row3by2, row5, row5by2 } from './depthwise-loops';

/**
 * Depthwise convolution over windows of 3×3 or 5×5, with a step of 1 or 2.
 * Weights are `[channels / 4][window][4]`.
 *
 * Loops: bands of rows › 16 channels at a time, whose part of the band is copied into the scratch with its
 * border of zeros › vectors of 4 channels › rows › 4 pixels in registers › the window's rows. The copy costs
 * a tenth and stays in the first cache; with it no pixel is a special case, and all of a tile's loads have
 * fixed offsets. Neighbouring pixels share what they load.
 * @param channels a multiple of 4
 * @param rows how many rows of the input the scratch has room for
 * @param paddedWidth pixels of a row in the scratch: for whole tiles of 4 pixels of output
 * @param height rows of the output where it is split by channels, else 0
 * @param from first row of the output, or first 16 channels, and `to` the one after the last
 */
export function depthwise(
  input: usize,
  inputWidth: i32,
  inputHeight: i32,
  channels: i32,
  output: usize,
  outputWidth: i32,
  weights: usize,
  bias: usize,
  activation: usize,
  window: i32,
  step: i32,
  left: i32,
  top: i32,
  rows: i32,
  paddedWidth: i32,
  height: i32,
  scratch: usize,
  from: i32,
  to: i32,
): void {
  const stride = (<usize>channels) << 2;
  const rowBytes = <usize>paddedWidth * PIXEL;
  const bandHeight = (rows - window) / step + 1;
  const firstBand = height ? 0 : from;
  const endOfBands = height ? height : to;
  const firstChannel = height ? from << 4 : 0;
  const endOfChannels = height ? min(channels, to << 4) : channels;
  for (let band = firstBand; band < endOfBands; band += bandHeight) {
    const end = min(band + bandHeight, endOfBands);
    const firstRow = band * step - top;
    const rowsRead = (end - band - 1) * step + window;
    for (let channel = firstChannel; channel < endOfChannels; channel += 16) {
      const vectors = min(4, (channels - channel) >> 2);
      for (let row = 0; row < rowsRead; row++) {
        const y = firstRow + row;
        const source =
          <u32>y < <u32>inputHeight ? input + <usize>(y * inputWidth) * stride + ((<usize>channel) << 2) : 0;
        copyRow(source, stride, inputWidth, vectors, scratch + <usize>row * rowBytes, left, paddedWidth);
      }
      for (let vector = 0; vector < vectors; vector++) {
        const place = <usize>((channel >> 2) + vector) * VECTOR;
        const w = weights + place * <usize>(window * window);
        for (let y = band; y < end; y++) {
          const source = scratch + <usize>((y - band) * step) * rowBytes + <usize>vector * VECTOR;
          const target = output + <usize>(y * outputWidth) * stride + place;
          const b = bias + place;
          if (window === 3) {
            if (step === 1) row3(source, rowBytes, w, b, target, stride, outputWidth, activation);
            else row3by2(source, rowBytes, w, b, target, stride, outputWidth, activation);
          } else {
            if (step === 1) row5(source, rowBytes, w, b, target, stride, outputWidth, activation);
            else row5by2(source, rowBytes, w, b, target, stride, outputWidth, activation);
          }
        }
      }
    }
  }
}

/** A row of the input with zeros on both sides; all zeros where there is no row (0). */
function copyRow(
  source: usize,
  stride: usize,
  width: i32,
  vectors: i32,
  target: usize,
  left: i32,
  paddedWidth: i32,
): void {
  const end = target + <usize>paddedWidth * PIXEL;
  if (!source) {
    memory.fill(target, 0, end - target);
    return;
  }
  const start = target + <usize>left * PIXEL;
  for (; target < start; target += PIXEL) zero(target);
  // What is over on the right can be cut off by the window's last step.
  const endOfPixels = min(end, start + <usize>width * PIXEL);
  if (vectors === 4) {
    for (; target < endOfPixels; target += PIXEL) {
      v128.store(target, v128.load(source));
      v128.store(target, v128.load(source, 16), 16);
      v128.store(target, v128.load(source, 32), 32);
      v128.store(target, v128.load(source, 48), 48);
      source += stride;
    }
  } else {
    for (; target < endOfPixels; target += PIXEL) {
      v128.store(target, v128.load(source));
      if (vectors > 1) v128.store(target, v128.load(source, 16), 16);
      if (vectors > 2) v128.store(target, v128.load(source, 32), 32);
      source += stride;
    }
  }
  for (; target < end; target += PIXEL) zero(target);
}

function zero(target: usize): void {
  const zeros = f32x4.splat(0);
  v128.store(target, zeros);
  v128.store(target, zeros, 16);
  v128.store(target, zeros, 32);
  v128.store(target, zeros, 48);
}
