import { disableTypes, imageSize } from 'image-size';
import { BodyAnalysisError } from '../../schema/errors.ts';
import { checkPictureSize } from '../../schema/limits.ts';
import type { PictureLimits } from '../../schema/limits.ts';

/** The length of a BMP's header of the first version. */
const CORE_HEADER = 12;
/** How a BMP's pixels are written where they are written in runs. */
const [RLE8, RLE4] = [1, 2];

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
    size = bmpSize(bytes) ?? imageSize(head(bytes));
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
 * As much of the file as its size is read from. A size is at the start of a HEIF or AVIF file, and
 * image-size's time grows with the square of its boxes: megabytes of them, all made up, would take hours.
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
  const view = viewOf(bytes);
  switch (type) {
    case 'jpg':
      return hasJpegEnd(bytes);
    case 'png':
      return hasPngEnd(view);
    case 'bmp':
      return hasBmpRows(bytes);
    case 'webp':
      return view.getUint32(4, true) + 8 <= bytes.length;
    default:
      return true;
  }
}

/**
 * The size of a BMP with the header of its first version, which is still written, and has fields half as
 * wide. image-size knows the later ones only.
 */
function bmpSize(bytes: Uint8Array): { width: number; height: number; type: 'bmp' } | undefined {
  if (bytes[0] !== 0x42 || bytes[1] !== 0x4d) return undefined;
  // As far as headers of all versions are read.
  if (bytes.length < 34) throw new TypeError('The header is cut off.');
  const view = viewOf(bytes);
  if (view.getUint32(14, true) !== CORE_HEADER) return undefined;
  return { width: view.getUint16(18, true), height: view.getUint16(20, true), type: 'bmp' };
}

/**
 * Whether a BMP's last row is there. Its fields for the sizes of file and pixels do not tell: browsers pass
 * over them, and so do writers, which leave them 0 or wrong.
 */
function hasBmpRows(bytes: Uint8Array): boolean {
  const view = viewOf(bytes);
  const start = view.getUint32(10, true);
  const isCore = view.getUint32(14, true) === CORE_HEADER;
  const width = isCore ? view.getUint16(18, true) : view.getInt32(18, true);
  const height = isCore ? view.getUint16(20, true) : Math.abs(view.getInt32(22, true));
  const depth = view.getUint16(isCore ? 24 : 28, true);
  const compression = isCore ? 0 : view.getUint32(30, true);
  if (compression === RLE8 || compression === RLE4) {
    return hasRunLengthRows(bytes, { start, height, perByte: compression === RLE4 ? 2 : 1 });
  }
  // Rows are filled up to four bytes; of the last one nobody misses that.
  const row = Math.ceil((width * depth) / 8);
  return start + Math.ceil(row / 4) * 4 * (height - 1) + row <= bytes.length;
}

/** Walks the runs up to the end of the bitmap, or of its last row. */
function hasRunLengthRows(
  bytes: Uint8Array,
  { start, height, perByte }: { start: number; height: number; perByte: number },
): boolean {
  let row = 0;
  for (let at = start; at + 1 < bytes.length;) {
    const [count = 0, value = 0] = bytes.subarray(at, at + 2);
    at += 2;
    if (count > 0) continue;
    if (value === 0) row++;
    else if (value === 2) {
      row += bytes[at + 1] ?? 0;
      at += 2;
    } else if (value > 2) at += 2 * Math.ceil(value / perByte / 2);
    if (value === 1 || row >= height) return true;
  }
  return false;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Walks the segments and scans up to the end marker; searching for its two bytes would find a thumbnail's.
 */
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

/** Walks the chunks up to IEND, whose checksum browsers do without. */
function hasPngEnd(view: DataView): boolean {
  const IEND = 0x49454e44;
  let at = 8;
  while (at + 8 <= view.byteLength) {
    if (view.getUint32(at + 4) === IEND) return true;
    at += 12 + view.getUint32(at);
  }
  return false;
}
