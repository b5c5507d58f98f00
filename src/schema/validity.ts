import { BODY_PARTS } from './body-parts.ts';
import type { BodyAnalysisResult, PersonInfo } from './result.ts';

/** Thresholds of the documented filter for false people. Each score must be *over* its threshold. */
export interface ValidityThresholds {
  /** A person needs more than this many sure keypoints. Default 3. */
  minKeypoints?: number;
  /** A keypoint is sure when its score is over this, `0 … 1`. Default 0.2. */
  keypointScore?: number;
  /** The box's score must be over this, `0 … 1`. Default 0.03; the API's page advises 0.05 or more where false people hurt more. */
  boxScore?: number;
}

/** The cloud API's recommended thresholds, from its documentation. */
export const DEFAULT_VALIDITY: Readonly<Required<ValidityThresholds>> = /* #__PURE__ */ Object.freeze({
  minKeypoints: 3,
  keypointScore: 0.2,
  boxScore: 0.03,
});

/**
 * Whether a person passes the documented filter: enough sure keypoints, and a sure enough box.
 * @param thresholds in place of the documented ones, each by itself
 */
export function isValidPerson(person: PersonInfo, thresholds: ValidityThresholds = {}): boolean {
  const { minKeypoints, keypointScore, boxScore } = { ...DEFAULT_VALIDITY, ...thresholds };
  if (!(person.location.score > boxScore)) return false;
  const sure = BODY_PARTS.filter((part) => person.body_parts[part].score > keypointScore).length;
  return sure > minKeypoints;
}

/**
 * A new result with the valid people only and `person_num` to match; the one given is left as it is.
 * @param thresholds in place of the documented ones, each by itself
 */
export function filterValidPersons(
  result: BodyAnalysisResult,
  thresholds: ValidityThresholds = {},
): BodyAnalysisResult {
  const person_info = result.person_info.filter((person) => isValidPerson(person, thresholds));
  return { ...result, person_num: person_info.length, person_info };
}
