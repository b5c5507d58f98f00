import { BODY_PARTS } from '../schema/body-parts.ts';
import type { BodyPart } from '../schema/body-parts.ts';
import type { LandmarkModel } from '../schema/loading.ts';
import type { Extra, PersonInfo } from '../schema/result.ts';
import { personExtras } from './extras.ts';
import { boxAround, rounded } from '../networks/geometry.ts';
import type { Box, PictureSize, Point } from '../networks/geometry.ts';
import type { Landmark, Pose } from '../networks/blazepose.ts';
import type { PersonBox } from '../networks/nanodet.ts';
import { locate } from './location.ts';
import { keypointScore, locationScore } from './scores.ts';
import type { PersonEvidence } from './scores.ts';

/** BlazePose's landmark for each body part that the model has; neck and head top are worked out from these. */
const LANDMARK_OF = {
  nose: 0,
  left_eye: 2,
  right_eye: 5,
  left_ear: 7,
  right_ear: 8,
  left_mouth_corner: 9,
  right_mouth_corner: 10,
  left_shoulder: 11,
  right_shoulder: 12,
  left_elbow: 13,
  right_elbow: 14,
  left_wrist: 15,
  right_wrist: 16,
  left_hip: 23,
  right_hip: 24,
  left_knee: 25,
  right_knee: 26,
  left_ankle: 27,
  right_ankle: 28,
} as const satisfies Partial<Record<BodyPart, number>>;

const MODEL_LANDMARKS = Object.values(LANDMARK_OF);

/** A person before the result is written: points not yet clamped to the picture, scores not yet calibrated. */
export interface Person {
  parts: Record<BodyPart, Landmark>;
  /** How sure it is that this is a person, 0 … 1; what it means depends on {@link seenBy}. */
  score: number;
  /** BlazePose alone, or MoveNet with it. */
  seenBy: PersonEvidence;
  /** Around all parts, with a margin: what people are told apart by. The answer's box comes from the silhouette. */
  box: Box;
  pose: Pose;
  /** The bodies that a detector has seen, and that may be theirs. */
  bodies?: readonly PersonBox[];
}

/**
 * Flag times the mean heatmap peak of the 19 body parts the model has: it tells true from false people far better than
 * the flag alone, which is close to 1 for nearly everything that it does not reject.
 * `npm run accuracy -- calibrate` prints how well.
 */
function personScore(pose: Pose): number {
  const peaks = MODEL_LANDMARKS.map((index) => landmark(pose, index).peak);
  return (pose.flag * peaks.reduce((sum, peak) => sum + peak, 0)) / peaks.length;
}

function landmark(pose: Pose, index: number): Landmark {
  const found = pose.landmarks[index];
  if (!found) throw new RangeError(`a pose has no landmark ${index}`);
  return found;
}

function midpoint(a: Landmark, b: Landmark): Landmark {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, peak: (a.peak + b.peak) / 2 };
}

/** `start` + Σ weight × (to − from), coordinate by coordinate. */
function offset(
  start: Point,
  ...steps: readonly (readonly [weight: number, from: Point, to: Point])[]
): Point {
  let { x, y } = start;
  for (const [weight, from, to] of steps) {
    x += weight * (to.x - from.x);
    y += weight * (to.y - from.y);
  }
  return { x, y };
}

/**
 * Where annotators put a part, against the model: shares of the way from the other side's part to it, from the ears
 * to the nose, and from the mouth to the eyes. Fitted on annotated photographs.
 */
const EAR_SHIFT = [0.133, -0.254, -0.124] as const;
const EYE_SHIFT = [-0.016, 0.089, 0.056] as const;
const NOSE_SHIFT = [0, 0.075, 0.111] as const;
/** The model's hips are too narrow and too low by these shares of their own distance and of the torso. */
const HIP_OUT = 0.072;
const HIP_UP = 0.023;

/**
 * Height of the neck, as a share of the way from the shoulders to the ears. The cloud API's own example has it at .30
 * exactly; on annotated photographs the mean error is least from .34 to .36, and .01 head lengths more at .30.
 */
const NECK_UP = 0.33;

/**
 * The 21 body parts of a pose. The model has neither neck nor head top; both follow the rest of the head by
 * factors fitted on annotated photographs, with mean errors of .18 and .15 head lengths. (Where the silhouette ends above
 * the head says less: .27 by itself, and no mean of the two is better.)
 */
