import type { Box, Region } from '../networks/geometry.ts';

/** Longer pictures than this, in short sides, are looked at piece by piece as well. */
const LONG = 3;
/** Nobody in a strip narrower than this, in pixels, is large enough for the models to see. */
const MIN_SHORT = 32;
/** Side of a piece, in short sides: room for someone who stands along a narrow strip. */
const PIECE = 2;

/**
 * Enough for a picture of 1:50; longer ones are cut into larger pieces, so that none
 * takes more than 50 runs of each detector.
 */
const MAX_PIECES = 49;

/** The smallest upright square that holds the whole box in its middle. */
export function letterbox({ left, top, width, height }: Box): Region {
  return {
    centreX: left + width / 2,
    centreY: top + height / 2,
    size: Math.max(width, height),
    rotation: 0,
  };
}

/**
 * The squares that a detector looks at, of a picture or a box in it: the whole, and where that is so long
 * that the whole would leave it a few pixels wide, pieces along it, each half covered by the next.
 */
export function detectionSquares(searched: Box): Region[] {
  const { left, top, width, height } = searched;
  const whole = letterbox(searched);
  const short = Math.min(width, height);
  const long = Math.max(width, height);
  if (long <= LONG * short || short < MIN_SHORT) return [whole];
  const step = Math.max(short, long / (MAX_PIECES + 1));
  const size = PIECE * step;
  const gaps = Math.ceil((long - size) / step);
  const pieces = Array.from({ length: gaps + 1 }, (_, index) => {
    const along = size / 2 + (index * (long - size)) / gaps;
    return {
      centreX: left + (width === long ? along : width / 2),
      centreY: top + (width === long ? height / 2 : along),
      size,
      rotation: 0,
    };
  });
  return [whole, ...pieces];
}
