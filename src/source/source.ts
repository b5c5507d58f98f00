import { BodyAnalysisError } from '../schema/errors.ts';
import type { PictureLimits } from '../schema/limits.ts';
import { currentFrame } from './current-frame.ts';
import { base64Frame, bytesFrame, fetchSource, responseFrame } from './encoded-file.ts';
import type { Frame } from './frame.ts';
import { imageFrame, svgImageFrame } from './image-elements.ts';
import { isKind, nameOf } from './kinds.ts';
import { canvasFrame, openBitmapFrame, pixelsFrame, videoFrame } from './pixels.ts';

/**
 * Everything a picture may be handed in as. What the caller hands in stays the caller's: bitmaps and frames
 * are copied, not closed; only a `Response` is read to its end, as everyone who reads one does.
 *
 * Coordinates of the result are those of the picture as displayed: after its EXIF orientation, a video
 * frame's rotation and visible rectangle, at an `<img>`'s or `<image>`'s natural size. Transparent parts are
 * seen on white, and of an animation the first frame.
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

async function frameOf(source: ImageSource, { limits, signal }: SourceOptions): Promise<Frame> {
  if (typeof source === 'string') return base64Frame(source);
  if (isKind(source, 'Blob')) return { kind: 'encoded', data: source };
  if (ArrayBuffer.isView(source) || isKind(source, 'ArrayBuffer')) return bytesFrame(source);
  if (isKind(source, 'URL')) return responseFrame(await fetchSource(source, signal));
  if (isKind(source, 'Response')) return responseFrame(source);
  if (isKind(source, 'ImageData')) return pixelsFrame(source, limits);
  if (isKind(source, 'VideoFrame')) return videoFrame(source, limits);
  if (isKind(source, 'HTMLVideoElement')) return currentFrame(source, limits, signal);
  if (isKind(source, 'HTMLImageElement')) return imageFrame(source, limits);
  if (isKind(source, 'SVGImageElement')) return svgImageFrame(source, limits);
  if (isKind(source, 'ImageBitmap')) return openBitmapFrame(source, limits);
  if (isKind(source, 'HTMLCanvasElement', 'OffscreenCanvas')) return canvasFrame(source, limits);
  throw new BodyAnalysisError(
    'unsupported-source',
    `${nameOf(source)} is nothing that a picture can be read from. Hand in an image, canvas, video, ImageBitmap, ImageData, VideoFrame, Blob, File, ArrayBuffer, typed array, URL, Response or base64 string.`,
  );
}
