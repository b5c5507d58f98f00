import type { AnalysisStage, RegionOrigin, RegionOutcome } from '../schema/analysis.ts';
import type { PersonInfo } from '../schema/result.ts';
import type { DetectorOutput } from './detector.ts';
import { withoutDuplicates } from './duplicates.ts';
import type { Duplicates, SameReason } from './duplicates.ts';
import { explain } from './explanation.ts';
import type { Explanation } from './explanation.ts';
import { auxiliaryRegion, fusePoses } from './fusion.ts';
import { boxIou, clipToPicture } from './geometry.ts';
import type { PictureSize, Region } from './geometry.ts';
import { decodePose, isPlausible } from './landmarks.ts';
import type { LandmarkOutput, Pose } from './landmarks.ts';
import { personInfo, personOfPose } from './person.ts';
import type { AnswerOptions, Person } from './person.ts';
import { widerRegionOfBox } from './person-detector.ts';
import type { PersonBox, PersonDetectorOutput } from './person-detector.ts';
import type { PhotoPlan } from './plan.ts';
import { cutOffRegion, isUsable } from './region.ts';
import { findPlaces } from './search.ts';
import type { Place } from './search.ts';
import type { Silhouette } from './silhouette.ts';

/** The models, looking at one picture. The pipeline knows nothing of how they run. */
export interface PoseModels {
  /** Runs the pose detector on a square of the picture, black beyond the picture's edges. */
  detect(region: Region): Promise<DetectorOutput>;
  /** Runs the person detector on a square of the picture, black beyond the picture's edges. */
  detectPersons(region: Region): Promise<PersonDetectorOutput>;
  /**
   * Runs the landmark model on a square of the picture, which goes on beyond its edges as its last pixels.
   * @param withMask whether the output is to have the mask
   */
  landmarks(region: Region, withMask: boolean): Promise<LandmarkOutput>;
}

/** Told before the first and after each step of a stage; `total` may grow on the way. */
export type OnStep = (stage: AnalysisStage, done: number, total: number) => void;

/** Everyone in a photo, in falling order of score, and how they were found. */
export interface PhotoAnalysis {
  people: PersonInfo[];
  explanation: Explanation;
}

/** One look of the landmark model at a place, and what it showed. */
export interface Sighting {
  origin: RegionOrigin;
  region: Region;
  flag: number;
  score: number;
  outcome: RegionOutcome;
  /** Who was seen; nobody where the outcome says so. */
  person: Person | undefined;
}

/** MediaPipe's threshold on the landmark model's person flag. */
const MIN_FLAG = 0.5;
/** Poses that score less are nobody's. */
const MIN_SCORE = 0.15;
/** Poses that score less are nobody's in all but a few photographs: one further look, for the silhouette, is enough. */
const MIN_SCORE_TO_REFINE = 0.25;
/** A body counts as recognised when someone with this score has a box that agrees with its own by so much. */
const RECOGNISED = { score: 0.45, iou: 0.5 };

