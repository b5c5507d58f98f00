/** A picture's pixels as RGBA bytes, row by row. */
export interface Pixels {
  data: Uint8ClampedArray;
  /** Pixels. */
  width: number;
  height: number;
}

/** A square of the picture: `Region` of the pipeline, which this room does not import. */
export interface Square {
  centreX: number;
  centreY: number;
  /** The side in the picture's pixels. */
  size: number;
  /** Radians, clockwise. */
  rotation: number;
  /** Whether left and right change sides. */
  mirrored?: boolean;
}

/** What a model wants its input to be. */
export interface InputFormat {
  /** The input's side in pixels. */
  side: number;
  /** The values that black and white become. */
  range: readonly [black: number, white: number];
  /** Beyond the picture's edge: black, or the last pixel again. */
  border: 'black' | 'replicate';
}

/** What a square is cut from, in pixels. */
interface Size {
  width: number;
  height: number;
}

/**
 * The level of a picture's pyramid, each half as large as the one before, on which samples `step` pixels apart lie
 * at most two apart, so that bilinear sampling skips none: a large photo squeezed into a model's input would lose
 * small people to aliasing.
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

/** Half the size, each pixel the mean of four; an odd last row or column is dropped. */
export function halve({ data, width, height }: Pixels): Pixels {
  const halfWidth = width >> 1;
  const halfHeight = height >> 1;
  const half = new Uint8ClampedArray(halfWidth * halfHeight * 4);
  const row = width * 4;
  for (let y = 0, to = 0; y < halfHeight; y++) {
    for (let x = 0, from = 2 * y * row; x < halfWidth; x++, from += 8, to += 4) {
      for (let c = 0; c < 3; c++) {
        const at = from + c;
        half[to + c] =
          ((data[at] ?? 0) + (data[at + 4] ?? 0) + (data[at + row] ?? 0) + (data[at + row + 4] ?? 0) + 2) >>
          2;
      }
      half[to + 3] = 255;
    }
  }
  return { data: half, width: halfWidth, height: halfHeight };
}

/**
 * Cuts a square out of a picture, bilinearly, as a model's input: three planes (red, green, blue), row by row.
 * @param out receives the values; 3 × side × side long
 */
export function sampleSquare(
  pyramid: PixelPyramid,
  square: Square,
  format: InputFormat,
  out: Float32Array,
): void {
  const { side, border } = format;
  const [black, white] = format.range;
  const gain = (white - black) / 255;
  const step = square.size / side;
  const level = levelFor(step, pyramid);
  const { data, width, height } = pyramid.level(level);
  const shrink = 2 ** -level;
  const cos = Math.cos(square.rotation) * step * shrink;
  const sin = Math.sin(square.rotation) * step * shrink;
  const flip = square.mirrored ? -1 : 1;
  const plane = side * side;
  const maxX = width - 1;
  const maxY = height - 1;
  for (let row = 0, at = 0; row < side; row++) {
    const v = row + 0.5 - side / 2;
    for (let column = 0; column < side; column++, at++) {
      const u = flip * (column + 0.5 - side / 2);
      // Pixel centres lie at .5, hence the −.5: sample (0, 0) is the middle of the first pixel.
      const x = square.centreX * shrink + cos * u - sin * v - 0.5;
      const y = square.centreY * shrink + sin * u + cos * v - 0.5;
      const x0 = Math.floor(x);
      const y0 = Math.floor(y);
      const fx = x - x0;
      const fy = y - y0;
      let w00 = (1 - fx) * (1 - fy);
      let w10 = fx * (1 - fy);
      let w01 = (1 - fx) * fy;
      let w11 = fx * fy;
      let i00 = (y0 * width + x0) * 4;
      let i10 = i00 + 4;
      let i01 = i00 + 4 * width;
      let i11 = i01 + 4;
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
        i00 = (top + left) * 4;
        i10 = (top + right) * 4;
        i01 = (bottom + left) * 4;
        i11 = (bottom + right) * 4;
      }
      out[at] =
        black +
        gain *
          ((data[i00] ?? 0) * w00 + (data[i10] ?? 0) * w10 + (data[i01] ?? 0) * w01 + (data[i11] ?? 0) * w11);
      out[plane + at] =
        black +
        gain *
          ((data[i00 + 1] ?? 0) * w00 +
            (data[i10 + 1] ?? 0) * w10 +
            (data[i01 + 1] ?? 0) * w01 +
            (data[i11 + 1] ?? 0) * w11);
      out[2 * plane + at] =
        black +
        gain *
          ((data[i00 + 2] ?? 0) * w00 +
            (data[i10 + 2] ?? 0) * w10 +
            (data[i01 + 2] ?? 0) * w01 +
            (data[i11 + 2] ?? 0) * w11);
    }
  }
}
