import { madd } from './arithmetic';
import { finish } from './pointwise';

/**
 * The first convolution of a picture, whose colours are planes one after the other. Weights are panels of 8
 * outputs, `[colours][window rows][window columns][8]`.
 *
 * Loops: rows of the output › the rows of the input that it reads, copied into the scratch with their border
 * of zeros › panels › 4 pixels × 8 outputs in registers › places of the window, with offsets from a table.
 * @param padded numbers of a row in the scratch: for the windows of a row of the output
 * @param from first row of the output, and `to` the one after the last
 */
export function first(
  input: usize,
  colours: i32,
  inputWidth: i32,
  inputHeight: i32,
  output: usize,
  outputStride: usize,
  outputWidth: i32,
  panels: i32,
  weights: usize,
  bias: usize,
  activation: usize,
  windowWidth: i32,
  windowHeight: i32,
  step: i32,
  left: i32,
  top: i32,
  padded: i32,
  scratch: usize,
  from: i32,
  to: i32,
): void {
  const tableBytes = (<usize>(colours * windowWidth * windowHeight)) << 2;
  const rows = scratch + tableBytes;
  const rowBytes = (<usize>padded) << 2;
  writeTable(scratch, colours * windowHeight, windowWidth, rowBytes);
  const panelBytes = tableBytes << 3;
  const stepBytes = (<usize>step) << 2;
  const inTiles = outputWidth & ~3;
  for (let y = from; y < to; y++) {
    let row = rows;
    for (let colour = 0; colour < colours; colour++) {
      for (let place = 0; place < windowHeight; place++) {
        const inputRow = y * step - top + place;
        const isInside = <u32>inputRow < <u32>inputHeight;
        const source = input + ((<usize>((colour * inputHeight + inputRow) * inputWidth)) << 2);
        copyRow(isInside ? source : 0, inputWidth, row, left, padded);
        row += rowBytes;
      }
    }
    const target = output + <usize>(y * outputWidth) * outputStride;
    for (let n = 0; n < panels; n++) {
      const column = (<usize>n) << 5;
      const w = weights + <usize>n * panelBytes;
      tiles(rows, stepBytes, scratch, rows, target + column, outputStride, w, bias + column, inTiles);
      singles(
        rows + <usize>inTiles * stepBytes,
        stepBytes,
        scratch,
        rows,
        target + column + <usize>inTiles * outputStride,
        outputStride,
        w,
        bias + column,
        outputWidth - inTiles,
      );
      finish(target + column, outputStride, 0, activation, outputWidth);
    }
  }
}

/** Writes how far each place of a window is from its first, in bytes. */
function writeTable(table: usize, rows: i32, windowWidth: i32, rowBytes: usize): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < windowWidth; column++) {
      store<usize>(table, <usize>row * rowBytes + ((<usize>column) << 2));
      table += 4;
    }
  }
}

/** A row of the input with zeros on both sides; all zeros where there is no row (0). */
function copyRow(source: usize, width: i32, target: usize, left: i32, padded: i32): void {
  if (!source) {
    memory.fill(target, 0, (<usize>padded) << 2);
    return;
  }
  const seen = min(width, padded - left);
  for (let at = 0; at < left; at++) store<f32>(target + ((<usize>at) << 2), 0);
  memory.copy(target + ((<usize>left) << 2), source, (<usize>seen) << 2);
  for (let at = left + seen; at < padded; at++) store<f32>(target + ((<usize>at) << 2), 0);
}

/** Sums of 4 pixels × 8 outputs at a time. As in `pointwise.ts`, with one loop and nothing else. */
function tiles(
  input: usize,
  step: usize,
  table: usize,
  end: usize,
  output: usize,
  outputStride: usize,
  weights: usize,
  bias: usize,
  pixels: i32,
): void {
  const step2 = step + step;
  const step3 = step2 + step;
  for (; pixels > 0; pixels -= 4) {
    let w = weights;
    let a0 = v128.load(bias);
    let b0 = v128.load(bias, 16);
    let a1 = a0;
    let b1 = b0;
    let a2 = a0;
    let b2 = b0;
    let a3 = a0;
    let b3 = b0;
    for (let place = table; place < end; place += 4) {
      const p = input + load<usize>(place);
      const u = v128.load(w);
      const v = v128.load(w, 16);
      let x = v128.load_splat<f32>(p);
      a0 = madd(x, u, a0);
      b0 = madd(x, v, b0);
      x = v128.load_splat<f32>(p + step);
      a1 = madd(x, u, a1);
      b1 = madd(x, v, b1);
      x = v128.load_splat<f32>(p + step2);
      a2 = madd(x, u, a2);
      b2 = madd(x, v, b2);
      x = v128.load_splat<f32>(p + step3);
      a3 = madd(x, u, a3);
      b3 = madd(x, v, b3);
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
    input += step << 2;
  }
}

/** The same for pixels that make no tile. */
function singles(
  input: usize,
  step: usize,
  table: usize,
  end: usize,
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
    for (let place = table; place < end; place += 4) {
      const x = v128.load_splat<f32>(input + load<usize>(place));
      a = madd(x, v128.load(w), a);
      b = madd(x, v128.load(w, 16), b);
      w += 32;
    }
    v128.store(output, a);
    v128.store(output, b, 16);
    input += step;
    output += outputStride;
  }
}
