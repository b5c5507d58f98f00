/** Bytes of a pixel: red, green, blue and one that is not looked at. */
const PIXEL: usize = 4;

/**
 * Samples of a square, bilinear, as three planes of numbers.
 *
 * Loops: rows › four samples side by side, whose pixels are gathered with eight loads, so that all that
 * follows is done for four at once, colour by colour. A row's last vector may reach beyond its end, and so
 * beyond its plane's, by up to 12 bytes.
 * @param source pixels of a picture, or of the part of it that the square needs, `width` × `height`
 * @param stride from one row of them to the next, in pixels
 * @param x of the square's middle, from the middle of the first pixel; and `y`
 * @param cos of its rotation, times the pixels from one sample to the next; and `sin`
 * @param flip −1 in the mirror, else 1
 * @param around the pixel that lies all around the picture, −1 where its last pixels go on
 * @param gains three numbers by which colours are multiplied, and three to add then
 * @param red address of the plane of reds; and of the others
 */
export function sample(
  source: usize,
  stride: i32,
  width: i32,
  height: i32,
  side: i32,
  x: f64,
  y: f64,
  cos: f64,
  sin: f64,
  flip: f64,
  around: i32,
  gains: usize,
  red: usize,
  green: usize,
  blue: usize,
): void {
  const rowBytes = <usize>stride * PIXEL;
  const maxX = f32x4.splat(<f32>(width - 1));
  const maxY = f32x4.splat(<f32>(height - 1));
  const zero = f32x4.splat(0);
  const beyond = i32x4.splat(around);
  const before = f32x4.splat(-1);
  const low = i32x4.splat(255);
  const middle = 0.5 - 0.5 * <f64>side;
  const stepX = f32x4.splat(<f32>(flip * cos));
  const stepY = f32x4.splat(<f32>(flip * sin));
  for (let row = 0; row < side; row++) {
    const v = <f64>row + middle;
    const rowX = f32x4.splat(<f32>(x - sin * v));
    const rowY = f32x4.splat(<f32>(y + cos * v));
    let u = f32x4.add(f32x4.splat(<f32>middle), f32x4(0, 1, 2, 3));
    for (let column = 0; column < side; column += 4) {
      const sampleX = f32x4.add(rowX, f32x4.mul(stepX, u));
      const sampleY = f32x4.add(rowY, f32x4.mul(stepY, u));
      u = f32x4.add(u, f32x4.splat(4));
      const x0 = f32x4.floor(sampleX);
      const y0 = f32x4.floor(sampleY);
      // Pixels a and b above, c and d below, of each of the four.
      let a = beyond;
      let b = beyond;
      let c = beyond;
      let d = beyond;
      const isInside = v128.and(
        v128.and(f32x4.ge(x0, zero), f32x4.lt(x0, maxX)),
        v128.and(f32x4.ge(y0, zero), f32x4.lt(y0, maxY)),
      );
      // Most have all their pixels in the picture, and nothing more to be asked.
      if (i32x4.all_true(isInside)) {
        const places = i32x4.add(
          i32x4.mul(i32x4.trunc_sat_f32x4_s(y0), i32x4.splat(stride)),
          i32x4.trunc_sat_f32x4_s(x0),
        );
        const p = source + <usize>i32x4.extract_lane(places, 0) * PIXEL;
        const q = source + <usize>i32x4.extract_lane(places, 1) * PIXEL;
        const r = source + <usize>i32x4.extract_lane(places, 2) * PIXEL;
        const s = source + <usize>i32x4.extract_lane(places, 3) * PIXEL;
        const abovePQ = v128.load_lane<u64>(q, v128.load64_zero(p), 1);
        const aboveRS = v128.load_lane<u64>(s, v128.load64_zero(r), 1);
        const belowPQ = v128.load_lane<u64>(q + rowBytes, v128.load64_zero(p + rowBytes), 1);
        const belowRS = v128.load_lane<u64>(s + rowBytes, v128.load64_zero(r + rowBytes), 1);
        a = v128.shuffle<i32>(abovePQ, aboveRS, 0, 2, 4, 6);
        b = v128.shuffle<i32>(abovePQ, aboveRS, 1, 3, 5, 7);
        c = v128.shuffle<i32>(belowPQ, belowRS, 0, 2, 4, 6);
        d = v128.shuffle<i32>(belowPQ, belowRS, 1, 3, 5, 7);
      } else {
        const isBeyond = v128.or(
          v128.or(f32x4.lt(x0, before), f32x4.gt(x0, maxX)),
          v128.or(f32x4.lt(y0, before), f32x4.gt(y0, maxY)),
        );
        if (around < 0 || !i32x4.all_true(isBeyond)) {
          const x1 = f32x4.add(x0, f32x4.splat(1));
          const y1 = f32x4.add(y0, f32x4.splat(1));
          a = pixelsAt(source, stride, x0, y0, maxX, maxY, around);
          b = pixelsAt(source, stride, x1, y0, maxX, maxY, around);
          c = pixelsAt(source, stride, x0, y1, maxX, maxY, around);
          d = pixelsAt(source, stride, x1, y1, maxX, maxY, around);
        }
      }
      const fx = f32x4.sub(sampleX, x0);
      const fy = f32x4.sub(sampleY, y0);
      const at = (<usize>(row * side + column)) << 2;
      storeColour(
        red + at,
        mixed(v128.and(a, low), v128.and(b, low), v128.and(c, low), v128.and(d, low), fx, fy),
        gains,
      );
      storeColour(
        green + at,
        mixed(
          v128.and(i32x4.shr_u(a, 8), low),
          v128.and(i32x4.shr_u(b, 8), low),
          v128.and(i32x4.shr_u(c, 8), low),
          v128.and(i32x4.shr_u(d, 8), low),
          fx,
          fy,
        ),
        gains + 4,
      );
      storeColour(
        blue + at,
        mixed(
          v128.and(i32x4.shr_u(a, 16), low),
          v128.and(i32x4.shr_u(b, 16), low),
          v128.and(i32x4.shr_u(c, 16), low),
          v128.and(i32x4.shr_u(d, 16), low),
          fx,
          fy,
        ),
        gains + 8,
      );
    }
  }
}

