import type { PersonInfo } from '../schema/result.ts';
import { decodeDetections, mergeDetections } from './detector.ts';
import type { DetectorOutput } from './detector.ts';
import { withoutDuplicates } from './duplicates.ts';
import { letterbox } from './geometry.ts';
import type { PictureSize, Region } from './geometry.ts';
import { decodePose } from './landmarks.ts';
import type { LandmarkOutput } from './landmarks.ts';
import { personInfo, personOfPose } from './person.ts';
import type { Person } from './person.ts';
import { bodyRegion } from './region.ts';

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
export async function analysePhoto(models: PoseModels, picture: PictureSize): Promise<PersonInfo[]> {
  const whole = letterbox(picture.width, picture.height);
  const detections = mergeDetections(
    decodeDetections(await models.detect(whole), whole, MIN_DETECTION),
    MAX_FACE_IOU,
  );
  const people: Person[] = [];
  for (const { hips, bodyEdge } of detections) {
    const region = bodyRegion(hips, bodyEdge);
    // One after the other on purpose: the runtime has one queue, and a cancelled call stops between two runs.
    // oxlint-disable-next-line no-await-in-loop
    const pose = decodePose(await models.landmarks(region), region);
    if (pose.flag >= MIN_FLAG) people.push(personOfPose(pose));
  }
  return withoutDuplicates(people).map((person) => personInfo(person, picture));
}
