import type { RegionOrigin } from '../schema/analysis.ts';
import { CENTERNET, decodePersonBoxes } from '../networks/centernet.ts';
import type { PersonBox } from '../networks/centernet.ts';
import { normaliseAngle } from '../networks/geometry.ts';
import type { PictureSize, Region } from '../networks/geometry.ts';
import { decodeDetections, mergeDetections, POSE_DETECTOR } from '../networks/pose-detector.ts';
import { runOnce } from './networks.ts';
import type { Networks } from './networks.ts';
import type { PhotoPlan } from './plan.ts';
import { bodyRegion, isUsable, regionOfBox } from './region.ts';
import { detectionSquares, letterbox, tiles } from './squares.ts';

/** Lower than MediaPipe's .5: false people are told apart by the landmark model's peaks afterwards, missed ones are lost. */
const MIN_DETECTION = 0.2;
/** MediaPipe's `min_suppression_threshold`. */
const MAX_FACE_IOU = 0.3;
/**
 * Regions closer than this, in their larger side, of about one size and angle are one. Twice as wide saves a tenth of the
 * landmark runs and finds fewer people (.02 of those annotated); half as wide finds no more.
 */
const NEAR = { centre: 0.05, size: 0.85, angle: 0.3 };

/** A region that may hold someone, and who says so. */
export interface Place {
  region: Region;
  origin: RegionOrigin;
}

/** A square of the picture that a detector looked at, and how many people it saw there. */
export interface SearchedSquare {
  detector: 'pose' | 'person';
  square: Region;
  found: number;
}

/** Where to look for people. */
export interface Search {
  /** One that was looked at already, then the surest first. */
  places: Place[];
  /** What the person detector saw. */
  bodies: PersonBox[];
  squares: SearchedSquare[];
}

/**
 * Looks at a place, the only one that the pose detector has found, which fills the picture, and tells whether somebody is
 * recognised there.
 */
export type IsRecognised = (place: Place) => Promise<boolean>;

/**
 * Where people may be.
 * @param onStep told after each of the runs, and how many there will be
 */
export async function findPlaces(
  networks: Networks,
  picture: PictureSize,
  plan: PhotoPlan,
  onStep: (done: number, total: number) => void = () => {},
  isRecognised?: IsRecognised,
): Promise<Search> {
  const steps = searching(networks, picture, plan, isRecognised);
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- the runtime has one queue
    const { done, value } = await steps.next();
    if (done) return value;
    onStep(value.done, value.total);
  }
}

/**
 * {@link findPlaces}, one detector run after the other: for those who have time for one now and for the next later.
 * @param isRecognised where absent, nobody is taken to be alone, whatever the plan
 * @yields after each of the runs, and how many there will be
 */
export async function* searching(
  networks: Networks,
  { width, height }: PictureSize,
  plan: PhotoPlan,
  isRecognised?: IsRecognised,
): AsyncGenerator<{ done: number; total: number }, Search, undefined> {
  const looks = [
    ...detectionSquares(width, height).map((square) => ({
      square,
      minScore: MIN_DETECTION,
      origin: 'pose' as const,
    })),
    ...plan.tiles.flatMap(({ side, minScore }) =>
      tiles(width, height, side).map((square) => ({ square, minScore, origin: 'tile' as const })),
    ),
  ];
  const total = looks.length + 1;
  const squares: SearchedSquare[] = [];
  const found: (Place & { score: number })[] = [];
  for (const { square, minScore, origin } of looks) {
    // oxlint-disable-next-line no-await-in-loop -- the runtime has one queue
    const output = await runOnce(networks, POSE_DETECTOR, square);
    const detections = mergeDetections(decodeDetections(output, square, minScore), MAX_FACE_IOU);
    for (const { hips, bodyEdge, score } of detections) {
      found.push({ region: bodyRegion(hips, bodyEdge), origin, score });
    }
    squares.push({ detector: 'pose', square, found: detections.length });
    yield { done: squares.length, total };
  }
  const places: Place[] = [];
  const [only, ...others] = found;
  const mayBeAlone =
    only && others.length === 0 && only.region.size >= plan.loneSide * Math.max(width, height);
  if (mayBeAlone && isRecognised && isUsable(only.region)) {
    places.push(only);
    if (await isRecognised(only)) return { places, bodies: [], squares };
  }
  const whole = letterbox(width, height);
  const seen = await runOnce(networks, CENTERNET, whole);
  const bodies = decodePersonBoxes(seen, whole, plan.minPersonScore);
  for (const body of bodies) found.push({ region: regionOfBox(body), origin: 'person', score: body.score });
  squares.push({ detector: 'person', square: whole, found: bodies.length });
  yield { done: total, total };
  for (const { region, origin } of found.toSorted((a, b) => b.score - a.score)) {
    if (isUsable(region) && !places.some((place) => isNear(place.region, region))) {
      places.push({ region, origin });
    }
  }
  return { places, bodies, squares };
}

function isNear(a: Region, b: Region): boolean {
  const size = Math.max(a.size, b.size);
  return (
    Math.hypot(a.centreX - b.centreX, a.centreY - b.centreY) < NEAR.centre * size &&
    Math.min(a.size, b.size) > NEAR.size * size &&
    Math.abs(normaliseAngle(a.rotation - b.rotation)) < NEAR.angle
  );
}
