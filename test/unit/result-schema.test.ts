import { existsSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { JsonSchema } from '@valibot/to-json-schema';
import { describe, expect, test } from 'vitest';
import { resultJsonSchema } from '../../scripts/json-schema.ts';
import { BODY_PARTS } from '../../src/schema/body-parts.ts';
import { BodyAnalysisError } from '../../src/schema/errors.ts';
import { parseBodyAnalysisResult } from '../../src/schema/parse.ts';
import type { BodyAnalysisResult, PersonExtras, PersonInfo } from '../../src/schema/result.ts';

const schema = resultJsonSchema();
const rules: Record<string, unknown> = { ...schema };
const isValid = new Ajv2020({ strict: true }).compile(rules);

function person(): PersonInfo {
  const at = (index: number) => ({ x: 10.5 * index, y: 7 + index, score: index / 21 });
  return {
    body_parts: Object.fromEntries(
      BODY_PARTS.map((part, index) => [part, at(index)]),
    ) as PersonInfo['body_parts'],
    location: { left: 1.5, top: 2, width: 300, height: 400.25, score: 0.99 },
  };
}

/** Two people, the second with all that can be asked for. */
function valid(): BodyAnalysisResult {
  const world3d = Array.from({ length: 33 }, (_, index) => ({ x: index / 40, y: -index / 40, z: 0.1 }));
  const extras: PersonExtras = {
    landmarks33: world3d.map((point) => ({ ...point, visibility: 0.5, presence: 0.75 })),
    world3d,
    mask: { size: [4, 3], counts: [5, 3, 4] },
  };
  return { person_num: 2, person_info: [person(), { ...person(), extras }], log_id: '6362401025381690607' };
}

/** What parsing throws; `undefined` where it does not. */
function refusal(value: unknown): BodyAnalysisError | undefined {
  try {
    parseBodyAnalysisResult(value);
  } catch (error) {
    if (error instanceof BodyAnalysisError) return error;
    throw error;
  }
  return undefined;
}

describe('the schema', () => {
  test('requires every field but those that are there on request', () => {
    const optional = new Set(['extras', 'landmarks33', 'world3d', 'mask']);
    const objects = [schema, ...Object.values(schema.$defs ?? {})].filter(
      (each): each is JsonSchema => typeof each === 'object' && each.properties !== undefined,
    );
    expect(objects).toHaveLength(9);
    for (const { properties = {}, required } of objects) {
      expect(required).toEqual(Object.keys(properties).filter((name) => !optional.has(name)));
    }
  });

  test('describes every field but a point’s coordinates, in the words of the types', () => {
    const named = Object.entries(schema.$defs ?? {}).filter(
      ([name]) => !['body_parts', 'uint32'].includes(name),
    );
    expect(named).toHaveLength(7);
    for (const [name, each] of named) {
      if (typeof each !== 'object') throw new Error(`${name} is no schema.`);
      expect(each.description, name).toMatch(/^[A-Z].*\.$/);
      expect(each.description, name).not.toMatch(/[`{@\n]/);
    }
    expect(schema.$defs).toMatchObject({
      mask: { properties: { size: { description: "The picture's height and width." } } },
      keypoint: { properties: { score: { description: expect.stringContaining('0 … 1') } } },
    });
  });

  test('lists the 21 parts in order, and takes no other', () => {
    expect(schema.$defs).toMatchObject({
      body_parts: { required: BODY_PARTS, additionalProperties: false },
    });
  });
});

describe('the API’s example answer', () => {
  const file = new URL('../../../shared/api/example-response.json', import.meta.url);
  test.skipIf(!existsSync(file))('is valid by schema and by parsing (needs ../shared)', () => {
    const answer: unknown = JSON.parse(readFileSync(file, 'utf8'));
    expect(isValid(answer)).toBe(true);
    expect(parseBodyAnalysisResult(answer)).toEqual(answer);
  });
});

describe('parsing', () => {
  test('gives a valid answer back as a new object', () => {
    const answer = valid();
    const parsed = parseBodyAnalysisResult(answer);
    expect(parsed).toEqual(answer);
    expect(parsed.person_info[0]).not.toBe(answer.person_info[0]);
    expect(isValid(parsed)).toBe(true);
  });

  test('takes nobody', () => {
    const nobody = { person_num: 0, person_info: [], log_id: '1' };
    expect(parseBodyAnalysisResult(nobody)).toEqual(nobody);
  });

  test('leaves undocumented fields out', () => {
    const answer: object = { ...valid(), version: 3 };
    expect(parseBodyAnalysisResult(answer)).toEqual(valid());
  });

  test.each([
    [7, '7'],
    [2 ** 63, '9223372036854776000'],
    ['18446744073709551615', '18446744073709551615'],
  ])('writes the log_id %j as the string %s', (given, log_id) => {
    expect(parseBodyAnalysisResult({ ...valid(), log_id: given }).log_id).toBe(log_id);
  });

  test('names the field that is wrong by its path', () => {
    const change = (path: readonly (string | number)[], value: unknown) => {
      const answer: unknown = valid();
      set(answer, path, value);
      return refusal(answer)?.message;
    };
    const second = ['person_info', 1];
    expect(change([...second, 'body_parts', 'nose', 'x'], '12')).toBe(
      'person_info[1].body_parts.nose.x must be a finite number, not "12".',
    );
    expect(change([...second, 'location', 'score'], Number.NaN)).toBe(
      'person_info[1].location.score must be a finite number, not NaN.',
    );
    expect(change([...second, 'location', 'width'], -1)).toBe(
      'person_info[1].location.width must be at least 0, not -1.',
    );
    expect(change([...second, 'location'], [1, 2, 3, 4, 5])).toBe(
      'person_info[1].location must be an object, not an array.',
    );
    // No field of these is required.
    expect(change([...second, 'extras'], [])).toBe('person_info[1].extras must be an object, not an array.');
    expect(change([...second, 'extras', 'mask', 'size'], [4, 3, 1])).toBe(
      'person_info[1].extras.mask.size must have height and width alone, and has item 2 too.',
    );
    expect(change([...second, 'body_parts', 'neck'], undefined)).toBe(
      'person_info[1].body_parts.neck is missing.',
    );
    expect(change([...second, 'body_parts', 'left_toe'], {})).toBe(
      'person_info[1].body_parts must have the 21 documented parts alone, and has "left_toe" too.',
    );
    expect(change([...second, 'extras', 'world3d', 4, 'z'], [])).toBe(
      'person_info[1].extras.world3d[4].z must be a finite number, not an array.',
    );
    expect(change([...second, 'extras', 'landmarks33'], [])).toBe(
      'person_info[1].extras.landmarks33 must have 33 items, not 0.',
    );
    expect(change([...second, 'extras', 'mask', 'counts', 0], 6)).toBe(
      "person_info[1].extras.mask.counts must add up to 4 × 3 pixels, the mask's size, not 13.",
    );
    expect(change(['person_num'], 3)).toBe('person_num must be 2, the length of person_info, not 3.');
    expect(change(['log_id'], 'x'.repeat(1e6))).toBe(
      `log_id must be an unsigned 64-bit number in decimal digits, not "${'x'.repeat(40)}…".`,
    );
  });

  test.each([undefined, null, 3, '{"person_num":0}', [], () => {}])('refuses %s', (value) => {
    expect(refusal(value)).toMatchObject({
      code: 'invalid-result',
      message: expect.stringMatching(/^The result must be an object, not .+\.$/),
    });
  });

  test('is not led to anybody else’s fields by names that objects have by nature', () => {
    const text = JSON.stringify(valid()).replace(
      '"body_parts"',
      '"__proto__":{"extras":{"mask":{}},"polluted":1},"constructor":{"prototype":{"polluted":1}},"body_parts"',
    );
    const parsed = parseBodyAnalysisResult(JSON.parse(text));
    expect(parsed).toEqual(JSON.parse(JSON.stringify(valid())));
    expect(Object.getPrototypeOf(parsed.person_info[0])).toBe(Object.prototype);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    // Fields that come from a prototype are no JSON.
    for (const name of ['__proto__', 'constructor', 'toString']) {
      const parts = JSON.stringify(valid()).replace('"nose":', `"${name}":{"x":1,"y":1,"score":1},"nose":`);
      expect(() => parseBodyAnalysisResult(JSON.parse(parts))).toThrow(`and has "${name}" too`);
    }
  });

  test('is bored by depth, wherever it is', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`);
    expect(parseBodyAnalysisResult({ ...valid(), more: deep })).toEqual(valid());
    for (const place of ['person_info', 'person_num', 'log_id']) {
      expect(() => parseBodyAnalysisResult({ ...valid(), [place]: deep })).toThrow(BodyAnalysisError);
    }
    // Deeper than any call stack, where the parser does not mind.
    let endless: unknown = {};
    for (let depth = 0; depth < 200_000; depth++) endless = { body_parts: endless };
    expect(() => parseBodyAnalysisResult({ ...valid(), person_info: [endless] })).toThrow(
      'person_info[0].body_parts.top_head is missing.',
    );
  });

  test('reads megabytes once, and says what is wrong with them in a line', () => {
    const many = { ...valid(), person_num: 5000, person_info: Array.from({ length: 5000 }, person) };
    expect(parseBodyAnalysisResult(many).person_info).toHaveLength(5000);
    const long = 'x'.repeat(20_000_000);
    for (const wrong of [
      { ...valid(), log_id: long },
      { ...valid(), person_num: long },
      { error_code: long, error_msg: long },
      { ...valid(), person_info: [{ ...person(), body_parts: { [long]: 1 } }] },
    ]) {
      const error: unknown = (() => {
        try {
          return parseBodyAnalysisResult(wrong);
        } catch (thrown) {
          return thrown;
        }
      })();
      if (!(error instanceof BodyAnalysisError)) throw new Error('It was taken for a result.');
      expect(error.message.length).toBeLessThan(400);
    }
  });

  test('says so when it is the cloud API’s error', () => {
    expect(refusal({ error_code: 216_201, error_msg: 'image format error', log_id: 1 })).toMatchObject({
      code: 'invalid-result',
      message: expect.stringContaining('the cloud API\'s error 216201, "image format error". Look'),
    });
  });
});

describe('schema and parsing', () => {
  /** Values that are sometimes valid where they are put, and mostly not. */
  const ODD: readonly unknown[] = [
    undefined,
    null,
    true,
    '',
    '12',
    '123456789012345678901',
    'text',
    [],
    {},
    [1],
    { x: 1 },
    0,
    -0,
    1,
    2,
    -1,
    1.5,
    1e300,
    2 ** 32,
    2 ** 64,
    2 ** 65,
    Number.NaN,
    Infinity,
    -Infinity,
  ];

  test('agree on 4000 answers with one to three things changed', () => {
    const random = generator(20_261_123);
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
    const verdicts = { accepted: 0, refused: 0 };
    for (let round = 0; round < 4000; round++) {
      const answer: unknown = valid();
      for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes--) {
        const path = somePath(answer, random);
        // A copy, since the next change may be within it.
        const odd = structuredClone(pick(ODD));
        const chance = random();
        if (chance < 0.15) set(answer, [...path.slice(0, -1), chance < 0.02 ? '__proto__' : 'more'], odd);
        else set(answer, path, odd);
      }
      const expected = isValid(answer) && beyondSchema(answer as BodyAnalysisResult);
      const error = refusal(answer);
      if ((error === undefined) !== expected) {
        throw new Error(`round ${round}: ajv ${JSON.stringify(isValid.errors)}, parse ${error?.message}`);
      }
      verdicts[expected ? 'accepted' : 'refused']++;
    }
    // Both sides of the line were walked on.
    expect(verdicts.accepted).toBeGreaterThan(200);
    expect(verdicts.refused).toBeGreaterThan(2000);
  });

  /** The two rules that JSON Schema cannot say. */
  function beyondSchema({ person_num, person_info }: BodyAnalysisResult): boolean {
    return (
      person_num === person_info.length &&
      person_info.every(({ extras }) => {
        if (!extras?.mask) return true;
        const { size, counts } = extras.mask;
        return counts.reduce((sum, run) => sum + run, 0) === size[0] * size[1];
      })
    );
  }
});

/** Numbers from 0 to 1, the same every time. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

type Path = readonly (string | number)[];

/** The path of some field within a value, near the root as often as far from it. */
function somePath(value: unknown, random: () => number, path: Path = []): Path {
  if (typeof value !== 'object' || value === null || (path.length > 0 && random() < 0.25)) return path;
  const entries = Object.entries(value);
  const [key, child] = entries[Math.floor(random() * entries.length)] ?? ['more', undefined];
  return somePath(child, random, [...path, key]);
}

/** Puts something in its place, as JSON.parse would: `__proto__` becomes a field like any other. */
function set(root: unknown, path: Path, value: unknown): void {
  const owner = path.slice(0, -1).reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], root);
  if (typeof owner !== 'object' || owner === null) return;
  const key = path.at(-1) ?? '';
  if (value === undefined && !Array.isArray(owner)) Reflect.deleteProperty(owner, key);
  else Object.defineProperty(owner, key, { value, enumerable: true, configurable: true, writable: true });
}
