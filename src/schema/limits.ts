import { BodyAnalysisError } from './errors.ts';

/** Which pictures are taken, in pixels. */
export const LIMITS = {
  /** The cloud API's shortest side. */
  minSide: 15,
  /** What canvases hold in every current browser (Safari's limit is the lowest). */
  maxSide: 16_384,
  /** 100 megapixels: 400 MB once decoded. */
  maxPixels: 100_000_000,
} as const;

/**
 * Refuses pictures outside {@link LIMITS}.
 * @throws BodyAnalysisError `image-size`
 */
export function checkPictureSize(width: number, height: number): void {
  const { minSide, maxSide, maxPixels } = LIMITS;
  const size = `The picture is ${width} × ${height} px`;
  if (Math.min(width, height) < minSide) {
    throw new BodyAnalysisError(
      'image-size',
      `${size}; each side must have at least ${minSide} px. Hand in a larger picture.`,
    );
  }
  if (Math.max(width, height) > maxSide || width * height > maxPixels) {
    throw new BodyAnalysisError(
      'image-size',
      `${size}; at most ${maxSide} px a side and ${maxPixels / 1e6} megapixels are taken. Scale it down first.`,
    );
  }
}
