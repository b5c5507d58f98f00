import type { PictureSize, Region } from '../networks/geometry.ts';
import { decodePose, isPlausible } from '../networks/blazepose.ts';
import type { Looking } from './networks.ts';
import { personOfPose } from './person.ts';
import type { Person } from './person.ts';
import { batches, MIN_FLAG } from './photo.ts';

/** The score that someone needs to be followed further, and to be taken on. */
const MIN_SCORE = { kept: 0.2, born: 0.25 };
/**
 * Someone is to be followed who has so many parts in the picture that are so sure: of true people there were nine and more,
 * of what looks like one, in pictures on a wall and between two people, two at most. Someone of whom none is left has gone.
 */
const SURE = { peak: 0.5, born: 5, kept: 1 };

/** Looks for someone in each of the regions. */
export async function lookAt(
  { networks, landmarks }: Looking,
  regions: readonly Region[],
): Promise<(Person | undefined)[]> {
  const people: (Person | undefined)[] = [];
  for (const batch of batches(regions, networks.batchOf(landmarks))) {
    const outputs = await networks.run(landmarks, batch);
    for (const [index, region] of batch.entries()) {
      const output = outputs[index];
      const pose = output && decodePose(output, region);
      people.push(pose && pose.flag >= MIN_FLAG && isPlausible(pose) ? personOfPose(pose) : undefined);
    }
  }
  return people;
}

/** Whether what was seen in someone's place is enough to go on with. */
export function isStillThere(person: Person, picture: PictureSize): boolean {
  return person.score >= MIN_SCORE.kept && sureParts(person, picture) >= SURE.kept;
}

/** Whether a detector's find, looked at, may be someone who was missing. */
export function mayBeBack(person: Person): boolean {
  return person.score >= MIN_SCORE.kept;
}

/** Whether someone is so plain that they are to be followed from now on. */
export function isPlain(person: Person, picture: PictureSize): boolean {
  return person.score >= MIN_SCORE.born && sureParts(person, picture) >= SURE.born;
}

/** How many of a person's parts are in sight, and plain. */
function sureParts({ parts }: Person, { width, height }: PictureSize): number {
  return Object.values(parts).filter(
    ({ x, y, peak }) => peak > SURE.peak && x >= 0 && y >= 0 && x < width && y < height,
  ).length;
}
