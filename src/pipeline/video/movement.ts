/*
 * Someone who is followed is compared a dozen times a frame: in here nothing is made for each part.
 */
import { BODY_PARTS } from '../../schema/body-parts.ts';
import type { Point } from '../../networks/geometry.ts';
import type { Person } from '../person.ts';
import { personOfPose } from '../parts.ts';
import type { Resizing } from './resizing.ts';

/**
 * What a part weighs that neither pose is sure of: without it there would be no mean where nothing is plain.
 */
const UNSURE = 0.01;

const STILL: Point = { x: 0, y: 0 };

/**
 * How far two people's parts are apart in the mean, each weighted by how sure both poses are of it.
 * @param by how far the first is moved before
 */
export function apart(a: Person, b: Person, by: Point = STILL): number {
  let sum = 0;
  let total = 0;
  for (const part of BODY_PARTS) {
    const p = a.parts[part];
    const q = b.parts[part];
    const weight = UNSURE + p.peak * q.peak;
    const dx = q.x - p.x - by.x;
    const dy = q.y - p.y - by.y;
    // Not by `Math.hypot`, for which browsers make an object of each number.
    sum += weight * Math.sqrt(dx * dx + dy * dy);
    total += weight;
  }
  return sum / total;
}

/** How far the parts have moved from the one pose to the other, in the same mean. */
export function moved(from: Person, to: Person): Point {
  let x = 0;
  let y = 0;
  let total = 0;
  for (const part of BODY_PARTS) {
    const p = from.parts[part];
    const q = to.parts[part];
    const weight = UNSURE + p.peak * q.peak;
    x += weight * (q.x - p.x);
    y += weight * (q.y - p.y);
    total += weight;
  }
  return { x: x / total, y: y / total };
}

/** The person, elsewhere, and their mask with them. */
export function shifted({ pose: { mask, ...pose } }: Person, by: Point): Person {
  const landmarks = pose.landmarks.map(({ x, y, peak }) => ({ x: x + by.x, y: y + by.y, peak }));
  if (!mask) return personOfPose({ ...pose, landmarks });
  const { region, logits } = mask;
  const elsewhere = { ...region, centreX: region.centreX + by.x, centreY: region.centreY + by.y };
  return personOfPose({ ...pose, landmarks, mask: { region: elsewhere, logits } });
}

/** The person in the pixels of frames of another size. */
export function resized(person: Person, to: Resizing): Person {
  // What the score was made of is what was seen.
  return { ...personOfPose(to.pose(person.pose)), score: person.score };
}

/** The same person, less sure: peaks and score are that share of what they were. */
export function faded({ pose, score }: Person, share: number): Person {
  const landmarks = pose.landmarks.map(({ x, y, peak }) => ({ x, y, peak: share * peak }));
  return { ...personOfPose({ ...pose, landmarks }), score: share * score };
}

/** The same person without the mask of where they were. */
export function withoutMask({ pose: { mask: _mask, ...pose }, ...person }: Person): Person {
  return { ...person, pose };
}
