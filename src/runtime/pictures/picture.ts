import { BodyAnalysisError } from '../../schema/errors.ts';
import { checkPictureSize } from '../../schema/limits.ts';
import type { PictureLimits } from '../../schema/limits.ts';
import type { Frame } from '../../source/frame.ts';
import { videoFrameOf } from '../../source/frame.ts';
import { canvas2d } from './canvas.ts';
import { checkEncoded } from './decode-file.ts';
import { GpuPicture } from './gpu-picture.ts';
import type { PixelMemory } from './pixel-memory.ts';
import { GREY_SAMPLES, isGrey, PixelPyramid } from './pixels.ts';

/** What squares are cut from: in memory, or on the GPU. */
export type PictureSurface = PixelPyramid | GpuPicture;

/** A decoded picture, ready for networks to run on. All in pixels. */
export interface Picture {
  pixels: PictureSurface;
  width: number;
  height: number;
  originalWidth: number;
  originalHeight: number;
  /** Whether it has no colours; `false` for a video's frames, of which it is not asked. */
  isGrey: boolean;
  /** Frees what it holds of the GPU, and gives its memory back for the next one; harmless when done twice. */
  release: () => void;
}

/** Larger pictures are analysed as a copy of this longest side: regions are cut to 256 px anyway. */
const MAX_WORKING_SIDE = 4096;

/** How to read a frame. */
interface Reading {
  limits: Readonly<PictureLimits>;
  device: GPUDevice | undefined;
  memory: PixelMemory | undefined;
}

/**
 * Decodes a frame and reads its pixels; transparent parts are seen on white. The frame's bitmap or video
 * frame is left open: giving it back is the caller's.
 * @param options.device the GPU to keep the pixels on, which then are never read
 * back; without it they are read into memory
 * @param options.memory where a video's frames get their memory from
 * @throws BodyAnalysisError `empty-image`, `image-format` or `image-size`
 */
