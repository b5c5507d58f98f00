import { BodyAnalysisError } from '../schema/errors.ts';
import type { PictureLimits } from '../schema/limits.ts';
import type { Frame } from './frame.ts';
import { bitmapFrame } from './pixels.ts';

/*
 * Elements that show a picture, which is waited for where it is not there yet.
 */

/** The picture of an `<img>`, at its natural size. */
export async function imageFrame(element: HTMLImageElement, limits: Readonly<PictureLimits>): Promise<Frame> {
  // A lazy image that nobody has scrolled to would never load; who hands it in wants it now.
  if (element.loading === 'lazy' && !element.complete) element.loading = 'eager';
  await decoded(element, () => element.currentSrc || element.src);
  // Pixel density (srcset, EXIF) makes the bitmap larger than what the page calls the image's natural size.
  return bitmapFrame(element, limits, { width: element.naturalWidth, height: element.naturalHeight });
}

/** The picture of an SVG `<image>`, at its natural size. */
export async function svgImageFrame(
  element: SVGImageElement,
  limits: Readonly<PictureLimits>,
): Promise<Frame> {
  await decoded(element, () => element.href.baseVal);
  return bitmapFrame(element, limits);
}

/**
 * Waits until an image element has its picture.
 * @param address what it shows: of one that has just got a `srcset` the browser knows that only in a moment
 */
async function decoded(element: HTMLImageElement | SVGImageElement, address: () => string): Promise<void> {
  let cause: unknown;
  try {
    // Resolves at once when the image is there, and fails when it is broken.
    // An SVG <image> has it in some browsers only; in the others a broken one fails later.
    if ('decode' in element) await element.decode();
    if (address() !== '') return;
  } catch (error) {
    cause = error;
  }
  if (address() === '') {
    throw new BodyAnalysisError(
      'empty-image',
      'The image element has no source. Set its address first.',
      cause,
    );
  }
  throw new BodyAnalysisError(
    'source-not-ready',
    `The image element could not load ${address()}. Check the address.`,
    cause,
  );
}
