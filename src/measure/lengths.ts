import type { BodyPart } from '../schema/body-parts.ts';
import { SHARES_OF_HEIGHT } from '../schema/proportions.ts';
import { leastScore, middleOf } from './person.ts';
import type { MeasurablePerson, MeasureOptions, Point } from './person.ts';

/** A stretch of the body and its share of the height. */
type Segment = readonly [from: Point, to: Point, share: number];

/**
 * A person's height in pixels, crown to sole, if they stood upright: the yardstick of
 * {@link distanceBetween}. Told by the trunk, thighs and shanks, of which the one that is least
 * foreshortened says most; where none of them is sure, as at a desk, by arms and shoulders.
 * @returns `undefined` where too little is sure
 * @throws BodyAnalysisError `invalid-option`
 */
export function bodyLength(person: MeasurablePerson, options: MeasureOptions = {}): number | undefined {
  const least = leastScore(options);
  const { body_parts: parts } = person;
  const { trunk, thigh, shank, upperArm, forearm } = SHARES_OF_HEIGHT;
  const shoulders = middleOf(person, 'left_shoulder', 'right_shoulder');
  const hips = middleOf(person, 'left_hip', 'right_hip');
  return (
    longest(
      [
        [shoulders, hips, trunk],
        [parts.left_hip, parts.left_knee, thigh],
        [parts.right_hip, parts.right_knee, thigh],
        [parts.left_knee, parts.left_ankle, shank],
        [parts.right_knee, parts.right_ankle, shank],
      ],
      least,
    ) ??
    longest(
      [
        [parts.left_shoulder, parts.right_shoulder, SHARES_OF_HEIGHT.shoulders],
        [parts.left_shoulder, parts.left_elbow, upperArm],
        [parts.right_shoulder, parts.right_elbow, upperArm],
        [parts.left_elbow, parts.left_wrist, forearm],
        [parts.right_elbow, parts.right_wrist, forearm],
      ],
      least,
    )
  );
}

/**
 * How far two body parts are from each other in the picture, in lengths of the
 * body (see {@link bodyLength}): the same near the camera and far from it.
 * @returns `undefined` where too little is sure
 * @throws BodyAnalysisError `invalid-option`
 */
export function distanceBetween(
  person: MeasurablePerson,
  one: BodyPart,
  other: BodyPart,
  options: MeasureOptions = {},
): number | undefined {
  const length = bodyLength(person, options);
  const distance = spanOf(person.body_parts[one], person.body_parts[other], leastScore(options));
  return length === undefined || distance === undefined ? undefined : distance / length;
}

/**
 * How high the hips are over the ankles in the picture, in lengths of the body: about .5 of who stands,
 * .1 to .3 in a squat, less than 0 upside down. Seen from the front as well, where the knees' angles hide.
 * @returns `undefined` where too little is sure
 * @throws BodyAnalysisError `invalid-option`
 */
export function hipHeight(person: MeasurablePerson, options: MeasureOptions = {}): number | undefined {
  const least = leastScore(options);
  const length = bodyLength(person, options);
  const hips = middleOf(person, 'left_hip', 'right_hip');
  const ankles = middleOf(person, 'left_ankle', 'right_ankle');
  if (length === undefined || !(Math.min(hips.score, ankles.score) > least)) return undefined;
  return (ankles.y - hips.y) / length;
}

/** The height that the longest of some stretches tells. */
function longest(segments: readonly Segment[], least: number): number | undefined {
  const told = segments.flatMap(([from, to, share]) => {
    const span = spanOf(from, to, least);
    return span === undefined ? [] : span / share;
  });
  const height = Math.max(0, ...told);
  return height > 0 ? height : undefined;
}

/** How far two points are from each other, in pixels, where both are sure. */
function spanOf(one: Point, other: Point, least: number): number | undefined {
  return Math.min(one.score, other.score) > least ? Math.hypot(one.x - other.x, one.y - other.y) : undefined;
}
