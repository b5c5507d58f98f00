import type { AnalysisDebug, DebugRegion, DebugSquare, RegionOutcome } from 'body21';
import type { LineKind } from './explanation-lines.ts';
import { count } from './format.ts';

/** Said of one, and of many. */
type Words = readonly [one: string, many: string];

/** What became of places, and the line that is drawn around them. */
interface Outcome {
  words: Words;
  line: LineKind;
}

const both = (words: string): Words => [words, words];

const NAMES: Readonly<Record<DebugRegion['network'], string>> = {
  movenet: 'MoveNet',
  blazepose: 'BlazePose',
};
/** How many points a network places on a person. */
const POINTS: Readonly<Record<DebugRegion['network'], number>> = { movenet: 17, blazepose: 33 };

const OUTCOMES: Readonly<Record<DebugRegion['network'], Readonly<Record<RegionOutcome, Outcome>>>> = {
  movenet: outcomes('movenet'),
  blazepose: outcomes('blazepose'),
};
const CLOSER: Outcome = {
  words: [
    `was looked at again: BlazePose placed ${POINTS.blazepose} points`,
    `were looked at again: BlazePose placed ${POINTS.blazepose} points in each`,
  ],
  line: 'closer',
};

function outcomes(network: DebugRegion['network']): Readonly<Record<RegionOutcome, Outcome>> {
  const name = NAMES[network];
  const placed = `${name} placed ${POINTS[network]} points`;
  return {
    person: { words: [`became a person: ${placed}`, `became people: ${placed} on each`], line: 'person' },
    'same-pose': { words: both(`showed ${name} the same person again`), line: 'again' },
    'low-score': { words: both(`showed ${name} too little of a person`), line: 'dropped' },
    implausible: { words: both(`showed ${name} no possible body`), line: 'dropped' },
    'no-person': { words: both(`showed ${name} nobody`), line: 'dropped' },
  };
}

/** What became of a place: of those that are told together the same object. */
export function outcomeOf({ network, origin, outcome }: Omit<DebugRegion, 'corners'>): Outcome {
  return outcome === 'person' && origin === 'points' ? CLOSER : OUTCOMES[network][outcome];
}

/** `9 places were looked at` */
export function placesLookedAt({ regions }: AnalysisDebug): string {
  return `${count(regions.length, 'place was', 'places were')} looked at`;
}

const DETECTORS: Readonly<Record<DebugSquare['detector'], { name: string; found: Words }>> = {
  pose: { name: 'BlazePose’s detector', found: ['face', 'faces'] },
  person: { name: 'NanoDet', found: ['body', 'bodies'] },
};

/** `NanoDet looked at 1 square and saw 6 bodies.`, of each detector that was there. */
export function whatDetectorsSaw({ squares }: AnalysisDebug): string {
  const sentences = tally(squares.map(({ detector }) => detector)).map(([detector, looks]) => {
    const { name, found } = DETECTORS[detector];
    const seen = squares
      .filter((square) => square.detector === detector)
      .reduce((sum, square) => sum + square.found, 0);
    const saw = seen === 0 ? 'nobody' : count(seen, ...found);
    return `${name} looked at ${count(looks, 'square', 'squares')} and saw ${saw}.`;
  });
  return sentences.join(' ');
}

/** `NanoDet saw a body here; MoveNet placed 17 points; BlazePose placed 33.` */
export function howFound({ regions, persons }: AnalysisDebug, index: number): string {
  const own = regions.filter(({ person }) => person === index);
  const first = own.find(({ outcome }) => outcome === 'person') ?? own[0];
  const again = own.filter(({ outcome }) => outcome === 'same-pose').length;
  const placed = (persons[index]?.networks ?? []).map((network, order) => {
    const isSeen = own.some((region) => region.network === network && region.outcome === 'person');
    if (!isSeen) return `${NAMES[network]} was not sure of anyone`;
    return `${NAMES[network]} placed ${POINTS[network]}${order === 0 ? ' points' : ''}`;
  });
  const parts = [
    ...(first ? [whoSaw(first)] : []),
    ...placed,
    ...(again > 0 ? [`seen again in ${count(again, 'other place', 'other places')}`] : []),
  ];
  return `${parts.join('; ')}.`;
}

function whoSaw({ network, origin }: DebugRegion): string {
  if (origin === 'person') return 'NanoDet saw a body here';
  return network === 'blazepose'
    ? 'BlazePose’s detector saw someone here, alone'
    : 'BlazePose’s detector saw someone here';
}

/** How often each is there, in the order in which they first are. */
export function tally<T>(values: readonly T[]): [T, number][] {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts];
}
