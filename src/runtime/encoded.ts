import { disableTypes, imageSize } from 'image-size';
import { BodyAnalysisError } from '../schema/errors.ts';
import { checkPictureSize } from '../schema/limits.ts';
import type { PictureLimits } from '../schema/limits.ts';

const REMEDY = 'Hand in a JPEG, PNG, BMP, WebP, GIF or AVIF file.';

// No browser shows these, and some take almost any bytes for a header.
disableTypes(['dds', 'icns', 'ktx', 'pnm', 'psd', 'svg', 'tga']);

/**
 * Looks at an encoded picture's header before anyone decodes it: a few bytes can claim gigabytes of pixels.
 * @throws BodyAnalysisError `empty-image`, `image-format` or `image-size`
 */
export function checkEncoded(bytes: Uint8Array, limits?: Readonly<PictureLimits>): void {
  if (bytes.length === 0) {
    throw new BodyAnalysisError('empty-image', `The picture has no bytes. ${REMEDY}`);
  }
  let size;
  try {
    size = imageSize(head(bytes));
    // What image-size makes of some broken headers.
    if (!(size.width >= 0 && size.height >= 0)) throw new TypeError('The header tells no size.');
  } catch (cause) {
    throw new BodyAnalysisError(
      'image-format',
      `The file is not a picture, or its header is cut off. ${REMEDY}`,
      cause,
    );
  }
  checkPictureSize(size.width, size.height, limits);
  if (!isComplete(bytes, size.type)) {
    throw new BodyAnalysisError(
      'image-format',
      `The ${size.type} file is cut short. Fetch or save it again.`,
    );
  }
}

/**
 * As much of the file as its size is read from. A size is at the start of a HEIF or AVIF file, and image-size's
 * time grows with the square of its boxes: megabytes of them, all made up, would take hours.
 */
function head(bytes: Uint8Array): Uint8Array {
  const isHeif = String.fromCharCode(...bytes.subarray(4, 8)) === 'ftyp';
  return isHeif ? bytes.subarray(0, 2 ** 18) : bytes;
}

/**
 * Whether the file goes on to its end. Browsers decode what there is of a truncated file and leave the rest
 * grey, which would come back as a confident answer about half a picture.
 */
function isComplete(bytes: Uint8Array, type: string | undefined): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (type) {
    case 'jpg':
      return hasJpegEnd(bytes);
    case 'png':
      return hasPngEnd(view);
    case 'bmp':
      // Some writers leave the size field 0.
      return view.getUint32(2, true) <= bytes.length;
    case 'webp':
      return view.getUint32(4, true) + 8 <= bytes.length;
    default:
      return true;
  }
}

/** Walks the segments and scans up to the end marker; searching for its two bytes would find a thumbnail's. */
function hasJpegEnd(bytes: Uint8Array): boolean {
  let at = 2;
  while (at + 1 < bytes.length) {
    if (bytes[at] !== 0xff) {
      // Within a scan's entropy-coded data, or padding: on to the next marker.
      at = bytes.indexOf(0xff, at);
      if (at < 0) return false;
      continue;
    }
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xd9) return true;
    const standsAlone =
      marker === 0x00 || marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    if (standsAlone) at += marker === 0xff ? 1 : 2;
    else at += 2 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0));
  }
  return false;
}

/** Walks the chunks up to IEND. */
function hasPngEnd(view: DataView): boolean {
  const IEND = 0x49454e44;
  let at = 8;
  while (at + 12 <= view.byteLength) {
    if (view.getUint32(at + 4) === IEND) return true;
    at += 12 + view.getUint32(at);
  }
  return false;
}
