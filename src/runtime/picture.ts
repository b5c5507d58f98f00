import { BodyAnalysisError } from '../schema/errors.ts';
import { checkPictureSize } from '../schema/limits.ts';
import type { PictureLimits } from '../schema/limits.ts';
import type { Frame } from '../source/frame.ts';
import { checkEncoded } from './encoded.ts';
import { PixelPyramid } from './pixels.ts';

/** A decoded picture, ready to be looked at. All in pixels. */
export interface Picture {
  pixels: PixelPyramid;
  width: number;
  height: number;
  originalWidth: number;
  originalHeight: number;
}

/** Larger pictures are analysed as a copy of this longest side: regions are cut to 256 px anyway. */
const MAX_WORKING_SIDE = 4096;

/**
 * Decodes a frame and reads its pixels; transparent parts are seen on white. The frame's bitmap or video frame
 * is left open: giving it back is the caller's.
 * @throws BodyAnalysisError `empty-image`, `image-format` or `image-size`
 */
export async function readPicture(frame: Frame, limits: Readonly<PictureLimits>): Promise<Picture> {
  switch (frame.kind) {
    case 'encoded':
      return decode(frame.data, limits);
    case 'base64':
      return decode(new Blob([decodeBase64(frame.data)]), limits);
    case 'bitmap':
      return draw(frame.bitmap, frame.width, frame.height, limits);
    case 'video-frame':
      return draw(frame.frame, frame.frame.displayWidth, frame.frame.displayHeight, limits);
    case 'pixels': {
      const { width, height } = frame.pixels;
      // A canvas would have to be filled from it first; a bitmap composites transparency the same way.
      const bitmap = await createImageBitmap(frame.pixels);
      try {
        return draw(bitmap, width, height, limits);
      } finally {
        bitmap.close();
      }
    }
  }
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  let binary: string;
  try {
    binary = atob(text);
  } catch (cause) {
    throw new BodyAnalysisError(
      'image-format',
      'The string is not base64. Hand in the bytes of a JPEG, PNG or BMP file as base64, with or without a data URL header.',
      cause,
    );
  }
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

async function decode(blob: Blob, limits: Readonly<PictureLimits>): Promise<Picture> {
  let bytes: ArrayBuffer;
  try {
    bytes = await blob.arrayBuffer();
  } catch (cause) {
    throw new BodyAnalysisError('image-format', 'The file could not be read. Choose it again.', cause);
  }
  checkEncoded(new Uint8Array(bytes), limits);
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(blob);
  } catch (cause) {
    throw new BodyAnalysisError(
      'image-format',
      'This browser cannot decode the picture: it is damaged, or of a format the browser does not know. Save it again as JPEG or PNG.',
      cause,
    );
  }
  try {
    return draw(bitmap, bitmap.width, bitmap.height, limits);
  } finally {
    bitmap.close();
  }
}

function draw(
  image: ImageBitmap | VideoFrame,
  originalWidth: number,
  originalHeight: number,
  limits: Readonly<PictureLimits>,
): Picture {
  checkPictureSize(originalWidth, originalHeight, limits);
  const shrink = Math.min(1, MAX_WORKING_SIDE / Math.max(originalWidth, originalHeight));
  const width = Math.max(1, Math.round(originalWidth * shrink));
  const height = Math.max(1, Math.round(originalHeight * shrink));
  const context = new OffscreenCanvas(width, height).getContext('2d', {
    willReadFrequently: true,
    alpha: false,
  });
  if (!context)
    throw new BodyAnalysisError(
      'internal',
      'This browser gives no 2D canvas in a worker. Update the browser.',
    );
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  return { pixels: new PixelPyramid({ data, width, height }), width, height, originalWidth, originalHeight };
}
