import { isPlausible } from '../../networks/blazepose.ts';
import type { Pose } from '../../networks/blazepose.ts';
import type { Region } from '../../networks/geometry.ts';
import type { AnalysisStage, RegionOutcome } from '../../schema/analysis.ts';
import type { SearchedSquare } from '../detection.ts';
import { isSomeone } from '../landmark-pass.ts';
import { personOfPose } from '../parts.ts';
import type { Person } from '../person.ts';
import type { Hypothesis } from './hypotheses.ts';

/** Told before the first and after each step of a stage; `total` may grow on the way. */
export type OnStep = (stage: AnalysisStage, done: number, total: number) => void;

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
  /** Those who were found, and are not wanted. */
  leftOut: ReadonlySet<Person>;
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

/** What is noted of a run of BlazePose. */
export function passOf(origin: Pass['origin'], pose: Pose, hypothesis: Hypothesis | undefined): Pass {
  const { region } = pose;
  if (!isPlausible(pose)) return { origin, region, pose, hypothesis, score: 0, outcome: 'implausible' };
  const { score } = personOfPose(pose);
  return { origin, region, pose, hypothesis, score, outcome: isSomeone(pose) ? 'person' : 'no-person' };
}
