import type { PictureSize, Region } from '../../networks/geometry.ts';
import type { Area } from '../area.ts';
import { boxIn } from '../region.ts';

/** A place so near to someone who was just seen, in shares of the region's side, is theirs. */
const TAKEN = { centre: 0.12, size: 0.75 };

/**
 * Of the places in which detectors saw someone those that may be of someone else.
 * @param taken where people are who were just seen
 */
export function freePlaces(places: readonly Region[], taken: readonly Region[], area: Area): Region[] {
  return places.filter(
    (region) => area.mayHave(boxIn(region)) && !taken.some((other) => isTaken(region, other)),
  );
}

function isTaken(region: Region, other: Region): boolean {
  const size = Math.max(region.size, other.size);
  return (
    Math.hypot(region.centreX - other.centreX, region.centreY - other.centreY) < TAKEN.centre * size &&
    Math.min(region.size, other.size) > TAKEN.size * size
  );
}

/** Whether any of a region is in the picture. */
export function isInPicture({ centreX, centreY, size }: Region, { width, height }: PictureSize): boolean {
  const reach = size / 2;
  return centreX > -reach && centreY > -reach && centreX < width + reach && centreY < height + reach;
}
