import { BODY_PARTS } from '../schema/body-parts.ts';
import type { BodyPart } from '../schema/body-parts.ts';
import { boxIou } from './geometry.ts';
import type { Person } from './person.ts';

/**
 * How far annotators differ on each part, relative to the person's size: COCO's constants, and for the parts COCO
 * lacks those of the nearest part it has.
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

/** Two poses more alike than this are one person seen twice; both limits were found on annotated photographs. */
const MAX_OKS = 0.3;
const MAX_IOU = 0.7;

/** Object keypoint similarity of two people, 0 … 1 for the same pose, at the mean of their boxes' areas. */
export function oks(a: Person, b: Person): number {
  const area = (a.box.width * a.box.height + b.box.width * b.box.height) / 2;
  let sum = 0;
  for (const part of BODY_PARTS) {
    const squared = (a.parts[part].x - b.parts[part].x) ** 2 + (a.parts[part].y - b.parts[part].y) ** 2;
    sum += Math.exp(-squared / (2 * area * (2 * SIGMA[part]) ** 2));
  }
  return sum / BODY_PARTS.length;
}

/** The people in falling order of score, each only once. */
export function withoutDuplicates(people: readonly Person[]): Person[] {
  const kept: Person[] = [];
  for (const person of people.toSorted((a, b) => b.score - a.score)) {
    const seen = kept.some(
      (other) => oks(other, person) > MAX_OKS || boxIou(other.box, person.box) > MAX_IOU,
    );
    if (!seen) kept.push(person);
  }
  return kept;
}
