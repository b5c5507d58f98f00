/**
 * What the scores could be: keypoint scores as probabilities, person
 * scores as a line between people and others.
 */
import type { PersonEvidence } from '../../src/pipeline/person.ts';
import { isValidPerson } from '../../src/schema/validity.ts';
import { countError, judgePeople } from './judge.ts';
import type { Judged } from './judge.ts';
import { fitLogistic, probability } from './logistic.ts';
import { keypointOutcomes } from './measures.ts';
import type { AnalysedPhoto, KeypointOutcome } from './measures.ts';
import { mean } from './reliability.ts';
import type { Outcome } from './reliability.ts';
import type { Similarity } from './scorer.ts';

/** Of σ(peak · heatmap peak + score · person score + bias). */
export interface Coefficients {
  peak: number;
  score: number;
  bias: number;
}

/** A person with the score before it becomes `location.score`. */
export interface RankedPerson extends Judged {
  raw: number;
  /** Whose points they are: what the scores mean depends on it. */
  seenBy: PersonEvidence;
}

/** A photo whose answer tells the raw scores. */
export interface RankedPhoto {
  photo: AnalysedPhoto['photo'];
  people: RankedPerson[];
}

/** A labelled keypoint with what its score was made of. */
export interface PeakOutcome extends KeypointOutcome {
  peak: number;
  raw: number;
}

/**
 * The judged people with their raw scores.
 * @throws Error where an answer does not tell them: the library must be asked with `debug`
 */
export function rankPeople({ photo, answer }: AnalysedPhoto, similarity: Similarity): RankedPhoto {
  const judged = judgePeople(photo, answer?.result.person_info ?? [], similarity);
  const people = judged.map((one) => {
    const { score: raw, networks } = answer?.result.debug?.persons[one.index] ?? {};
    if (raw === undefined || !networks) {
      throw new Error('The answers tell no person scores: dist/ is older than the source, npm run build.');
    }
    return { ...one, raw, seenBy: networks.length > 1 ? 'both' : 'blazepose' } as const;
  });
  return { photo, people };
}

/** The photo with only the people whose points are of those networks. */
export function onlySeenBy({ photo, people }: RankedPhoto, evidence: PersonEvidence): RankedPhoto {
  return { photo, people: people.filter(({ seenBy }) => seenBy === evidence) };
}

/** The heatmap peak of a keypoint, from its score. */
export function recoverPeak(score: number, raw: number, made: Coefficients): number {
  return (Math.log(score / (1 - score)) - made.score * raw - made.bias) / made.peak;
}

/** A photo's labelled keypoints with their peaks, as `made` tells them. */
export function peakOutcomes({ people }: RankedPhoto, made: Coefficients): PeakOutcome[] {
  const rawOf = new Map(people.map(({ index, raw }) => [index, raw]));
  return keypointOutcomes(people).map((outcome) => {
    const raw = rawOf.get(outcome.person) ?? 0;
    return { ...outcome, raw, peak: recoverPeak(outcome.score, raw, made) };
  });
}

/** The keypoints with the scores that coefficients give them. */
export function rescored(outcomes: readonly PeakOutcome[], { peak, score, bias }: Coefficients): Outcome[] {
  return outcomes.map((outcome) => ({
    score: probability([peak, score, bias], [outcome.peak, outcome.raw, 1]),
    hit: outcome.hit,
  }));
}

/** The coefficients under which the hits are likeliest. */
export function fitCoefficients(outcomes: readonly PeakOutcome[]): Coefficients {
  const [peak = 0, score = 0, bias = 0] = fitLogistic(
    outcomes.map((outcome) => ({ features: [outcome.peak, outcome.raw, 1], hit: outcome.hit })),
  );
  return { peak, score, bias };
}

/** Each photo's keypoints with scores fitted on photos of the other folds. */
export function crossValidated(photos: readonly (readonly PeakOutcome[])[], folds = 5): Outcome[] {
  return Array.from({ length: folds }, (_, fold) => {
    const isHeldOut = (index: number) => index % folds === fold;
    const heldOut = photos.filter((_outcomes, index) => isHeldOut(index)).flat();
    return rescored(heldOut, fitCoefficients(photos.filter((_outcomes, index) => !isHeldOut(index)).flat()));
  }).flat();
}

/** The mean of −log of the probability given to what happened: lower is better. */
export function logLoss(outcomes: readonly Outcome[]): number | null {
  return mean(outcomes.map(({ score, hit }) => -Math.log(Math.max(hit ? score : 1 - score, 1e-12))));
}

/** How often a true person scores higher than a false one: area under the ROC curve. */
export function areaUnderCurve(trueScores: readonly number[], falseScores: readonly number[]): number | null {
  return mean(trueScores.flatMap((yes) => falseScores.map((no) => (yes === no ? 0.5 : yes > no ? 1 : 0))));
}

/** What a threshold of the raw score would do. */
export interface ThresholdRow {
  threshold: number;
  /** Share of the false people over it. */
  falseOver: number | null;
  /** Share of the true people over it. */
  trueOver: number | null;
  /**
   * Share of photos with the right number of people, by the documented
   * filter with this in place of its box score.
   */
  countExact: number | null;
  /** Mean absolute error of that number. */
  countError: number | null;
}

/** What each of the thresholds would do. */
export function thresholdRows(photos: readonly RankedPhoto[], thresholds: readonly number[]): ThresholdRow[] {
  const people = photos.flatMap((photo) => photo.people);
  return thresholds.map((threshold) => {
    const over = (verdict: Judged['verdict']) =>
      mean(people.filter((one) => one.verdict === verdict).map(({ raw }) => (raw > threshold ? 1 : 0)));
    const errors = photos.flatMap((photo) => {
      const counted = photo.people.filter(
        ({ raw, person }) => raw > threshold && isValidPerson(person, { boxScore: -1 }),
      );
      return countError(photo.photo, counted.length) ?? [];
    });
    return {
      threshold,
      falseOver: over('false'),
      trueOver: over('true'),
      countExact: mean(errors.map((error) => (error === 0 ? 1 : 0))),
      countError: mean(errors.map((error) => Math.abs(error))),
    };
  });
}

/** Where a rising curve over 0 … 1 reaches a value. */
export function reaches(curve: (x: number) => number, value: number): number {
  let [low, high] = [0, 1];
  while (high - low > 1e-6) {
    const middle = (low + high) / 2;
    if (curve(middle) < value) low = middle;
    else high = middle;
  }
  return high;
}
