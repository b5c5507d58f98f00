import type { AnalysisDebug, DebugRegion, DebugSquare, RegionOutcome } from 'body21';
import type { LineKind } from './explanation-lines.ts';
import { words } from './words/words.ts';

/** What became of places, and the line that is drawn around them. */
interface Outcome {
  /** What became of so many of them; the number stands before it. */
  say: (n: number) => string;
  line: LineKind;
}

type Network = DebugRegion['network'];

const NAMES: Readonly<Record<Network, string>> = {
  movenet: 'MoveNet',
  blazepose: 'BlazePose',
  // The page brings none.
  own: '',
};
/** How many points a network places on a person. */
const POINTS: Readonly<Record<Network, number>> = { movenet: 17, blazepose: 33, own: 0 };

const OUTCOMES: Readonly<Record<Network, Readonly<Record<RegionOutcome, Outcome>>>> = {
  movenet: outcomes('movenet'),
  blazepose: outcomes('blazepose'),
  own: outcomes('own'),
};
const CLOSER: Outcome = {
  say: (n) => words.explanation.closer(n, NAMES.blazepose, POINTS.blazepose),
  line: 'closer',
};

function outcomes(network: Network): Readonly<Record<RegionOutcome, Outcome>> {
  const { explanation } = words;
  const name = NAMES[network];
  return {
    person: { say: (n) => explanation.person(n, name, POINTS[network]), line: 'person' },
    'same-pose': { say: (n) => explanation.samePose(n, name), line: 'again' },
    'low-score': { say: (n) => explanation.lowScore(n, name), line: 'dropped' },
    implausible: { say: (n) => explanation.implausible(n, name), line: 'dropped' },
    'no-person': { say: (n) => explanation.noPerson(n, name), line: 'dropped' },
    // The page asks for all of a picture: nobody is left out.
    'left-out': { say: (n) => explanation.noPerson(n, name), line: 'dropped' },
  };
}

/** What became of a place: of those that are told together the same object. */
export function outcomeOf({ network, origin, outcome }: Omit<DebugRegion, 'corners'>): Outcome {
  return outcome === 'person' && origin === 'points' ? CLOSER : OUTCOMES[network][outcome];
}

/** What each detector that was there saw, and on how many squares. */
export function whatDetectorsSaw({ squares }: AnalysisDebug): string {
  const { explanation } = words;
  const sentences = tally(squares.map(({ detector }) => detector)).map(([detector, looks]) => {
    const seen = squares
      .filter((square) => square.detector === detector)
      .reduce((sum, square) => sum + square.found, 0);
    return explanation.detector(nameOf(detector), looks, sawBy(detector, seen));
  });
  return sentences.join(words.between);
}

function nameOf(detector: DebugSquare['detector']): string {
  return detector === 'pose' ? words.explanation.faceDetector : 'NanoDet';
}

function sawBy(detector: DebugSquare['detector'], seen: number): string {
  return detector === 'pose' ? words.explanation.faces(seen) : words.explanation.bodies(seen);
}

/** How one person was found, step by step: by which detector, and by which networks. */
export function howFound({ regions, persons }: AnalysisDebug, index: number): string {
  const { explanation } = words;
  const own = regions.filter(({ person }) => person === index);
  const first = own.find(({ outcome }) => outcome === 'person') ?? own[0];
  const again = own.filter(({ outcome }) => outcome === 'same-pose').length;
  const placed = (persons[index]?.networks ?? []).map((network, order) => {
    const isSeen = own.some((region) => region.network === network && region.outcome === 'person');
    if (!isSeen) return explanation.notSure(NAMES[network]);
    const say = order === 0 ? explanation.placedFirst : explanation.placed;
    return say(NAMES[network], POINTS[network]);
  });
  return explanation.steps([
    ...(first ? [whoSaw(first)] : []),
    ...placed,
    ...(again > 0 ? [explanation.seenAgain(again)] : []),
  ]);
}

function whoSaw({ network, origin }: DebugRegion): string {
  const { sawBody, sawFace, sawFaceAlone } = words.explanation;
  if (origin === 'person') return sawBody;
  return network === 'blazepose' ? sawFaceAlone : sawFace;
}

/** How often each is there, in the order in which they first are. */
export function tally<T>(values: readonly T[]): [T, number][] {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts];
}
