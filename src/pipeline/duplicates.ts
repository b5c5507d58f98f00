import { BODY_PARTS } from '../schema/body-parts.ts';
import type { BodyPart } from '../schema/body-parts.ts';
import { boxIou, overlap } from '../networks/geometry.ts';
import type { Box, Point } from '../networks/geometry.ts';
import type { Person } from './person.ts';

/**
 * How far annotators differ on each part, relative to the person's size: COCO's constants, and for the parts
 * COCO lacks those of the nearest part it has.
 */
const SIGMA: Record<BodyPart, number> = {
  top_head: 0.079,
  left_ear: 0.035,
  right_ear: 0.035,
  left_eye: 0.025,
  right_eye: 0.025,
  nose: 0.026,
  left_mouth_corner: 0.025,
  right_mouth_corner: 0.025,
  neck: 0.079,
  left_shoulder: 0.079,
  right_shoulder: 0.079,
  left_elbow: 0.072,
  right_elbow: 0.072,
  left_wrist: 0.062,
  right_wrist: 0.062,
  left_hip: 0.107,
  right_hip: 0.107,
  left_knee: 0.087,
  right_knee: 0.087,
  left_ankle: 0.089,
  right_ankle: 0.089,
};

/**
 * Two poses more alike than this are one person seen twice; these limits were found on annotated photographs.
 */
const MAX_OKS = 0.3;
const MAX_IOU = 0.7;
/** Noses nearer than this many head lengths belong to one face. */
const MIN_NOSES = 0.5;
/** So much of a box within another, at so much lower a score, is a pose seen on a part of someone. */
const NESTED = 0.8;
const NESTED_SCORE = 0.8;

/** Points of a body, some or all, and the box around it. */
interface Shape<Part extends BodyPart> {
  parts: Readonly<Record<Part, Point>>;
  box: Box;
}

/** Object keypoint similarity of two people, 0 … 1 for the same pose, at the mean of their boxes' areas. */
export function oks<Part extends BodyPart>(a: Shape<Part>, b: Shape<Part>, parts: readonly Part[]): number {
  const area = (a.box.width * a.box.height + b.box.width * b.box.height) / 2;
  let sum = 0;
  for (const part of parts) {
    const squared = (a.parts[part].x - b.parts[part].x) ** 2 + (a.parts[part].y - b.parts[part].y) ** 2;
    sum += Math.exp(-squared / (2 * area * (2 * SIGMA[part]) ** 2));
  }
  return sum / parts.length;
}

/** Whether two poses are one person: `weaker` may be a part of `stronger`. */
function isWithin(stronger: Person, weaker: Person): boolean {
  if (isSamePose(stronger, weaker) || boxIou(stronger.box, weaker.box) > MAX_IOU) return true;
  const { nose, top_head, neck } = stronger.parts;
  const head = Math.hypot(top_head.x - neck.x, top_head.y - neck.y);
  const noses = Math.hypot(nose.x - weaker.parts.nose.x, nose.y - weaker.parts.nose.y);
  if (noses < MIN_NOSES * head) return true;
  const inside = overlap(stronger.box, weaker.box) >= NESTED * weaker.box.width * weaker.box.height;
  return inside && weaker.score < NESTED_SCORE * stronger.score;
}

/** Whether two people have one pose. People in a crowd may have one box, or stand within another's. */
export function isSamePose(a: Person, b: Person, maxOks = MAX_OKS): boolean {
  return oks(a, b, BODY_PARTS) > maxOks;
}

/** Whether two poses are one person. */
export function isSamePerson(a: Person, b: Person): boolean {
  const [stronger, weaker] = a.score >= b.score ? [a, b] : [b, a];
  return isWithin(stronger, weaker);
}

/** The people in falling order of score, each only once. */
export function withoutDuplicates(people: readonly Person[]): Person[] {
  const kept: Person[] = [];
  for (const person of people.toSorted((a, b) => b.score - a.score)) {
    if (!kept.some((other) => isWithin(other, person))) kept.push(person);
  }
  return kept;
}
