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

const BRIGHTNESS = { black: 0, grey: 114 };

/** How bright it is beyond a picture's edges, 0 … 255; `undefined` where its last pixels go on. */
export function brightnessAround({ border }: NetworkInput): number | undefined {
  return border === 'replicate' ? undefined : BRIGHTNESS[border];
}

/** The numbers that black becomes. */
export function offsetsOf({ mean, deviation }: NetworkInput): [number, number, number] {
  return [-mean[0] / deviation[0], -mean[1] / deviation[1], -mean[2] / deviation[2]];
}
