import { describe, expect, test } from 'vitest';
import { BODY_PARTS } from '../../src/schema/body-parts.ts';
import type { BodyPart } from '../../src/schema/body-parts.ts';
import type { BodyAnalysisResult, PersonInfo } from '../../src/schema/result.ts';
import { findFalls, mismatch, updatedBaseline } from '../accuracy/baseline.ts';
import type { Baseline } from '../accuracy/baseline.ts';
import {
  areaUnderCurve,
  crossValidated,
  fitCoefficients,
  logLoss,
  peakOutcomes,
  rankPeople,
  reaches,
  recoverPeak,
  rescored,
  thresholdRows,
} from '../accuracy/calibration.ts';
import type { PeakOutcome } from '../accuracy/calibration.ts';
import type { LabelledPerson, Photo } from '../accuracy/data.ts';
import { countError, hasSomeonesBox, headLength, judgePeople } from '../accuracy/judge.ts';
import { fitLogistic, probability } from '../accuracy/logistic.ts';
import { keypointOutcomes, measure } from '../accuracy/measures.ts';
import type { AnalysedPhoto } from '../accuracy/measures.ts';
import {
  combinationsOf,
  combinationsToMeasure,
  nameOf,
  narrow,
  readLimit,
  UsageError,
} from '../accuracy/options.ts';
import { calibrationError, reliability } from '../accuracy/reliability.ts';
import { columns, furtherReport, runTable } from '../accuracy/report.ts';

/** A person all of whose parts lie at one place, in a box of 20 × 40 around it. */
function person(
  x: number,
  boxScore: number,
  { partScore = 0.9, parts = {} }: { partScore?: number; parts?: Partial<PersonInfo['body_parts']> } = {},
): PersonInfo {
  const all = BODY_PARTS.map((part) => [part, parts[part] ?? { x, y: 50, score: partScore }]);
  return {
    body_parts: Object.fromEntries(all),
    location: { left: x - 10, top: 30, width: 20, height: 40, score: boxScore },
  };
}

/** Someone labelled there, with a head of 10 pixels: crown above, neck below. */
function label(x: number, more: Partial<LabelledPerson> = {}): LabelledPerson {
  return {
    box: [x - 10, 30, 20, 40],
    area: 800,
    keypoints: { top_head: { x, y: 45 }, neck: { x, y: 55 }, nose: { x, y: 50 } },
    ...more,
  };
}

function photo(persons: LabelledPerson[], more: Partial<Photo> = {}): Photo {
  return { id: 'p', file: 'p.jpg', source: 'some', tags: [], exhaustive: true, persons, ...more };
}

function answer(person_info: PersonInfo[], debugScores?: number[]): BodyAnalysisResult {
  return {
    person_num: person_info.length,
    person_info,
    log_id: '1',
    ...(debugScores
      ? {
          debug: {
            squares: [],
            regions: [],
            persons: debugScores.map((score, index) => ({
              score,
              passes: 1,
              networks: index % 2 === 0 ? ['movenet', 'blazepose'] : ['blazepose'],
            })),
            stages: [],
          },
        }
      : {}),
  };
}

/** Similarity in this file: 1 less a tenth for each pixel between the noses. */
const similarity = (labelled: LabelledPerson, { body_parts }: PersonInfo) =>
  Math.max(0, 1 - Math.abs((labelled.keypoints['nose']?.x ?? 0) - body_parts.nose.x) / 10);

const verdicts = (of: Photo, people: PersonInfo[]) =>
  judgePeople(of, people, similarity).map(({ verdict }) => verdict);

