import { describe, expect, test } from 'vitest';
import { fitSize, inPixels } from '../../src/draw/object-fit.ts';
import { PERSON_COLORS, personColor, personColors } from '../../src/draw/colors.ts';
import { statureOf } from '../../src/draw/stature.ts';
import type { DrawOptions } from '../../src/draw/style.ts';
import { toSvg } from '../../src/draw/svg.ts';
import { BODY_PARTS } from '../../src/schema/body-parts.ts';
import type { BodyAnalysisResult, PersonInfo } from '../../src/schema/result.ts';
import golden from '../support/golden.json';

const ANSWERS: Readonly<Record<string, Omit<BodyAnalysisResult, 'log_id'>>> = golden;

function answer(sample: string): PersonInfo[] {
  return ANSWERS[sample]?.person_info ?? [];
}

/** The same person elsewhere, so many times as large. */
function moved({ body_parts, location }: PersonInfo, by: number, x: number, y: number): PersonInfo {
  const at = <T extends { x: number; y: number }>(point: T): T => ({
    ...point,
    x: by * point.x + x,
    y: by * point.y + y,
  });
  const parts = { ...body_parts };
  for (const part of BODY_PARTS) parts[part] = at(parts[part]);
  const { left, top, width, height, score } = location;
  const corner = at({ x: left, y: top });
  return {
    body_parts: parts,
    location: { left: corner.x, top: corner.y, width: by * width, height: by * height, score },
  };
}

/** Thirty people in three rows, the farther the smaller, each before some of the others. */
const crowd = Array.from({ length: 30 }, (_, index) => {
  const row = Math.floor(index / 10);
  const [person] = answer(['wave', 'sit', 'back', 'armsup'][index % 4] ?? '');
  if (!person) throw new Error('There is nobody in the sample.');
  return moved(person, 0.12 + 0.1 * row, 100 * (index % 10) - 20 * row, 40 + 110 * row);
});

/*
 * Drawings as they are, to be looked at by whoever changes one: open the file in a browser.
 * `npx vitest run --project unit test/unit/draw.test.ts -u` writes them anew.
 */
describe('a drawing is what it was', () => {
  const two = answer('two');
  test.each<[string, PersonInfo[], { width: number; height: number }, DrawOptions]>([
    ['two', two, { width: 1080, height: 1080 }, {}],
    ['two-uniform', two, { width: 1080, height: 1080 }, { look: 'uniform', labels: true }],
    ['two-sides', two, { width: 1080, height: 1080 }, { colorBy: 'side', labels: 'score', highlight: 0 }],
    ['side', answer('side'), { width: 720, height: 1080 }, { boxes: false, labels: true }],
    ['crowd', crowd.filter((_, index) => index % 3 === 0), { width: 1000, height: 640 }, {}],
    [
      'thumbnail',
      two.map((person) => moved(person, 200 / 1080, 0, 0)),
      { width: 200, height: 200 },
      { boxes: false },
    ],
  ])('%s', async (name, person_info, picture, options) => {
    const svg = toSvg({ person_num: person_info.length, person_info, log_id: '1' }, picture, options);
    // A line a mark: a change is then seen where it is.
    await expect(`${svg.replaceAll('><', '>\n<')}\n`).toMatchFileSnapshot(`../support/drawings/${name}.svg`);
  });
});

describe('notes', () => {
  const notes = () => [
    { part: 'left_knee', text: '171°' } as const,
    { part: 'right_knee', text: '' } as const,
    // Where there is a note already.
    { part: 'left_knee', text: 'same' } as const,
    { part: 'left_knee', text: 'other side' } as const,
    { part: 'left_knee', text: 'no room' } as const,
  ];
  const written = (person_info: PersonInfo[], options: DrawOptions) => {
    const answered = { person_num: person_info.length, person_info, log_id: '1' };
    const svg = toSvg(answered, { width: 1080, height: 1080 }, options);
    return [...svg.matchAll(/<text x="([\d.]+)"[^>]*>([^<]+)</g)].map(([, x, text]) => ({
      x: Number(x),
      text,
    }));
  };
  const [standing] = answer('stand');
  if (!standing) throw new Error('There is nobody in the sample.');

  test.each(['fitted', 'uniform'] as const)(
    'stand beside their parts, each in a place of its own: %s',
    (look) => {
      const found = written([standing], { look, labels: false, notes });
      expect(found.map(({ text }) => text)).toEqual(['171°', 'same']);
      const knee = standing.body_parts.left_knee.x;
      // Outwards, and then inwards.
      expect((found[0]?.x ?? 0) > knee).toBe((found[1]?.x ?? 0) < knee);
    },
  );

  test('are left out where someone is too small for them, or a name is in the way', () => {
    expect(written([moved(standing, 0.15, 100, 100)], { labels: false, notes })).toEqual([]);
    const name = 'A name as long as that, which leaves no room beside the head';
    const atHead = () => [{ part: 'top_head', text: '1' } as const];
    // At the picture's upper edge a name is as high as the head.
    const highUp = moved(standing, 1, 0, -170);
    expect(written([highUp], { labels: () => name, notes: atHead }).map(({ text }) => text)).toEqual([name]);
  });
});

