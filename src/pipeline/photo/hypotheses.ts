import { MOVENET, MOVENET_KEYPOINTS, decodeMoveNet } from '../../networks/movenet.ts';
import type { MoveNetPose, ScoredPoint } from '../../networks/movenet.ts';
import { boxAround, midpoint } from '../../networks/geometry.ts';
import type { Region } from '../../networks/geometry.ts';
import type { RegionOutcome } from '../../schema/analysis.ts';
import type { BodyPart } from '../../schema/body-parts.ts';
import type { Candidate } from './candidates.ts';
import { oks } from '../duplicates.ts';
import type { Networks } from '../networks.ts';
import { bodyRegion, isUsable } from '../region.ts';

/** What MoveNet makes of a candidate: someone, unless the outcome says otherwise. */
export interface Hypothesis extends Candidate {
  pose: MoveNetPose;
  /** How sure it is of its points on average, 0 … 1. */
  sureness: number;
  /**
   * How sure it is that this is a person, with these points: by it the
   * best of several of one person is chosen.
   */
  score: number;
  outcome: RegionOutcome;
}

/** Of those that score less, nobody is a person. */
const MIN_SCORE = 0.05;
/** Two that are more alike than this are one person. */
const MAX_OKS = 0.35;

/** Runs MoveNet on candidates. */
export async function hypothesesOf(
  networks: Networks,
  candidates: readonly Candidate[],
): Promise<Hypothesis[]> {
  const poses = await networks.run(
    MOVENET,
    candidates.map(({ square }) => square),
    (output, square) => decodeMoveNet(output, square),
  );
  return candidates.map((candidate, index) => {
    const pose = poses[index];
    if (!pose) throw new RangeError(`${MOVENET.file} has given nothing`);
    const sum = MOVENET_KEYPOINTS.reduce((total, name) => total + pose.points[name].score, 0);
    const sureness = sum / MOVENET_KEYPOINTS.length;
    const score = Math.sqrt(Math.min(1, 2 * candidate.body.score) * pose.centre.score) * sureness;
    return { ...candidate, pose, sureness, score, outcome: outcomeOf(candidate, pose, score) };
  });
}

/** Points further from their square's centre than this many sides of it are no body's. */
const FARTHEST = 4;

function outcomeOf({ square }: Candidate, { points }: MoveNetPose, score: number): RegionOutcome {
  const { centreX, centreY, size } = square;
  const reaches = Object.values(points).map(({ x, y }) => Math.hypot(x - centreX, y - centreY));
  // Written so that NaN, which graphics hardware may give, is no person either.
  if (!reaches.every((reach) => reach <= FARTHEST * size)) return 'implausible';
  return score >= MIN_SCORE ? 'person' : 'low-score';
}

/**
 * Each person once, the surest first.
 * @param onDuplicate told of everyone left out, and who they are
 */
export function distinctHypotheses(
  hypotheses: readonly Hypothesis[],
  onDuplicate: (duplicate: Hypothesis, original: Hypothesis) => void,
): Hypothesis[] {
  const people = hypotheses
    .filter(({ outcome }) => outcome === 'person')
    .toSorted((a, b) => b.score - a.score)
    .map((hypothesis) => {
      const parts = hypothesis.pose.points;
      // Not the body: of two people's points in two boxes one may be a part of someone only.
      return { hypothesis, shape: { parts, box: boxAround(Object.values(parts)) } };
    });
  const kept: typeof people = [];
  for (const person of people) {
    const original = kept.find((other) => oks(person.shape, other.shape, MOVENET_KEYPOINTS) > MAX_OKS);
    if (original) onDuplicate(person.hypothesis, original.hypothesis);
    else kept.push(person);
  }
  return kept.map(({ hypothesis }) => hypothesis);
}

/** The same people's squares in the mirror, each with whom it is of. */
export function mirroredCandidates(hypotheses: readonly Hypothesis[]): Map<Candidate, Hypothesis> {
  return new Map(
    hypotheses.map((hypothesis) => {
      const { origin, body, isBodySeen, square } = hypothesis;
      return [{ origin, body, isBodySeen, square: { ...square, mirrored: true } }, hypothesis];
    }),
  );
}

/** Less sure points do not say how far a body reaches. */
const MIN_REACH_SCORE = 0.2;
/** The body's circle is so much larger than its farthest point is away, and at least so many torsos. */
const REACH = { farthest: 1.1, torso: 1.9 };
/** A torso shorter than this share of the circle is seen from its end, and tells no direction. */
const MIN_TORSO = 0.1;

/**
 * The region in which BlazePose should look for the same person; MoveNet's own, where its points make none.
 */
export function landmarkRegion({ pose: { points }, square }: Hypothesis): Region {
  return regionOfPoints(points, square);
}

/** The same of any network's points; the other one where they make none. */
export function regionOfPoints(
  points: Readonly<Partial<Record<BodyPart, ScoredPoint>>>,
  otherwise: Region,
): Region {
  const { left_hip, right_hip, left_shoulder, right_shoulder } = points;
  if (!left_hip || !right_hip || !left_shoulder || !right_shoulder) return otherwise;
  const hips = midpoint(left_hip, right_hip);
  const shoulders = midpoint(left_shoulder, right_shoulder);
  const torso = Math.hypot(shoulders.x - hips.x, shoulders.y - hips.y);
  const reaches = Object.values(points).map(({ x, y, score }) =>
    score > MIN_REACH_SCORE ? Math.hypot(x - hips.x, y - hips.y) : 0,
  );
  const radius = Math.max(REACH.farthest * Math.max(...reaches), REACH.torso * torso);
  const up =
    torso < MIN_TORSO * radius ? { x: 0, y: -1 } : { x: shoulders.x - hips.x, y: shoulders.y - hips.y };
  const scale = radius / Math.hypot(up.x, up.y);
  const region = bodyRegion(hips, { x: hips.x + scale * up.x, y: hips.y + scale * up.y });
  return isUsable(region) ? region : otherwise;
}
