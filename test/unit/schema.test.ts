import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkAnalysisOptions, checkTrackOptions } from '../../src/client/call-options.ts';
import { checkOptions } from '../../src/client/options.ts';
import * as library from '../../src/index.ts';
import { PoseSmoother } from '../../src/pipeline/video/smoothing.ts';
import { BODY_PARTS, SKELETON } from '../../src/schema/body-parts.ts';
import {
  asBodyAnalysisError,
  BodyAnalysisError,
  errorFromData,
  errorToData,
} from '../../src/schema/errors.ts';
import { checkPictureSize, DEFAULT_LIMITS } from '../../src/schema/limits.ts';
import type { BodyAnalysisResult, PersonInfo } from '../../src/schema/result.ts';
import { DEFAULT_SMOOTHING } from '../../src/schema/tracking.ts';
import { DEFAULT_VALIDITY, filterValidPersons, isValidPerson } from '../../src/schema/validity.ts';

/** A person with that many keypoints at .9, the rest at 0. */
function person(sureKeypoints: number, boxScore: number): PersonInfo {
  const parts = BODY_PARTS.map((part, index) => [
    part,
    { x: 1, y: 2, score: index < sureKeypoints ? 0.9 : 0 },
  ]);
  return {
    body_parts: Object.fromEntries(parts),
    location: { left: 0, top: 0, width: 3, height: 4, score: boxScore },
  };
}

describe('the public constants', () => {
  test('cannot be changed by who imports them, nor anything that they hold', () => {
    const constants = Object.entries(library).filter(([, value]) => typeof value !== 'function');
    expect(constants.length).toBeGreaterThan(12);
    const isFrozen = (value: unknown): boolean =>
      typeof value !== 'object' ||
      value === null ||
      (Object.isFrozen(value) && Object.values(value).every(isFrozen));
    for (const [name, value] of constants) expect(isFrozen(value), name).toBe(true);
  });
});

describe('body parts', () => {
  test('are the contract’s 21, and the skeleton joins only those', () => {
    expect(new Set(BODY_PARTS).size).toBe(21);
    for (const part of SKELETON.flat()) expect(BODY_PARTS).toContain(part);
  });

  test('are joined in chains along each limb, alike on both sides', () => {
    const sided = (side: string) =>
      ['ear eye nose', 'neck shoulder elbow wrist', 'shoulder hip knee ankle'].flatMap((chain) => {
        const parts = chain.split(' ').map((part) => (/nose|neck/.test(part) ? part : `${side}_${part}`));
        return parts.slice(1).map((part, at) => [parts[at], part]);
      });
    const across = [
      ['top_head', 'neck'],
      ['left_mouth_corner', 'right_mouth_corner'],
      ['left_hip', 'right_hip'],
    ];
    const bones = (pairs: readonly (readonly (string | undefined)[])[]) => pairs.map((pair) => new Set(pair));
    const wanted = bones([...sided('left'), ...sided('right'), ...across]);
    expect(SKELETON).toHaveLength(wanted.length);
    expect(bones(SKELETON)).toEqual(expect.arrayContaining(wanted));
  });

  const example = new URL('../../../shared/api/example-response.json', import.meta.url);
  test.skipIf(!existsSync(example))('are those of the API’s example answer (needs ../shared)', () => {
    const answer: BodyAnalysisResult = JSON.parse(readFileSync(example, 'utf8'));
    expect(Object.keys(answer.person_info[0]?.body_parts ?? {}).toSorted()).toEqual(
      [...BODY_PARTS].toSorted(),
    );
    expect(filterValidPersons(answer).person_num).toBe(1);
  });
});