/** Everyone in a photo. */
export async function analysePhoto(
  models: PoseModels,
  picture: PictureSize,
  plan: PhotoPlan,
  { onStep = () => {}, ...answer }: AnswerOptions & { onStep?: OnStep },
): Promise<PhotoAnalysis> {
  onStep('detect', 0, 1);
  const search = await findPlaces(models, picture, plan, (done, total) => onStep('detect', done, total));

  const sightings: Sighting[] = [];
  onStep('landmarks', 0, search.places.length);
  const look = async (places: readonly Place[]) => {
    const total = sightings.length + places.length;
    for (const place of places) {
      // One after the other on purpose: the runtime has one queue, and a cancelled call stops between two runs.
      // oxlint-disable-next-line no-await-in-loop
      sightings.push(await lookAt(models, place));
      onStep('landmarks', sightings.length, total);
    }
  };
  await look(search.places);
  if (plan.wider) await look(widerPlaces(search.bodies, seenOnce(sightings), picture));
  if (plan.cutOff) await look(cutOffPlaces(seenOnce(sightings), picture));

  const duplicates: Duplicates = new Map();
  const note = (duplicate: Person, original: Person, outcome: SameReason) => {
    duplicates.set(duplicate, { original, outcome });
  };
  const first = withoutDuplicates(peopleOf(sightings), note);
  onStep('refine', 0, first.length);
  const refined = new Map<Person, { person: Person; looks: number }>();
  for (const person of first) {
    // oxlint-disable-next-line no-await-in-loop -- as above
    const { pose, looks } = await refine(models, person, plan.looks);
    refined.set(person, { person: personOfPose(pose), looks });
    onStep('refine', refined.size, first.length);
  }
  const people = withoutDuplicates(
    [...refined.values()].map(({ person }) => person),
    note,
  );
  return {
    people: people.map((person) => personInfo(person, picture, { ...answer, bodies: search.bodies })),
    explanation: explain({ squares: search.squares, sightings, refined, duplicates, people }, picture),
  };
}

function peopleOf(sightings: readonly Sighting[]): Person[] {
  return sightings.flatMap(({ person }) => person ?? []);
}

function seenOnce(sightings: readonly Sighting[]): Person[] {
  return withoutDuplicates(peopleOf(sightings));
}

/** A further look, from further away, at each body in whose box nobody was recognised. */
function widerPlaces(bodies: readonly PersonBox[], people: readonly Person[], picture: PictureSize): Place[] {
  const boxes = people
    .filter(({ score }) => score >= RECOGNISED.score)
    .map(({ box }) => clipToPicture(box, picture));
  return bodies
    .filter((body) => !boxes.some((box) => boxIou(box, clipToPicture(body, picture)) > RECOGNISED.iou))
    .map((body) => ({ region: widerRegionOfBox(body), origin: 'wider' }));
}

function cutOffPlaces(people: readonly Person[], picture: PictureSize): Place[] {
  return people.flatMap(({ box }) => {
    const region = cutOffRegion(box, picture);
    return region && isUsable(region) ? { region, origin: 'cut-off' } : [];
  });
}

/** Whoever the landmark model sees at a place. */
async function lookAt(models: PoseModels, { region, origin }: Place): Promise<Sighting> {
  const pose = decodePose(await models.landmarks(region, false), region);
  const nobody = { origin, region, flag: pose.flag, score: 0, person: undefined };
  if (!isPlausible(pose)) return { ...nobody, outcome: 'implausible' };
  const person = personOfPose(pose);
  const { score } = person;
  if (pose.flag < MIN_FLAG) return { ...nobody, score, outcome: 'no-person' };
  if (score < MIN_SCORE) return { ...nobody, score, outcome: 'low-score' };
  return { ...nobody, score, person, outcome: 'person' };
}

/**
 * The pose, and what further looks at the same person make of it: each in the region that the looks before it ask for,
 * in the mirror by turns, the last one with the mask.
 */
async function refine(
  models: PoseModels,
  { pose, score }: Person,
  planned: number,
): Promise<{ pose: Pose; looks: number }> {
  const looks = score < MIN_SCORE_TO_REFINE ? 1 : planned;
  const poses: [Pose, ...Pose[]] = [pose];
  let silhouette: Silhouette | undefined;
  for (let look = 1; look <= looks; look++) {
    const region = { ...auxiliaryRegion(fusePoses(poses)), mirrored: look % 2 === 1 };
    // oxlint-disable-next-line no-await-in-loop -- as above
    const again = decodePose(await models.landmarks(region, look === looks), region);
    ({ silhouette } = again);
    if (again.flag >= MIN_FLAG && isPlausible(again)) poses.push(again);
  }
  const fused = fusePoses(poses);
  return { pose: silhouette ? { ...fused, silhouette } : fused, looks: poses.length };
}
