import type { BodyPart } from '../schema/body-parts.ts';
import { frozen } from '../schema/frozen.ts';
import { leastScore, middleOf } from './person.ts';
import type { MeasurablePerson, Measure, MeasureOptions, Point } from './person.ts';

/** The angles that {@link jointAngles} gives. */
export const JOINT_ANGLES = /* #__PURE__ */ frozen([
  'left_elbow',
  'right_elbow',
  'left_shoulder',
  'right_shoulder',
  'left_hip',
  'right_hip',
  'left_knee',
  'right_knee',
  'left_ankle',
  'right_ankle',
  'trunk_lean',
  'neck_tilt',
]);

/** The name of an angle of the body. */
export type JointAngleName = (typeof JOINT_ANGLES)[number];

/** An angle as the picture shows it. */
export interface JointAngle {
  /** A joint's, between its two limbs: `0 … 180`, straight at 180. A lean or tilt: `-180 … 180`. */
  degrees: number;
  /** The score of the least sure of the points that it hangs on, `0 … 1`. */
  score: number;
}

/** Between which two parts, seen from which, a joint's angle lies. */
const JOINTS = {
  left_elbow: ['left_shoulder', 'left_elbow', 'left_wrist'],
  right_elbow: ['right_shoulder', 'right_elbow', 'right_wrist'],
  left_shoulder: ['left_elbow', 'left_shoulder', 'left_hip'],
  right_shoulder: ['right_elbow', 'right_shoulder', 'right_hip'],
  left_hip: ['left_shoulder', 'left_hip', 'left_knee'],
  right_hip: ['right_shoulder', 'right_hip', 'right_knee'],
  left_knee: ['left_hip', 'left_knee', 'left_ankle'],
  right_knee: ['right_hip', 'right_knee', 'right_ankle'],
} as const satisfies Partial<Record<JointAngleName, readonly [BodyPart, BodyPart, BodyPart]>>;

/** BlazePose's landmarks of the tips of the feet ("foot index"). */
const LEFT_TOES = 31;
const RIGHT_TOES = 32;

/**
 * A person's angles, in degrees, as the picture shows them (a limb that points at
 * the camera is foreshortened, and its angles with it).
 *
 * | Name | Between | |
 * | --- | --- | --- |
 * | `left_elbow`, `right_elbow` | upper arm and forearm | 180 is straight |
 * | `left_shoulder`, `right_shoulder` | upper arm and the side of the trunk | 0 hangs, 180 is overhead |
 * | `left_hip`, `right_hip` | the side of the trunk and the thigh | 180 is upright |
 * | `left_knee`, `right_knee` | thigh and shank | 180 is straight |
 * | `left_ankle`, `right_ankle` | shank and foot | needs the extra `landmarks33`: the 21 parts have no toes |
 * | `trunk_lean` | trunk and the picture's vertical | 0 is upright, more is to the right |
 * | `neck_tilt` | head and trunk | 0 is in line, more is to the right |
 *
 * Joints are included angles, as a goniometer's arms lie along the limbs; clinics count flexion from
 * straight (180 less this).
 * @returns an entry for each of {@link JOINT_ANGLES}; `undefined` where a point that it hangs on is not sure
 * @throws BodyAnalysisError `invalid-option`
 */
export function jointAngles(
  person: MeasurablePerson,
  options: MeasureOptions = {},
): Record<JointAngleName, JointAngle | undefined> {
  const least = leastScore(options);
  const angle = (name: JointAngleName) => oneAngle(person, name, least);
  return {
    left_elbow: angle('left_elbow'),
    right_elbow: angle('right_elbow'),
    left_shoulder: angle('left_shoulder'),
    right_shoulder: angle('right_shoulder'),
    left_hip: angle('left_hip'),
    right_hip: angle('right_hip'),
    left_knee: angle('left_knee'),
    right_knee: angle('right_knee'),
    left_ankle: angle('left_ankle'),
    right_ankle: angle('right_ankle'),
    trunk_lean: angle('trunk_lean'),
    neck_tilt: angle('neck_tilt'),
  };
}

/**
 * A measure for a `RepCounter` or a `HoldTimer`: the mean, in degrees, of those of
 * the named angles that are sure, as of both knees.
 * @throws BodyAnalysisError `invalid-option`
 */
export function angleOf(names: readonly JointAngleName[], options: MeasureOptions = {}): Measure {
  const least = leastScore(options);
  return (person) => {
    const sure = names.flatMap((name) => oneAngle(person, name, least)?.degrees ?? []);
    return sure.length > 0 ? sure.reduce((sum, degrees) => sum + degrees, 0) / sure.length : undefined;
  };
}

/** One of a person's angles. */
function oneAngle(person: MeasurablePerson, name: JointAngleName, least: number): JointAngle | undefined {
  const { body_parts: parts } = person;
  switch (name) {
    case 'left_ankle':
      return ankleAngle(person, 'left_knee', 'left_ankle', LEFT_TOES, least);
    case 'right_ankle':
      return ankleAngle(person, 'right_knee', 'right_ankle', RIGHT_TOES, least);
    case 'trunk_lean':
      return leanOf(hipsOf(person), middleOf(person, 'left_shoulder', 'right_shoulder'), 0, least);
    case 'neck_tilt': {
      const hips = hipsOf(person);
      return leanOf(parts.neck, parts.top_head, leaning(hips, parts.neck), least, hips.score);
    }
    default: {
      const [one, at, other] = JOINTS[name];
      return angleAt(parts[one], parts[at], parts[other], least);
    }
  }
}

function hipsOf(person: MeasurablePerson): Point {
  return middleOf(person, 'left_hip', 'right_hip');
}

function ankleAngle(
  { body_parts, extras }: MeasurablePerson,
  knee: BodyPart,
  ankle: BodyPart,
  toes: number,
  least: number,
): JointAngle | undefined {
  const tip = extras?.landmarks33?.[toes];
  if (!tip) return undefined;
  const { x, y, visibility, presence } = tip;
  return angleAt(body_parts[knee], body_parts[ankle], { x, y, score: Math.min(visibility, presence) }, least);
}

/** The angle at a point between two others. */
function angleAt(one: Point, at: Point, other: Point, least: number): JointAngle | undefined {
  const score = Math.min(one.score, at.score, other.score);
  const [ax, ay, bx, by] = [one.x - at.x, one.y - at.y, other.x - at.x, other.y - at.y];
  // Points that coincide, as at the picture's edge, have no direction.
  if (!(score > least) || Math.hypot(ax, ay) === 0 || Math.hypot(bx, by) === 0) return undefined;
  return { degrees: degreesOf(Math.abs(Math.atan2(ax * by - ay * bx, ax * bx + ay * by))), score };
}

/** How far the line from one point to another leans from a direction (in radians) to the right. */
function leanOf(
  from: Point,
  to: Point,
  direction: number,
  least: number,
  otherScore = 1,
): JointAngle | undefined {
  const score = Math.min(from.score, to.score, otherScore);
  if (!(score > least) || (from.x === to.x && from.y === to.y)) return undefined;
  const lean = leaning(from, to) - direction;
  return { degrees: degreesOf(Math.atan2(Math.sin(lean), Math.cos(lean))), score };
}

/** The direction from one point to another: 0 is up, a quarter turn is to the right; in radians. */
function leaning(from: Point, to: Point): number {
  return Math.atan2(to.x - from.x, from.y - to.y);
}

function degreesOf(radians: number): number {
  return (radians * 180) / Math.PI;
}
