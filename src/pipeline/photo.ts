import type { Extra, PersonInfo } from '../schema/result.ts';
import { decodeDetections, mergeDetections } from './detector.ts';
import type { Detection, DetectorOutput } from './detector.ts';
import { withoutDuplicates } from './duplicates.ts';
import type { PictureSize, Region } from './geometry.ts';
import { decodePose, isPlausible } from './landmarks.ts';
import type { LandmarkOutput } from './landmarks.ts';
import { personInfo, personOfPose } from './person.ts';
import type { Person } from './person.ts';
import { bodyRegion, isUsable } from './region.ts';
import { detectionSquares } from './squares.ts';

/** The two models, looking at one picture. The pipeline knows nothing of how they run. */
export interface PoseModels {
  /** Runs the person detector on a square of the picture, black beyond the picture's edges. */
  detect(region: Region): Promise<DetectorOutput>;
  /** Runs the landmark model on a square of the picture, which goes on beyond its edges as its last pixels. */
  landmarks(region: Region): Promise<LandmarkOutput>;
}

/** Lower than MediaPipe's .5: false people are told apart by the landmark model's peaks afterwards, missed ones are lost. */
const MIN_DETECTION = 0.2;
/** MediaPipe's `min_suppression_threshold`. */
const MAX_FACE_IOU = 0.3;
/** MediaPipe's threshold on the landmark model's person flag. */
const MIN_FLAG = 0.5;

/** Everyone in a photo, in falling order of score; accuracy before speed. */
export async function analysePhoto(
  models: PoseModels,
  picture: PictureSize,
  extras: readonly Extra[] = [],
): Promise<PersonInfo[]> {
  const found: Detection[] = [];
  for (const square of detectionSquares(picture.width, picture.height)) {
    // oxlint-disable-next-line no-await-in-loop -- as below
    found.push(...decodeDetections(await models.detect(square), square, MIN_DETECTION));
  }
  const detections = mergeDetections(found, MAX_FACE_IOU);
  const people: Person[] = [];
  for (const { hips, bodyEdge } of detections) {
    const region = bodyRegion(hips, bodyEdge);
    if (!isUsable(region)) continue;
    // One after the other on purpose: the runtime has one queue, and a cancelled call stops between two runs.
    // oxlint-disable-next-line no-await-in-loop
    const pose = decodePose(await models.landmarks(region), region);
    if (pose.flag >= MIN_FLAG && isPlausible(pose)) people.push(personOfPose(pose));
  }
  return withoutDuplicates(people).map((person) => personInfo(person, picture, extras));
}
