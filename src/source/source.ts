import { BodyAnalysisError } from '../schema/errors.ts';
import { checkPictureSize } from '../schema/limits.ts';
import type { PictureLimits } from '../schema/limits.ts';
import type { Frame } from './frame.ts';
import { videoFrameOf } from './frame.ts';
import { isKind, nameOf } from './kinds.ts';

/**
 * Everything a picture may be handed in as. What the caller hands in stays the caller's: bitmaps and frames are
 * copied, not closed; only a `Response` is read to its end, as everyone who reads one does.
 *
 * Coordinates of the result are those of the picture as displayed: after its EXIF orientation, a video frame's
 * rotation and visible rectangle, at an `<img>`'s or `<image>`'s natural size. Transparent parts are seen on
 * white, and of an animation the first frame.
 *
 * - `string`: base64 of an encoded file, with or without a data URL's header.
 * - `Blob`, `File`, `ArrayBuffer`, typed array, `DataView`: an encoded file.
 * - `URL`, `Response`: an encoded file from the network (or a `blob:` URL).
 * - `HTMLVideoElement`: its current frame, which is waited for.
 */
export type ImageSource =
  | HTMLImageElement
  | SVGImageElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | HTMLVideoElement
  | ImageBitmap
  | ImageData
  | VideoFrame
  | Blob
  | ArrayBuffer
  | ArrayBufferView
  | Response
  | URL
  | string;

/** How a source is read. */
export interface SourceOptions {
  limits: Readonly<PictureLimits>;
  /** Ends the wait for the network or a video's first frame. */
  signal: AbortSignal;
}

/** How long a video may take to show its first frame, in milliseconds. */
const VIDEO_WAIT = 5000;
/** How often it is looked at meanwhile. */
const VIDEO_POLL = 30;

/**
 * The picture as it is now, in a form that can travel to the worker.
 * @throws BodyAnalysisError `unsupported-source`, `empty-image`, `image-size`, `source-tainted`,
 * `source-closed`, `source-not-ready` or `source-fetch`
 * @throws the signal's reason when it is aborted meanwhile
 */
export async function toFrame(source: ImageSource, options: SourceOptions): Promise<Frame> {
  try {
    return await frameOf(source, options);
  } catch (cause) {
    if (cause instanceof BodyAnalysisError || options.signal.aborted) throw cause;
    throw new BodyAnalysisError(
      'unsupported-source',
      'The source has the class of a picture but cannot be read as one: it may be a proxy. Hand in the object itself.',
      cause,
    );
  }
}

async function frameOf(source: ImageSource, options: SourceOptions): Promise<Frame> {
  const { limits, signal } = options;
  if (typeof source === 'string') return base64Frame(source);
  if (isKind(source, 'Blob')) return { kind: 'encoded', data: source };
  if (ArrayBuffer.isView(source) || isKind(source, 'ArrayBuffer')) return bytesFrame(source);
  if (isKind(source, 'URL')) return responseFrame(await fetchSource(source, signal));
  if (isKind(source, 'Response')) return responseFrame(source);
  if (isKind(source, 'ImageData')) return pixelsFrame(source, limits);
  if (isKind(source, 'VideoFrame')) return videoFrame(source, limits);
  if (isKind(source, 'HTMLVideoElement')) return currentFrame(source, options);
  if (isKind(source, 'HTMLImageElement')) return image(source, limits);
  if (isKind(source, 'SVGImageElement')) return svgImage(source, limits);
  if (isKind(source, 'ImageBitmap')) {
    if (source.width === 0) {
      throw new BodyAnalysisError(
        'source-closed',
        'The ImageBitmap was closed or transferred. Hand in an open one.',
      );
    }
    return bitmapFrame(source, limits);
  }
  if (isKind(source, 'HTMLCanvasElement', 'OffscreenCanvas')) {
    if (source.width === 0 || source.height === 0) {
      throw new BodyAnalysisError(
        'empty-image',
        'The canvas has no pixels: it is 0 px wide or high, or its control was transferred. Draw a picture on it first.',
      );
    }
    return bitmapFrame(source, limits);
  }
  throw new BodyAnalysisError(
    'unsupported-source',
    `${nameOf(source)} is nothing that a picture can be read from. Hand in an image, canvas, video, ImageBitmap, ImageData, VideoFrame, Blob, File, ArrayBuffer, typed array, URL, Response or base64 string.`,
  );
}

function base64Frame(text: string): Frame {
  const data = text.replace(/^data:[^,]*,/, '').trim();
  if (data === '') {
    throw new BodyAnalysisError(
      'empty-image',
      'The string is empty. Hand in the bytes of a JPEG, PNG or BMP file as base64.',
    );
  }
  if (/^(?:https?|blob|file):|^\.{0,2}\//.test(data) && !data.startsWith('/9j/')) {
    throw new BodyAnalysisError(
      'image-format',
      'The string is an address, not base64. Hand in `new URL(address, location.href)` to have it fetched.',
    );
  }
  return { kind: 'base64', data };
}

function bytesFrame(source: ArrayBuffer | ArrayBufferView): Frame {
  try {
    const bytes = ArrayBuffer.isView(source)
      ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
      : new Uint8Array(source);
    // The copy is the caller's bytes at this moment, and no SharedArrayBuffer's, which a Blob would not take.
    return { kind: 'encoded', data: new Blob([Uint8Array.from(bytes)]) };
  } catch (cause) {
    throw new BodyAnalysisError(
      'source-closed',
      'The buffer was transferred away and has no bytes any more. Hand in a copy.',
      cause,
    );
  }
}

