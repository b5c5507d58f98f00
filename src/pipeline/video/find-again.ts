import type { PictureSize } from '../../networks/geometry.ts';
import type { LandmarkRunner } from '../landmark-pass.ts';
import { isUsable } from '../region.ts';
import { isStillThere, peopleIn } from './acceptance.ts';
import { identify } from './identities.ts';
import type { Identities } from './identities.ts';
import { isInPicture } from './places.ts';
import type { Track } from './track.ts';

/** Looks for people where they should be by now, and tells who of all is who. */
export async function findAgain(
  looked: ReadonlySet<Track>,
  runner: LandmarkRunner,
  { picture, tracks, ms }: { picture: PictureSize; tracks: readonly Track[]; ms: number },
): Promise<Identities> {
  const regions = [...looked]
    .map((track) => track.regionAt(ms))
    .filter((region) => isUsable(region) && isInPicture(region, picture));
  const people = (await peopleIn(runner, regions)).flatMap((person) => person ?? []);
  return identify(
    people.filter((person) => isStillThere(person, picture)),
    tracks,
    ms,
  );
}
