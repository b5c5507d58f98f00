import type { BodyPart } from '../schema/body-parts.ts';
import type { PersonInfo } from '../schema/result.ts';

/**
 * Lengths as shares of the height, after Drillis and Contini (1966): between joints, so that the trunk goes
 * from shoulder to hip. The neck is a fifth of the way from the shoulders to the top of the head.
 */
const SHARES: readonly (readonly [BodyPart, BodyPart, number])[] = [
  ['top_head', 'neck', 0.146],
  ['left_shoulder', 'left_hip', 0.288],
  ['right_shoulder', 'right_hip', 0.288],
  ['left_shoulder', 'right_shoulder', 0.23],
  ['left_shoulder', 'left_elbow', 0.186],
  ['right_shoulder', 'right_elbow', 0.186],
  ['left_elbow', 'left_wrist', 0.146],
  ['right_elbow', 'right_wrist', 0.146],
  ['left_hip', 'left_knee', 0.245],
  ['right_hip', 'right_knee', 0.245],
  ['left_knee', 'left_ankle', 0.246],
  ['right_knee', 'right_ankle', 0.246],
];

/**
 * How high a person would be in the picture, in its pixels, were they to stand upright and be seen whole:
 * who sits, or is cut off at the chest, is as large as who stands beside them.
 * @param minScore of both ends of what is measured
 */
export function statureOf({ body_parts, location }: PersonInfo, minScore: number): number {
  const longer = Math.max(location.width, location.height);
  const found = SHARES.flatMap(([from, to, share]) => {
    const [a, b] = [body_parts[from], body_parts[to]];
    return Math.min(a.score, b.score) < minScore ? [] : [Math.hypot(a.x - b.x, a.y - b.y) / share];
  }).toSorted((a, b) => b - a);
  // What points towards the viewer looks shorter, so the longest tells most. The second, since one may be
  // wrong.
  const stature = found[found.length > 2 ? 1 : 0] ?? longer;
  // Of a face alone one sees an eighth.
  return Math.min(Math.max(stature, location.height / 2), 8 * longer);
}
