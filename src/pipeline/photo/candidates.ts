import type { Box, Region } from '../../networks/geometry.ts';
import type { PersonBox } from '../../networks/nanodet.ts';
import type { RegionOrigin } from '../../schema/analysis.ts';
import { MAX_BODIES } from '../detection.ts';
import type { FoundPose } from '../detection.ts';
import { isUsable, REGION_MARGIN } from '../region.ts';

/** A square that may hold someone in its middle. */
export interface Candidate {
  origin: RegionOrigin;
  /** The person's body: as a detector has seen it, or the square around a pose. */
  body: PersonBox;
  isBodySeen: boolean;
  square: Region;
}

/** Side of the square around a body, in its longer side; 1.1 measures the same, 1.4 worse. */
const SQUARE_SIZE = 1.25;
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
 */
export function candidatesOf(bodies: readonly PersonBox[], poses: readonly FoundPose[]): Candidate[] {
  const candidates = bodies.map((body): Candidate => ({
    origin: 'person',
    body,
    isBodySeen: true,
    square: squareAround(body),
  }));
  for (const { region, score } of poses) {
    const { rotation } = region;
    const same = bodies.filter((body) => isAround(body, region));
    const isBodySeen = same.length > 0;
    if (isBodySeen && Math.abs(rotation) <= TURNED) continue;
    const bodiesOfPose = isBodySeen
      ? same.map((body) => ({ ...body, score: Math.max(body.score, SEEN_BY_BOTH) }))
      : [bodyOf(region, POSE_SHARE * score)];
    for (const body of bodiesOfPose) {
      candidates.push({
        origin: 'pose',
        isBodySeen,
        body,
        square: { ...squareAround(body), rotation },
      });
    }
  }
  return candidates.filter(({ square }) => isUsable(square)).slice(0, MAX_BODIES);
}

function squareAround(body: Box): Region {
  return {
    centreX: body.left + body.width / 2,
    centreY: body.top + body.height / 2,
    size: SQUARE_SIZE * Math.max(body.width, body.height),
    rotation: 0,
  };
}

/** Whether a body may be the person of a region. */
function isAround(body: Box, { centreX, centreY, size }: Region): boolean {
  const ratio = size / squareAround(body).size;
  return (
    centreX > body.left &&
    centreX < body.left + body.width &&
    centreY > body.top &&
    centreY < body.top + body.height &&
    ratio > 1 / SAME_SIZE &&
    ratio < SAME_SIZE
  );
}

function bodyOf({ centreX, centreY, size }: Region, score: number): PersonBox {
  const side = size / REGION_MARGIN;
  return { left: centreX - side / 2, top: centreY - side / 2, width: side, height: side, score };
}
