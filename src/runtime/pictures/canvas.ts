import { BodyAnalysisError } from '../../schema/errors.ts';

/** A canvas of that size in pixels to draw on. */
export function canvas2d(
  width: number,
  height: number,
  settings: { alpha?: boolean; willReadFrequently?: boolean },
): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', settings);
  if (!context)
    throw new BodyAnalysisError(
      'internal',
      'This browser gives no 2D canvas in a worker. Update the browser.',
    );
  return context;
}
