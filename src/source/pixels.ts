import { BodyAnalysisError } from '../schema/errors.ts';
import { checkPictureSize } from '../schema/limits.ts';
import type { PictureLimits } from '../schema/limits.ts';
import { videoFrameOf } from './frame.ts';
import type { Frame } from './frame.ts';
import { isDomException } from './kinds.ts';

/*
 * Pixels that the page holds already: raw, on a canvas, in a bitmap or a
 * video frame. Each is copied as it is now.
 */

/** Raw RGBA. */
export function pixelsFrame(pixels: ImageData, limits: Readonly<PictureLimits>): Frame {
  checkPictureSize(pixels.width, pixels.height, limits);
  if (pixels.data.length === 0) {
    throw new BodyAnalysisError(
      'source-closed',
      'The ImageData was transferred away and has no pixels any more. Hand in a copy.',
    );
  }
  // Unlike the rest it would stay the caller's to change until the call's turn has come.
  return { kind: 'pixels', pixels: structuredClone(pixels) };
}

/** A video frame, of which the copy is a reference. */
export function videoFrame(source: VideoFrame, limits: Readonly<PictureLimits>): Frame {
  let frame: VideoFrame;
  try {
    frame = source.clone();
  } catch (cause) {
    throw new BodyAnalysisError(
      'source-closed',
      'The VideoFrame was closed or transferred. Hand in an open one.',
      cause,
    );
  }
  try {
    checkPictureSize(frame.displayWidth, frame.displayHeight, limits);
  } catch (error) {
    frame.close();
    throw error;
  }
  return { kind: 'video-frame', frame };
}

/** A bitmap that may have been closed. */
export async function openBitmapFrame(source: ImageBitmap, limits: Readonly<PictureLimits>): Promise<Frame> {
  if (source.width === 0) {
    throw new BodyAnalysisError(
      'source-closed',
      'The ImageBitmap was closed or transferred. Hand in an open one.',
    );
  }
  return bitmapFrame(source, limits);
}

/** What is drawn on a canvas. */
export async function canvasFrame(
  source: HTMLCanvasElement | OffscreenCanvas,
  limits: Readonly<PictureLimits>,
): Promise<Frame> {
  if (source.width === 0 || source.height === 0) {
    throw new BodyAnalysisError(
      'empty-image',
      'The canvas has no pixels: it is 0 px wide or high, or its control was transferred. Draw a picture on it first.',
    );
  }
  return bitmapFrame(source, limits);
}

/** What a browser makes a bitmap of, among the sources. */
type BitmapSource =
  | HTMLImageElement
  | SVGImageElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | ImageBitmap
  | HTMLVideoElement;

/**
 * A copy of the pixels now, so that the caller may go on drawing.
 * @param size what the source calls its own size; the bitmap's where it has none
 */
export async function bitmapFrame(
  source: BitmapSource,
  limits: Readonly<PictureLimits>,
  size?: { width: number; height: number },
): Promise<Frame> {
  if (size) checkPictureSize(size.width, size.height, limits);
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(source);
  } catch (cause) {
    if (isDomException(cause, 'SecurityError')) throw tainted('source', cause);
    throw new BodyAnalysisError(
      'source-not-ready',
      'The browser cannot read the source: it is broken, or has no picture or no size of its own yet. Wait for its load event and try again.',
      cause,
    );
  }
  const { width, height } = size ?? bitmap;
  try {
    checkPictureSize(width, height, limits);
  } catch (error) {
    bitmap.close();
    throw error;
  }
  try {
    // Browsers make the bitmap of a tainted source all the same, and refuse only to let it out of the page.
    bitmap = structuredClone(bitmap, { transfer: [bitmap] });
  } catch (cause) {
    bitmap.close();
    throw tainted('source', cause);
  }
  const frame = videoFrameOf(bitmap);
  if (frame) bitmap.close();
  return { kind: 'bitmap', bitmap: frame ?? bitmap, width, height };
}

/** What to say of pixels that the browser lets no script read. */
export function tainted(what: string, cause: unknown): BodyAnalysisError {
  return new BodyAnalysisError(
    'source-tainted',
    `The ${what} has pixels from another origin, which the browser lets no script read. Load them with crossorigin="anonymous" from a host that allows it (CORS), or from the page's own origin.`,
    cause,
  );
}
