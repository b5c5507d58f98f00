import type { Region } from '../../networks/geometry.ts';
import type { NetworkInput } from '../../networks/network.ts';

/** A picture's pixels as RGBA bytes, row by row. */
export interface Pixels {
  data: Uint8ClampedArray;
  /** Pixels. */
  width: number;
  height: number;
}

/** What a square is cut from, in pixels. */
interface Size {
  width: number;
  height: number;
}

/**
 * The level of a picture's pyramid, each half as large as the one before, on which samples `step` pixels
 * apart lie at most two apart, so that bilinear sampling skips none: a large photo squeezed into a model's
 * input would lose small people to aliasing.
 */
export function levelFor(step: number, picture: Size): number {
  const wanted = Math.log2(step);
  const levels = levelsOf(picture);
  let level = 0;
  while (level + 1 <= wanted && level + 1 < levels) level++;
  return level;
}

/** How many levels a picture's pyramid has, itself among them: the last one's shorter side is 1 pixel. */
export function levelsOf({ width, height }: Size): number {
  return 32 - Math.clz32(Math.min(width, height));
}

/** A picture with its halves, quarters … made when first asked for. */
export class PixelPyramid {
  readonly width: number;
  readonly height: number;
  readonly #levels: Pixels[];
  #last: Pixels;

  constructor(base: Pixels) {
    this.width = base.width;
    this.height = base.height;
    this.#levels = [base];
    this.#last = base;
  }

