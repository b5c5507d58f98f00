import { ascii, big, concat, little } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import type { Orientation } from './raster.ts';

/** A TIFF directory with nothing but the orientation: what EXIF is, in a JPEG's APP1 as in a PNG's eXIf. */
export function exifOf(orientation: Orientation, order: 'II' | 'MM' = 'II'): Bytes {
  const number = (size: 2 | 4, ...values: number[]) =>
    order === 'II' ? little(size, ...values) : big(size, ...values);
  const ORIENTATION = 0x112;
  const SHORT = 3;
  return concat(
    ascii(order),
    number(2, 42),
    number(4, 8),
    number(2, 1, ORIENTATION, SHORT),
    number(4, 1),
    number(2, orientation, 0),
    number(4, 0),
  );
}

/** The JPEG file with that orientation in its EXIF. */
export function withOrientation(
  jpeg: Uint8Array,
  orientation: Orientation,
  order: 'II' | 'MM' = 'II',
): Bytes {
  const payload = concat(ascii('Exif\0\0'), exifOf(orientation, order));
  return concat(jpeg.subarray(0, 2), [0xff, 0xe1], big(2, payload.length + 2), payload, jpeg.subarray(2));
}
