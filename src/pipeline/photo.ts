import type { Extra, PersonInfo } from '../schema/result.ts';
import type { DetectorOutput } from './detector.ts';
import { withoutDuplicates } from './duplicates.ts';
import { auxiliaryRegion, fusePoses } from './fusion.ts';
import type { PictureSize, Region } from './geometry.ts';
import { decodePose, isPlausible } from './landmarks.ts';
import type { LandmarkOutput, Pose } from './landmarks.ts';
import { personInfo, personOfPose } from './person.ts';
import type { Person } from './person.ts';
import type { PersonDetectorOutput } from './person-detector.ts';
import type { PhotoPlan, Refinement } from './plan.ts';
import { cutOffRegion, isUsable } from './region.ts';
import { findRegions } from './search.ts';

/** The models, looking at one picture. The pipeline knows nothing of how they run. */
export interface PoseModels {
  /** Runs the person detector on a square of the picture, black beyond the picture's edges. */
  detect(region: Region): Promise<DetectorOutput>;
  /** Runs the second person detector on a square of the picture, black beyond the picture's edges. */
  detectPersons(region: Region): Promise<PersonDetectorOutput>;
  /** Runs the landmark model on a square of the picture, which goes on beyond its edges as its last pixels. */
  landmarks(region: Region): Promise<LandmarkOutput>;
}

/** MediaPipe's threshold on the landmark model's person flag. */
const MIN_FLAG = 0.5;
/** Poses that score less are nobody's in all but a few photographs, and not worth a second look. */
const MIN_SCORE = 0.25;

/** Everyone in a photo, in falling order of score. */
export async function analysePhoto(
  models: PoseModels,
  picture: PictureSize,
  plan: PhotoPlan,
  extras: readonly Extra[] = [],
): Promise<PersonInfo[]> {
  const seen = await look(models, await findRegions(models, picture, plan));
  if (plan.cutOff) {
    const below = withoutDuplicates(seen).flatMap(({ box }) => cutOffRegion(box, picture) ?? []);
    seen.push(...(await look(models, below)));
  }
  const people: Person[] = [];
  for (const person of withoutDuplicates(seen)) {
    // oxlint-disable-next-line no-await-in-loop -- as below
    people.push(personOfPose(await refine(models, person.pose, plan.refinements)));
  }
  return withoutDuplicates(people).map((person) => personInfo(person, picture, extras));
}

/** Whoever the landmark model sees in these regions. */
async function look(models: PoseModels, regions: readonly Region[]): Promise<Person[]> {
  const people: Person[] = [];
  for (const region of regions) {
    // One after the other on purpose: the runtime has one queue, and a cancelled call stops between two runs.
    // oxlint-disable-next-line no-await-in-loop
    const pose = decodePose(await models.landmarks(region), region);
    if (pose.flag < MIN_FLAG || !isPlausible(pose)) continue;
    const person = personOfPose(pose);
    if (person.score >= MIN_SCORE) people.push(person);
  }
  return people;
}

/** The pose, and what further looks at the same person make of it. */
async function refine(models: PoseModels, pose: Pose, refinements: readonly Refinement[]): Promise<Pose> {
  const poses: [Pose, ...Pose[]] = [pose];
  for (const refinement of refinements) {
    const base = refinement === 'mirror' ? pose.region : auxiliaryRegion(pose);
    if (!isUsable(base)) continue;
    const region = { ...base, mirrored: refinement !== 'auxiliary' };
    // oxlint-disable-next-line no-await-in-loop -- as above
    const again = decodePose(await models.landmarks(region), region);
    if (again.flag >= MIN_FLAG && isPlausible(again)) poses.push(again);
  }
  return fusePoses(poses);
}
