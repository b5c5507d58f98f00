import { ascii, concat, little } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { packRow } from './png.ts';
import { mapPixels, pixelAt, toIndexed } from './raster.ts';
import type { IndexedRaster, Raster } from './raster.ts';

/** A BMP's usual depths; 16 bits come with five or six for green, 32 without and with transparency. */
export const BMP_FORMATS = ['1', '4', '8', '16-555', '16-565', '24', '32', '32-alpha'] as const;
export type BmpFormat = (typeof BMP_FORMATS)[number];

/** What is left of the picture in that depth: exactly what {@link encodeBmp}'s file shows. */
export function bmpContent(picture: Raster, format: BmpFormat): Raster | IndexedRaster {
  if (format === '1') return toIndexed(picture, 2, 'grey');
  if (format === '4') return toIndexed(picture, 16, 'grey');
  if (format === '8') return toIndexed(picture, 6, 'colour');
  const reduced = (value: number, bits: number) => {
    const high = value >> (8 - bits);
    return Math.round((high * 255) / (2 ** bits - 1));
  };
  return mapPixels(picture, (red, green, blue, alpha) => {
    if (format === '32-alpha') return [red, green, blue, alpha];
    if (format === '24' || format === '32') return [red, green, blue, 255];
    return [reduced(red, 5), reduced(green, format === '16-565' ? 6 : 5), reduced(blue, 5), 255];
  });
}

function pixelBytes([red, green, blue, alpha]: readonly number[], format: BmpFormat): number[] {
  const [r = 0, g = 0, b = 0, a = 0] = [red, green, blue, alpha];
  switch (format) {
    case '16-555':
      return [...little(2, ((r >> 3) << 10) | ((g >> 3) << 5) | (b >> 3))];
    case '16-565':
      return [...little(2, ((r >> 3) << 11) | ((g >> 2) << 5) | (b >> 3))];
    case '32':
      // The fourth byte means nothing here, and some writers leave rubbish in it.
      return [b, g, r, 0];
    case '32-alpha':
      return [b, g, r, a];
    default:
      return [b, g, r];
  }
}

/** A BMP file; rows go from the bottom up, as BMP's usually do, or from the top down. */
export function encodeBmp(picture: Raster, format: BmpFormat, direction: 'up' | 'down' = 'up'): Bytes {
  const { width, height } = picture;
  const depth = Number.parseInt(format, 10);
  const content = bmpContent(picture, format);
  const rows = Array.from({ length: height }, (_row, y) => {
    let row: ArrayLike<number>;
    if ('indices' in content && (depth === 1 || depth === 4 || depth === 8)) {
      row = packRow(content, y, depth);
    } else {
      row = Array.from({ length: width }, (_pixel, x) => pixelBytes(pixelAt(content, x, y), format)).flat();
    }
    return concat(row, new Uint8Array((4 - (row.length % 4)) % 4));
  });
  const pixels = concat(...(direction === 'up' ? rows.toReversed() : rows));
  const palette =
    'palette' in content ? content.palette.flatMap(([red, green, blue]) => [blue, green, red, 0]) : [];
  const BITFIELDS = 3;
  const hasMasks = format === '16-565' || format === '32-alpha';
  let masks = new Uint8Array();
  if (format === '16-565') masks = little(4, 0xf800, 0x7e0, 0x1f);
  // Transparency needs the fourth version's header, 108 bytes long.
  if (format === '32-alpha') {
    masks = concat(little(4, 0xff0000, 0xff00, 0xff, 0xff << 24), ascii('BGRs'), new Uint8Array(48));
  }
  const infoSize = format === '32-alpha' ? 108 : 40;
  const start = 14 + 40 + masks.length + palette.length;
  return concat(
    ascii('BM'),
    little(4, start + pixels.length, 0, start),
    little(4, infoSize, width, direction === 'up' ? height : -height),
    little(2, 1, depth),
    little(4, hasMasks ? BITFIELDS : 0, pixels.length, 2835, 2835, palette.length / 4, 0),
    masks,
    palette,
    pixels,
  );
}