describe('how large a person is', () => {
  const [standing] = answer('stand');
  if (!standing) throw new Error('There is nobody in the sample.');

  test('is about their height where they stand', () => {
    const height = statureOf(standing, 0.2) / standing.location.height;
    expect(height).toBeGreaterThan(0.9);
    expect(height).toBeLessThan(1.25);
  });

  test('is the same where they are cut off, sit, or are a tenth of the size', () => {
    const whole = statureOf(standing, 0.2);
    const upper = structuredClone(standing);
    for (const part of BODY_PARTS.slice(-4)) upper.body_parts[part].score = 0;
    upper.location.height /= 2;
    expect(statureOf(upper, 0.2) / whole).toBeCloseTo(1, 1);
    expect(statureOf(moved(standing, 0.1, 50, 50), 0.2)).toBeCloseTo(whole / 10, 5);
  });

  test('does not go by one part that is misplaced, and is the box’s where nothing is sure', () => {
    const wrong = structuredClone(standing);
    wrong.body_parts.left_ankle.x += 4000;
    expect(statureOf(wrong, 0.2) / statureOf(standing, 0.2)).toBeCloseTo(1, 1);
    expect(statureOf(standing, 2)).toBe(standing.location.height);
  });
});

describe('the colours that people are given', () => {
  const at = (left: number): PersonInfo => {
    const [person] = answer('stand');
    if (!person) throw new Error('There is nobody in the sample.');
    return { ...person, location: { left, top: 0, width: 10, height: 10, score: 1 } };
  };

  test('go by turns, and by track where there is one', () => {
    expect(personColors([at(0), at(20), at(40)], ['red', 'blue'])).toEqual(['red', 'blue', 'red']);
    const followed = { ...at(0), track_id: 3 };
    expect(personColors([followed])).toEqual([PERSON_COLORS[2]]);
  });

  test('are never those of someone who overlaps, as long as there are enough', () => {
    const all = personColors(crowd);
    for (const [index, { location: a }] of crowd.entries()) {
      for (const [other, { location: b }] of crowd.entries()) {
        const isApart =
          a.left >= b.left + b.width ||
          b.left >= a.left + a.width ||
          a.top >= b.top + b.height ||
          b.top >= a.top + a.height;
        if (other < index && !isApart) expect(all[index], `${other} ${index}`).not.toBe(all[other]);
      }
    }
    // By turns the fourth would be as the first.
    expect(personColors([at(0), at(20), at(40), at(5)], ['red', 'blue', 'lime'])[3]).toBe('blue');
    expect(personColors([at(0), at(1), at(2)], ['red', 'blue'])[2]).toBe('red');
  });

  test('are what a function says', () => {
    expect(personColors([at(0), at(1)], (person, index) => `${index} ${person.location.left}`)).toEqual([
      '0 0',
      '1 1',
    ]);
  });
});

describe('how large CSS shows a picture', () => {
  const box = { width: 400, height: 200 };
  const wide = { width: 800, height: 200 };
  const small = { width: 100, height: 100 };

  test.each([
    ['contain', wide, { width: 400, height: 100 }],
    ['contain', small, { width: 200, height: 200 }],
    ['cover', wide, { width: 800, height: 200 }],
    ['fill', wide, { width: 400, height: 200 }],
    ['none', small, { width: 100, height: 100 }],
    ['scale-down', small, { width: 100, height: 100 }],
    ['scale-down', wide, { width: 400, height: 100 }],
    // Not known yet.
    ['contain', { width: 0, height: 0 }, { width: 0, height: 0 }],
  ])('%s of %o', (fit, content, wanted) => {
    expect(fitSize(content, box, fit)).toEqual(wanted);
  });
});