/** One colour of four samples, of the four pixels around each. */
function mixed(a: v128, b: v128, c: v128, d: v128, fx: v128, fy: v128): v128 {
  const above = mix(f32x4.convert_i32x4_s(a), f32x4.convert_i32x4_s(b), fx);
  const below = mix(f32x4.convert_i32x4_s(c), f32x4.convert_i32x4_s(d), fx);
  return mix(above, below, fy);
}

/** a + share × (b − a). */
function mix(a: v128, b: v128, share: v128): v128 {
  return f32x4.add(a, f32x4.mul(share, f32x4.sub(b, a)));
}

/** @param gains the colour's */
function storeColour(target: usize, colour: v128, gains: usize): void {
  const gain = v128.load_splat<f32>(gains);
  v128.store(target, f32x4.add(v128.load_splat<f32>(gains, 12), f32x4.mul(gain, colour)));
}

/** Pixels that may be beyond an edge. NaN is, at the first pixel. */
function pixelsAt(source: usize, stride: i32, x: v128, y: v128, maxX: v128, maxY: v128, around: i32): v128 {
  const zero = f32x4.splat(0);
  const columns = i32x4.trunc_sat_f32x4_s(f32x4.max(f32x4.min(x, maxX), zero));
  const rows = i32x4.trunc_sat_f32x4_s(f32x4.max(f32x4.min(y, maxY), zero));
  const places = i32x4.add(i32x4.mul(rows, i32x4.splat(stride)), columns);
  let pixels = v128.load32_zero(source + <usize>i32x4.extract_lane(places, 0) * PIXEL);
  pixels = v128.load_lane<u32>(source + <usize>i32x4.extract_lane(places, 1) * PIXEL, pixels, 1);
  pixels = v128.load_lane<u32>(source + <usize>i32x4.extract_lane(places, 2) * PIXEL, pixels, 2);
  pixels = v128.load_lane<u32>(source + <usize>i32x4.extract_lane(places, 3) * PIXEL, pixels, 3);
  if (around < 0) return pixels;
  const isThere = v128.and(
    v128.and(f32x4.ge(x, zero), f32x4.le(x, maxX)),
    v128.and(f32x4.ge(y, zero), f32x4.le(y, maxY)),
  );
  return v128.bitselect(pixels, i32x4.splat(around), isThere);
}