describe('the validity filter', () => {
  test('wants more than 3 keypoints over .2 and a box over .03', () => {
    expect(isValidPerson(person(4, 0.031))).toBe(true);
    expect(isValidPerson(person(3, 0.9))).toBe(false);
    expect(isValidPerson(person(21, 0.03))).toBe(false);
  });

  test('takes other thresholds', () => {
    expect(isValidPerson(person(4, 0.04), { boxScore: 0.05 })).toBe(false);
    expect(isValidPerson(person(3, 0.9), { moreThanKeypoints: 2 })).toBe(true);
    expect(isValidPerson(person(21, 0.9), { keypointScore: 0.95 })).toBe(false);
  });

  test('says by its name that `moreThanKeypoints: 8` means nine', () => {
    expect(isValidPerson(person(8, 0.9), { moreThanKeypoints: 8 })).toBe(false);
    expect(isValidPerson(person(9, 0.9), { moreThanKeypoints: 8 })).toBe(true);
  });

  test('refuses a threshold that there is not, rather than leave it out of account', () => {
    const misspelt: object = { minKeypoints: 8 };
    const refusal = /moreThanKeypoints, keypointScore, boxScore; minKeypoints is not/;
    expect(() => isValidPerson(person(4, 0.9), misspelt)).toThrow(refusal);
    expect(() => filterValidPersons({ person_num: 0, person_info: [], log_id: '' }, misspelt)).toThrow(
      refusal,
    );
  });

  test('gives a new result and leaves the one given alone', () => {
    const result: BodyAnalysisResult = {
      person_num: 2,
      person_info: [person(21, 0.9), person(2, 0.9)],
      log_id: '7',
    };
    const copy = structuredClone(result);
    const filtered = filterValidPersons(result);
    expect(filtered).toMatchObject({ person_num: 1, log_id: '7' });
    expect(filtered.person_info).toHaveLength(1);
    expect(result).toEqual(copy);
  });
});

describe('an option that is undefined has its default', () => {
  /**
   * The options' names without values, as a form with empty fields gives them, and JavaScript lets through.
   */
  function unset(defaults: object): Record<string, undefined> {
    return Object.fromEntries(Object.keys(defaults).map((name) => [name, undefined]));
  }

  test('in the filter', () => {
    const result = { person_num: 2, person_info: [person(4, 0.031), person(3, 0.9)], log_id: '7' };
    expect(filterValidPersons(result, unset(DEFAULT_VALIDITY))).toEqual(filterValidPersons(result));
    expect(filterValidPersons(result, { ...unset(DEFAULT_VALIDITY), boxScore: 0.5 }).person_num).toBe(0);
  });

  test('among the limits', () => {
    expect(checkOptions({ limits: { ...unset(DEFAULT_LIMITS), maxSide: 4096 } }).open.limits).toEqual({
      ...DEFAULT_LIMITS,
      maxSide: 4096,
    });
  });

  test('of the smoothing', () => {
    const points = (x: number) => [{ x, y: 0, peak: 1 }];
    const [bare, given] = [{}, unset(DEFAULT_SMOOTHING)].map((options) => {
      expect(() => checkTrackOptions({ smoothing: options })).not.toThrow();
      const smoother = new PoseSmoother(options);
      smoother.smooth(points(0), 100, 0);
      return smoother.smooth(points(10), 100, 40);
    });
    expect(given).toEqual(bare);
  });
});

