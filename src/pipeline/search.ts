import { decodeDetections, mergeDetections } from './detector.ts';
import { normaliseAngle } from './geometry.ts';
import type { PictureSize, Region } from './geometry.ts';
import type { PoseModels } from './photo.ts';
import type { PhotoPlan } from './plan.ts';
import { bodyRegion, isUsable } from './region.ts';
import { decodePersonBoxes, regionOfBox } from './person-detector.ts';
import { detectionSquares, letterbox, tiles } from './squares.ts';

/** Lower than MediaPipe's .5: false people are told apart by the landmark model's peaks afterwards, missed ones are lost. */
const MIN_DETECTION = 0.2;
/** MediaPipe's `min_suppression_threshold`. */
const MAX_FACE_IOU = 0.3;
/** Regions closer than this, in their larger side, of about one size and angle are one person's. */
const NEAR = { centre: 0.1, size: 0.75, angle: 0.5 };

/** Regions that may hold someone, the surest first. */
export async function findRegions(
  models: Pick<PoseModels, 'detect' | 'detectPersons'>,
  { width, height }: PictureSize,
  plan: PhotoPlan,
): Promise<Region[]> {
  const squares = [
    ...detectionSquares(width, height).map((square) => ({ square, minScore: MIN_DETECTION })),
    ...plan.tiles.flatMap(({ side, minScore }) =>
      tiles(width, height, side).map((square) => ({ square, minScore })),
    ),
  ];
  const found: { region: Region; score: number }[] = [];
  for (const { square, minScore } of squares) {
    // oxlint-disable-next-line no-await-in-loop -- the runtime has one queue
    const detections = decodeDetections(await models.detect(square), square, minScore);
    for (const { hips, bodyEdge, score } of mergeDetections(detections, MAX_FACE_IOU)) {
      found.push({ region: bodyRegion(hips, bodyEdge), score });
    }
  }
  if (plan.minPersonScore !== undefined) {
    const whole = letterbox(width, height);
    for (const box of decodePersonBoxes(await models.detectPersons(whole), whole, plan.minPersonScore)) {
      found.push({ region: regionOfBox(box), score: box.score });
    }
  }
  const regions: Region[] = [];
  for (const { region } of found.toSorted((a, b) => b.score - a.score)) {
    if (isUsable(region) && !regions.some((other) => isNear(other, region))) regions.push(region);
  }
  return regions;
}

function isNear(a: Region, b: Region): boolean {
  const size = Math.max(a.size, b.size);
  return (
    Math.hypot(a.centreX - b.centreX, a.centreY - b.centreY) < NEAR.centre * size &&
    Math.min(a.size, b.size) > NEAR.size * size &&
    Math.abs(normaliseAngle(a.rotation - b.rotation)) < NEAR.angle
  );
}
