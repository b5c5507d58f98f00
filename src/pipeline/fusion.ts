import type { Landmark, Pose } from '../networks/blazepose.ts';
import { bodyRegion, isUsable } from './region.ts';
import type { Region } from '../networks/geometry.ts';

/** BlazePose's auxiliary landmarks: the middle of the body's circle, and a point on it towards the head. */
const CIRCLE_CENTRE = 33;
const CIRCLE_EDGE = 34;
/** Width of the kernel, as a share of the region's side, and steps to its mode. */
const BANDWIDTH = 0.07;
const STEPS = 5;

/**
 * The region that a pose itself asks for, which fits the person better than the one it was found in; that one, where
 * its points make none.
 */
export function auxiliaryRegion(pose: Pose): Region {
  const centre = pose.landmarks[CIRCLE_CENTRE];
  const edge = pose.landmarks[CIRCLE_EDGE];
  if (!centre || !edge) throw new RangeError('a pose has no auxiliary landmarks');
  const wanted = bodyRegion(centre, edge);
  return isUsable(wanted) ? wanted : pose.region;
}

/**
 * One pose of several of the same person. Each point is the mode of its candidates, not their mean: where one run
 * has taken the left knee for the right one, a mean lies on neither.
 */
export function fusePoses(poses: readonly [Pose, ...Pose[]]): Pose {
  const [first] = poses;
  if (poses.length === 1) return first;
  const variance = (BANDWIDTH * auxiliaryRegion(first).size) ** 2;
  const landmarks = first.landmarks.map((landmark, index) =>
    mode(
      poses.map((pose) => pose.landmarks[index] ?? landmark),
      variance,
    ),
  );
  const flag = sum(poses.map((pose) => pose.flag)) / poses.length;
  return { ...first, landmarks, flag };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Mean shift from the candidate where they lie densest, each weighted by how sure it is. */
function mode(candidates: readonly Landmark[], variance: number): Landmark {
  const weights = candidates.map(({ peak }) => (0.02 + peak) ** 2);
  const kernels = (x: number, y: number) =>
    candidates.map(
      (c, i) => (weights[i] ?? 0) * Math.exp(-((c.x - x) ** 2 + (c.y - y) ** 2) / (2 * variance)),
    );
  let best: Landmark | undefined;
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
  for (let step = 0; step < STEPS; step++) {
    const shares = kernels(x, y);
    const total = sum(shares);
    if (!(total > 0)) break;
    x = sum(candidates.map((c, i) => c.x * (shares[i] ?? 0))) / total;
    y = sum(candidates.map((c, i) => c.y * (shares[i] ?? 0))) / total;
    peak = sum(candidates.map((c, i) => c.peak * (shares[i] ?? 0))) / total;
  }
  return { x, y, peak };
}
