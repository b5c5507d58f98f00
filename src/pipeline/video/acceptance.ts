import type { PictureSize, Region } from '../../networks/geometry.ts';
import { isSomeone, posesIn } from '../landmark-pass.ts';
import type { LandmarkRunner } from '../landmark-pass.ts';
import { personOfPose } from '../parts.ts';
import type { Person } from '../person.ts';

/** The score that someone needs to be followed further, and to be taken on. */
const MIN_SCORE = { kept: 0.2, born: 0.25 };
/**
 * Someone is to be followed who has so many parts in the picture that are so sure: of true people there were
 * nine and more, of what looks like one, in pictures on a wall and between two people, two at most. Someone
 * of whom none is left has gone.
 */
const SURE = { peak: 0.5, born: 5, kept: 1 };

/** Who is seen in each of the regions. */
export async function peopleIn(
  runner: LandmarkRunner,
  regions: readonly Region[],
): Promise<(Person | undefined)[]> {
  const poses = await posesIn(runner, regions);
  return poses.map((pose) => (isSomeone(pose) ? personOfPose(pose) : undefined));
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
