import { ascii, big, concat } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { luma, pixelAt } from './raster.ts';
import type { IndexedRaster, Raster } from './raster.ts';

/** How a PNG holds its pixels; 16-bit values are the 8-bit ones spread evenly. */
export type PngFormat = 'grey8' | 'grey16' | 'greyAlpha8' | 'rgb8' | 'rgb16' | 'rgba8' | 'rgba16';

const COLOUR_TYPES = { grey: 0, rgb: 2, palette: 3, greyAlpha: 4, rgba: 6 } as const;

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

function crc(bytes: Uint8Array): number {
  let value = -1;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value;
}

/** A chunk with its length and checksum. */
function chunk(name: string, content: ArrayLike<number> = []): Bytes {
  const checked = concat(ascii(name), content);
  return concat(big(4, content.length), checked, big(4, crc(checked)));
}

function header(width: number, height: number, depth: number, colourType: number): Bytes {
  return chunk('IHDR', concat(big(4, width, height), [depth, colourType, 0, 0, 0]));
}

async function deflate(bytes: Bytes): Promise<Bytes> {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

async function file(
  head: Bytes,
  rows: readonly ArrayLike<number>[],
  extra: readonly Bytes[],
): Promise<Bytes> {
  const NO_FILTER = 0;
  const packed = await deflate(concat(...rows.flatMap((row) => [[NO_FILTER], row])));
  return concat(SIGNATURE, head, ...extra, chunk('IDAT', packed), chunk('IEND'));
}

/** A PNG file; `exif` goes into an eXIf chunk. */
export async function encodePng(picture: Raster, format: PngFormat, exif?: Bytes): Promise<Bytes> {
  const { width, height } = picture;
  const depth = format.endsWith('16') ? 16 : 8;
  const kind = format.slice(0, -String(depth).length) as keyof typeof COLOUR_TYPES;
  const rows = Array.from({ length: height }, (_row, y) => {
    const samples: number[] = [];
    for (let x = 0; x < width; x++) {
      const [red, green, blue, alpha] = pixelAt(picture, x, y);
      if (kind === 'grey' || kind === 'greyAlpha') samples.push(luma(red, green, blue));
      else samples.push(red, green, blue);
      if (kind === 'greyAlpha' || kind === 'rgba') samples.push(alpha);
    }
    return depth === 8 ? samples : samples.flatMap((sample) => [sample, sample]);
  });
  return file(
    header(width, height, depth, COLOUR_TYPES[kind]),
    rows,
    exif === undefined ? [] : [chunk('eXIf', exif)],
  );
}

/** A PNG file with a palette. */
export async function encodePalettePng(picture: IndexedRaster, depth: 1 | 2 | 4 | 8): Promise<Bytes> {
  const { width, height, palette } = picture;
  return file(
    header(width, height, depth, COLOUR_TYPES.palette),
    Array.from({ length: height }, (_row, y) => packRow(picture, y, depth)),
    [chunk('PLTE', palette.flat())],
  );
}

/** A row of indices of that many bits each, the first in the highest bits. */
export function packRow({ width, indices }: IndexedRaster, y: number, depth: 1 | 2 | 4 | 8): Bytes {
  const row = new Uint8Array(Math.ceil((width * depth) / 8));
  for (let x = 0; x < width; x++) {
    const at = Math.floor((x * depth) / 8);
    const shift = 8 - depth - ((x * depth) % 8);
    row[at] = (row[at] ?? 0) | ((indices[y * width + x] ?? 0) << shift);
  }
  return row;
}

/** The start of a PNG file that claims a size, and ends before any pixel. */
export function pngHeader(width: number, height: number): Bytes {
  return concat(SIGNATURE, header(width, height, 8, COLOUR_TYPES.rgb));
}
