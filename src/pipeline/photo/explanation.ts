import { regionToPicture, rounded } from '../../networks/geometry.ts';
import type { PictureSize, Region } from '../../networks/geometry.ts';
import type {
  AnalysisDebug,
  DebugCorner,
  DebugCorners,
  DebugRegion,
  RegionOutcome,
} from '../../schema/analysis.ts';
import type { Evidence } from './evidence.ts';
import type { Hypothesis } from './hypotheses.ts';

/** What the pipeline can say of how an answer came about; times are the caller's to add. */
export type Explanation = Omit<AnalysisDebug, 'stages'>;

/** The course of an analysis as data: plain JSON, in the original picture's pixels. */
export function explain(evidence: Evidence, picture: PictureSize): Explanation {
  const { squares, hypotheses, duplicates, passes, personOf, people, leftOut } = evidence;
  const indexOf = (hypothesis: Hypothesis | undefined) => {
    // Without one there is only the person who is alone.
    if (!hypothesis) return people.length - 1;
    const person = personOf.get(duplicates.get(hypothesis) ?? hypothesis);
    return person ? people.indexOf(person) : -1;
  };
  const isLeftOut = (hypothesis: Hypothesis | undefined) => {
    const person = hypothesis && personOf.get(duplicates.get(hypothesis) ?? hypothesis);
    return person !== undefined && leftOut.has(person);
  };
  const outcomeOf = (hypothesis: Hypothesis): RegionOutcome => {
    if (isLeftOut(hypothesis)) return 'left-out';
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
        presence: rounded(hypothesis.pose.centre.score, 1e6),
        score: rounded(hypothesis.score, 1e6),
        outcome: outcomeOf(hypothesis),
        ...personAt(hypothesis.outcome === 'person' ? indexOf(hypothesis) : -1),
      })),
      ...passes.map(({ origin, region, pose, score, outcome, hypothesis }): DebugRegion => ({
        network: 'blazepose',
        origin,
        corners: cornersOf(region, picture),
        presence: rounded(pose.presence, 1e6),
        score: rounded(score, 1e6),
        outcome: isLeftOut(hypothesis) ? 'left-out' : outcome,
        ...personAt(indexOf(hypothesis)),
      })),
    ],
    persons: people.map((person, index) => ({
      score: rounded(person.score, 1e6),
      passes: passes.filter(({ hypothesis }) => indexOf(hypothesis) === index).length,
      networks: person.seenBy === 'both' ? ['movenet', 'blazepose'] : ['blazepose'],
    })),
  };
}

function personAt(index: number): Pick<DebugRegion, 'person'> {
  return index >= 0 ? { person: index } : {};
}

export function cornersOf(
  region: Region,
  { width, height, originalWidth, originalHeight }: PictureSize,
): DebugCorners {
  const corner = (u: number, v: number): DebugCorner => {
    const { x, y } = regionToPicture({ ...region, mirrored: false }, u, v);
    return [rounded((x * originalWidth) / width, 100), rounded((y * originalHeight) / height, 100)];
  };
  return [corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)];
}
