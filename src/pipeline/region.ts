import { clipToPicture, normaliseAngle } from '../networks/geometry.ts';
import type { Box, PictureSize, Point, Region } from '../networks/geometry.ts';

/** How much larger than the body's circle the landmark model wants its region (`pose_detection_to_roi.pbtxt`). */
const MARGIN = 1.25;

/**
 * The region the landmark model wants: a square around the circle that the two points give (its centre, and a
 * point on it towards the head), turned so that the head is up.
 * @param centre the middle of the hips
 * @param edge the point on the circle
 */
export function bodyRegion(centre: Point, edge: Point): Region {
  const dx = edge.x - centre.x;
  const dy = edge.y - centre.y;
  return {
    centreX: centre.x,
    centreY: centre.y,
    size: 2 * Math.hypot(dx, dy) * MARGIN,
    rotation: normaliseAngle(Math.PI / 2 - Math.atan2(-dy, dx)),
  };
}

/** Whether there is anything to look at in a region; a detector's output may hold none, or numbers that are none. */
export function isUsable({ centreX, centreY, size }: Region): boolean {
  return Number.isFinite(centreX) && Number.isFinite(centreY) && size >= 1 && size < Infinity;
}

/** A box lower than so many times its width shows no legs. */
const LEGLESS = 1.5;
/** Side of the region for someone cut off, in the longer side of what is seen of them (AP +.01 on annotated photographs). */
const CUT_OFF_SIZE = 2.4;

/**
 * The region for someone whose legs the picture does not show: the landmark model wants it centred on the hips, and
 * those lie at the bottom of what is seen, or below. `undefined` for people who are seen whole.
 * @param box around the person's parts, which the model puts outside the picture where it believes them there
 */
export function cutOffRegion(box: Box, picture: PictureSize): Region | undefined {
  const reaches = box.top + box.height >= picture.height;
  if (!reaches && box.height >= LEGLESS * box.width) return undefined;
  const seen = clipToPicture(box, picture);
  return {
    centreX: seen.left + seen.width / 2,
    centreY: seen.top + seen.height,
    size: CUT_OFF_SIZE * Math.max(seen.width, seen.height),
    rotation: 0,
  };
}

/** Side of the region around a detected box, in the box's longer side (measured on annotated photographs). */
const BOX_SIZE = 1.6;

/** The landmark model's region for a person's box: upright, since a box tells no direction. */
export function regionOfBox(box: Box): Region {
  return {
    centreX: box.left + box.width / 2,
    centreY: box.top + box.height / 2,
    size: BOX_SIZE * Math.max(box.width, box.height),
    rotation: 0,
  };
}

/**
 * How much wider the region is on a second look at a box in which nobody was recognised: of people who are cut off or
 * hidden the box has a part only. On annotated photographs that finds 2 to 5 of a hundred people more.
 */
const WIDER = 1.3;

/** The region for a second look at a box, from further away. */
export function widerRegionOfBox(box: Box): Region {
  const region = regionOfBox(box);
  return { ...region, size: WIDER * region.size };
}
