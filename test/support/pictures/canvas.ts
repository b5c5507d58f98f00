import { animateWebp } from './animations.ts';
import type { Bytes } from './bytes.ts';
import type { Raster } from './raster.ts';

/** The pixels as an `ImageData`. */
export function imageDataOf({ data, width, height }: Raster): ImageData {
  return new ImageData(data, width, height);
}

/** An empty canvas and its context. */
export function canvasOfSize(
  width: number,
  height: number,
  settings?: CanvasRenderingContext2DSettings,
): [OffscreenCanvas, OffscreenCanvasRenderingContext2D] {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', settings);
  if (!context) throw new Error('no 2D canvas');
  return [canvas, context];
}

/** A canvas that shows the picture. */
export function offscreenOf(picture: Raster): OffscreenCanvas {
  const [canvas, context] = canvasOfSize(picture.width, picture.height);
  context.putImageData(imageDataOf(picture), 0, 0);
  return canvas;
}

/** The same as {@link offscreenOf}, as an element. */
export function elementOf(picture: Raster): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = picture.width;
  canvas.height = picture.height;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no 2D canvas');
  context.putImageData(imageDataOf(picture), 0, 0);
  return canvas;
}

/** A part of an image, scaled to that size. */
export function rasterOf(
  image: CanvasImageSource,
  width: number,
  height: number,
  part?: { x: number; y: number; width: number; height: number },
): Raster {
  const [, context] = canvasOfSize(width, height, { willReadFrequently: true });
  context.imageSmoothingQuality = 'high';
  if (part) context.drawImage(image, part.x, part.y, part.width, part.height, 0, 0, width, height);
  else context.drawImage(image, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  return { width, height, data };
}

/** A WebP file that shows exactly the picture: Chromium takes the highest quality to mean lossless. */
export async function encodeWebp(picture: Raster): Promise<Bytes> {
  const blob = await offscreenOf(picture).convertToBlob({ type: 'image/webp', quality: 1 });
  if (blob.type !== 'image/webp') throw new Error('this browser writes no WebP');
  return new Uint8Array(await blob.arrayBuffer());
}

/** A WebP that runs for ever; all frames are of one size. */
export async function encodeAnimatedWebp(frames: readonly Raster[]): Promise<Bytes> {
  const files = await Promise.all(frames.map((frame) => encodeWebp(frame)));
  return animateWebp(files, frames[0]?.width ?? 0, frames[0]?.height ?? 0);
}
