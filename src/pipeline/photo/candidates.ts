import { boxIou, midpoint, normaliseAngle } from '../../networks/geometry.ts';
import type { Box, Region } from '../../networks/geometry.ts';
import type { PersonBox } from '../../networks/nanodet.ts';
import type { RegionOrigin } from '../../schema/analysis.ts';
import type { SeenPerson } from '../../schema/picture-region.ts';
import { MAX_BODIES } from '../detection.ts';
import type { FoundPose } from '../detection.ts';
import type { Area } from '../area.ts';
import { bodyRegion, boxIn, isUsable, squareOfBox } from '../region.ts';

/** A square that may hold someone in its middle. */
export interface Candidate {
  origin: RegionOrigin;
  /** The person's body: as a detector has seen it, or the square around a pose. */
  body: PersonBox;
  /** Whether a detector has seen the whole body. */
  isBodySeen: boolean;
  square: Region;
}

/** Poses that lie further than this from upright, in radians, need a square that is turned. */
const TURNED = Math.PI / 4;
/** Squares whose sides differ by more than this factor are not of the same person. */
const SAME_SIZE = 2;
/** A body that has a pose as well is seen by both detectors, and counts as one of at least that score. */
const SEEN_BY_BOTH = 0.5;
/**
 * What a pose's score counts for where NanoDet sees no body. It sees nearly everyone, and the pose detector
 * much that is nobody: with half its score somebody passes the documented filter in 12 of 349 pictures of
 * things and animals; where such poses counted as bodies of .5, in 41. Nobody who is there is lost.
 */
const POSE_SHARE = 0.5;

/**
 * Where to look: at each body, and in a turned square as well where a pose says that the person lies or is
 * upside down, since MoveNet was trained on people who stand; and at poses that are no body's.
 * @param area.mayHave whoever cannot be wanted is no candidate
 * @param area.cuts tells which bodies are not seen whole
 */
export function candidatesOf(
  bodies: readonly PersonBox[],
  poses: readonly FoundPose[],
  { mayHave, cuts }: Pick<Area, 'mayHave' | 'cuts'>,
): Candidate[] {
  const candidates = bodies.map((body): Candidate => ({
    origin: 'person',
    body,
    isBodySeen: !cuts(body),
    square: squareOfBox(body),
  }));
  for (const { region, score } of poses) {
    const { rotation } = region;
    const same = bodies.filter((body) => isAround(body, region));
    const isBodySeen = same.length > 0;
    if (isBodySeen && Math.abs(rotation) <= TURNED) continue;
    const bodiesOfPose = isBodySeen
      ? same.map((body) => ({ ...body, score: Math.max(body.score, SEEN_BY_BOTH) }))
      : [{ ...boxIn(region), score: POSE_SHARE * score }];
    for (const body of bodiesOfPose) {
      candidates.push({
        origin: 'pose',
        isBodySeen: isBodySeen && !cuts(body),
        body,
        square: { ...squareOfBox(body), rotation },
      });
    }
  }
  return candidates.filter(({ body, square }) => isUsable(square) && mayHave(body)).slice(0, MAX_BODIES);
}

/** Two bodies that agree by so much (IoU), and lie alike, are of one person, for whom one is enough. */
const SAME_BODY = 0.5;

/** Those of the candidates that are of nobody among the others. */
export function candidatesBeside(
  others: readonly Candidate[],
  candidates: readonly Candidate[],
): Candidate[] {
  const isSame = (one: Candidate, other: Candidate) =>
    boxIou(one.body, other.body) > SAME_BODY &&
    Math.abs(normaliseAngle(one.square.rotation - other.square.rotation)) <= TURNED;
  return candidates.filter((candidate) => !others.some((other) => isSame(candidate, other)));
}

/**
 * What a detector's score is taken to be of someone who was seen before: what clear people have, and less of
 * whom the earlier answer was less sure.
 */
const SEEN_BEFORE = { least: 0.15, most: 0.8 };

/**
 * Where else to look for someone of an earlier answer, whom none of the candidates shows where they were:
 * there, and turned where they lay.
 */
export function candidatesOfPerson(
  { searched }: Area,
  { location, body_parts }: SeenPerson,
  candidates: readonly Candidate[],
): Candidate[] {
  if (candidates.some(({ body }) => boxIou(body, searched) > SAME_BODY)) return [];
  const { least, most } = SEEN_BEFORE;
  const body = { ...searched, score: least + (most - least) * Math.min(Math.max(location.score, 0), 1) };
  const square = squareOfBox(body);
  const { left_shoulder, right_shoulder, left_hip, right_hip } = body_parts;
  const { rotation } = bodyRegion(midpoint(left_hip, right_hip), midpoint(left_shoulder, right_shoulder));
  const upright: Candidate = { origin: 'person', body, isBodySeen: true, square };
  const turned: Candidate = { ...upright, square: { ...square, rotation } };
  return Math.abs(rotation) > TURNED ? [upright, turned] : [upright];
}

/** Whether a body may be the person of a region. */
function isAround(body: Box, { centreX, centreY, size }: Region): boolean {
  const ratio = size / squareOfBox(body).size;
  return (
    centreX > body.left &&
    centreX < body.left + body.width &&
    centreY > body.top &&
    centreY < body.top + body.height &&
    ratio > 1 / SAME_SIZE &&
    ratio < SAME_SIZE
  );
}
