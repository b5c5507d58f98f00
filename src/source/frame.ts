/**
 * A picture on its way to the worker: everything a caller may hand in becomes one of these. Nothing is
 * decoded on the page's main thread, so a file travels as the bytes it is.
 */
export type Frame =
  /** An encoded picture: the worker checks its header, then decodes it. */
  | { kind: 'encoded'; data: Blob }
  /** An encoded picture as base64, without a data URL's header. */
  | { kind: 'base64'; data: string }
  /**
   * Pixels the browser holds; the receiver owns and closes it. Coordinates are those of
   * `width` × `height`. A bitmap of which there are two is copied when one is given away, on
   * the page's main thread; a video frame is not.
   */
  | { kind: 'bitmap'; bitmap: ImageBitmap | VideoFrame; width: number; height: number }
  /** One video frame; the receiver owns and closes it. */
  | { kind: 'video-frame'; frame: VideoFrame }
  /** Raw RGBA. */
  | { kind: 'pixels'; pixels: ImageData };

/** A bitmap's pixels once more as a video frame; `undefined` where the browser can make none of them. */
export function videoFrameOf(bitmap: ImageBitmap): VideoFrame | undefined {
  try {
    return new VideoFrame(bitmap, { timestamp: 0 });
  } catch {
    return undefined;
  }
}

/** Gives back what a frame holds; harmless when done twice. */
export function releaseFrame(frame: Frame): void {
  if (frame.kind === 'bitmap') frame.bitmap.close();
  if (frame.kind === 'video-frame') frame.frame.close();
}

/**
 * The same picture once more, so that one of the two may be given away. Costs a reference, not pixels, but
 * for raw RGBA and, once given away, bitmaps.
 */
export async function copyFrame(frame: Frame): Promise<Frame> {
  if (frame.kind === 'bitmap') {
    const { bitmap } = frame;
    return { ...frame, bitmap: 'clone' in bitmap ? bitmap.clone() : await createImageBitmap(bitmap) };
  }
  if (frame.kind === 'video-frame') return { ...frame, frame: frame.frame.clone() };
  if (frame.kind === 'pixels') return { ...frame, pixels: structuredClone(frame.pixels) };
  return frame;
}

/** What of a frame changes hands when it travels. */
export function transferables(frame: Frame): Transferable[] {
  if (frame.kind === 'bitmap') return [frame.bitmap];
  if (frame.kind === 'video-frame') return [frame.frame];
  if (frame.kind === 'pixels') return [frame.pixels.data.buffer];
  return [];
}
