import type { AnalysisDebug, RegionOrigin, RegionOutcome } from 'body21';
import type { LineKind } from './explanation-lines.ts';
import { count } from './format.ts';

/** Said of one, and of many. */
type Words = readonly [one: string, many: string];

const both = (words: string): Words => [words, words];
const PERSON: Words = ['became a person', 'became people'];
const AGAIN = both('showed the same person again');

/** What became of a place, and the line that is drawn around it. */
export const OUTCOMES: Readonly<Record<RegionOutcome, { words: Words; line: LineKind }>> = {
  person: { words: PERSON, line: 'person' },
  'same-pose': { words: AGAIN, line: 'again' },
  'same-box': { words: AGAIN, line: 'again' },
  'same-head': { words: AGAIN, line: 'again' },
  nested: { words: both('showed only a part of someone'), line: 'dropped' },
  'low-score': { words: ['was too unlike a person', 'were too unlike a person'], line: 'dropped' },
  implausible: { words: both('showed no possible body'), line: 'dropped' },
  'no-person': { words: both('showed nobody'), line: 'dropped' },
};

const ORIGINS: Readonly<Record<RegionOrigin, Words>> = {
  pose: ['face', 'faces'],
  tile: ['face seen close up', 'faces seen close up'],
  person: ['body', 'bodies'],
  wider: ['body from further away', 'bodies from further away'],
  'cut-off': ['person cut off below', 'people cut off below'],
};

/** `9 places were looked at` */
export function placesLookedAt({ regions }: AnalysisDebug): string {
  return `${count(regions.length, 'place was', 'places were')} looked at`;
}

/** `What led there: 2 faces, 3 bodies.` */
export function whatLedThere({ regions }: AnalysisDebug): string {
  const parts = tally(regions.map(({ origin }) => origin)).map(([origin, n]) => count(n, ...ORIGINS[origin]));
  return parts.length === 0 ? '' : `What led there: ${parts.join(', ')}.`;
}

/** `The detectors looked at 2 squares and saw somebody 3 times.` */
export function whatDetectorsSaw({ squares }: AnalysisDebug): string {
  const found = squares.reduce((sum, square) => sum + square.found, 0);
  const saw = found === 0 ? 'nobody' : `somebody ${count(found, 'time', 'times')}`;
  return `The detectors looked at ${count(squares.length, 'square', 'squares')} and saw ${saw}.`;
}

/** How often each is there, in the order in which they first are. */
export function tally<T>(values: readonly T[]): [T, number][] {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts];
}
