/*
 * What the kernels share. These functions are small enough for the compiler to
 * put them into the loops that call them.
 *
 * All addresses are bytes in the one memory, all strides bytes from one pixel's channels to the next pixel's.
 */

/** Bytes of a vector of four numbers. */
export const VECTOR: usize = 16;

/** a × b + c: rounded once where the engine has relaxed SIMD and the machine the instruction, else twice. */
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/**
 * The activations that are a slope below zero and two bounds. `pmin` and `pmax` are one instruction each
 * where `min` and `max` are seven; in this order of their arguments they hand on NaN, as `min` and `max` do.
 * @param activation where slope, lower and upper bound stand: loaded when they are needed, for in registers
 *   they would take the place of sums. The slope is at most 1; 1 for none
 */
export function activate(x: v128, activation: usize): v128 {
  const bent = f32x4.pmax(x, f32x4.mul(x, v128.load_splat<f32>(activation)));
  return between(bent, v128.load_splat<f32>(activation, 4), v128.load_splat<f32>(activation, 8));
}

/** A number, or the bound that it is beyond. */
export function between(x: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, low), high);
}
