import type { Landmark, Pose } from '../networks/blazepose.ts';
import type { Point } from '../networks/geometry.ts';
import type { MoveNetPose, ScoredPoint } from '../networks/movenet.ts';
import { BODY_PARTS } from '../schema/body-parts.ts';
import type { BodyPart } from '../schema/body-parts.ts';
import { auxiliaryRegion } from './region.ts';
import { neckOf, topOfHead } from './head-and-neck.ts';

/**
 * Width of the kernel, as a share of the region's side: of BlazePose's points
 * alone, and of parts. And steps to its mode.
 */
const BANDWIDTH = 0.07;
const PART_BANDWIDTH = 0.06;
const STEPS = 5;
/**
 * What a point of MoveNet's weighs beside its score: .3 gives .01 less
 * AP on annotated photographs, 2 the same.
 */
const MOVENET_WEIGHT = 1;

/**
 * One pose of several of the same person. Each point is the mode of its candidates, not their mean: where one
 * run has taken the left knee for the right one, a mean lies on neither.
 */
export function fusePoses(poses: readonly [Pose, ...Pose[]]): Pose {
  const [first] = poses;
  if (poses.length === 1) return first;
  const variance = (BANDWIDTH * auxiliaryRegion(first).size) ** 2;
  const landmarks = first.landmarks.map((landmark, index) => {
    const candidates = poses.map((pose) => weighed(pose.landmarks[index] ?? landmark));
    return modeOf(candidates, variance).point;
  });
  const presence = sum(poses.map((pose) => pose.presence)) / poses.length;
  return { ...first, landmarks, presence };
}

/**
 * MoveNet knows no points beyond its square, and puts what the picture cuts off somewhere on the edge. Where
 * it is less sure than this, and BlazePose has the part outside the picture, there it is.
 */
const MIN_INSIDE = 0.3;

/** A person's points, and how far those who saw them agree. */
export interface FusedParts {
  parts: Record<BodyPart, Landmark>;
  /** The share of all weight that lies near the points, 0 … 1; over the points that both have. */
  agreement: number;
}

/** What MoveNet has seen of someone in one square, and how sure it was. */
export interface View {
  pose: MoveNetPose;
  score: number;
}

/**
 * What each of MoveNet's views counts for: less sure ones by the square of their score, as BlazePose's
 * points. Views of one network err alike in part, so that together they count for the root of their number
 * only; for that number `best`, where there are many, has .01 less AP.
 */
function weightsOf(views: readonly [View, ...View[]]): number[] {
  const shares = views.map(({ score }) => (score / views[0].score) ** 2);
  const total = Math.sqrt(sum(shares));
  return shares.map((share) => share / total);
}

/**
 * One set of parts of BlazePose's and MoveNet's. MoveNet is the better of the two, and has neither neck nor
 * mouth; neck and top of the head follow from both.
 * @param poses BlazePose's parts, of each of its runs
 * @param views MoveNet's, the surest first: squares that turned out to be of the same person are worth .005
 * of AP on annotated photographs, and take no run more
 * @param size side of the person's region
 * @param isOutside whether a point lies outside the picture
 */
export function fuseParts(
  poses: readonly Readonly<Record<BodyPart, Landmark>>[],
  views: readonly [View, ...View[]],
  size: number,
  isOutside: (point: Point) => boolean = () => false,
): FusedParts {
  const variance = (PART_BANDWIDTH * size) ** 2;
  const weights = weightsOf(views);
  const shares: number[] = [];
  const fused = BODY_PARTS.map((part): [BodyPart, Landmark] => {
    const candidates = poses.map((parts) => weighed(parts[part]));
    const point = pointOf(views[0], part);
    const isBeyond = point && point.score < MIN_INSIDE && candidates.every(isOutside);
    if (!isBeyond) candidates.push(...views.flatMap((view, k) => weighedView(view, part, weights[k] ?? 0)));
    const mode = modeOf(candidates, variance);
    if (isBeyond) return [part, { ...mode.point, peak: Math.min(mode.point.peak, point.score) }];
    if (point) shares.push(mode.share);
    return [part, mode.point];
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- BODY_PARTS names every key of the record
  const parts = Object.fromEntries(fused) as FusedParts['parts'];
  // Of someone who is all outside nothing is agreed on.
  const agreement = shares.length > 0 ? sum(shares) / shares.length : 0;
  const top_head = topOfHead(parts);
  return { parts: { ...parts, top_head, neck: neckOf(parts, top_head) }, agreement };
}

interface Candidate extends Landmark {
  weight: number;
}

/** MoveNet's point for a part, if it is one of those that it has. */
function pointOf({ pose }: View, part: BodyPart): ScoredPoint | undefined {
  const points: Partial<Record<BodyPart, ScoredPoint>> = pose.points;
  return points[part];
}

function weighedView(view: View, part: BodyPart, weight: number): Candidate[] {
  const point = pointOf(view, part);
  if (!point) return [];
  const { x, y, score } = point;
  return [{ x, y, peak: score, weight: weight * (MOVENET_WEIGHT + score) }];
}

/** A point of BlazePose's, which counts the more the surer it is. */
function weighed(landmark: Landmark): Candidate {
  return { ...landmark, weight: (0.02 + landmark.peak) ** 2 };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/**
 * Mean shift from the candidate where they lie densest.
 * @returns also the share of the weight that lies there
 */
function modeOf(candidates: readonly Candidate[], variance: number): { point: Landmark; share: number } {
  const kernels = (x: number, y: number) =>
    candidates.map((c) => c.weight * Math.exp(-((c.x - x) ** 2 + (c.y - y) ** 2) / (2 * variance)));
  let best: Candidate | undefined;
  let density = -1;
  for (const candidate of candidates) {
    const here = sum(kernels(candidate.x, candidate.y));
    if (here > density) {
      density = here;
      best = candidate;
    }
  }
  if (!best) throw new RangeError('there is no candidate');
  let { x, y, peak } = best;
  let shares = kernels(x, y);
  for (let step = 0; step < STEPS; step++) {
    const total = sum(shares);
    if (!(total > 0)) break;
    const mean = (value: (candidate: Candidate) => number) =>
      sum(candidates.map((c, i) => value(c) * (shares[i] ?? 0))) / total;
    [x, y, peak] = [mean((c) => c.x), mean((c) => c.y), mean((c) => c.peak)];
    shares = kernels(x, y);
  }
  const share = sum(shares) / sum(candidates.map(({ weight }) => weight));
  return { point: { x, y, peak }, share };
}
