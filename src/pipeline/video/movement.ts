import { BODY_PARTS } from '../../schema/body-parts.ts';
import type { Point } from '../../networks/geometry.ts';
import type { Person } from '../person.ts';
import { personOfPose } from '../parts.ts';

/**
 * What a part weighs that neither pose is sure of: without it there would be no mean where nothing is plain.
 */
const UNSURE = 0.01;

/**
 * How far two people's parts are apart in the mean, each weighted by how sure both poses are of it.
 * @param by how far the first is moved before
 */
export function apart(a: Person, b: Person, by: Point = { x: 0, y: 0 }): number {
  return weighedMean(a, b, (dx, dy) => Math.hypot(dx - by.x, dy - by.y));
}

/** How far the parts have moved from the one pose to the other, in the same mean. */
export function moved(from: Person, to: Person): Point {
  return { x: weighedMean(from, to, (dx) => dx), y: weighedMean(from, to, (_, dy) => dy) };
}

/** The person, elsewhere. */
export function shifted({ pose }: Person, by: Point): Person {
  const landmarks = pose.landmarks.map((landmark) => ({
    ...landmark,
    x: landmark.x + by.x,
    y: landmark.y + by.y,
  }));
  return personOfPose({ ...pose, landmarks });
}

function weighedMean(a: Person, b: Person, value: (dx: number, dy: number) => number): number {
  let [sum, total] = [0, 0];
  for (const part of BODY_PARTS) {
    const [p, q] = [a.parts[part], b.parts[part]];
    const weight = UNSURE + p.peak * q.peak;
    sum += weight * value(q.x - p.x, q.y - p.y);
    total += weight;
  }
  return sum / total;
}