export function personOfPose(pose: Pose): Person {
  const of = (part: keyof typeof LANDMARK_OF) => landmark(pose, LANDMARK_OF[part]);
  const shoulders = midpoint(of('left_shoulder'), of('right_shoulder'));
  const ears = midpoint(of('left_ear'), of('right_ear'));
  const eyes = midpoint(of('left_eye'), of('right_eye'));
  const mouth = midpoint(of('left_mouth_corner'), of('right_mouth_corner'));
  const neck = offset(shoulders, [NECK_UP, shoulders, ears]);
  const topHead = offset(ears, [0.26, shoulders, ears], [0.93, mouth, eyes]);
  const face = [
    [ears, of('nose')],
    [mouth, eyes],
  ] as const;
  /** A part moved by shares of the way from its other side to it, of the face's depth and of its height. */
  const moved = (
    part: keyof typeof LANDMARK_OF,
    other: keyof typeof LANDMARK_OF,
    shares: readonly [number, number, number],
  ) => ({
    ...offset(of(part), [shares[0], of(other), of(part)], [shares[1], ...face[0]], [shares[2], ...face[1]]),
    peak: of(part).peak,
  });
  const hips = midpoint(of('left_hip'), of('right_hip'));
  const hip = (part: 'left_hip' | 'right_hip', other: 'left_hip' | 'right_hip') => ({
    ...offset(of(part), [HIP_OUT, of(other), of(part)], [HIP_UP, hips, shoulders]),
    peak: of(part).peak,
  });
  const parts: Record<BodyPart, Landmark> = {
    top_head: { ...topHead, peak: (ears.peak + eyes.peak) / 2 },
    left_ear: moved('left_ear', 'right_ear', EAR_SHIFT),
    right_ear: moved('right_ear', 'left_ear', EAR_SHIFT),
    left_eye: moved('left_eye', 'right_eye', EYE_SHIFT),
    right_eye: moved('right_eye', 'left_eye', EYE_SHIFT),
    nose: moved('nose', 'nose', NOSE_SHIFT),
    left_mouth_corner: of('left_mouth_corner'),
    right_mouth_corner: of('right_mouth_corner'),
    neck: { ...neck, peak: (shoulders.peak + ears.peak) / 2 },
    left_shoulder: of('left_shoulder'),
    right_shoulder: of('right_shoulder'),
    left_elbow: of('left_elbow'),
    right_elbow: of('right_elbow'),
    left_wrist: of('left_wrist'),
    right_wrist: of('right_wrist'),
    left_hip: hip('left_hip', 'right_hip'),
    right_hip: hip('right_hip', 'left_hip'),
    left_knee: of('left_knee'),
    right_knee: of('right_knee'),
    left_ankle: of('left_ankle'),
    right_ankle: of('right_ankle'),
  };
  return {
    parts,
    score: personScore(pose),
    seenBy: 'blazepose',
    box: boxOfParts(Object.values(parts)),
    pose,
  };
}

/**
 * What is added to the box around the parts: limbs are wider than their joints, soles lie under the ankles, and
 * the head's top is a part itself. As shares of that box's width and height; of the margins from 0 to .2 these
 * agree best with annotated boxes (mean IoU .74; the same .08 all round: .71).
 */
const BOX_MARGIN = { side: 0.16, top: 0.04, bottom: 0.08 };

/** The box around all parts of a body, from which it is told whether two are one. */
export function boxOfParts(parts: readonly Point[]): Box {
  const { left, top, width, height } = boxAround(parts);
  return {
    left: left - BOX_MARGIN.side * width,
    top: top - BOX_MARGIN.top * height,
    width: width * (1 + 2 * BOX_MARGIN.side),
    height: height * (1 + BOX_MARGIN.top + BOX_MARGIN.bottom),
  };
}

/** The least that a head measures of its body's longer side, however it is seen. */
const LEAST_HEAD = 0.08;

/** From the top of the head to the neck, in pixels; seen from above, what it would be from the side. */
function headLength({ parts: { top_head, neck }, box }: Person): number {
  const seen = Math.hypot(top_head.x - neck.x, top_head.y - neck.y);
  return Math.max(seen, LEAST_HEAD * Math.max(box.width, box.height), 1);
}

/** What a person of the answer is to have. */
export interface AnswerOptions {
  /** The landmark model that has seen the person: what its scores mean differs from model to model. */
  model: LandmarkModel;
  extras?: readonly Extra[];
}

/**
 * A person as the result has it: everything within the picture, which is where the contract puts parts that are
 * cut off (with a score that says that they were not seen), and numbers no longer than they are exact (a hundredth of a pixel, a millionth of a score).
 */
export function personInfo(
  person: Person,
  picture: PictureSize,
  { model, extras = [] }: AnswerOptions,
): PersonInfo {
  const { width, height, originalWidth, originalHeight } = picture;
  const inX = (x: number) => rounded((Math.min(Math.max(x, 0), width) * originalWidth) / width, 100);
  const head = headLength(person);
  const inY = (y: number) => rounded((Math.min(Math.max(y, 0), height) * originalHeight) / height, 100);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- BODY_PARTS names every key of the record
  const body_parts = Object.fromEntries(
    BODY_PARTS.map((part) => {
      const { x, y, peak } = person.parts[part];
      const beyond = Math.max(0, -x, -y, x - width, y - height) / head;
      return [part, { x: inX(x), y: inY(y), score: rounded(keypointScore(peak, person, beyond), 1e6) }];
    }),
  ) as PersonInfo['body_parts'];
  const box = locate(person, picture);
  const left = inX(box.left);
  const top = inY(box.top);
  return {
    body_parts,
    location: {
      left,
      top,
      width: rounded(inX(box.left + box.width) - left, 100),
      height: rounded(inY(box.top + box.height) - top, 100),
      score: rounded(locationScore(person, model), 1e6),
    },
    ...(extras.length > 0 ? { extras: personExtras(person.pose, picture, extras) } : {}),
  };
}
