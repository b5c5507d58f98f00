import type { LandmarkModel } from '../schema/loading.ts';
import { sigmoid } from '../networks/geometry.ts';
import type { PersonEvidence } from './person.ts';

/*
 * From what the models give to probabilities. The coefficients were fitted on annotated photographs;
 * `npm run accuracy -- calibrate` prints how well they fit, and fits them anew.
 */

/** As far as scores go. */
interface Seen {
  score: number;
  seenBy: PersonEvidence;
}

/**
 * Of σ(peak · heatmap peak + score · person score + bias): the probability that a keypoint lies within .35
 * head lengths of where annotators put it. Of BlazePose alone they lie between the fit to people whose pose
 * is right (OKS from .5) and that to all people found, with an expected calibration error of .06 at most; of
 * both networks they are right on people whose pose is right to .04, whatever model and quality, and a peak
 * of nothing is less than the .2 of the documented filter.
 */
export const KEYPOINT_COEFFICIENTS = {
  blazepose: { peak: 7, score: 0.5, bias: -3.7 },
  both: { peak: 5.5, score: 0, bias: -1.4 },
} as const satisfies Record<PersonEvidence, object>;

/** The box score at which the documented filter cuts. */
const VALID_BOX_SCORE = 0.03;

/**
 * The score of someone whom BlazePose alone has seen that the documented filter's box score stands
 * for. Over it lie about 95 of 100 people that annotators know as well, and few others; the smaller
 * models are less sure of the same people.
 */
export const VALID_LANDMARK_SCORE: Readonly<Record<LandmarkModel, number>> = {
  lite: 0.41,
  full: 0.4,
  heavy: 0.5,
};
/**
 * How fast the box score rises with it: .07 over the threshold people are as likely as not, .15 over it sure.
 */
const LANDMARK_SLOPE = 50;

/**
 * The same of someone whom both networks have seen, a product of probabilities, with every model: 97 of 100
 * people are over it, and somebody in 3 to 5 of 349 pictures of things, animals and empty places.
 */
export const VALID_PERSON_SCORE = 0.0145;
/**
 * How fast the box score rises with its logarithm: at twice the threshold people
 * are as likely as not, at four times sure.
 */
const PERSON_SLOPE = 3.8;
/** See {@link PERSON_SLOPE}. */
const SURE_PERSON_SCORE = 4 * VALID_PERSON_SCORE;

/**
 * What a keypoint beyond the picture's edge loses, as it were, of its evidence: `slope` for each head length
 * beyond the first `free` ones, within which it may as well lie at the edge. The models are sure of where a
 * body goes on, and the answer has to put such points on the edge, where nothing is. A third of a head length
 * out, the surest score less than the .2 of the documented filter.
 */
const BEYOND_EDGE = { free: 0.05, slope: 20 };

/**
 * The probability that a keypoint is right.
 * @param beyond how far outside the picture it was found, in head lengths; 0 inside
 */
export function keypointScore(peak: number, { score, seenBy }: Seen, beyond = 0): number {
  const { peak: byPeak, score: byScore, bias } = KEYPOINT_COEFFICIENTS[seenBy];
  const outside = BEYOND_EDGE.slope * Math.max(0, beyond - BEYOND_EDGE.free);
  return sigmoid(byPeak * peak + byScore * score + bias - outside);
}

/** The score of a person's box, 1 for a person score of 1. */
export function locationScore({ score, seenBy }: Seen, model: LandmarkModel): number {
  const valid = Math.log(VALID_BOX_SCORE / (1 - VALID_BOX_SCORE));
  const curve = (s: number) =>
    seenBy === 'both'
      ? sigmoid(PERSON_SLOPE * Math.log(s / VALID_PERSON_SCORE) + valid)
      : sigmoid(LANDMARK_SLOPE * (s - VALID_LANDMARK_SCORE[model]) + valid);
  return curve(score) / curve(1);
}

/**
 * The peak that {@link keypointScore} makes that probability of: what another network says is then the
 * answer's.
 */
export function peakFor(probability: number, { score, seenBy }: Seen): number {
  const { peak: byPeak, score: byScore, bias } = KEYPOINT_COEFFICIENTS[seenBy];
  return (logit(probability) - byScore * score - bias) / byPeak;
}

/** The score of someone `seenBy` both networks that {@link locationScore} makes that probability of. */
export function scoreFor(probability: number): number {
  const valid = logit(VALID_BOX_SCORE);
  const most = sigmoid(PERSON_SLOPE * Math.log(1 / VALID_PERSON_SCORE) + valid);
  return VALID_PERSON_SCORE * Math.exp((logit(probability * most) - valid) / PERSON_SLOPE);
}

/** Of probabilities that are no more sure than a millionth, as far as an answer tells them apart. */
function logit(probability: number): number {
  const p = Math.min(1 - 1e-7, Math.max(1e-7, probability));
  return Math.log(p / (1 - p));
}

/** Whether somebody whom both networks have seen is sure to be a person. */
export function isSure({ score }: Seen): boolean {
  return score >= SURE_PERSON_SCORE;
}