export async function readPicture(
  frame: Frame,
  limits: Readonly<PictureLimits>,
  { device, memory }: { device?: GPUDevice | undefined; memory?: PixelMemory } = {},
): Promise<Picture> {
  const reading = { limits, device, memory };
  switch (frame.kind) {
    case 'encoded':
      return decode(frame.data, reading);
    case 'base64':
      return decode(new Blob([decodeBase64(frame.data)]), reading);
    case 'bitmap':
      return readBitmap(frame.bitmap, frame.width, frame.height, reading);
    case 'video-frame':
      return readVideoFrame(frame.frame, reading);
    case 'pixels': {
      const { width, height } = frame.pixels;
      // A canvas would have to be filled from it first; a bitmap composites transparency the same way.
      const bitmap = await createImageBitmap(frame.pixels);
      try {
        return await readBitmap(bitmap, width, height, reading);
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

async function decode(blob: Blob, reading: Reading): Promise<Picture> {
  let bytes: ArrayBuffer;
  try {
    bytes = await blob.arrayBuffer();
  } catch (cause) {
    throw new BodyAnalysisError('image-format', 'The file could not be read. Choose it again.', cause);
  }
  checkEncoded(new Uint8Array(bytes), reading.limits);
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
    return await readBitmap(bitmap, bitmap.width, bitmap.height, reading);
  } finally {
    bitmap.close();
  }
}

/** The size of the copy that is worked on, and of the picture itself. */
type PictureSizes = Omit<Picture, 'pixels' | 'isGrey' | 'release'>;

/** A picture of which nobody has asked yet whether it is grey. */
type ReadPicture = Omit<Picture, 'isGrey'>;

/** @throws BodyAnalysisError `image-size` */
function sizesOf(originalWidth: number, originalHeight: number, limits: Reading['limits']): PictureSizes {
  checkPictureSize(originalWidth, originalHeight, limits);
  const shrink = Math.min(1, MAX_WORKING_SIDE / Math.max(originalWidth, originalHeight));
  const width = Math.max(1, Math.round(originalWidth * shrink));
  const height = Math.max(1, Math.round(originalHeight * shrink));
  return { width, height, originalWidth, originalHeight };
}

async function readBitmap(
  bitmap: ImageBitmap | VideoFrame,
  originalWidth: number,
  originalHeight: number,
  reading: Reading,
): Promise<Picture> {
  const sizes = sizesOf(originalWidth, originalHeight, reading.limits);
  const picture = await pictureOf(bitmap, sizes, reading);
  return { ...picture, isGrey: looksGrey(picture, bitmap) };
}

/** Whether a picture is grey. What is on the GPU is not read back for it, but drawn once more, small. */
function looksGrey({ pixels, width, height }: ReadPicture, bitmap: ImageBitmap | VideoFrame): boolean {
  if (pixels instanceof PixelPyramid) return isGrey(pixels.level(0));
  const [columns, rows] = [Math.min(width, GREY_SAMPLES), Math.min(height, GREY_SAMPLES)];
  return isGrey(draw(bitmap, columns, rows, false).getImageData(0, 0, columns, rows));
}

async function pictureOf(
  bitmap: ImageBitmap | VideoFrame,
  sizes: PictureSizes,
  reading: Reading,
): Promise<ReadPicture> {
  if (!reading.device && typeof VideoFrame === 'function') {
    const frame = bitmap instanceof VideoFrame ? bitmap : videoFrameOf(bitmap);
    try {
      const picture = frame && (await convert(frame, sizes, reading));
      if (picture) return picture;
    } finally {
      if (frame !== bitmap) frame?.close();
    }
  }
  return drawn(bitmap, sizes, reading);
}

async function readVideoFrame(frame: VideoFrame, reading: Reading): Promise<Picture> {
  const sizes = sizesOf(frame.displayWidth, frame.displayHeight, reading.limits);
  const converted = reading.device ? undefined : await convert(frame, sizes, reading);
  return { ...(converted ?? drawn(frame, sizes, reading)), isGrey: false };
}

/** Whether the frame's own pixels are those of a picture of that size. */
function isPlain(frame: VideoFrame, { width, height }: PictureSizes): boolean {
  const { displayWidth, displayHeight, visibleRect } = frame;
  // TypeScript does not know the two yet, and neither do all browsers.
  const turned: unknown = Reflect.get(frame, 'rotation');
  const flipped: unknown = Reflect.get(frame, 'flip');
  return (
    (turned === undefined || turned === 0) &&
    (flipped === undefined || flipped === false) &&
    [displayWidth, visibleRect?.width].every((each) => each === width) &&
    [displayHeight, visibleRect?.height].every((each) => each === height)
  );
}

/**
 * Reads a frame as a canvas would, sample for sample, but in a twentieth of the time where the
 * browser can convert it in memory. `undefined` where it cannot, or where there is something
 * to turn, mirror, scale or put on white.
 */
async function convert(
  frame: VideoFrame,
  sizes: PictureSizes,
  { memory }: Reading,
): Promise<ReadPicture | undefined> {
  if (!isPlain(frame, sizes) || !(await canConvert())) return undefined;
  const { width, height } = sizes;
  const data = memory?.take(4 * width * height) ?? new Uint8ClampedArray(4 * width * height);
  let isHeld = true;
  const release = () => {
    if (isHeld) memory?.giveBack(data);
    isHeld = false;
  };
  try {
    await frame.copyTo(data, { format: 'RGBA', colorSpace: 'srgb' });
    // Formats without an A have no alpha to look for.
    const isSolid = frame.format !== null && !frame.format.includes('A');
    if (isSolid || isOpaque(data))
      return { ...sizes, pixels: new PixelPyramid({ data, width, height }), release };
  } catch {
    // Not every browser converts, and none converts everything.
  }
  release();
  return undefined;
}

let converting: Promise<boolean> | undefined;

/**
 * Whether the browser converts what it copies. WebKit 2.50 passes over the format that is asked for without a
 * word, and gives red for blue.
 */
function canConvert(): Promise<boolean> {
  return (converting ??= tryConversion());
}

async function tryConversion(): Promise<boolean> {
  // Nothing that is the same when read backwards.
  const [blue, green, red, alpha] = [10, 120, 250, 255];
  const pixel = [blue, green, red, alpha];
  let frame: VideoFrame | undefined;
  try {
    frame = new VideoFrame(Uint8Array.from([...pixel, ...pixel, ...pixel, ...pixel]), {
      format: 'BGRA',
      codedWidth: 2,
      codedHeight: 2,
      timestamp: 0,
    });
    const copy = new Uint8Array(16);
    await frame.copyTo(copy, { format: 'RGBA', colorSpace: 'srgb' });
    return [red, green, blue, alpha].every((value, at) => value === copy[at]);
  } catch {
    return false;
  } finally {
    frame?.close();
  }
}

function isOpaque(rgba: Uint8ClampedArray): boolean {
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] !== 255) return false;
  return true;
}

/** The picture by way of a canvas, which can turn, mirror, scale and put on white. */
function drawn(
  image: ImageBitmap | VideoFrame,
  sizes: PictureSizes,
  { device }: Pick<Reading, 'device'>,
): ReadPicture {
  const { width, height } = sizes;
  if (device) return { ...sizes, ...onGpu(device, image, width, height) };
  const { data } = draw(image, width, height, true).getImageData(0, 0, width, height);
  return { ...sizes, pixels: new PixelPyramid({ data, width, height }), release: () => {} };
}

function onGpu(
  device: GPUDevice,
  image: ImageBitmap | VideoFrame,
  width: number,
  height: number,
): Pick<Picture, 'pixels' | 'release'> {
  const isWhole = image instanceof ImageBitmap && image.width === width && image.height === height;
  // Video frames always go over a canvas, which can stay on the GPU. Copied to a texture
  // directly, YUV gets other colours than a canvas gives it, and what becomes of rotation,
  // mirroring and display size is up to the browser.
  const canvas = isWhole ? undefined : draw(image, width, height, false).canvas;
  const picture = new GpuPicture(device, canvas ?? image, width, height);
  // Not left to the garbage collector, which would see a live video's canvases too late.
  if (canvas) canvas.width = canvas.height = 0;
  return { pixels: picture, release: () => picture.release() };
}

/** The image on white, on a canvas of that size. */
function draw(
  image: ImageBitmap | VideoFrame,
  width: number,
  height: number,
  willReadFrequently: boolean,
): OffscreenCanvasRenderingContext2D {
  const context = canvas2d(width, height, { willReadFrequently, alpha: false });
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, 0, 0, width, height);
  return context;
}
