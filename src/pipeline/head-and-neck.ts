import type { Landmark } from '../networks/blazepose.ts';
import { midpoint } from '../networks/geometry.ts';
import type { Point } from '../networks/geometry.ts';
import type { BodyPart } from '../schema/body-parts.ts';

/*
 * The two parts that fused points are not taken for: they follow from those around them.
 */

/**
 * How far the top of the head lies beyond the nose: so many ways from there to the middle of the eyes, from
 * the mouth to that, and from the nose to the middle of the ears, which is where the head goes on behind
 * the face. On annotated photographs the mean error is .135 head lengths with `balanced`, .12 with `best`
 * (without the ears, at its best, .14 and .13); BlazePose's own head gives .20 with `lite`.
 */
const HEAD_TOP = { nose: 3.3, mouth: 0.3, ears: 0.1 };

/** The top of the head, which neither network has well: along the face, by the fused points in it. */
export function topOfHead(parts: Record<BodyPart, Landmark>): Landmark {
  const { nose, left_eye, right_eye, left_ear, right_ear, left_mouth_corner, right_mouth_corner } = parts;
  const along = (axis: 'x' | 'y') => {
    const eyes = (left_eye[axis] + right_eye[axis]) / 2;
    const ears = (left_ear[axis] + right_ear[axis]) / 2;
    const mouth = (left_mouth_corner[axis] + right_mouth_corner[axis]) / 2;
    return (
      nose[axis] +
      HEAD_TOP.nose * (eyes - nose[axis]) +
      HEAD_TOP.mouth * (eyes - mouth) +
      HEAD_TOP.ears * (ears - nose[axis])
    );
  };
  return {
    x: along('x'),
    y: along('y'),
    peak: (nose.peak + (left_eye.peak + right_eye.peak) / 2) / 2,
  };
}

/**
 * How far the neck lies from the shoulders' middle towards the top of the head, as a share of that way; and
 * how much less far, as a share of how far the elbows' middle is above the shoulders along the same line:
 * whoever lifts the arms lifts the shoulders as well, up to the neck and over it. For `arms`, annotated
 * photographs, athletes for the most part, are at their best from .12 to .18, and rendered pictures from 0 to
 * .06; in between, both have less error than half-way to BlazePose's.
 */
const NECK = { up: 0.14, arms: 0.1 };

/**
 * The neck, which no network has: along the line from the shoulders to the top of the head, by how far the
 * arms are lifted. The mean error is .15 head lengths; without the arms, at its best, .19, and half-way to
 * BlazePose's shoulders and ears .18.
 */
export function neckOf(parts: Record<BodyPart, Landmark>, top: Point): Landmark {
  const shoulders = midpoint(parts.left_shoulder, parts.right_shoulder);
  const elbows = midpoint(parts.left_elbow, parts.right_elbow);
  const up = { x: top.x - shoulders.x, y: top.y - shoulders.y };
  const lifted = (elbows.x - shoulders.x) * up.x + (elbows.y - shoulders.y) * up.y;
  const squared = up.x ** 2 + up.y ** 2;
  const share = squared > 0 ? NECK.up - (NECK.arms * lifted) / squared : 0;
  return { x: shoulders.x + share * up.x, y: shoulders.y + share * up.y, peak: parts.neck.peak };
}
