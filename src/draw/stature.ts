import type { BodyPart } from '../schema/body-parts.ts';
import { SHARES_OF_HEIGHT } from '../schema/proportions.ts';
import type { PersonInfo } from '../schema/result.ts';

const { head, shoulders, trunk, upperArm, forearm, thigh, shank } = SHARES_OF_HEIGHT;

/** What a person's height is told by. */
const SEGMENTS: readonly (readonly [BodyPart, BodyPart, number])[] = [
  ['top_head', 'neck', head],
  ['left_shoulder', 'left_hip', trunk],
  ['right_shoulder', 'right_hip', trunk],
  ['left_shoulder', 'right_shoulder', shoulders],
  ['left_shoulder', 'left_elbow', upperArm],
  ['right_shoulder', 'right_elbow', upperArm],
  ['left_elbow', 'left_wrist', forearm],
  ['right_elbow', 'right_wrist', forearm],
  ['left_hip', 'left_knee', thigh],
  ['right_hip', 'right_knee', thigh],
  ['left_knee', 'left_ankle', shank],
  ['right_knee', 'right_ankle', shank],
];

/**
 * How high a person would be in the picture, in its pixels, were they to stand upright and be seen whole:
 * who sits, or is cut off at the chest, is as large as who stands beside them.
 * @param minScore of both ends of what is measured
 */
export function statureOf({ body_parts, location }: PersonInfo, minScore: number): number {
  const longer = Math.max(location.width, location.height);
  const found = SEGMENTS.flatMap(([from, to, share]) => {
    const [a, b] = [body_parts[from], body_parts[to]];
    return Math.min(a.score, b.score) < minScore ? [] : [Math.hypot(a.x - b.x, a.y - b.y) / share];
  }).toSorted((a, b) => b - a);
  // What points towards the viewer looks shorter, so the longest tells most. The second, since one may be
  // wrong.
  const stature = found[found.length > 2 ? 1 : 0] ?? longer;
  // Of a face alone one sees an eighth.
  return Math.min(Math.max(stature, location.height / 2), 8 * longer);
}