async function fetchSource(url: URL, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new BodyAnalysisError(
      'source-fetch',
      `${url.href} could not be fetched. Check the address, that its host allows this page to read it (CORS), and that a blob: URL was not revoked.`,
      cause,
    );
  }
}

async function responseFrame(response: Response): Promise<Frame> {
  if (!response.ok) {
    throw new BodyAnalysisError(
      response.type === 'opaque' ? 'source-tainted' : 'source-fetch',
      response.type === 'opaque'
        ? 'The response is opaque: the browser lets no script read it. Fetch it with CORS.'
        : `${response.url || 'The response'} has the status ${response.status} ${response.statusText}. Check the address.`,
    );
  }
  if (response.bodyUsed || response.body?.locked) {
    throw new BodyAnalysisError(
      'source-closed',
      'The response was read already, or is being read. Hand in a `clone()` made before that.',
    );
  }
  try {
    return { kind: 'encoded', data: await response.blob() };
  } catch (cause) {
    throw new BodyAnalysisError('source-fetch', 'The response broke off. Fetch it again.', cause);
  }
}

function pixelsFrame(pixels: ImageData, limits: Readonly<PictureLimits>): Frame {
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

function tainted(what: string, cause: unknown): BodyAnalysisError {
  return new BodyAnalysisError(
    'source-tainted',
    `The ${what} has pixels from another origin, which the browser lets no script read. Load them with crossorigin="anonymous" from a host that allows it (CORS), or from the page's own origin.`,
    cause,
  );
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
async function bitmapFrame(
  source: BitmapSource,
  limits: Readonly<PictureLimits>,
  size?: { width: number; height: number },
): Promise<Frame> {
  if (size) checkPictureSize(size.width, size.height, limits);
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(source);
  } catch (cause) {
    if (isKind(cause, 'DOMException') && cause.name === 'SecurityError') throw tainted('source', cause);
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

async function image(element: HTMLImageElement, limits: Readonly<PictureLimits>): Promise<Frame> {
  // A lazy image that nobody has scrolled to would never load; who hands it in wants it now.
  if (element.loading === 'lazy' && !element.complete) element.loading = 'eager';
  await decoded(element, () => element.currentSrc || element.src);
  // Pixel density (srcset, EXIF) makes the bitmap larger than what the page calls the image's natural size.
  return bitmapFrame(element, limits, { width: element.naturalWidth, height: element.naturalHeight });
}

async function svgImage(element: SVGImageElement, limits: Readonly<PictureLimits>): Promise<Frame> {
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

async function currentFrame(video: HTMLVideoElement, { limits, signal }: SourceOptions): Promise<Frame> {
  if (!hasFrame(video)) await firstFrame(video, signal);
  checkPictureSize(video.videoWidth, video.videoHeight, limits);
  if (!('VideoFrame' in globalThis)) return bitmapFrame(video, limits);
  try {
    return { kind: 'video-frame', frame: new VideoFrame(video) };
  } catch (cause) {
    if (isKind(cause, 'DOMException') && cause.name === 'SecurityError') throw tainted('<video>', cause);
    return bitmapFrame(video, limits);
  }
}

function hasFrame(video: HTMLVideoElement): boolean {
  if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || video.videoWidth === 0) return false;
  if (!('VideoFrame' in globalThis)) return true;
  try {
    new VideoFrame(video).close();
    return true;
  } catch (cause) {
    // Chromium says that it has data some moments before there is a frame to read.
    return !(isKind(cause, 'DOMException') && cause.name === 'InvalidStateError');
  }
}

/** Resolves when the video has a frame to show; fails when it never will, or not soon. */
function firstFrame(video: HTMLVideoElement, signal: AbortSignal): Promise<void> {
  if (video.error || (!video.currentSrc && !video.src && !video.srcObject && video.children.length === 0)) {
    return Promise.reject(
      new BodyAnalysisError(
        'source-not-ready',
        'The <video> has no source, or failed to load it. Set one that plays.',
        video.error ?? undefined,
      ),
    );
  }
  return new Promise((resolve, reject) => {
    const listening = new AbortController();
    const settle = (action: () => void) => () => {
      listening.abort();
      clearTimeout(timer);
      clearInterval(watch);
      action();
    };
    const fail = (message: string) =>
      settle(() => reject(new BodyAnalysisError('source-not-ready', message, video.error ?? undefined)));
    const ready = settle(resolve);
    const timer = setTimeout(
      fail(`The <video> showed no frame within ${VIDEO_WAIT / 1000} s. Wait for its loadeddata event.`),
      VIDEO_WAIT,
    );
    const once = { signal: listening.signal };
    // No event tells it: a stream's size and a file's first readable frame come some time after `loadeddata`.
    const watch = setInterval(() => hasFrame(video) && ready(), VIDEO_POLL);
    // Without anyone who asks, Chromium makes no frame of a paused video that is not on the page.
    if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(() => {});
    video.addEventListener('error', fail('The <video> failed to load. Check its source.'), once);
    signal.addEventListener(
      'abort',
      settle(() => reject(signal.reason)),
      once,
    );
  });
}

function videoFrame(source: VideoFrame, limits: Readonly<PictureLimits>): Frame {
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

/** What of a frame changes hands when it travels. */
export function transferables(frame: Frame): Transferable[] {
  if (frame.kind === 'bitmap') return [frame.bitmap];
  if (frame.kind === 'video-frame') return [frame.frame];
  if (frame.kind === 'pixels') return [frame.pixels.data.buffer];
  return [];
}
