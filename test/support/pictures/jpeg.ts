import { ascii, big, concat } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { luma, pixelAt } from './raster.ts';
import type { Raster } from './raster.ts';

/**
 * How a JPEG holds its colours. The last two are for printing, inverted and marked as Adobe's programs do.
 */
export type JpegColour = 'grey' | 'ycc' | 'rgb' | 'cmyk' | 'ycck';

const ZIGZAG = [
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46,
  53, 60, 61, 54, 47, 55, 62, 63,
];

/** The step of every coefficient: fine enough that the file shows nearly what went in. */
const STEP = 3;

// Codes that are all of one length make for larger files than a real encoder's, and for no tables to copy.
const DC_LENGTH = 4;
const DC_SYMBOLS = Array.from({ length: 12 }, (_, size) => size);
const AC_LENGTH = 8;
const END_OF_BLOCK = 0;
const SIXTEEN_ZEROS = 0xf0;
const AC_SYMBOLS = [
  END_OF_BLOCK,
  SIXTEEN_ZEROS,
  ...Array.from({ length: 160 }, (_, index) => (Math.floor(index / 10) << 4) | ((index % 10) + 1)),
];
const AC_CODES = new Map(AC_SYMBOLS.map((symbol, code) => [symbol, code]));

const COSINES = Array.from({ length: 8 }, (_frequency, u) =>
  Array.from(
    { length: 8 },
    (_place, x) => (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / 16),
  ),
);

function segment(marker: number, content: ArrayLike<number>): Bytes {
  return concat([0xff, marker], big(2, content.length + 2), content);
}

function huffman(id: number, length: number, symbols: readonly number[]): Bytes {
  const counts = Array.from({ length: 16 }, (_, index) => (index + 1 === length ? symbols.length : 0));
  return segment(0xc4, [id, ...counts, ...symbols]);
}

function components([red, green, blue]: readonly number[], colour: JpegColour): number[] {
  const [r = 0, g = 0, b = 0] = [red, green, blue];
  const y = 0.299 * r + 0.587 * g + 0.114 * b;
  if (colour === 'grey') return [luma(r, g, b)];
  if (colour === 'rgb') return [r, g, b];
  if (colour === 'ycc') return [y, 128 + 0.564 * (b - y), 128 + 0.713 * (r - y)];
  // As much black as can be. Inverted, so that 255 is no ink.
  const black = Math.max(r, g, b, 1);
  const inks = [r, g, b].map((value) => (value * 255) / black);
  if (colour === 'cmyk') return [...inks, black];
  // YCC is made of the inks' complements, which undoes the inversion for all but black.
  return [
    ...components(
      inks.map((ink) => 255 - ink),
      'ycc',
    ),
    black,
  ];
}

class BitWriter {
  readonly #bytes: number[] = [];
  #held = 0;
  #count = 0;