describe('what is left for CSS to compute', () => {
  test.each([
    ['50% 10px', 300, 'calc(50 * 3px) 10px'],
    ['calc(100% - 20px) -5.5%', -200, 'calc(calc(100 * -2px) - 20px) calc(-5.5 * -2px)'],
    ['max(1e-3%, 1px) 0px', 100, 'max(calc(1e-3 * 1px), 1px) 0px'],
  ])('of %s with %i pixels to share', (length, room, wanted) => {
    expect(inPixels(length, room)).toBe(wanted);
  });
});

describe('people’s colours', () => {
  type Triple = readonly [number, number, number];
  type Matrix = readonly [Triple, Triple, Triple];
  const times = (matrix: Matrix, [a, b, c]: Triple): Triple => {
    const [x, y, z] = matrix.map((row) => row[0] * a + row[1] * b + row[2] * c);
    return [x ?? 0, y ?? 0, z ?? 0];
  };
  const each = ([a, b, c]: Triple, change: (value: number) => number): Triple => [
    change(a),
    change(b),
    change(c),
  ];

  const BY_MOST: Matrix = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];

  /** How linear sRGB is seen (Machado, Oliveira, Fernandes 2009, at full severity). */
  const SEEN: Readonly<Record<string, Matrix>> = {
    'by most': BY_MOST,
    'without red': [
      [0.152286, 1.052583, -0.204868],
      [0.114503, 0.786281, 0.099216],
      [-0.003882, -0.048116, 1.051998],
    ],
    'without green': [
      [0.367322, 0.860646, -0.227968],
      [0.280085, 0.672501, 0.047413],
      [-0.01182, 0.04294, 0.968881],
    ],
    'without blue': [
      [1.255528, -0.076749, -0.178779],
      [-0.078411, 0.930809, 0.147602],
      [0.004733, 0.691367, 0.3039],
    ],
  };

  /** Oklab (Ottosson 2020), in which distances are as they look. */
  function oklab(hex: string, seen: Matrix): Triple {
    const channel = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    const linear = each([channel(1), channel(3), channel(5)], (value) =>
      value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4,
    );
    const cones = times(
      [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
      ],
      each(times(seen, linear), (value) => Math.max(0, value)),
    );
    return times(
      [
        [0.2104542553, 0.793617785, -0.0040720468],
        [1.9779984951, -2.428592205, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.808675766],
      ],
      each(cones, Math.cbrt),
    );
  }

  /** The two of these colours that look most alike, and how far apart they are. */
  function nearest(colors: readonly string[], others: readonly string[], seen: Matrix): [number, string] {
    let found: [number, string] = [Infinity, ''];
    for (const a of colors) {
      for (const b of others) {
        const [from, to] = [oklab(a, seen), oklab(b, seen)];
        const distance = Math.hypot(from[0] - to[0], from[1] - to[1], from[2] - to[2]);
        if (a !== b && distance < found[0]) found = [distance, `${a} ${b}`];
      }
    }
    return found;
  }

  test('are 24 before they come again', () => {
    const given = Array.from({ length: 25 }, (_, index) => personColor(index));
    expect(new Set(given).size).toBe(24);
    expect(given[24]).toBe(given[0]);
  });

  test('are told apart, also by people who are colour-blind', () => {
    // The first eight are what they always were.
    const later = PERSON_COLORS.slice(8);
    for (const [eyes, seen] of Object.entries(SEEN)) {
      const [distance, pair] = nearest(later, PERSON_COLORS, seen);
      expect(distance, `${pair} ${eyes}`).toBeGreaterThan(eyes === 'by most' ? 0.1 : 0.06);
    }
    // Neither black nor the white of the points.
    for (const color of PERSON_COLORS) {
      const [lightness] = oklab(color, BY_MOST);
      expect(lightness, color).toBeGreaterThan(0.45);
      expect(lightness, color).toBeLessThan(0.97);
    }
  });
});