describe('people are judged', () => {
  test('as true where a label is like them, each label once, the surest first', () => {
    const [left, right] = [label(100), label(200)];
    const judged = judgePeople(
      photo([left, right]),
      [person(101, 0.5), person(100, 0.4), person(199, 0.9), person(300, 0.8)],
      similarity,
    );
    expect(judged.map(({ index, verdict }) => [index, verdict])).toEqual([
      [0, 'true'],
      [1, 'false'],
      [2, 'true'],
      [3, 'false'],
    ]);
    expect(judged[0]?.label).toBe(left);
    expect(judged[2]?.label).toBe(right);
  });

  test('as true from a similarity of .5 on', () => {
    expect(verdicts(photo([label(100)]), [person(105, 1)])).toEqual(['true']);
    expect(verdicts(photo([label(100)]), [person(106, 1)])).toEqual(['false']);
  });

  test('not at all where not everyone is labelled', () => {
    const people = [person(100, 1), person(300, 1)];
    expect(verdicts(photo([label(100)], { exhaustive: false }), people)).toEqual(['true', 'unknown']);
    expect(verdicts(photo([label(100)], { tags: ['face'] }), people)).toEqual(['unknown', 'unknown']);
  });

  test('not at all in regions to be ignored', () => {
    const there = [person(300, 1)];
    // The person's box is 290 … 310: half of it is inside from 300 on.
    expect(verdicts(photo([], { ignore: [[300, 0, 50, 100]] }), there)).toEqual(['unknown']);
    expect(verdicts(photo([], { ignore: [[301, 0, 50, 100]] }), there)).toEqual(['false']);
    expect(verdicts(photo([label(300, { ignored: true })]), there)).toEqual(['unknown']);
    expect(verdicts(photo([label(300, { iscrowd: true })]), there)).toEqual(['unknown']);
    const triangle: [number, number][] = [
      [280, 0],
      [320, 0],
      [300, 60],
    ];
    expect(verdicts(photo([], { ignore_polygons: [triangle] }), there)).toEqual(['unknown']);
    expect(verdicts(photo([], { ignore_polygons: [triangle] }), [person(310, 1)])).toEqual(['false']);
  });

  test('as someone’s by the boxes, however the parts lie', () => {
    // 8 of 20 pixels aside: 12 / 28 of the union are common; 9 aside: 11 / 29.
    expect(hasSomeonesBox(photo([label(100)]), person(108, 1))).toBe(true);
    expect(hasSomeonesBox(photo([label(100)]), person(109, 1))).toBe(false);
  });

  test('and counted', () => {
    const two = photo([label(100), label(200)]);
    expect([1, 2, 3].map((people) => countError(two, people))).toEqual([-1, 0, 1]);
    const orThree = photo([...two.persons, label(300, { ignored: true })]);
    expect([1, 2, 3, 4].map((people) => countError(orThree, people))).toEqual([-1, 0, 0, 1]);
    const orMore = photo(two.persons, { ignore: [[0, 0, 9, 9]] });
    expect([1, 9].map((people) => countError(orMore, people))).toEqual([-1, 0]);
    expect(countError(photo([], { exhaustive: false }), 1)).toBeUndefined();
    expect(countError(photo([label(1, { face_only: true })], { tags: ['face'] }), 1)).toBeUndefined();
  });
});

test('a head’s length is labelled, or estimated from what is', () => {
  const at = (x: number) => ({ x, y: 0 });
  const length = (keypoints: LabelledPerson['keypoints']) => headLength({ ...label(0), keypoints });
  expect(headLength(label(7))).toBe(10);
  expect(length({ left_eye: at(10), right_eye: at(0) })).toBe(44);
  expect(length({ left_ear: at(10), right_ear: at(0) })).toBe(20);
  expect(length({ left_shoulder: at(10), right_shoulder: at(0), neck: at(5) })).toBe(8);
  expect(length({ nose: at(1) })).toBeCloseTo(0.16 * 40);
});

