import type { Pose } from '../networks/blazepose.ts';
import { regionToPicture, rounded } from '../networks/geometry.ts';
import type { PictureSize, Region } from '../networks/geometry.ts';
import type {
  AnalysisDebug,
  DebugCorner,
  DebugCorners,
  DebugRegion,
  RegionOutcome,
} from '../schema/analysis.ts';
import type { SearchedSquare } from './candidates.ts';
import type { Hypothesis } from './hypotheses.ts';
import type { Person } from './person.ts';

/** What the pipeline can say of how an answer came about; times are the caller's to add. */
export type Explanation = Omit<AnalysisDebug, 'stages'>;

/** What an analysis went through. */
export interface Evidence {
  squares: readonly SearchedSquare[];
  /** What MoveNet made of each candidate. */
  hypotheses: readonly Hypothesis[];
  /** Who it is that was seen more than once. */
  duplicates: ReadonlyMap<Hypothesis, Hypothesis>;
  /** What BlazePose made of each region, in the order of its runs. */
  passes: readonly Pass[];
  /** Whom each hypothesis became. */
  personOf: ReadonlyMap<Hypothesis, Person>;
  /** The people of the answer. */
  people: readonly Person[];
}

/** One run of BlazePose. */
export interface Pass {
  origin: 'pose' | 'points';
  region: Region;
  pose: Pose;
  score: number;
  outcome: RegionOutcome;
  /** Of whom; `undefined` for someone who was taken to be alone. */
  hypothesis: Hypothesis | undefined;
}

/** The course of an analysis as data: plain JSON, in the original picture's pixels. */
export function explain(evidence: Evidence, picture: PictureSize): Explanation {
  const { squares, hypotheses, duplicates, passes, personOf, people } = evidence;
  const indexOf = (hypothesis: Hypothesis | undefined) => {
    // Without one there is only the person who is alone.
    if (!hypothesis) return people.length - 1;
    const person = personOf.get(duplicates.get(hypothesis) ?? hypothesis);
    return person ? people.indexOf(person) : -1;
  };
  const outcomeOf = (hypothesis: Hypothesis): RegionOutcome => {
    if (duplicates.has(hypothesis)) return 'same-pose';
    // Whose every pass gave numbers that are no body's is nobody.
    const isNobody = hypothesis.outcome === 'person' && indexOf(hypothesis) < 0;
    return isNobody ? 'implausible' : hypothesis.outcome;
  };
  return {
    squares: squares.map(({ detector, square, found }) => ({
      detector,
      corners: cornersOf(square, picture),
      found,
    })),
    regions: [
      ...hypotheses.map((hypothesis): DebugRegion => ({
        network: 'movenet',
        origin: hypothesis.origin,
        corners: cornersOf(hypothesis.square, picture),
        flag: rounded(hypothesis.pose.centre.score, 1e6),
        score: rounded(hypothesis.score, 1e6),
        outcome: outcomeOf(hypothesis),
        ...personAt(hypothesis.outcome === 'person' ? indexOf(hypothesis) : -1),
      })),
      ...passes.map(({ origin, region, pose, score, outcome, hypothesis }): DebugRegion => ({
        network: 'blazepose',
        origin,
        corners: cornersOf(region, picture),
        flag: rounded(pose.flag, 1e6),
        score: rounded(score, 1e6),
        outcome,
        ...personAt(indexOf(hypothesis)),
      })),
    ],
    persons: people.map((person, index) => ({
      score: rounded(person.score, 1e6),
      looks: passes.filter(({ hypothesis }) => indexOf(hypothesis) === index).length,
      networks: person.seenBy === 'both' ? ['movenet', 'blazepose'] : ['blazepose'],
    })),
  };
}

function personAt(index: number): Pick<DebugRegion, 'person'> {
  return index >= 0 ? { person: index } : {};
}

function cornersOf(
  region: Region,
  { width, height, originalWidth, originalHeight }: PictureSize,
): DebugCorners {
  const corner = (u: number, v: number): DebugCorner => {
    const { x, y } = regionToPicture({ ...region, mirrored: false }, u, v);
    return [rounded((x * originalWidth) / width, 100), rounded((y * originalHeight) / height, 100)];
  };
  return [corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)];
}
