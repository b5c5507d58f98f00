import type { AnalysisStage, RegionOrigin, RegionOutcome } from '../schema/analysis.ts';
import type { PersonInfo } from '../schema/result.ts';
import { withoutDuplicates } from './duplicates.ts';
import type { Duplicates, SameReason } from './duplicates.ts';
import { explain } from './explanation.ts';
import type { Explanation } from './explanation.ts';
import { auxiliaryRegion, fusePoses } from './fusion.ts';
import { BLAZEPOSE, decodePose, isPlausible } from '../networks/blazepose.ts';
import type { Pose, Silhouette } from '../networks/blazepose.ts';
import type { PersonBox } from '../networks/centernet.ts';
import { boxIou, clipToPicture } from '../networks/geometry.ts';
import type { PictureSize, Region } from '../networks/geometry.ts';
import type { Looking, Networks } from './networks.ts';
import { personInfo, personOfPose } from './person.ts';
import type { AnswerOptions, Person } from './person.ts';
import type { PhotoPlan } from './plan.ts';
import { cutOffRegion, isUsable, widerRegionOfBox } from './region.ts';
import { findPlaces } from './search.ts';
import type { Place } from './search.ts';

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
export const MIN_FLAG = 0.5;
/** Poses that score less are nobody's. */
const MIN_SCORE = 0.15;
/** Poses that score less are nobody's in all but a few photographs: one further look, for the silhouette, is enough. */
const MIN_SCORE_TO_REFINE = 0.25;
/** A body counts as recognised when someone with this score has a box that agrees with its own by so much. */
const RECOGNISED = { score: 0.45, iou: 0.5 };

/** Everyone in a photo. */
export async function analysePhoto(
  networks: Networks,
  picture: PictureSize,
  plan: PhotoPlan,
  { onStep = () => {}, ...answer }: AnswerOptions & { onStep?: OnStep },
): Promise<PhotoAnalysis> {
  const looking: Looking = { networks, landmarks: BLAZEPOSE[answer.model] };
  const batchSize = networks.batchOf(looking.landmarks);
  const sightings: Sighting[] = [];
  const look = async (places: readonly Place[]) => {
    const total = sightings.length + places.length;
    for (const batch of batches(places, batchSize)) {
      // One after the other on purpose: the runtime has one queue, and a cancelled call stops between two runs.
      // oxlint-disable-next-line no-await-in-loop
      sightings.push(...(await lookAt(looking, batch)));
      onStep('landmarks', sightings.length, total);
    }
  };
  const onDetection = (done: number, total: number) => onStep('detect', done, total);
  onDetection(0, 1);
  let isAlone = false;
  const search = await findPlaces(networks, picture, plan, onDetection, async (place) => {
    onStep('landmarks', 0, 1);
    await look([place]);
    isAlone = peopleOf(sightings).some(({ score }) => score >= RECOGNISED.score);
    return isAlone;
  });
  const rest = search.places.slice(sightings.length);
  onStep('landmarks', sightings.length, sightings.length + rest.length);
  await look(rest);
  if (plan.wider) await look(widerPlaces(search.bodies, seenOnce(sightings), picture));
  if (plan.cutOff) await look(cutOffPlaces(seenOnce(sightings), picture));

  const duplicates: Duplicates = new Map();
  const note = (duplicate: Person, original: Person, outcome: SameReason) => {
    duplicates.set(duplicate, { original, outcome });
  };
  const first = withoutDuplicates(peopleOf(sightings), note);
  const looks = isAlone && !answer.extras?.includes('mask') ? 0 : plan.looks;
  const refinements = await refine(looking, first, looks, (done, total) => onStep('refine', done, total));
  const refined = new Map(
    refinements.map(({ person, pose, poses }) => [person, { person: personOfPose(pose), looks: poses }]),
  );
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

/** Whoever the landmark model sees at each place. */
async function lookAt({ networks, landmarks }: Looking, places: readonly Place[]): Promise<Sighting[]> {
  const regions = places.map(({ region }) => region);
  const outputs = await networks.run(landmarks, regions);
  return places.flatMap((place, index) => {
    const output = outputs[index];
    return output ? [sightingOf(place, decodePose(output, place.region))] : [];
  });
}

function sightingOf({ region, origin }: Place, pose: Pose): Sighting {
  const nobody = { origin, region, flag: pose.flag, score: 0, person: undefined };
  if (!isPlausible(pose)) return { ...nobody, outcome: 'implausible' };
  const person = personOfPose(pose);
  const { score } = person;
  if (pose.flag < MIN_FLAG) return { ...nobody, score, outcome: 'no-person' };
  if (score < MIN_SCORE) return { ...nobody, score, outcome: 'low-score' };
  return { ...nobody, score, person, outcome: 'person' };
}

/** A person who is looked at again and again. */
interface Refining {
  person: Person;
  /** How many further looks there will be. */
  planned: number;
  poses: [Pose, ...Pose[]];
  silhouette: Silhouette | undefined;
}

/**
 * People's poses, and what further looks at the same people make of them: each in the region that the looks before it
 * ask for, in the mirror by turns, the last one with the mask. People are looked at in rounds, so that those of a round
 * can share runs.
 * @param onLook told before the first look and after each run
 * @returns `poses` is the number of looks that the pose is made of
 */
async function refine(
  looking: Looking,
  people: readonly Person[],
  planned: number,
  onLook: (done: number, total: number) => void,
): Promise<{ person: Person; pose: Pose; poses: number }[]> {
  const all = people.map((person): Refining => ({
    person,
    planned: person.score < MIN_SCORE_TO_REFINE ? Math.min(1, planned) : planned,
    poses: [person.pose],
    silhouette: undefined,
  }));
  const total = all.reduce((sum, each) => sum + each.planned, 0);
  let done = 0;
  onLook(done, total);
  for (let look = 1; look <= planned; look++) {
    for (const isLast of [false, true]) {
      const due = all.filter((each) => look <= each.planned && (look === each.planned) === isLast);
      for (const batch of batches(due, looking.networks.batchOf(looking.landmarks))) {
        // oxlint-disable-next-line no-await-in-loop -- as above
        await lookAgain(looking, batch, look % 2 === 1, isLast);
        done += batch.length;
        onLook(done, total);
      }
    }
  }
  return all.map(({ person, poses, silhouette }) => {
    const fused = fusePoses(poses);
    return { person, pose: silhouette ? { ...fused, silhouette } : fused, poses: poses.length };
  });
}

async function lookAgain(
  { networks, landmarks }: Looking,
  batch: readonly Refining[],
  mirrored: boolean,
  withMask: boolean,
): Promise<void> {
  const regions = batch.map(({ poses }) => ({ ...auxiliaryRegion(fusePoses(poses)), mirrored }));
  const outputs = await networks.run(landmarks, regions, { withHead: withMask });
  for (const [index, each] of batch.entries()) {
    const [region, output] = [regions[index], outputs[index]];
    if (!region || !output) continue;
    const again = decodePose(output, region);
    each.silhouette = again.silhouette;
    if (again.flag >= MIN_FLAG && isPlausible(again)) each.poses.push(again);
  }
}

/** Items in groups of so many. */
export function batches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
