import type { Pose } from '../networks/blazepose.ts';
import { normaliseAngle } from '../networks/geometry.ts';
import type { Box, Point, Region } from '../networks/geometry.ts';

/**
 * How much larger than the body's circle the landmark model wants its region (`pose_detection_to_roi.pbtxt`).
 */
export const REGION_MARGIN = 1.25;

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
    size: 2 * Math.hypot(dx, dy) * REGION_MARGIN,
    rotation: normaliseAngle(Math.PI / 2 - Math.atan2(-dy, dx)),
  };
}

/** About the box of whom a region is around. */
export function boxIn({ centreX, centreY, size }: Region): Box {
  const side = size / REGION_MARGIN;
  return { left: centreX - side / 2, top: centreY - side / 2, width: side, height: side };
}

/** Whether a region has a place and a size: a detector's output may hold zero, NaN or Infinity. */
export function isUsable({ centreX, centreY, size }: Region): boolean {
  return Number.isFinite(centreX) && Number.isFinite(centreY) && size >= 1 && size < Infinity;
}

/** BlazePose's auxiliary landmarks: the middle of the body's circle, and a point on it towards the head. */
const CIRCLE_CENTRE = 33;
const CIRCLE_EDGE = 34;

/**
 * The region that a pose itself asks for, which fits the person better than the one it was found in; that
 * one, where its points make none.
 */
export function auxiliaryRegion(pose: Pose): Region {
  const centre = pose.landmarks[CIRCLE_CENTRE];
  const edge = pose.landmarks[CIRCLE_EDGE];
  if (!centre || !edge) throw new RangeError('a pose has no auxiliary landmarks');
  const wanted = bodyRegion(centre, edge);
  return isUsable(wanted) ? wanted : pose.region;
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

/** Side of the square around a body, in its longer side; 1.1 measures the same, 1.4 worse. */
const SQUARE_SIZE = 1.25;

/** MoveNet's square for a person's box, upright: who is in its middle is whom it sees. */
export function squareOfBox({ left, top, width, height }: Box): Region {
  return {
    centreX: left + width / 2,
    centreY: top + height / 2,
    size: SQUARE_SIZE * Math.max(width, height),
    rotation: 0,
  };
}
