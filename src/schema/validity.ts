import { BODY_PARTS } from './body-parts.ts';
import { withDefaults } from './defaults.ts';
import type { Defaults } from './defaults.ts';
import { BodyAnalysisError } from './errors.ts';
import type { BodyAnalysisResult, PersonInfo } from './result.ts';
import { frozen } from './frozen.ts';

/** Thresholds of the documented filter for false people, each of which must be *exceeded*. */
export interface ValidityThresholds {
  /** A person needs more sure keypoints than this: with 3, at least four. Default 3. */
  moreThanKeypoints?: number | undefined;
  /** A keypoint is sure when its score is over this, `0 … 1`. Default 0.2. */
  keypointScore?: number | undefined;
  /**
   * The box's score must be over this, `0 … 1`. Default 0.03; the API's page advises
   * 0.05 or more where false people hurt more.
   */
  boxScore?: number | undefined;
}

/** The cloud API's recommended thresholds, from its documentation. */
export const DEFAULT_VALIDITY: Defaults<ValidityThresholds> = /* #__PURE__ */ frozen({
  moreThanKeypoints: 3,
  keypointScore: 0.2,
  boxScore: 0.03,
});

/**
 * Whether a person passes the documented filter: enough sure keypoints, and a sure enough box.
 * @param thresholds in place of the documented ones, each by itself
 * @throws BodyAnalysisError `invalid-option` for a threshold that there is not
 */
export function isValidPerson(person: PersonInfo, thresholds: ValidityThresholds = {}): boolean {
  checkNames(thresholds);
  const { moreThanKeypoints, keypointScore, boxScore } = withDefaults(DEFAULT_VALIDITY, thresholds);
  if (!(person.location.score > boxScore)) return false;
  const sure = BODY_PARTS.filter((part) => person.body_parts[part].score > keypointScore).length;
  return sure > moreThanKeypoints;
}

/**
 * A new result of the same kind with the valid people only and `person_num` to
 * match; the one given is left as it is.
 * @param thresholds in place of the documented ones, each by itself
 * @throws BodyAnalysisError `invalid-option` for a threshold that there is not
 */
export function filterValidPersons<Result extends BodyAnalysisResult>(
  result: Result,
  thresholds: ValidityThresholds = {},
): Result {
  checkNames(thresholds);
  const person_info = result.person_info.filter((person) => isValidPerson(person, thresholds));
  return { ...result, person_num: person_info.length, person_info };
}

/** A threshold of another name would be left out of account without a word. */
function checkNames(thresholds: ValidityThresholds | null): void {
  const unknown = Object.keys(thresholds ?? {}).find((name) => !(name in DEFAULT_VALIDITY));
  if (unknown === undefined) return;
  throw new BodyAnalysisError(
    'invalid-option',
    `thresholds must be of ${Object.keys(DEFAULT_VALIDITY).join(', ')}; ${unknown} is not.`,
  );
}
