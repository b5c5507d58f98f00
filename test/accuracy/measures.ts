/** Figures beyond the scorer's: the documented filter, the scores, head, boxes, time. */
import { boxIou } from '../../src/networks/geometry.ts';
import { BODY_PARTS } from '../../src/schema/body-parts.ts';
import type { BodyPart } from '../../src/schema/body-parts.ts';
import type { BodyAnalysisResult } from '../../src/schema/result.ts';
import { filterValidPersons, isValidPerson } from '../../src/schema/validity.ts';
import type { Photo } from './data.ts';
import { boxOf, countError, headLength, judgePeople } from './judge.ts';
import type { Judged } from './judge.ts';
import { calibrationError, mean } from './reliability.ts';
import type { Similarity } from './scorer.ts';

/** A photo with what the library made of it: nothing where it failed, which counts as nobody. */
export interface AnalysedPhoto {
  photo: Photo;
  answer?: { result: BodyAnalysisResult; ms: number };
}

/** The further figures; `null` where there was nothing to measure one on. */
export interface Measures {
  /** Photos that say how many people are in them. */
  countedPhotos: number;
  /** Share of those whose `person_num` is right after the documented filter. */
  countExact: number | null;
  /** Mean absolute error of `person_num` after the documented filter. */
  countError: number | null;
  truePeople: number;
  /** Share of true people that pass the documented filter. */
  truePassing: number | null;
  falsePeople: number;
  /** Share of false people that pass the documented filter. */
  falsePassing: number | null;
  /** Labelled points of true people. */
  keypoints: number;
  /** Expected calibration error of their scores. */
  calibrationError: number | null;
  /** Mean error in head lengths, over true people whose head is labelled from end to end. */
  neckError: number | null;
  /** Likewise. */
  topHeadError: number | null;
  /** True people in photos with COCO's boxes, which are drawn around the whole body. */
  boxes: number;
  /** Mean intersection over union of `location` with those. */
  boxIou: number | null;
  medianMs: number | null;
  p95Ms: number | null;
}

/** A keypoint counts as right this near to its label, in head lengths. */
const HIT = 0.35;

/** A keypoint of a true person against its label. */
export interface KeypointOutcome {
  part: BodyPart;
  /** Index of the person in the answer. */
  person: number;
  score: number;
  /** In head lengths. */
  error: number;
  hit: boolean;
  /**
   * Whether the head length is the labelled one: without both its ends
   * it is an estimate, good to tell hits by.
   */
  isMeasured: boolean;
}

/** The keypoints of true people that are labelled. */
export function keypointOutcomes(judged: readonly Judged[]): KeypointOutcome[] {
  return judged.flatMap(({ person, index, label }) => {
    if (!label) return [];
    const unit = headLength(label);
    const isMeasured = 'top_head' in label.keypoints && 'neck' in label.keypoints;
    return BODY_PARTS.flatMap((part) => {
      const truth = label.keypoints[part];
      if (!truth) return [];
      const { x, y, score } = person.body_parts[part];
      const error = Math.hypot(x - truth.x, y - truth.y) / unit;
      return [{ part, person: index, score, error, hit: error <= HIT, isMeasured }];
    });
  });
}

/** Works the further figures out. */
export function measure(analysed: readonly AnalysedPhoto[], similarity: Similarity): Measures {
  const photos = analysed.map(({ photo, answer }) => ({
    photo,
    ms: answer?.ms,
    valid: answer ? filterValidPersons(answer.result).person_num : 0,
    judged: judgePeople(photo, answer?.result.person_info ?? [], similarity),
  }));
  const people = photos.flatMap(({ judged }) => judged);
  const truePeople = people.filter(({ verdict }) => verdict === 'true');
  const falsePeople = people.filter(({ verdict }) => verdict === 'false');
  const counts = photos.flatMap(({ photo, valid }) => countError(photo, valid) ?? []);
  const keypoints = keypointOutcomes(people);
  const errorOf = (part: BodyPart) =>
    mean(keypoints.filter((point) => point.part === part && point.isMeasured).map(({ error }) => error));
  const ious = photos
    .filter(({ photo }) => photo.source.includes('coco'))
    .flatMap(({ judged }) => judged)
    .flatMap(({ person, label }) => (label ? boxIou(person.location, boxOf(label.box)) : []));
  const times = photos.flatMap(({ ms }) => ms ?? []).toSorted((a, b) => a - b);
  return {
    countedPhotos: counts.length,
    countExact: mean(counts.map((error) => (error === 0 ? 1 : 0))),
    countError: mean(counts.map((error) => Math.abs(error))),
    truePeople: truePeople.length,
    truePassing: passing(truePeople),
    falsePeople: falsePeople.length,
    falsePassing: passing(falsePeople),
    keypoints: keypoints.length,
    calibrationError: calibrationError(keypoints),
    neckError: errorOf('neck'),
    topHeadError: errorOf('top_head'),
    boxes: ious.length,
    boxIou: mean(ious),
    medianMs: medianOf(times),
    p95Ms: times[Math.min(times.length - 1, Math.floor(0.95 * times.length))] ?? null,
  };
}

function passing(people: readonly Judged[]): number | null {
  return mean(people.map(({ person }) => (isValidPerson(person) ? 1 : 0)));
}

function medianOf(sorted: readonly number[]): number | null {
  const below = sorted[Math.floor((sorted.length - 1) / 2)];
  const above = sorted[Math.floor(sorted.length / 2)];
  return below === undefined || above === undefined ? null : (below + above) / 2;
}
