import { BODY_PARTS } from '../../schema/body-parts.ts';
import { isSamePerson, oks } from '../duplicates.ts';
import type { Person } from '../person.ts';
import type { Track } from './track.ts';

/** Someone else's pose fits a person by such a share as well as its owner: it may be either. */
const CONTESTED = 0.2;
/** Two tracks whose people are more alike than this have come onto one person. */
const SLID = 0.5;
/** What is seen where a track should be is that person if it is at least so much like them. */
const SAME_AGAIN = 0.05;

/** Who is who in a frame. */
export interface Identities {
  seen: Map<Track, Person>;
  /** Those in whose place someone else was seen. */
  hidden: Set<Track>;
  /** Poses that may be of someone hidden as well. */
  contested: Set<Person>;
}

/**
 * Gives each pose to whoever it fits best, in whosever place it was seen; one person seen twice counts once.
 */
export function identify(people: readonly Person[], tracks: readonly Track[], ms: number): Identities {
  const pairs = people
    .flatMap((person) => tracks.map((track) => ({ track, person })))
    .filter(({ track, person }) => track.mayBe(person, ms) && track.likeness(person, ms) >= SAME_AGAIN)
    .map((pair) => ({ ...pair, fit: pair.track.fit(pair.person, ms) }))
    .toSorted((a, b) => b.fit - a.fit);
  const seen = new Map<Track, Person>();
  const fits = new Map<Person, number>();
  for (const { track, person, fit } of pairs) {
    if (seen.has(track) || [...seen.values()].some((other) => other === person || isOne(other, person)))
      continue;
    seen.set(track, person);
    fits.set(person, fit);
  }
  const unseen = tracks.filter((track) => !seen.has(track));
  return {
    seen,
    hidden: new Set(unseen.filter((track) => [...seen.values()].some((other) => track.isCovered(other, ms)))),
    contested: new Set(
      pairs
        .filter(
          ({ track, person, fit }) => !seen.has(track) && fit > CONTESTED * (fits.get(person) ?? Infinity),
        )
        .map(({ person }) => person),
    ),
  };
}

/**
 * Which of the people found are someone who was missing: each the one who is nearest to where they should be.
 */
export function whoIsBack(
  missing: readonly Track[],
  found: readonly Person[],
  ms: number,
): Map<Person, Track> {
  const back = new Map<Person, Track>();
  const pairs = missing
    .flatMap((track) => found.map((person) => ({ track, person, distance: track.distance(person, ms) })))
    .filter(({ track, person, distance }) => distance < 1 && track.mayBe(person, ms))
    .toSorted((a, b) => a.distance - b.distance);
  for (const { track, person } of pairs) {
    if (!back.has(person) && ![...back.values()].includes(track)) back.set(person, track);
  }
  return back;
}

/**
 * Which of the people found are someone in doubt, seen better than before: theirs
 * is the one track whose person they are.
 * @param seen whom the frame has shown so far
 * @param doubtful those among them of whom too little is plain
 */
export function whoIsPlainer(
  found: readonly Person[],
  { seen, doubtful }: { seen: ReadonlyMap<Track, Person>; doubtful: ReadonlySet<Track> },
): Map<Person, Track> {
  const plainer = new Map<Person, Track>();
  for (const person of found) {
    const [same, ...others] = [...seen].filter(([, other]) => isSamePerson(other, person));
    if (!same || others.length > 0) continue;
    const [track, before] = same;
    const isBetter = doubtful.has(track) && person.score > before.score;
    if (isBetter && ![...plainer.values()].includes(track)) plainer.set(person, track);
  }
  return plainer;
}

/** Whether two poses that were found in two people's places are of one of them. */
function isOne(a: Person, b: Person): boolean {
  return oks(a, b, BODY_PARTS) >= SLID || isSamePerson(a, b);
}