describe('the further figures', () => {
  /**
   * Two people, of whom one is found in full and one with too few sure
   * keypoints; and a false one that passes.
   */
  const twoOfTwo: AnalysedPhoto = {
    photo: photo([label(100), label(200)], { source: 'coco_val' }),
    answer: {
      result: answer([person(100, 0.9), person(200, 0.8, { partScore: 0.1 }), person(300, 0.04)]),
      ms: 400,
    },
  };
  /** One person, two pixels to the right of where someone is, and nobody else. */
  const beside: AnalysedPhoto = {
    photo: photo([label(100)]),
    answer: { result: answer([person(102, 0.9)]), ms: 100 },
  };
  /** Nobody there, and a false person who does not pass. */
  const empty: AnalysedPhoto = {
    photo: photo([]),
    answer: { result: answer([person(100, 0.02)]), ms: 200 },
  };
  /** Failed: counts as if nobody were found. */
  const failed: AnalysedPhoto = { photo: photo([label(100)]) };

  test('are worked out', () => {
    const figures = measure([twoOfTwo, beside, empty, failed], similarity);
    expect(figures).toMatchObject({
      countedPhotos: 4,
      countExact: 3 / 4, // two, one and none; the failed one has one too few
      countError: 1 / 4,
      truePeople: 3,
      truePassing: 2 / 3,
      falsePeople: 2,
      falsePassing: 1 / 2,
      keypoints: 9,
      boxes: 2,
      boxIou: 1,
      medianMs: 200,
      p95Ms: 400,
    });
    // Crown and neck are 5 pixels, half a head, off where all parts lie at the nose; with 2 to the right √29.
    const far = (0.5 + 0.5 + Math.hypot(2, 5) / 10) / 3;
    expect(figures.neckError).toBeCloseTo(far);
    expect(figures.topHeadError).toBeCloseTo(far);
    // Noses are hits, crowns and necks misses: of 3 scores of .1 one hit, of 6 of .9 two.
    const gap = (3 * Math.abs(0.1 - 1 / 3) + 6 * Math.abs(0.9 - 2 / 6)) / 9;
    expect(figures.calibrationError).toBeCloseTo(gap);
  });

  test('take errors of neck and crown only where the head is labelled from end to end', () => {
    const { top_head, ...rest } = label(100).keypoints;
    expect(top_head).toBeDefined();
    const half = { ...label(100), keypoints: rest };
    const found = { result: answer([person(100, 0.9)]), ms: 1 };
    const figures = measure([{ photo: photo([half]), answer: found }], similarity);
    expect(figures.truePeople).toBe(1);
    expect(figures.neckError).toBeNull();
  });

  test('are null where there is nothing to measure', () => {
    const figures = measure([{ photo: photo([], { exhaustive: false }) }], similarity);
    for (const [name, value] of Object.entries(figures)) {
      expect([name, value]).toEqual([
        name,
        ['countedPhotos', 'truePeople', 'falsePeople', 'keypoints', 'boxes'].includes(name) ? 0 : null,
      ]);
    }
    expect(furtherReport(figures)).toContain('exact -, mean error -');
  });

  test('have hits within .35 head lengths', () => {
    const parts = { nose: { x: 103.5, y: 50, score: 0.7 }, neck: { x: 103.6, y: 55, score: 0.6 } };
    const judged = judgePeople(photo([label(100)]), [person(100, 1, { parts })], similarity);
    const outcomes = keypointOutcomes(judged);
    const of = (part: BodyPart) => outcomes.find((outcome) => outcome.part === part);
    expect(of('nose')).toMatchObject({ person: 0, score: 0.7, hit: true });
    expect(of('neck')).toMatchObject({ score: 0.6, hit: false });
    expect(of('neck')?.error).toBeCloseTo(0.36);
  });

  test('make a table', () => {
    expect(
      columns([
        ['a', 'long'],
        ['bcd', '1'],
      ]),
    ).toBe('a    long\nbcd     1');
    const further = measure([twoOfTwo], similarity);
    const score = { AP: 0.4321, AP50: 0.6, pck20: null, found: 1 };
    const lines = runTable([{ quality: 'fast', model: 'lite', score, further }]).split('\n');
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
      ['quality/model', 'AP', 'AP50', 'PCK@.2', 'found', 'exact', 'MAE', 'ECE', 'box IoU', 'median s'],
      ['fast/lite', '0.432', '0.600', '-', '1.000', '1.000', '0.000', '0.400', '1.000', '0.40'],
    ]);
  });
});

describe('reliability', () => {
  const outcomes = [
    { score: 0, hit: false },
    { score: 0.05, hit: true },
    { score: 0.1, hit: false },
    { score: 1, hit: true },
  ];

  test('is told bin by bin, 1 in the last', () => {
    const bins = reliability(outcomes);
    expect(bins.map(({ count }) => count)).toEqual([2, 1, 0, 0, 0, 0, 0, 0, 0, 1]);
    expect(bins[0]).toEqual({ from: 0, to: 0.1, count: 2, score: 0.025, hits: 0.5 });
    expect(bins[2]).toMatchObject({ score: null, hits: null });
  });

  test('is the mean gap, weighed by the bins’ counts', () => {
    expect(calibrationError(outcomes)).toBeCloseTo((2 * 0.475 + 0.1 + 0) / 4);
    expect(calibrationError([])).toBeNull();
  });
});