describe('an option that is wrong is told of by its name', () => {
  test.each([
    ['quality', 'great'],
    // Every object has it.
    ['quality', 'constructor'],
    ['model', 'constructor'],
    ['backend', 'cpu'],
  ])('%s: %s', (name, value) => {
    const options: object = { [name]: value };
    expect(() => checkOptions(options)).toThrow(
      expect.objectContaining({
        code: 'invalid-option',
        message: expect.stringMatching(new RegExp(`^options\\.${name} must be one of .*, not .*${value}`)),
      }),
    );
  });

  test.each<[string, object, RegExp]>([
    ['nobody', { maxPersons: 0 }, /maxPersons must be an integer from 1, not 0/],
    ['half a person', { maxPersons: 0.5 }, /maxPersons must be an integer from 1, not 0\.5/],
    ['people in words', { maxPersons: 'one' }, /maxPersons must be .*, not "one"/],
    ['nobody to tell', { onPerson: {} }, /onPerson must be a function/],
  ])('a photo with %s', (_what, options, words) => {
    expect(() => checkAnalysisOptions(options)).toThrow(
      expect.objectContaining({ code: 'invalid-option', message: expect.stringMatching(words) }),
    );
  });

  test('one call’s quality among them', () => {
    const odd: object = { quality: 'great' };
    expect(() => checkAnalysisOptions(odd)).toThrow(
      /^options\.quality must be one of fast, balanced, best, not "great"/,
    );
    expect(checkAnalysisOptions({ quality: 'best' }).analyse.quality).toBe('best');
    expect(checkAnalysisOptions({}).analyse.quality).toBeUndefined();
  });

  test.each<[string, unknown]>([
    ['nothing', null],
    ['no width', { left: 0, top: 0, height: 10 }],
    ['a width of nothing', { left: 0, top: 0, width: 0, height: 10 }],
    ['a height that is no number', { left: 0, top: 0, width: 10, height: NaN }],
    ['no end', { left: 0, top: 0, width: Infinity, height: 10 }],
    ['words', { left: '0', top: 0, width: 10, height: 10 }],
    ['a list', [0, 0, 10, 10]],
    ['a person without parts', { location: { left: 0, top: 0, width: 10, height: 10, score: 1 } }],
    [
      'a person who has no size',
      { ...person(21, 1), location: { left: 0, top: 0, width: 0, height: 0, score: 1 } },
    ],
    ['a person who has no score', { ...person(21, 1), location: { left: 0, top: 0, width: 5, height: 5 } }],
  ])('a region of %s', (_what, region) => {
    for (const check of [checkAnalysisOptions, checkTrackOptions]) {
      expect(() => check({ region } as object)).toThrow(
        expect.objectContaining({
          code: 'invalid-option',
          message: expect.stringMatching(
            /^options\.region must be a rectangle of .*, or a person of an answer, not /,
          ),
        }),
      );
    }
  });

  test('and a region that is right is taken, of a person what tells where they are', () => {
    const rectangle = { left: -5, top: 2.5, width: 10, height: 40 };
    const named = { ...rectangle, name: 'door' };
    expect(checkAnalysisOptions({ region: named }).analyse.region).toEqual(rectangle);
    expect(checkAnalysisOptions({}).analyse.region).toBeUndefined();
    const seen = { ...person(21, 1), location: { ...rectangle, score: 0.9 } };
    const region = { ...seen, track_id: 3, extras: {} };
    expect(checkAnalysisOptions({ region }).analyse.region).toEqual(seen);
    // Who is followed moves: a quarter of the longer side is theirs as well.
    expect(checkTrackOptions({ region }).follow.region).toEqual({
      left: -15,
      top: -7.5,
      width: 30,
      height: 60,
    });
    expect(checkTrackOptions({ region: rectangle }).follow.region).toEqual(rectangle);
  });

  test.each<[string, object, RegExp]>([
    ['nobody at all', { maxPersons: 0 }, /maxPersons must be an integer from 1, not 0/],
    [
      'a region that is none',
      { region: 'left' },
      /region must be a rectangle of .*, or a person .* not "left"/,
    ],
    ['half a person', { maxPersons: 1.5 }, /maxPersons must be an integer from 1, not 1\.5/],
    ['a smoothing below nothing', { smoothing: { beta: -1 } }, /smoothing must be .* from 0; beta is not/],
    ['a smoothing that there is not', { smoothing: { alpha: 1 } }, /smoothing must be .*; alpha is not/],
    ['a smoothing that is none', { smoothing: true }, /smoothing must be false or an object/],
    ['what there is no extra of', { extras: ['masks'] }, /extras must be a list of .*, not \["masks"\]/],
    ['no frames at all', { targetFps: 0 }, /targetFps must be a number over 0 to 240, not 0/],
    ['more frames than there can be', { targetFps: 241 }, /targetFps must be .*, not 241/],
    ['a rate in words', { targetFps: '30' }, /targetFps must be a number over 0 to 240, not "30"/],
    ['every frame at a rate', { targetFps: 10, everyFrame: true }, /everyFrame .* cannot hold/],
    ['every frame perhaps', { everyFrame: 1 }, /everyFrame must be true or false/],
    ['frames perhaps', { keepFrame: 'yes' }, /keepFrame must be true or false/],
    ['a signal that is none', { signal: {} }, /signal must be an AbortSignal/],
    ['no options', [], /must be an object/],
  ])('following %s', (_what, options, words) => {
    expect(() => checkTrackOptions(options)).toThrow(
      expect.objectContaining({ code: 'invalid-option', message: expect.stringMatching(words) }),
    );
  });

  test('and a quality that is right has its model', () => {
    expect(checkOptions({ quality: 'best' }).open.model).toBe('heavy');
    expect(checkOptions({ quality: 'best', model: 'full' }).open.model).toBe('full');
  });
});

