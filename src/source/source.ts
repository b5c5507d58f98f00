import { BodyAnalysisError } from '../schema/errors.ts';
import { checkPictureSize } from '../schema/limits.ts';
import type { Frame } from './frame.ts';

/**
 * Everything a picture may be handed in as. What the caller hands in stays the caller's: bitmaps and frames are
 * copied, not closed. Coordinates of the result are those of the picture as displayed, after any EXIF rotation.
 *
 * A `string` is base64 of an encoded file, with or without a data URL's header.
 */
export type ImageSource =
  | HTMLImageElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | ImageBitmap
  | ImageData
  | Blob
  | HTMLVideoElement
  | VideoFrame
  | string;

/** Whether `value` is of a class that this browser may not have. */
function isA<K extends 'OffscreenCanvas' | 'VideoFrame' | 'ImageBitmap'>(
  value: unknown,
  name: K,
): value is InstanceType<(typeof globalThis)[K]> {
  return name in globalThis && value instanceof globalThis[name];
}

/**
 * The picture as it is now, in a form that can travel to the worker.
 * @throws BodyAnalysisError `unsupported-source`, `empty-image`, `image-size`, `source-tainted`,
 * `source-closed` or `source-not-ready`
 */
export async function toFrame(source: ImageSource): Promise<Frame> {
  if (typeof source === 'string') return base64Frame(source);
  if (source instanceof Blob) return { kind: 'encoded', data: source };
  if (source instanceof ImageData) {
    checkPictureSize(source.width, source.height);
    if (source.data.length === 0) {
      throw new BodyAnalysisError(
        'source-closed',
        'The ImageData was transferred away and has no pixels any more. Hand in a copy.',
      );
    }
    return { kind: 'pixels', pixels: source };
  }
  if (isA(source, 'VideoFrame')) return videoFrame(source);
  if (source instanceof HTMLVideoElement) return currentFrame(source);
  if (source instanceof HTMLImageElement) return image(source);
  if (isA(source, 'ImageBitmap')) {
    if (source.width === 0) {
      throw new BodyAnalysisError(
        'source-closed',
        'The ImageBitmap was closed or transferred. Hand in an open one.',
      );
    }
    return bitmapFrame(source, source.width, source.height);
  }
  if (source instanceof HTMLCanvasElement || isA(source, 'OffscreenCanvas')) {
    if (source.width === 0 || source.height === 0) {
      throw new BodyAnalysisError(
        'empty-image',
        'The canvas has no pixels: it is 0 px wide or high, or its control was transferred. Draw a picture on it first.',
      );
    }
    return bitmapFrame(source, source.width, source.height);
  }
  throw new BodyAnalysisError(
    'unsupported-source',
    `${describe(source)} is nothing that a picture can be read from. Hand in an image, canvas, video, ImageBitmap, ImageData, VideoFrame, Blob, File or base64 string.`,
  );
}

function describe(value: unknown): string {
  if (value === null || typeof value !== 'object') return String(value);
  return `An object of class ${value.constructor?.name ?? 'Object'}`;
}

function base64Frame(text: string): Frame {
  const data = text.replace(/^data:[^,]*,/, '').trim();
  if (data === '') {
    throw new BodyAnalysisError(
      'empty-image',
      'The string is empty. Hand in the bytes of a JPEG, PNG or BMP file as base64.',
    );
  }
  return { kind: 'base64', data };
}

function tainted(what: string, cause: unknown): BodyAnalysisError {
  return new BodyAnalysisError(
    'source-tainted',
    `The ${what} has pixels from another origin, which the browser lets no script read. Load them with crossorigin="anonymous" from a host that allows it (CORS), or from the page's own origin.`,
    cause,
  );
}

/** A copy of the pixels now, so that the caller may go on drawing. */
async function bitmapFrame(
  source: HTMLImageElement | HTMLCanvasElement | OffscreenCanvas | ImageBitmap | HTMLVideoElement,
  width: number,
  height: number,
): Promise<Frame> {
  checkPictureSize(width, height);
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(source);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'SecurityError') throw tainted('source', cause);
    throw new BodyAnalysisError(
      'source-not-ready',
      'The browser cannot read the source: it is broken, or has no picture yet. Wait for its load event and try again.',
      cause,
    );
  }
  try {
    // Browsers make the bitmap of a tainted source all the same, and refuse only to let it out of the page.
    return { kind: 'bitmap', bitmap: structuredClone(bitmap, { transfer: [bitmap] }) };
  } catch (cause) {
    bitmap.close();
    throw tainted('source', cause);
  }
}

async function image(element: HTMLImageElement): Promise<Frame> {
  try {
    // Resolves at once when the image is there, and fails when it is broken.
    await element.decode();
  } catch (cause) {
    throw new BodyAnalysisError(
      element.src === '' ? 'empty-image' : 'source-not-ready',
      element.src === ''
        ? 'The <img> has no source. Set its src first.'
        : `The <img> could not load ${element.currentSrc || element.src}. Check its address.`,
      cause,
    );
  }
  return bitmapFrame(element, element.naturalWidth, element.naturalHeight);
}

async function currentFrame(video: HTMLVideoElement): Promise<Frame> {
  if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || video.videoWidth === 0) {
    throw new BodyAnalysisError(
      'source-not-ready',
      'The <video> has no frame yet. Wait for its loadeddata event.',
    );
  }
  checkPictureSize(video.videoWidth, video.videoHeight);
  if (!('VideoFrame' in globalThis)) return bitmapFrame(video, video.videoWidth, video.videoHeight);
  try {
    return { kind: 'video-frame', frame: new VideoFrame(video) };
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'SecurityError') throw tainted('<video>', cause);
    return bitmapFrame(video, video.videoWidth, video.videoHeight);
  }
}

function videoFrame(source: VideoFrame): Frame {
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
    checkPictureSize(frame.displayWidth, frame.displayHeight);
  } catch (error) {
    frame.close();
    throw error;
  }
  return { kind: 'video-frame', frame };
}

/** What of a frame changes hands when it travels. */
export function transferables(frame: Frame): Transferable[] {
  if (frame.kind === 'bitmap') return [frame.bitmap];
  if (frame.kind === 'video-frame') return [frame.frame];
  return [];
}

/** Gives back what a frame holds that was not sent after all. */
export function releaseFrame(frame: Frame): void {
  if (frame.kind === 'bitmap') frame.bitmap.close();
  if (frame.kind === 'video-frame') frame.frame.close();
}