describe('the baseline', () => {
  const baseline: Baseline = { photos: 74, truth: 'abc', ap: { 'balanced/full': 0.43, 'fast/full': 0.4 } };

  test('names what has fallen by more than .02', () => {
    expect(findFalls(baseline, { 'balanced/full': 0.41, 'fast/full': 0.45 })).toEqual([]);
    expect(findFalls(baseline, { 'balanced/full': 0.4099, 'best/heavy': 0.1 })).toEqual([
      { combination: 'balanced/full', was: 0.43, is: 0.4099 },
    ]);
  });

  test('applies to its own photos only', () => {
    expect(mismatch(baseline, { photos: 74, truth: 'abc' })).toBeUndefined();
    expect(mismatch(baseline, { photos: 6, truth: 'abc' })).toContain('74 photos');
    expect(mismatch(baseline, { photos: 74, truth: 'def' })).toContain('another gt.json');
  });

  test('is updated for the combinations that were run', () => {
    const ap = { 'best/full': 0.512345, 'fast/full': 0.39 };
    expect(updatedBaseline(baseline, { photos: 74, truth: 'abc' }, ap)).toEqual({
      photos: 74,
      truth: 'abc',
      ap: { 'balanced/full': 0.43, 'best/full': 0.5123, 'fast/full': 0.39 },
    });
    expect(updatedBaseline(baseline, { photos: 9, truth: 'def' }, { 'fast/lite': 0.3 })).toEqual({
      photos: 9,
      truth: 'def',
      ap: { 'fast/lite': 0.3 },
    });
  });
});

describe('options', () => {
  test('combine qualities and models', () => {
    const names = (quality: string, model: string) => combinationsOf(quality, model).map(nameOf);
    expect(names('fast', 'full')).toEqual(['fast/full']);
    expect(names('best,fast', 'lite,heavy')).toEqual(['fast/lite', 'fast/heavy', 'best/lite', 'best/heavy']);
    expect(names('all', 'all')).toHaveLength(9);
    const measured = (quality?: string, model?: string) => combinationsToMeasure(quality, model).map(nameOf);
    expect(measured()).toEqual(['balanced/lite']);
    expect(measured(undefined, 'lite')).toEqual(['balanced/lite']);
    expect(measured('all')).toEqual(['fast/lite', 'balanced/lite', 'best/heavy']);
    expect(measured('best', 'full')).toEqual(['best/full']);
    expect(() => combinationsOf('fast,', 'full')).toThrow(UsageError);
    expect(() => combinationsOf('fast', 'huge')).toThrow('There is no model huge');
  });

  test('narrow the baseline', () => {
    const kept = ['fast/lite', 'balanced/full', 'best/full'];
    expect(narrow(kept).map(nameOf)).toEqual(kept);
    expect(narrow(kept, 'all', 'full').map(nameOf)).toEqual(['balanced/full', 'best/full']);
    expect(narrow(kept, 'best', 'lite')).toEqual([]);
  });

  test('limit the photos', () => {
    expect(readLimit(undefined)).toBe(Infinity);
    expect(readLimit('12')).toBe(12);
    for (const bad of ['0', '-1', '1.5', 'x', '']) expect(() => readLimit(bad)).toThrow(UsageError);
  });
});

/** Numbers from 0 to 1, the same ones every time: mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What makes hits in the tests below. */
const TRUTH = { peak: 5, score: 3, bias: -4.5 };

/** Keypoints of people whose hits are drawn by {@link TRUTH}. */
function drawOutcomes(count: number, random: () => number): PeakOutcome[] {
  return Array.from({ length: count }, (_, index) => {
    const [peak, raw] = [random(), random()];
    const score = probability([TRUTH.peak, TRUTH.score, TRUTH.bias], [peak, raw, 1]);
    return {
      part: 'nose',
      person: index,
      score,
      error: 0,
      peak,
      raw,
      hit: random() < score,
      isMeasured: true,
    };
  });
}