describe('errors', () => {
  test('keep code, message, number and cause over the wire', () => {
    const error = new BodyAnalysisError('image-format', 'Not a picture.', new TypeError('bad header'));
    const back = errorFromData(structuredClone(errorToData(error)));
    expect(back).toBeInstanceOf(BodyAnalysisError);
    expect(back).toMatchObject({
      name: 'BodyAnalysisError',
      code: 'image-format',
      apiCode: 216201,
      message: 'Not a picture.',
    });
    expect(back.cause).toMatchObject({ name: 'TypeError', message: 'bad header' });
  });

  const circular: Record<string, unknown> = {};
  circular['itself'] = circular;
  const odd = Object.assign(new Error('odd'), { name: Symbol('a name'), stack: { lines: [() => {}] } });

  test.each([
    ['an object that holds itself', circular, 'object', '[object Object]'],
    [
      'one without a prototype that does',
      Object.assign(Object.create(null), { circular }),
      'object',
      '[object Object]',
    ],
    ['a BigInt', 5n, 'bigint', '5'],
    ['a function', Math.max, 'function', 'function max() { [native code] }'],
    ['a symbol', Symbol('why'), 'symbol', 'Symbol(why)'],
    ['null', null, 'object', 'null'],
    ['an error with odd fields', odd, 'Symbol(a name)', 'odd'],
  ])('keep their code over the wire where the cause is %s', (_name, cause, name, message) => {
    const data = errorToData(new BodyAnalysisError('image-format', 'Not a picture.', cause));
    const back = errorFromData(structuredClone(data));
    expect(back).toMatchObject({ code: 'image-format', cause: { name, message } });
  });

  test('of any kind become one class, once', () => {
    const error = new BodyAnalysisError('disposed', 'Gone.');
    expect(asBodyAnalysisError(error)).toBe(error);
    expect(asBodyAnalysisError(new RangeError('odd'))).toMatchObject({
      code: 'internal',
      cause: { message: 'odd' },
    });
    expect(errorToData(asBodyAnalysisError('a string')).cause).toEqual({
      name: 'string',
      message: '"a string"',
    });
  });
});

describe('picture sizes', () => {
  test.each([
    [15, 15],
    [4096, 4096],
    [16_384, 6000],
  ])('%i × %i is taken', (width, height) => {
    expect(() => checkPictureSize(width, height)).not.toThrow();
  });

  test.each([
    [14, 300],
    [0, 0],
    [16_385, 20],
    [60_000, 60_000],
    [12_000, 12_000],
  ])('%i × %i is refused with a remedy', (width, height) => {
    expect(() => checkPictureSize(width, height)).toThrow(
      expect.objectContaining({
        code: 'image-size',
        apiCode: 216202,
        message: expect.stringMatching(/px.*\. |first\.|larger/),
      }),
    );
  });
});
