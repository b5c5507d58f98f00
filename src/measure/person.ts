import type { BodyPart } from '../schema/body-parts.ts';
import { BodyAnalysisError } from '../schema/errors.ts';
import type { PersonInfo } from '../schema/result.ts';
import { DEFAULT_VALIDITY } from '../schema/validity.ts';

/** Who can be measured: anyone of an answer, to a photo or to a frame. */
export type MeasurablePerson = Pick<PersonInfo, 'body_parts' | 'extras'>;

/** A number of a person; `undefined` where the points that it hangs on are not sure enough. */
export type Measure = (person: MeasurablePerson) => number | undefined;

/** Which points count. */
export interface MeasureOptions {
  /**
   * Points with a score of this or less, `0 … 1`, are not measured by. Default .2,
   * as in the documented filter.
   */
  keypointScore?: number | undefined;
}

/** A place in the picture, in pixels, and how sure it is. */
export interface Point {
  x: number;
  y: number;
  /** `0 … 1`. */
  score: number;
}

/**
 * The score that a point has to exceed.
 * @throws BodyAnalysisError `invalid-option` for one that no point can have
 */
export function leastScore({ keypointScore = DEFAULT_VALIDITY.keypointScore }: MeasureOptions): number {
  if (keypointScore >= 0 && keypointScore <= 1) return keypointScore;
  throw invalidOption(`keypointScore must be between 0 and 1; ${keypointScore} is not.`);
}

/** What to throw for an option that has a value it cannot have. */
export function invalidOption(message: string): BodyAnalysisError {
  return new BodyAnalysisError('invalid-option', message);
}

/** The middle of two body parts, as sure as the less sure one. */
export function middleOf({ body_parts }: MeasurablePerson, one: BodyPart, other: BodyPart): Point {
  const [a, b] = [body_parts[one], body_parts[other]];
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, score: Math.min(a.score, b.score) };
}
