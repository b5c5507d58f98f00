import { activate, between, VECTOR } from './arithmetic';

/*
 * One loop each over vectors of 4 numbers: they take as long as the memory does. `from` is the first vector
 * and `to` the one after the last, but where it says pixels.
 */

/** a + b, and an activation. */
export function add(
  a: usize,
  b: usize,
  output: usize,
  activation: usize,
  _scratch: usize,
  from: i32,
  to: i32,
): void {
  const end = <usize>to * VECTOR;
  for (let at = <usize>from * VECTOR; at < end; at += VECTOR) {
    v128.store(output + at, activate(f32x4.add(v128.load(a + at), v128.load(b + at)), activation));
  }
}

/** a × b, and an activation. */
export function multiply(
  a: usize,
  b: usize,
  output: usize,
  activation: usize,
  _scratch: usize,
  from: i32,
  to: i32,
): void {
  const end = <usize>to * VECTOR;
  for (let at = <usize>from * VECTOR; at < end; at += VECTOR) {
    v128.store(output + at, activate(f32x4.mul(v128.load(a + at), v128.load(b + at)), activation));
  }
}

/** Every pixel of a × factors + b, these two one for each channel, and an activation. In pixels. */
export function scale(
  a: usize,
  factors: usize,
  b: usize,
  output: usize,
  stride: usize,
  activation: usize,
  _scratch: usize,
  from: i32,
  to: i32,
): void {
  for (let pixel = from; pixel < to; pixel++) {
    const start = <usize>pixel * stride;
    for (let at: usize = 0; at < stride; at += VECTOR) {
      // Not `madd`: each of the two is an operator of its own, and rounds.
      const product = f32x4.mul(v128.load(a + start + at), v128.load(factors + at));
      const sum = f32x4.add(product, v128.load(b + at));
      v128.store(output + start + at, activate(sum, activation));
    }
  }
}

/** The activations that are a slope and two bounds, by themselves. */
export function clamp(
  input: usize,
  output: usize,
  activation: usize,
  _scratch: usize,
  from: i32,
  to: i32,
): void {
  const end = <usize>to * VECTOR;
  for (let at = <usize>from * VECTOR; at < end; at += VECTOR) {
    v128.store(output + at, activate(v128.load(input + at), activation));
  }
}

/** x × clip(x / 6 + ½, 0, 1). */
export function hardSwish(input: usize, output: usize, _scratch: usize, from: i32, to: i32): void {
  const end = <usize>to * VECTOR;
  for (let at = <usize>from * VECTOR; at < end; at += VECTOR) {
    const x = v128.load(input + at);
    const ramp = f32x4.add(f32x4.mul(x, f32x4.splat(1.0 / 6.0)), f32x4.splat(0.5));
    v128.store(output + at, f32x4.mul(x, between(ramp, f32x4.splat(0), f32x4.splat(1))));
  }
}

/** 1 ÷ (1 + e^−x), within 2 units of the last place where it is above 1e-30. */
export function sigmoid(input: usize, output: usize, _scratch: usize, from: i32, to: i32): void {
  const end = <usize>to * VECTOR;
  const one = f32x4.splat(1);
  for (let at = <usize>from * VECTOR; at < end; at += VECTOR) {
    const e = exponential(f32x4.neg(v128.load(input + at)));
    v128.store(output + at, f32x4.div(one, f32x4.add(one, e)));
  }
}

/**
 * e^x as 2^n · e^r, with |r| ≤ ½ ln 2, where seven terms of the series are exact to half a unit of the last
 * place. ln 2 is taken off in two parts, the first of which has few enough bits for n times it to be exact.
 */
function exponential(x: v128): v128 {
  // Beyond these 2^n has no exponent: the sigmoid of either is 0 or 1 but for less than 1e-37.
  const bounded = between(x, f32x4.splat(-87), f32x4.splat(88));
  const n = f32x4.nearest(f32x4.mul(bounded, f32x4.splat(<f32>Math.LOG2E)));
  let r = f32x4.sub(bounded, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-0.00021219444005469057)));
  let sum = f32x4.splat(1.0 / 5040.0);
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1.0 / 720.0));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1.0 / 120.0));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1.0 / 24.0));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1.0 / 6.0));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(0.5));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1));
  const exponent = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(sum, exponent);
}