  /** @param index below {@link levelsOf} */
  level(index: number): Pixels {
    while (this.#levels.length <= index) this.#levels.push((this.#last = halve(this.#last)));
    return this.#levels[index] ?? this.#last;
  }
}

/**
 * The pixels as whole numbers, red in the lowest byte, as every machine that browsers run on
 * has them: one look for all of a pixel.
 */
function wordsOf({ data, width, height }: Pixels): Int32Array {
  return new Int32Array(data.buffer, data.byteOffset, width * height);
}

/** Pixels that are looked at along each side to tell whether a picture is grey. */
export const GREY_SAMPLES = 64;
/** How far a grey pixel's red, green and blue may be apart: JPEG's rounding gives up to 4. */
const GREY_WITHIN = 6;
/** Of a grey picture so many may have colours: a stamp, a frame. */
const COLOURED_SHARE = 0.02;

/** Whether a picture is grey, as far as some thousands of its pixels tell, spread evenly over it. */
export function isGrey({ data, width, height }: Pixels): boolean {
  const [columns, rows] = [Math.min(width, GREY_SAMPLES), Math.min(height, GREY_SAMPLES)];
  let coloured = 0;
  for (let row = 0; row < rows; row++) {
    const y = Math.floor(((row + 0.5) * height) / rows);
    for (let column = 0; column < columns; column++) {
      const at = 4 * (y * width + Math.floor(((column + 0.5) * width) / columns));
      const [red, green, blue] = [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
      if (Math.max(red, green, blue) - Math.min(red, green, blue) > GREY_WITHIN) coloured++;
    }
  }
  return coloured <= COLOURED_SHARE * columns * rows;
}

/** Red and blue of a pixel as a whole number; there is room for a sum of hundreds above each. */
const RED_BLUE = 0xff00ff;
/** Half of four in both, so that the mean is rounded. */
const HALVES = 0x020002;
const OPAQUE = 0xff << 24;

/** Half the size, each pixel the mean of four; an odd last row or column is dropped. */
export function halve(pixels: Pixels): Pixels {
  const { width } = pixels;
  const halfWidth = width >> 1;
  const halfHeight = pixels.height >> 1;
  const from = wordsOf(pixels);
  const half = new Int32Array(halfWidth * halfHeight);
  for (let y = 0, to = 0; y < halfHeight; y++) {
    for (let x = 0, at = 2 * y * width; x < halfWidth; x++, at += 2, to++) {
      const a = from[at] ?? 0;
      const b = from[at + 1] ?? 0;
      const c = from[at + width] ?? 0;
      const d = from[at + width + 1] ?? 0;
      const redBlue = (a & RED_BLUE) + (b & RED_BLUE) + (c & RED_BLUE) + (d & RED_BLUE) + HALVES;
      const green = ((a >> 8) & 255) + ((b >> 8) & 255) + ((c >> 8) & 255) + ((d >> 8) & 255) + 2;
      half[to] = OPAQUE | ((redBlue >> 2) & RED_BLUE) | ((green >> 2) << 8);
    }
  }
  return { data: new Uint8ClampedArray(half.buffer), width: halfWidth, height: halfHeight };
}

/** What a network's number rises by with each step of red, green and blue. */
export function gainsOf({ deviation: [red, green, blue] }: NetworkInput): [number, number, number] {
  return [1 / red, 1 / green, 1 / blue];
}

/** The numbers that black becomes. */
export function offsetsOf({ mean, deviation }: NetworkInput): [number, number, number] {
  return [-mean[0] / deviation[0], -mean[1] / deviation[1], -mean[2] / deviation[2]];
}

/**
 * Cuts a square out of a picture, bilinearly, as a network's input: three planes, row by row.
 * @param out receives the values; 3 × side × side long
 */
export function sampleSquare(
  pyramid: PixelPyramid,
  square: Region,
  input: NetworkInput,
  out: Float32Array,
): void {
  const { side, border } = input;
  // One multiplication and one addition a number, where the description has a subtraction and a division.
  const [redGain, greenGain, blueGain] = gainsOf(input);
  const [redOffset, greenOffset, blueOffset] = offsetsOf(input);
  const step = square.size / side;
  const level = levelFor(step, pyramid);
  const pixels = pyramid.level(level);
  const { width, height } = pixels;
  const words = wordsOf(pixels);
  const shrink = 2 ** -level;
  const cos = Math.cos(square.rotation) * step * shrink;
  const sin = Math.sin(square.rotation) * step * shrink;
  const flip = square.mirrored ? -1 : 1;
  const plane = side * side;
  const redPlane = input.channels === 'rgb' ? 0 : 2 * plane;
  const bluePlane = 2 * plane - redPlane;
  const maxX = width - 1;
  const maxY = height - 1;
  for (let row = 0, at = 0; row < side; row++) {
    const v = row + 0.5 - side / 2;
    // Pixel centres lie at .5, hence the −.5: sample (0, 0) is the middle of the first pixel.
    const rowX = square.centreX * shrink - sin * v - 0.5;
    const rowY = square.centreY * shrink + cos * v - 0.5;
    for (let column = 0; column < side; column++, at++) {
      const u = flip * (column + 0.5 - side / 2);
      const x = rowX + cos * u;
      const y = rowY + sin * u;
      const x0 = Math.floor(x);
      const y0 = Math.floor(y);
      const fx = x - x0;
      const fy = y - y0;
      let w11 = fx * fy;
      let w10 = fx - w11;
      let w01 = fy - w11;
      let w00 = 1 - fx - w01;
      let i00 = y0 * width + x0;
      let i10 = i00 + 1;
      let i01 = i00 + width;
      let i11 = i01 + 1;
      // Most pixels have all four neighbours in the picture, and nothing more to be asked.
      if (x0 < 0 || x0 >= maxX || y0 < 0 || y0 >= maxY) {
        if (border === 'black') {
          if (x0 < 0 || x0 > maxX) w00 = w01 = 0;
          if (x0 + 1 < 0 || x0 + 1 > maxX) w10 = w11 = 0;
          if (y0 < 0 || y0 > maxY) w00 = w10 = 0;
          if (y0 + 1 < 0 || y0 + 1 > maxY) w01 = w11 = 0;
        }
        const left = x0 < 0 ? 0 : x0 > maxX ? maxX : x0;
        const right = x0 + 1 < 0 ? 0 : x0 + 1 > maxX ? maxX : x0 + 1;
        const top = (y0 < 0 ? 0 : y0 > maxY ? maxY : y0) * width;
        const bottom = (y0 + 1 < 0 ? 0 : y0 + 1 > maxY ? maxY : y0 + 1) * width;
        i00 = top + left;
        i10 = top + right;
        i01 = bottom + left;
        i11 = bottom + right;
      }
      const a = words[i00] ?? 0;
      const b = words[i10] ?? 0;
      const c = words[i01] ?? 0;
      const d = words[i11] ?? 0;
      const red = (a & 255) * w00 + (b & 255) * w10 + (c & 255) * w01 + (d & 255) * w11;
      const green =
        ((a >> 8) & 255) * w00 + ((b >> 8) & 255) * w10 + ((c >> 8) & 255) * w01 + ((d >> 8) & 255) * w11;
      const blue =
        ((a >> 16) & 255) * w00 + ((b >> 16) & 255) * w10 + ((c >> 16) & 255) * w01 + ((d >> 16) & 255) * w11;
      out[redPlane + at] = redOffset + redGain * red;
      out[plane + at] = greenOffset + greenGain * green;
      out[bluePlane + at] = blueOffset + blueGain * blue;
    }
  }
}
