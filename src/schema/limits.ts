import { BodyAnalysisError } from './errors.ts';
import { frozen } from './frozen.ts';

/** Which pictures are taken. */
export interface PictureLimits {
  /** The shortest side, in pixels, ≥ 1. */
  minSide: number;
  /** The longest side, in pixels. */
  maxSide: number;
  /** Width × height. */
  maxPixels: number;
}

/** Which pictures are taken where nothing else is asked for. */
export const DEFAULT_LIMITS: Readonly<PictureLimits> = /* #__PURE__ */ frozen({
  /** The cloud API's shortest side. */
  minSide: 15,
  /** What canvases hold in every current browser (Safari's limit is the lowest). */
  maxSide: 16_384,
  /** 100 megapixels: 400 MB once decoded. */
  maxPixels: 100_000_000,
});

/**
 * Refuses pictures outside the limits.
 * @throws BodyAnalysisError `image-size`
 */
export function checkPictureSize(
  width: number,
  height: number,
  limits: Readonly<PictureLimits> = DEFAULT_LIMITS,
): void {
  const { minSide, maxSide, maxPixels } = limits;
  const size = `The picture is ${width} × ${height} px`;
  if (!(Math.min(width, height) >= minSide)) {
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