  write(value: number, length: number): void {
    for (let bit = length - 1; bit >= 0; bit--) {
      this.#held = (this.#held << 1) | ((value >> bit) & 1);
      if (++this.#count < 8) continue;
      this.#bytes.push(this.#held);
      if (this.#held === 0xff) this.#bytes.push(0);
      this.#held = 0;
      this.#count = 0;
    }
  }

  end(): number[] {
    if (this.#count > 0) this.write(0xff, 8 - this.#count);
    return this.#bytes;
  }
}

function coefficients(samples: readonly number[]): number[] {
  const rows: number[] = [];
  for (let y = 0; y < 8; y++) {
    for (let u = 0; u < 8; u++) {
      let sum = 0;
      for (let x = 0; x < 8; x++) sum += ((samples[y * 8 + x] ?? 0) - 128) * (COSINES[u]?.[x] ?? 0);
      rows.push(sum);
    }
  }
  return ZIGZAG.map((at) => {
    const [u, v] = [at % 8, Math.floor(at / 8)];
    let sum = 0;
    for (let y = 0; y < 8; y++) sum += (rows[y * 8 + u] ?? 0) * (COSINES[v]?.[y] ?? 0);
    return Math.round(sum / STEP);
  });
}

/** JPEG's way of writing a number whose size in bits is known. */
function writeNumber(bits: BitWriter, value: number, size: number): void {
  bits.write(value < 0 ? value + 2 ** size - 1 : value, size);
}

function sizeOf(value: number): number {
  return value === 0 ? 0 : Math.floor(Math.log2(Math.abs(value))) + 1;
}

function writeBlock(bits: BitWriter, block: readonly number[], before: number): void {
  const [first = 0, ...others] = block;
  const size = sizeOf(first - before);
  bits.write(size, DC_LENGTH);
  writeNumber(bits, first - before, size);
  const writeSymbol = (symbol: number) => bits.write(AC_CODES.get(symbol) ?? 0, AC_LENGTH);
  let zeros = 0;
  for (const value of others) {
    if (value === 0) {
      zeros++;
      continue;
    }
    for (; zeros > 15; zeros -= 16) writeSymbol(SIXTEEN_ZEROS);
    writeSymbol((zeros << 4) | sizeOf(value));
    writeNumber(bits, value, sizeOf(value));
    zeros = 0;
  }
  if (zeros > 0) writeSymbol(END_OF_BLOCK);
}

/** A baseline JPEG file of high quality; transparency is ignored. */
export function encodeJpeg(picture: Raster, colour: JpegColour): Bytes {
  const { width, height } = picture;
  const ids = { grey: [1], ycc: [1, 2, 3], rgb: [1, 2, 3], cmyk: [1, 2, 3, 4], ycck: [1, 2, 3, 4] }[colour];
  const bits = new BitWriter();
  const before = ids.map(() => 0);
  for (let top = 0; top < height; top += 8) {
    for (let left = 0; left < width; left += 8) {
      const samples: number[][] = ids.map(() => []);
      for (let at = 0; at < 64; at++) {
        const x = Math.min(width - 1, left + (at % 8));
        const y = Math.min(height - 1, top + Math.floor(at / 8));
        for (const [index, value] of components(pixelAt(picture, x, y), colour).entries()) {
          samples[index]?.push(value);
        }
      }
      for (const [index, values] of samples.entries()) {
        const block = coefficients(values);
        writeBlock(bits, block, before[index] ?? 0);
        before[index] = block[0] ?? 0;
      }
    }
  }
  // Adobe's marker says what the colours are; without it, three components are YCC.
  const transform = { grey: undefined, ycc: undefined, rgb: 0, cmyk: 0, ycck: 2 }[colour];
  return concat(
    [0xff, 0xd8],
    transform === undefined
      ? segment(0xe0, concat(ascii('JFIF\0'), [1, 1, 0, 0, 1, 0, 1, 0, 0]))
      : segment(0xee, concat(ascii('Adobe'), big(2, 100, 0, 0), [transform])),
    segment(0xdb, [0, ...ZIGZAG.map(() => STEP)]),
    segment(0xc0, concat([8], big(2, height, width), [ids.length], ...ids.map((id) => [id, 0x11, 0]))),
    huffman(0x00, DC_LENGTH, DC_SYMBOLS),
    huffman(0x10, AC_LENGTH, AC_SYMBOLS),
    segment(0xda, [ids.length, ...ids.flatMap((id) => [id, 0]), 0, 63, 0]),
    bits.end(),
    [0xff, 0xd9],
  );
}

/** Where a JPEG's height and width are written, two bytes each. */
export function jpegSizeOffset(jpeg: Uint8Array): number {
  let at = 2;
  while (at + 9 < jpeg.length) {
    const marker = jpeg[at + 1] ?? 0;
    if (marker >= 0xc0 && marker <= 0xc2) return at + 5;
    at += 2 + (((jpeg[at + 2] ?? 0) << 8) | (jpeg[at + 3] ?? 0));
  }
  throw new Error('the JPEG has no frame header');
}
