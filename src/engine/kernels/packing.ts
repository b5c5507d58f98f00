import { turn } from './moving';

/*
 * Weights as the kernels read them, out of what ONNX has: called once, while a network is loaded, so all
 * that counts is that it is quick before an engine has made its better code.
 */

/** Outputs of a panel. */
const LANES: i32 = 8;

/**
 * Weights of a convolution over all channels, `[outputs][depth][places]`, as panels of 8 outputs,
 * `[places][depth][8]` each; zeros for outputs that are not there.
 */
export function packPanels(source: usize, outputs: i32, depth: i32, places: i32, target: usize): void {
  const row = (<usize>(depth * places)) << 2;
  for (let first = 0; first < outputs; first += LANES) {
    const seen = min(LANES, outputs - first);
    const rows = source + <usize>first * row;
    const panel = target + <usize>first * row;
    if (seen < LANES) memory.fill(panel, 0, row << 3);
    let k = 0;
    if (places === 1 && seen === LANES) {
      // Squares of 4×4 numbers, as many as there are.
      for (; k + 4 <= depth; k += 4) {
        const from = rows + ((<usize>k) << 2);
        const to = panel + ((<usize>k) << 5);
        turn(from, row, to, 32);
        turn(from + 4 * row, row, to + 16, 32);
      }
    }
    for (let lane = 0; lane < seen; lane++) {
      for (let place = 0; place < places; place++) {
        let from = rows + <usize>lane * row + ((<usize>(k * places + place)) << 2);
        let to = panel + ((<usize>(place * depth + k)) << 5) + ((<usize>lane) << 2);
        for (let channel = k; channel < depth; channel++) {
          store<f32>(to, load<f32>(from));
          from += (<usize>places) << 2;
          to += 32;
        }
      }
    }
  }
}

/**
 * Codes of 8 bits, `[outputs][depth][places]`, in the order of panels; zeros for outputs that are not there.
 */
export function packCodes(source: usize, outputs: i32, depth: i32, places: i32, target: usize): void {
  const row = <usize>(depth * places);
  for (let first = 0; first < outputs; first += LANES) {
    const seen = min(LANES, outputs - first);
    const rows = source + <usize>first * row;
    const panel = target + <usize>first * row;
    if (seen < LANES) memory.fill(panel, 0, row << 3);
    for (let lane = 0; lane < seen; lane++) {
      for (let place = 0; place < places; place++) {
        let from = rows + <usize>lane * row + <usize>place;
        let to = panel + <usize>(place * depth * LANES + lane);
        for (let channel = 0; channel < depth; channel++) {
          store<u8>(to, load<u8>(from));
          from += <usize>places;
          to += <usize>LANES;
        }
      }
    }
  }
}

/**
 * Filters of 3×3, `[outputs][depth][9]`, as the 4×4 sums that Winograd's F(2×2, 3×3) multiplies by, in panels
 * of 8 outputs, `[16][depth][8]` each. Of three numbers a, b, c of a column or a row these are a,
 * (a + b + c) ÷ 2, (a − b + c) ÷ 2 and c. Reads a number beyond the last filter.
 */
export function packWinograd(source: usize, outputs: i32, depth: i32, target: usize): void {
  const half = f32x4.splat(0.5);
  const place = (<usize>depth) << 5;
  for (let output = 0; output < outputs; output++) {
    const lane = output & (LANES - 1);
    const panel = target + ((<usize>(output - lane)) << 2) * <usize>(16 * depth);
    if (lane === 0 && outputs - output < LANES) memory.fill(panel, 0, place << 4);
    let to = panel + ((<usize>lane) << 2);
    for (let k = 0; k < depth; k++) {
      // Sums of each column, as four vectors of one row each; then turned, sums of each row.
      const a = v128.load(source);
      const b = v128.load(source, 12);
      const c = v128.load(source, 24);
      const outer = f32x4.add(a, c);
      const d = f32x4.mul(f32x4.add(outer, b), half);
      const e = f32x4.mul(f32x4.sub(outer, b), half);
      const ad = v128.shuffle<f32>(a, d, 0, 4, 1, 5);
      const ec = v128.shuffle<f32>(e, c, 0, 4, 1, 5);
      const x = v128.shuffle<f32>(ad, ec, 0, 1, 4, 5);
      const y = v128.shuffle<f32>(ad, ec, 2, 3, 6, 7);
      const z = v128.shuffle<f32>(
        v128.shuffle<f32>(a, d, 2, 6, 3, 7),
        v128.shuffle<f32>(e, c, 2, 6, 3, 7),
        0,
        1,
        4,
        5,
      );
      const ends = f32x4.add(x, z);
      storeColumn(to, place, x);
      storeColumn(to + place, place, f32x4.mul(f32x4.add(ends, y), half));
      storeColumn(to + 2 * place, place, f32x4.mul(f32x4.sub(ends, y), half));
      storeColumn(to + 3 * place, place, z);
      source += 36;
      to += 32;
    }
  }
}

/** The four rows' sums of one column. */
function storeColumn(target: usize, place: usize, column: v128): void {
  v128.store_lane<f32>(target, column, 0);
  v128.store_lane<f32>(target + 4 * place, column, 1);
  v128.store_lane<f32>(target + 8 * place, column, 2);
  v128.store_lane<f32>(target + 12 * place, column, 3);
}

/**
 * Weights of a depthwise convolution, `[channels][places]`, as `[channels / 4][places][4]`, with zeros up to
 * the channels of a pixel.
 */
export function packDepthwise(source: usize, channels: i32, places: i32, target: usize): void {
  const padded = (channels + LANES - 1) & -LANES;
  memory.fill(target, 0, (<usize>(padded * places)) << 2);
  for (let channel = 0; channel < channels; channel++) {
    const lane = channel & 3;
    let to = target + ((<usize>((channel - lane) * places + lane)) << 2);
    for (let place = 0; place < places; place++) {
      store<f32>(to, load<f32>(source));
      source += 4;
      to += 16;
    }
  }
}

/**
 * Weights that are mostly zeros, `[outputs][depth]`, as the sparse kernel reads them: in `entries` what is
 * not zero, one output after the other, each as where its channel is in a block of 16 pixels, in bytes, and
 * the weight; in `lists` where each output's begin, in bytes, up to the outputs of a pixel and one more.
 */
export function packSparse(source: usize, outputs: i32, depth: i32, entries: usize, lists: usize): void {
  const padded = (outputs + LANES - 1) & -LANES;
  let entry = entries;
  for (let output = 0; output <= padded; output++) {
    store<i32>(lists + ((<usize>output) << 2), <i32>(entry - entries));
    if (output >= outputs) continue;
    for (let k = 0; k < depth; k++) {
      const weight = load<f32>(source);
      source += 4;
      if (weight === 0) continue;
      store<i32>(entry, k << 6);
      store<f32>(entry, weight, 4);
      entry += 8;
    }
  }
}