describe('a logistic fit', () => {
  test('finds the coefficients that made the hits', () => {
    const fitted = fitCoefficients(drawOutcomes(20_000, randomFrom(1)));
    expect(Math.abs(fitted.peak - TRUTH.peak)).toBeLessThan(0.3);
    expect(Math.abs(fitted.score - TRUTH.score)).toBeLessThan(0.3);
    expect(Math.abs(fitted.bias - TRUTH.bias)).toBeLessThan(0.3);
  });

  test('of a constant alone is the share’s log odds', () => {
    const trials = [true, true, true, false].map((hit) => ({ features: [1], hit }));
    expect(fitLogistic(trials)[0]).toBeCloseTo(Math.log(3), 4);
  });

  test('of a yes or no is the log odds of each', () => {
    const trials = [
      ...[true, true, true, false].map((hit) => ({ features: [1, 1], hit })),
      ...[true, false, false, false, false].map((hit) => ({ features: [0, 1], hit })),
    ];
    const [more, base] = fitLogistic(trials);
    expect(base).toBeCloseTo(Math.log(1 / 4), 4);
    expect(more).toBeCloseTo(Math.log(3) - Math.log(1 / 4), 4);
  });

  test('needs trials', () => {
    expect(() => fitLogistic([])).toThrow(RangeError);
  });

  test('is as good on photos it has not seen', () => {
    const random = randomFrom(2);
    const photos = Array.from({ length: 50 }, () => drawOutcomes(100, random));
    const unseen = crossValidated(photos);
    expect(unseen).toHaveLength(5000);
    expect(calibrationError(unseen)).toBeLessThan(0.03);
    const wrong = { peak: 1, score: 0, bias: 0 };
    expect(calibrationError(rescored(photos.flat(), wrong))).toBeGreaterThan(0.1);
    expect(logLoss(unseen)).toBeLessThan(logLoss(rescored(photos.flat(), wrong)) ?? 0);
  });

  test('is not made on the photos it is tried on', () => {
    // Where every fifth photo is all misses, a fit that had seen them would not give them the others' scores.
    const random = randomFrom(3);
    const photos = Array.from({ length: 10 }, (_, index) =>
      drawOutcomes(200, random).map((one) => (index % 5 === 0 ? { ...one, hit: false } : one)),
    );
    const others = photos.filter((_, index) => index % 5 !== 0).flat();
    const heldOut = photos.filter((_, index) => index % 5 === 0).flat();
    expect(crossValidated(photos).slice(0, 400)).toEqual(rescored(heldOut, fitCoefficients(others)));
  });
});

describe('person scores', () => {
  const made = { peak: 6, score: 4, bias: -6 };

  test('and keypoint scores give the peaks back', () => {
    const score = probability([made.peak, made.score, made.bias], [0.7, 0.55, 1]);
    expect(recoverPeak(score, 0.55, made)).toBeCloseTo(0.7);
  });

  test('come from the debug block', () => {
    const result = answer([person(100, 0.9), person(300, 0.1)], [0.7, 0.4]);
    const ranked = rankPeople({ photo: photo([label(100)]), answer: { result, ms: 1 } }, similarity);
    expect(ranked.people.map(({ raw, verdict }) => [raw, verdict])).toEqual([
      [0.7, 'true'],
      [0.4, 'false'],
    ]);
    const outcomes = peakOutcomes(ranked, made);
    expect(outcomes).toHaveLength(3);
    // σ⁻¹(.9) = ln 9
    expect(outcomes[0]?.peak).toBeCloseTo((Math.log(9) - 4 * 0.7 + 6) / 6);
    const without = { result: answer([person(1, 1)]), ms: 1 };
    expect(() => rankPeople({ photo: photo([]), answer: without }, similarity)).toThrow('npm run build');
    expect(rankPeople({ photo: photo([]) }, similarity).people).toEqual([]);
  });

  test('tell true from false people', () => {
    expect(areaUnderCurve([0.9, 0.8], [0.1, 0.2])).toBe(1);
    expect(areaUnderCurve([0.9, 0.1], [0.5, 0.1])).toBe((1 + 1 + 0 + 0.5) / 4);
    expect(areaUnderCurve([], [0.1])).toBeNull();
  });

  test('as a threshold keep some and drop others', () => {
    const rank = (of: Photo, people: PersonInfo[], scores: number[]) =>
      rankPeople({ photo: of, answer: { result: answer(people, scores), ms: 1 } }, similarity);
    const photos = [
      rank(photo([label(100)]), [person(100, 0.9), person(300, 0.01)], [0.7, 0.4]),
      // True, but with too few sure keypoints to be counted.
      rank(photo([label(100)]), [person(100, 0.9, { partScore: 0.1 })], [0.6]),
      rank(photo([]), [person(100, 0.01)], [0.5]),
    ];
    expect(thresholdRows(photos, [0.3, 0.45, 0.65])).toEqual([
      { threshold: 0.3, falseOver: 1, trueOver: 1, countExact: 0, countError: 1 },
      { threshold: 0.45, falseOver: 1 / 2, trueOver: 1, countExact: 1 / 3, countError: 2 / 3 },
      { threshold: 0.65, falseOver: 0, trueOver: 1 / 2, countExact: 2 / 3, countError: 1 / 3 },
    ]);
  });

  test('are found for a value of a curve', () => {
    expect(reaches((x) => x * x, 0.25)).toBeCloseTo(0.5, 5);
  });
});
