import { VECTOR } from './arithmetic';

/*
 * Weights that stay in 8 bits and are widened within a run, just before they are needed. That takes less time
 * than it takes to read them where they are not in a cache, a quarter of the memory and, of Winograd's, a
 * seventh. They lie in panels of 8 outputs (`packing.ts`): a vector has four outputs, each with its factor.
 */

/** Bytes of 8 codes, and of the numbers that come of them. */
const CODES: usize = 8;
const NUMBERS: usize = 32;

/**
 * Panels of codes as panels of numbers.
 * @param depth how many there are of each output
 * @param from first panel, and `to` the one after the last
 */
export function widenPanels(
  codes: usize,
  factors: usize,
  depth: i32,
  output: usize,
  _scratch: usize,
  from: i32,
  to: i32,
): void {
  for (let n = from; n < to; n++) {
    const low = v128.load(factors + <usize>n * NUMBERS);
    const high = v128.load(factors + <usize>n * NUMBERS, 16);
    let source = codes + <usize>(n * depth) * CODES;
    let target = output + <usize>(n * depth) * NUMBERS;
    for (let k = 0; k < depth; k++) {
      v128.store(target, numbersOf(source, low));
      v128.store(target, numbersOf(source + 4, high), 16);
      source += CODES;
      target += NUMBERS;
    }
  }
}

/**
 * Panels of filters of 3×3, `[depth][9][8]`, as the 4×4 sums that `packWinograd` makes, `[16][depth][8]`.
 *
 * Loops: filters › 4 outputs.
 * @param from first panel, and `to` the one after the last
 */
export function widenWinograd(
  codes: usize,
  factors: usize,
  depth: i32,
  output: usize,
  _scratch: usize,
  from: i32,
  to: i32,
): void {
  const place = <usize>depth * NUMBERS;
  for (let n = from; n < to; n++) {
    const low = v128.load(factors + <usize>n * NUMBERS);
    const high = v128.load(factors + <usize>n * NUMBERS, 16);
    let source = codes + <usize>(n * depth) * 9 * CODES;
    let target = output + <usize>n * 16 * place;
    for (let k = 0; k < depth; k++) {
      sums(source, low, target, place);
      sums(source + 4, high, target + VECTOR, place);
      source += 9 * CODES;
      target += NUMBERS;
    }
  }
}

/** Four codes as numbers. */
function numbersOf(codes: usize, factors: v128): v128 {
  const pairs = i16x8.extend_low_i8x16_s(v128.load32_zero(codes));
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(pairs)), factors);
}

/** The sums of one filter for 4 outputs: first along columns, then along rows, as `packWinograd` has them. */
function sums(codes: usize, factors: v128, target: usize, place: usize): void {
  const half = f32x4.splat(0.5);
  const a0 = numbersOf(codes, factors);
  const b0 = numbersOf(codes + 3 * CODES, factors);
  const c0 = numbersOf(codes + 6 * CODES, factors);
  const outer0 = f32x4.add(a0, c0);
  const d0 = f32x4.mul(f32x4.add(outer0, b0), half);
  const e0 = f32x4.mul(f32x4.sub(outer0, b0), half);
  const a1 = numbersOf(codes + CODES, factors);
  const b1 = numbersOf(codes + 4 * CODES, factors);
  const c1 = numbersOf(codes + 7 * CODES, factors);
  const outer1 = f32x4.add(a1, c1);
  const d1 = f32x4.mul(f32x4.add(outer1, b1), half);
  const e1 = f32x4.mul(f32x4.sub(outer1, b1), half);
  const a2 = numbersOf(codes + 2 * CODES, factors);
  const b2 = numbersOf(codes + 5 * CODES, factors);
  const c2 = numbersOf(codes + 8 * CODES, factors);
  const outer2 = f32x4.add(a2, c2);
  const d2 = f32x4.mul(f32x4.add(outer2, b2), half);
  const e2 = f32x4.mul(f32x4.sub(outer2, b2), half);
  storeRow(target, place, a0, a1, a2);
  storeRow(target + 4 * place, place, d0, d1, d2);
  storeRow(target + 8 * place, place, e0, e1, e2);
  storeRow(target + 12 * place, place, c0, c1, c2);
}

/** The four sums of one row. */
function storeRow(target: usize, place: usize, x: v128, y: v128, z: v128): void {
  const half = f32x4.splat(0.5);
  const ends = f32x4.add(x, z);
  v128.store(target, x);
  v128.store(target + place, f32x4.mul(f32x4.add(ends, y), half));
  v128.store(target + 2 * place, f32x4.mul(f32x4.sub(ends, y), half));
  v128.store(target + 3 * place, z);
}
