import { describe, expect, onTestFinished, test } from 'vitest';
import { page } from 'vitest/browser';
import { drawPersons } from '../../src/draw/canvas.ts';
import { SkeletonOverlay } from '../../src/draw/overlay.ts';
import type { DrawOptions } from '../../src/draw/style.ts';
import { toSvg } from '../../src/draw/svg.ts';
import { BODY_PARTS } from '../../src/schema/body-parts.ts';
import type { BodyPart } from '../../src/schema/body-parts.ts';
import type { BodyAnalysisResult, Keypoint, PersonInfo } from '../../src/schema/result.ts';

const WIDTH = 300;
const HEIGHT = 300;

/** A person of whom only these parts are sure; the others have the score 0, and lie in the corner. */
function person(parts: Partial<Record<BodyPart, Keypoint>>, left = 40): PersonInfo {
  const all = BODY_PARTS.map((part) => [part, parts[part] ?? { x: 2, y: 298, score: 0 }]);
  return {
    body_parts: Object.fromEntries(all),
    location: { left, top: 50, width: 100, height: 200, score: 0.9 },
  };
}

function resultOf(...person_info: PersonInfo[]): BodyAnalysisResult {
  return { person_num: person_info.length, person_info, log_id: '1' };
}

/** Both arms straight down: the left one at x = 60, the right one at x = 120. */
const arms = person({
  left_shoulder: { x: 60, y: 100, score: 0.9 },
  left_elbow: { x: 60, y: 150, score: 0.9 },
  left_wrist: { x: 60, y: 200, score: 0.3 },
  right_shoulder: { x: 120, y: 100, score: 0.9 },
  right_elbow: { x: 120, y: 150, score: 0.9 },
  right_wrist: { x: 120, y: 200, score: 0.1 },
});

type Pixel = readonly [red: number, green: number, blue: number, alpha: number];

/** Reads pixels: of a canvas with people drawn on it, and of the picture a browser makes of their SVG. */
type Painter = (
  result: BodyAnalysisResult,
  options?: DrawOptions,
) => Promise<(x: number, y: number) => Pixel>;

function reader(context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D) {
  return (x: number, y: number): Pixel => {
    const [red = 0, green = 0, blue = 0, alpha = 0] = context.getImageData(x, y, 1, 1).data;
    return [red, green, blue, alpha];
  };
}

function newContext(): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(WIDTH, HEIGHT).getContext('2d');
  if (!context) throw new Error('no 2D canvas');
  return context;
}

const onElement: Painter = async (result, options) => {
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no 2D canvas');
  drawPersons(context, result, options);
  return reader(context);
};

const offScreen: Painter = async (result, options) => {
  const context = newContext();
  drawPersons(context, result, options);
  return reader(context);
};

const asSvg: Painter = async (result, options) => {
  const image = new Image();
  const svg = toSvg(result, { width: WIDTH, height: HEIGHT }, options);
  image.src = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  await image.decode();
  URL.revokeObjectURL(image.src);
  const context = newContext();
  context.drawImage(image, 0, 0);
  return reader(context);
};

/** A colour, give or take what rounding and blending make of it. */
function expectColor(pixel: Pixel, color: string): void {
  const context = newContext();
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const wanted = reader(context)(0, 0);
  const difference = Math.max(...pixel.map((value, index) => Math.abs(value - (wanted[index] ?? 0))));
  expect(difference, `${pixel.join()} should be ${color}`).toBeLessThanOrEqual(3);
}

const NOTHING: Pixel = [0, 0, 0, 0];

const PAINTERS: [string, Painter][] = [
  ['a <canvas>', onElement],
  ['an OffscreenCanvas', offScreen],
  ['an SVG', asSvg],
];

/** How many pixels of a row or a column of pixels have the colour of whatever is in the middle of it. */
function extent(at: (x: number, y: number) => Pixel, x: number, y: number, axis: 'x' | 'y'): number {
  const middle = at(x, y).join();
  const same = (by: number) => (axis === 'x' ? at(x + by, y) : at(x, y + by)).join() === middle;
  let [before, after] = [0, 0];
  while (before < 40 && same(-before - 1)) before++;
  while (after < 40 && same(after + 1)) after++;
  return before + 1 + after;
}

/** The same person, so many times as large around the upper left corner. */
function scaled({ body_parts, location }: PersonInfo, by: number): PersonInfo {
  const parts = BODY_PARTS.map((part) => {
    const { x, y, score } = body_parts[part];
    return [part, { x: by * x, y: by * y, score }];
  });
  const { left, top, width, height, score } = location;
  return {
    body_parts: Object.fromEntries(parts),
    location: { left: by * left, top: by * top, width: by * width, height: by * height, score },
  };
}

describe.each(PAINTERS)('fitted, on %s', (_name, paint) => {
  const face = {
    top_head: { x: 90, y: 40, score: 0.9 },
    left_eye: { x: 100, y: 60, score: 0.9 },
    right_eye: { x: 80, y: 60, score: 0.9 },
    nose: { x: 90, y: 70, score: 0.9 },
    neck: { x: 90, y: 95, score: 0.9 },
  };

  test('joints are rings of the person’s colour with white centres, on bones of it', async () => {
    const at = await paint(resultOf(arms), { lineWidth: 10, boxes: false });
    expectColor(at(60, 125), '#ffb000');
    expectColor(at(60, 150), '#fff');
    // Half as wide again as the bone, less what is white.
    expectColor(at(67, 150), '#ffb000');
    expect(at(67, 125)).toEqual(NOTHING);
    // A thin rim, half as dark as black.
    expect(at(65, 125)[3]).toBeGreaterThan(100);
    expect(at(65, 125)[3]).toBeLessThan(255);
  });

  test('the larger the person, the wider the bones, and never too thin to be seen', async () => {
    const widths = [];
    for (const by of [0.2, 1, 2]) {
      const at = await paint(resultOf(scaled(arms, by)), { boxes: false });
      widths.push(extent(at, Math.round(60 * by), Math.round(125 * by), 'x'));
    }
    const [small = 0, middle = 0, large = 0] = widths;
    expect(small).toBeGreaterThanOrEqual(1);
    expect(middle).toBeGreaterThanOrEqual(small);
    // No wider for someone who is larger than the picture.
    expect(large).toBeLessThanOrEqual(middle + 1);
    const dense = await paint(resultOf(scaled(arms, 0.2)), { boxes: false, pixelRatio: 3 });
    expect(extent(dense, 12, 25, 'x')).toBeGreaterThan(small + 1);
  });

  test('the face has small points of the person’s colour, and the head a dot without a bone', async () => {
    const at = await paint(resultOf(person(face)), { lineWidth: 10, boxes: false });
    expectColor(at(90, 40), '#ffb000');
    const [red, green, blue] = at(80, 60);
    expect(Math.min(red - green, green - blue)).toBeGreaterThan(40);
    expect(at(80, 65)).toEqual(NOTHING);
    expect(at(90, 50)).toEqual(NOTHING);
    expect(at(90, 82)).toEqual(NOTHING);
    expectColor(at(90, 95), '#fff');
  });

  test('what is hardly seen is a guess: dashed and hollow, unless all is to be taken as sure', async () => {
    const inkedFrom = (at: (x: number, y: number) => Pixel) => {
      const opacities = Array.from({ length: 30 }, (_, step) => at(60, 160 + step)[3]);
      return opacities.filter((opacity) => opacity > 0).length;
    };
    const options = { lineWidth: 4, boxes: false } as const;
    // The lower arm, whose wrist has a score of .3.
    const guessed = await paint(resultOf(arms), options);
    expect(inkedFrom(guessed)).toBeGreaterThan(8);
    expect(inkedFrom(guessed)).toBeLessThan(28);
    expect(guessed(63, 200)[3]).toBeGreaterThan(60);
    const sure = await paint(resultOf(arms), { ...options, sureScore: 0 });
    expect(inkedFrom(sure)).toBe(30);
    const [, , blue] = sure(60, 200);
    expect(blue).toBeGreaterThan(100);
  });

  test('the less sure the fainter, unless that is not wanted', async () => {
    const options = { lineWidth: 10, boxes: false, sureScore: 0 } as const;
    const at = await paint(resultOf(arms), options);
    expect(at(60, 125)[3]).toBe(255);
    expect(at(60, 175)[3]).toBeLessThan(240);
    const even = await paint(resultOf(arms), { ...options, confidence: 'none' });
    expect(even(60, 175)[3]).toBe(255);
  });

  test('what is below the threshold is left out, or hollow', async () => {
    const at = await paint(resultOf(arms), { lineWidth: 10, boxes: false });
    expect(at(120, 175)).toEqual(NOTHING);
    expect(at(120, 200)).toEqual(NOTHING);
    const hollow = await paint(resultOf(arms), { lineWidth: 10, boxes: false, uncertain: 'hollow' });
    expect(hollow(120, 200)).toEqual(NOTHING);
    expect(hollow(113, 200)[3]).toBeGreaterThan(60);
    expect(hollow(120, 175)).toEqual(NOTHING);
  });

  test('boxes have round corners and are quieter than bones', async () => {
    const at = await paint(resultOf(arms), { lineWidth: 10 });
    expect(at(40, 240)[3]).toBeGreaterThan(100);
    expect(at(40, 240)[3]).toBeLessThan(255);
    expect(at(40, 50)).toEqual(NOTHING);
  });

  test('several people have numbers above their heads, one alone has none', async () => {
    const head = { top_head: { x: 90, y: 60, score: 0.9 }, neck: { x: 90, y: 100, score: 0.9 } };
    const [one, two] = [person(head), scaled(person(head, 20), 1)];
    for (const part of BODY_PARTS)
      two.body_parts[part] = { ...two.body_parts[part], x: two.body_parts[part].x + 120 };
    two.location.left += 120;
    const inked = (at: (x: number, y: number) => Pixel, left: number) => {
      let count = 0;
      for (let y = 30; y < 52; y++) for (let x = left; x < left + 24; x++) if (at(x, y)[3] > 0) count++;
      return count;
    };
    const options = { boxes: false } as const;
    const at = await paint(resultOf(one, two), options);
    expect(inked(at, 78)).toBeGreaterThan(150);
    expect(inked(at, 198)).toBeGreaterThan(150);
    // The colour of each one's own pill, beside its digit.
    expectColor(at(82, 46), '#ffb000');
    expectColor(at(202, 46), '#3fb4ff');
    expect(inked(await paint(resultOf(one), options), 78)).toBe(0);
    expect(inked(await paint(resultOf(one), { ...options, labels: true }), 78)).toBeGreaterThan(150);
    expect(inked(await paint(resultOf(one, two), { ...options, labels: false }), 78)).toBe(0);
    // Of two in one place only one has a name: it could not be read under the other.
    const both = await paint(resultOf(one, one), options);
    expectColor(both(82, 46), '#ffb000');
  });

  test('of two who overlap none has the other’s colour', async () => {
    const options = { lineWidth: 10, boxes: true, colors: ['#f00', '#00f', '#0f0'] } as const;
    const people = [person({}), person({}, 220), person({}, 220), person({}, 60)];
    for (const { location } of people) location.width = 60;
    const at = await paint(resultOf(...people), options);
    const [red, green, blue] = at(120, 150);
    // By turns the fourth would be red, as the first, whose box begins beside its own.
    expect(Math.max(green, blue)).toBeGreaterThan(red);
  });

  test('others than the highlighted are faint', async () => {
    const at = await paint(resultOf(arms, person({}, 220)), { lineWidth: 10, highlight: 1 });
    expect(at(60, 125)[3]).toBeGreaterThan(40);
    expect(at(60, 125)[3]).toBeLessThan(120);
  });

  test('sides have colours of their own on request, joints as well', async () => {
    const at = await paint(resultOf(arms), { lineWidth: 10, boxes: false, colorBy: 'side' });
    expectColor(at(60, 125), '#3fb4ff');
    expectColor(at(67, 150), '#3fb4ff');
    expectColor(at(120, 125), '#ffb000');
  });
});

describe.each(
  PAINTERS.map(([name, paint]): [string, Painter] => {
    return [name, (result, options) => paint(result, { ...options, look: 'uniform' })];
  }),
)('uniform, on %s', (_name, paint) => {
  test('bones have the person’s colour, and a dark rim', async () => {
    const at = await paint(resultOf(arms, person({})), { lineWidth: 10 });
    expectColor(at(60, 125), '#ffb000');
    expectColor(at(120, 125), '#ffb000');
    // 1.8 × the line's width: from 51 to 69.
    expectColor(at(52, 125), 'rgb(0 0 0 / 55%)');
    expect(at(49, 125)).toEqual(NOTHING);
  });

  test('points are white, and left out below the threshold with the bones that end there', async () => {
    const at = await paint(resultOf(arms), { lineWidth: 10, boxes: false });
    expectColor(at(60, 150), '#fff');
    expectColor(at(60, 200), '#fff');
    expect(at(120, 200)).toEqual(NOTHING);
    expect(at(120, 175)).toEqual(NOTHING);
    const all = await paint(resultOf(arms), { lineWidth: 10, keypointScore: 0.1 });
    expectColor(all(120, 200), '#fff');
    expectColor(all(120, 175), '#ffb000');
  });

  test('boxes are drawn unless not wanted', async () => {
    const withBox = await paint(resultOf(arms), { lineWidth: 10 });
    expectColor(withBox(40, 240), '#ffb000');
    const without = await paint(resultOf(arms), { lineWidth: 10, boxes: false });
    expect(without(40, 240)).toEqual(NOTHING);
  });

  test('colours are the caller’s, by turns', async () => {
    const people = resultOf(person({}), person({}, 100), person({}, 160));
    const at = await paint(people, { lineWidth: 10, colors: ['#f00', '#00f'] });
    expectColor(at(40, 150), '#f00');
    expectColor(at(100, 150), '#00f');
    expectColor(at(160, 150), '#f00');
  });

  test('others than the highlighted are faint', async () => {
    const people = resultOf(person({}), person({}, 220));
    const at = await paint(people, { lineWidth: 10, highlight: 1 });
    expect(at(220, 150)[3]).toBe(255);
    expect(at(40, 150)[3]).toBeGreaterThan(40);
    expect(at(40, 150)[3]).toBeLessThan(110);
  });

  test('sides have colours of their own on request', async () => {
    const options = { lineWidth: 10, boxes: false, colorBy: 'side' } as const;
    const at = await paint(resultOf(arms), options);
    expectColor(at(60, 125), '#3fb4ff');
    expectColor(at(120, 125), '#ffb000');
    const other = await paint(resultOf(arms), { ...options, sideColors: { right: '#0f0' } });
    expectColor(other(60, 125), '#3fb4ff');
    expectColor(other(120, 125), '#0f0');
  });

  test('what joins the sides is in the middle', async () => {
    const hips = person({ left_hip: { x: 60, y: 150, score: 1 }, right_hip: { x: 160, y: 150, score: 1 } });
    const at = await paint(resultOf(hips), { lineWidth: 10, boxes: false, colorBy: 'side' });
    expectColor(at(110, 150), '#fff');
  });

  test('a score shows as opacity on request', async () => {
    const at = await paint(resultOf(arms), { lineWidth: 10, boxes: false, confidence: 'alpha' });
    const sure = at(60, 125)[3];
    const unsure = at(60, 175)[3];
    expect(sure).toBeGreaterThan(230);
    expect(unsure).toBeGreaterThan(100);
    expect(unsure).toBeLessThan(sure - 30);
  });

  test('a score shows as size on request', async () => {
    const at = await paint(resultOf(arms), { lineWidth: 10, boxes: false, confidence: 'size' });
    // Widths with their rims: 18 × 1.12 at a score of 0.9, 18 × 0.64 at 0.3.
    expect(at(68, 125)[3]).toBeGreaterThan(0);
    expect(at(68, 175)[3]).toBe(0);
    expectColor(at(60, 175), '#ffb000');
  });

  test('uncertain points are rings on request', async () => {
    const at = await paint(resultOf(arms), { lineWidth: 10, boxes: false, uncertain: 'hollow' });
    expect(at(120, 200)).toEqual(NOTHING);
    expectColor(at(111, 200), '#fff');
    expect(at(120, 175)).toEqual(NOTHING);
    const sized = await paint(resultOf(arms), { lineWidth: 10, uncertain: 'hollow', confidence: 'size' });
    expect(sized(120, 200)).toEqual(NOTHING);
  });

  test('labels stand above the box, or in it at the upper edge', async () => {
    const inked = (pixelAt: (x: number, y: number) => Pixel, top: number) => {
      let count = 0;
      for (let y = top; y < top + 16; y++) {
        for (let x = 40; x < 100; x++) if (pixelAt(x, y)[3] > 0) count++;
      }
      return count;
    };
    const options = { lineWidth: 4, boxes: false } as const;
    const at = await paint(resultOf(arms), { ...options, labels: true });
    expect(inked(at, 30)).toBeGreaterThan(100);
    const top = person({});
    top.location.top = 0;
    const inside = await paint(resultOf(top), { ...options, labels: () => 'Ada' });
    expect(inked(inside, 2)).toBeGreaterThan(100);
    expect(inked(await paint(resultOf(arms), options), 30)).toBe(0);
    expect(inked(await paint(resultOf(arms), { ...options, labels: () => '' }), 30)).toBe(0);
  });

  test('nobody leaves no mark', async () => {
    const at = await paint(resultOf());
    expect(at(60, 125)).toEqual(NOTHING);
  });
});

describe('a canvas', () => {
  test('may be scaled: lines stay as wide as asked for in its own pixels', () => {
    const context = newContext();
    context.scale(0.5, 0.5);
    drawPersons(context, resultOf(arms), { lineWidth: 10, boxes: false });
    const at = reader(context);
    expectColor(at(30, 62), '#ffb000');
    expectColor(at(33, 62), '#ffb000');
    expect(at(41, 62)).toEqual(NOTHING);
  });

  test('keeps its own settings', () => {
    const context = newContext();
    context.globalAlpha = 0.5;
    context.strokeStyle = '#123456';
    context.lineWidth = 7;
    context.font = '20px serif';
    const settings = () => [context.globalAlpha, context.strokeStyle, context.lineWidth, context.font];
    const before = settings();
    drawPersons(context, resultOf(arms), { labels: true });
    expect(settings()).toEqual(before);
  });
});

describe('an SVG', () => {
  function parse(svg: string): Element {
    const file = new DOMParser().parseFromString(svg, 'image/svg+xml');
    expect(file.querySelector('parsererror')).toBeNull();
    return file.documentElement;
  }

  test('says what it is to those who hear it', () => {
    const root = parse(toSvg(resultOf(arms, person({})), { width: 640, height: 480 }));
    expect(root.getAttribute('role')).toBe('img');
    expect(root.getAttribute('viewBox')).toBe('0 0 640 480');
    expect(root.querySelector('svg > title')?.textContent).toBe('Body keypoints of 2 people');
    expect(root.querySelector('svg > desc')?.textContent).toBe(
      'Person 1: score 0.90, 5 of 21 keypoints sure. Person 2: score 0.90, 0 of 21 keypoints sure.',
    );
    expect(parse(toSvg(resultOf(arms), { width: 1, height: 1 })).querySelector('title')?.textContent).toBe(
      'Body keypoints of 1 person',
    );
  });

  test('escapes all that is the caller’s', () => {
    const evil = `"'><script>alert(1)</script>&amp;`;
    const root = parse(
      toSvg(
        resultOf(arms),
        { width: 640, height: 480, title: `${evil}\u0000\u000b\ud800`, description: evil },
        { colors: [evil], labels: () => evil, colorBy: 'side', sideColors: { left: evil } },
      ),
    );
    expect(root.querySelector('script')).toBeNull();
    expect(root.querySelector('svg > title')?.textContent).toBe(evil);
    expect(root.querySelector('svg > desc')?.textContent).toBe(evil);
    expect(root.querySelector('text')?.textContent).toBe(evil);
    expect([...root.querySelectorAll('path')].map((path) => path.getAttribute('stroke'))).toContain(evil);
    for (const each of root.querySelectorAll('*')) {
      for (const { name } of each.attributes) expect(name).not.toMatch(/^on|href/);
    }
  });

  test.each([0, -1, Number.NaN, Infinity])('of a picture %s px wide is refused', (width) => {
    expect(() => toSvg(resultOf(), { width, height: 10 })).toThrow(
      expect.objectContaining({ code: 'invalid-option', message: expect.stringMatching(/^width must be /) }),
    );
  });
});

describe('people of a video', () => {
  test('keep their colour and number, whoever else comes and goes', async () => {
    const third = { ...arms, track_id: 3 };
    for (const paint of [onElement, asSvg]) {
      const alone = await paint(resultOf(third));
      const among = await paint(resultOf(person({}), person({}), third));
      expect(alone(60, 130)).toEqual(among(60, 130));
      expect(alone(60, 130)).not.toEqual((await paint(resultOf(arms)))(60, 130));
    }
    expect(toSvg(resultOf(third), { width: WIDTH, height: HEIGHT })).toContain('Person 3:');
  });
});

describe('an overlay', () => {
  /** A video 300 pixels wide and high in an element of another shape, with what CSS is asked for. */
  async function shown(
    css: Partial<CSSStyleDeclaration>,
    paint = (context: CanvasRenderingContext2D) => context.fillRect(0, 0, WIDTH, HEIGHT),
  ): Promise<HTMLVideoElement> {
    const source = document.createElement('canvas');
    [source.width, source.height] = [WIDTH, HEIGHT];
    const context = source.getContext('2d');
    if (context) paint(context);
    const video = document.createElement('video');
    video.muted = true;
    video.srcObject = source.captureStream(10);
    Object.assign(video.style, { display: 'block', width: '400px', height: '200px' }, css);
    const frame = document.createElement('div');
    frame.style.position = 'relative';
    frame.append(video);
    document.body.append(frame);
    await video.play();
    onTestFinished(() => frame.remove());
    return video;
  }

  /** Whether something is drawn at a point of the element's content box, in CSS pixels. */
  function isDrawn({ canvas }: SkeletonOverlay, x: number, y: number): boolean {
    const context = canvas.getContext('2d');
    const [left, top] = [x, y].map((length) => Math.round(length * devicePixelRatio));
    return (context?.getImageData(left ?? 0, top ?? 0, 1, 1).data[3] ?? 0) > 0;
  }

  test.each([
    // The picture is 200 pixels wide, with 100 on either side.
    ['contain', {}, (x: number, y: number) => [100 + (x * 2) / 3, (y * 2) / 3]],
    [
      'contain, on the left',
      { objectPosition: '0% 50%' },
      (x: number, y: number) => [(x * 2) / 3, (y * 2) / 3],
    ],
    // 400 pixels high, with 100 cut off above.
    ['cover', { objectFit: 'cover' }, (x: number, y: number) => [(x * 4) / 3, (y * 4) / 3 - 100]],
    ['fill', { objectFit: 'fill' }, (x: number, y: number) => [(x * 4) / 3, (y * 2) / 3]],
    [
      'padding',
      { padding: '0 40px 0 0', width: '360px', objectFit: 'fill' },
      (x: number, y: number) => [(x * 6) / 5, (y * 2) / 3],
    ],
    [
      'a border, and a box that has it inside',
      { border: '10px solid', boxSizing: 'border-box', objectFit: 'fill' },
      (x: number, y: number) => [(x * 38) / 30, (y * 18) / 30],
    ],
    [
      'from the right and from below',
      { objectPosition: 'right 20px bottom 10px' },
      (x: number, y: number) => [180 + (x * 2) / 3, (y * 2) / 3 - 10],
    ],
    [
      'calc()',
      { objectPosition: 'calc(25% + 1em) 0', fontSize: '20px' },
      (x: number, y: number) => [70 + (x * 2) / 3, (y * 2) / 3],
    ],
    [
      'min() and max()',
      { objectPosition: 'min(30px, 50%) max(-5px, 10%)' },
      (x: number, y: number) => [30 + (x * 2) / 3, (y * 2) / 3],
    ],
    // There are -200 pixels to share.
    [
      'min() of a picture larger than the element',
      { objectFit: 'cover', objectPosition: '0 min(-20px, 50%)' },
      (x: number, y: number) => [(x * 4) / 3, (y * 4) / 3 - 100],
    ],
    [
      'from below, of a picture larger than the element',
      { objectFit: 'cover', objectPosition: 'left 0 bottom 30px' },
      (x: number, y: number) => [(x * 4) / 3, (y * 4) / 3 - 230],
    ],
  ] as const)('lies on the picture: %s', async (_name, css, at) => {
    const video = await shown(css);
    using overlay = new SkeletonOverlay(video, { boxes: false });
    overlay.show(resultOf(arms));
    // The wrist shows where a picture that covers the element is cut off below its elbow.
    const [x = 0, y = 0] = at(60, _name.startsWith('from below') ? 190 : 125);
    expect(isDrawn(overlay, x, y)).toBe(true);
    expect(isDrawn(overlay, x + 16, y)).toBe(false);
    // What is drawn is also where the browser shows it.
    expect(getComputedStyle(overlay.canvas).objectPosition).toBe('0px 0px');
    expect(overlay.canvas.getBoundingClientRect()).toEqual(video.getBoundingClientRect());
  });

  const TURNED = 'rotate(20deg) scale(0.8, 1.1)';
  test.each<[string, Partial<CSSStyleDeclaration>, Partial<CSSStyleDeclaration>?]>([
    ['turned', { transform: TURNED }],
    ['turned around a corner', { transform: 'rotate(10deg)', transformOrigin: '100% 0' }],
    ['moved by a share of itself', { translate: '5% 10%', scale: '0.5', rotate: '-30deg' }],
    [
      'turned, with a border and padding',
      { transform: TURNED, border: '9px solid', padding: '3px 40px 0 0' },
    ],
    ['turned in space', { transform: 'rotateY(40deg)' }, { perspective: '500px' }],
    ['on a path', { offsetPath: 'path("M100 120 L300 200")', offsetDistance: '50%' }],
    ['inside something turned', { marginLeft: '20px' }, { transform: 'rotate(15deg) scale(0.7)' }],
    ['inside a mirror', {}, { transform: 'scaleX(-1)' }],
    ['fixed', { position: 'fixed', left: '30px', top: '40px' }],
    ['moved out of the flow', { position: 'relative', left: '30px', top: '40px' }],
    ['in a mirror', { transform: 'scaleX(-1)' }],
    ['in a mirror, turned', { transform: 'rotate(20deg) scaleX(-1)', transformOrigin: '30% 70%' }],
    ['in a mirror, by another property', { scale: '-1 1', rotate: '25deg', paddingRight: '30px' }],
  ])('covers on the screen what it is drawn over: %s', async (_name, css, around = {}) => {
    const [x, y] = [80, 170];
    const video = await shown(Object.assign({ width: '300px' }, css), (context) => {
      context.fillRect(0, 0, WIDTH, HEIGHT);
      context.fillStyle = '#0f0';
      context.fillRect(x - 10, y - 10, 20, 20);
    });
    const stage = video.parentElement ?? document.body;
    Object.assign(stage.style, { width: '340px', height: '260px' }, around);
    const screen = document.createElement('div');
    Object.assign(screen.style, { width: '340px', height: '260px', padding: '40px', background: '#000' });
    stage.before(screen);
    screen.append(stage);
    onTestFinished(() => screen.remove());
    // As soon as the browser has painted the video.
    await expect.poll(() => greenOn(screen)).toBeGreaterThan(10);
    for (const mirror of [false, true]) {
      using overlay = new SkeletonOverlay(video, { look: 'uniform', boxes: false, lineWidth: 18, mirror });
      overlay.show(resultOf(person({ nose: { x, y, score: 1 } })));
      expect(await greenOn(screen), `mirror: ${mirror}`).toBe(0);
    }
  });

  /** How many green pixels the screen shows. */
  async function greenOn(element: Element): Promise<number> {
    const shot = await page.screenshot({ element, base64: true, save: false });
    const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${shot}`)).blob());
    const context = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
    if (!context) throw new Error('no 2D canvas');
    context.drawImage(picture, 0, 0);
    const { data } = context.getImageData(0, 0, picture.width, picture.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
      const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
      if (green > 100 && red < green / 2 && blue < green / 2) count++;
    }
    return count;
  }

  test.each([
    ['object-view-box', 'inset(10%)'],
    ['transform-box', 'content-box'],
  ])('draws nothing rather than beside the picture: %s', async (property, value) => {
    const video = await shown({ objectFit: 'fill' });
    using overlay = new SkeletonOverlay(video);
    overlay.show(resultOf(arms));
    expect(isDrawn(overlay, 80, 83)).toBe(true);
    video.style.setProperty(property, value);
    overlay.show(resultOf(arms));
    expect(isDrawn(overlay, 80, 83)).toBe(false);
  });

  test('shows the frame that a result belongs to, and closes it', async () => {
    const video = await shown({ objectFit: 'fill' });
    const blue = new OffscreenCanvas(WIDTH, HEIGHT);
    const context = blue.getContext('2d');
    if (!context) throw new Error('no 2D canvas');
    context.fillStyle = '#00f';
    context.fillRect(WIDTH / 2, 0, WIDTH / 2, HEIGHT);
    const frames = [1, 2, 3].map((timestamp) => new VideoFrame(blue, { timestamp }));
    const [first, second, third] = frames;
    const overlay = new SkeletonOverlay(video);
    const blueAt = (x: number) => {
      const scale = overlay.canvas.width / 400;
      return overlay.canvas.getContext('2d')?.getImageData(Math.round(x * scale), 20, 1, 1).data[2] ?? 0;
    };
    overlay.show(resultOf(), first);
    expect([blueAt(100), blueAt(300)]).toEqual([0, 255]);
    overlay.options = { mirror: true };
    overlay.show(resultOf(), second);
    expect([blueAt(100), blueAt(300)]).toEqual([255, 0]);
    expect(frames.map(({ format }) => format === null)).toEqual([true, false, false]);
    // Kept as it is seen, as large as the frame.
    const kept = overlay.toCanvas();
    expect([kept?.width, kept?.height]).toEqual([WIDTH, HEIGHT]);
    const keptAt = (x: number) => kept?.getContext('2d')?.getImageData(x, 20, 1, 1).data[2];
    expect([keptAt(WIDTH / 4), keptAt((3 * WIDTH) / 4)]).toEqual([255, 0]);
    overlay.show(resultOf(), third);
    overlay.clear();
    expect(blueAt(100)).toBe(0);
    expect(overlay.toCanvas()).toBeUndefined();
    overlay.dispose();
    expect(frames.every(({ format }) => format === null)).toBe(true);
  });

  test('keeps people where they are when a live video changes its size, and shows a frame of the size before', async () => {
    const source = document.createElement('canvas');
    const video = await shown({ objectFit: 'fill' });
    source.getContext('2d');
    video.srcObject = source.captureStream(10);
    video.play().catch(() => {});
    const paint = async (width: number) => {
      Object.assign(source, { width, height: width });
      // A canvas's stream tells of it when it is painted.
      const repaint = () => {
        source.getContext('2d')?.fillRect(0, 0, width, width);
        return video.videoWidth;
      };
      await expect.poll(repaint).toBe(width);
    };
    await paint(WIDTH);
    using overlay = new SkeletonOverlay(video, { boxes: false });
    overlay.show(resultOf(arms));
    const [x, y] = [(60 * 4) / 3, (125 * 2) / 3];
    expect(isDrawn(overlay, x, y)).toBe(true);
    const resized = new Promise((resolve) => video.addEventListener('resize', resolve, { once: true }));
    await paint(WIDTH / 2);
    await resized;
    expect(isDrawn(overlay, x, y)).toBe(true);

    const before = new OffscreenCanvas(WIDTH, HEIGHT);
    before.getContext('2d')?.clearRect(0, 0, WIDTH, HEIGHT);
    overlay.show(resultOf(arms), new VideoFrame(before, { timestamp: 0 }));
    expect(isDrawn(overlay, 2 * x, 2 * y)).toBe(false);
    expect(isDrawn(overlay, x, y)).toBe(true);
  });

  test('follows the element, mirrors, clears, and goes', async () => {
    const video = await shown({ objectFit: 'fill' });
    const overlay = new SkeletonOverlay(video, { boxes: false, mirror: true });
    overlay.show(resultOf(arms));
    const [x, y] = [(60 * 4) / 3, (125 * 2) / 3];
    expect(isDrawn(overlay, 400 - x, y)).toBe(true);
    expect(isDrawn(overlay, x, y)).toBe(false);
    // Of a video in a mirror the canvas is not: what is written on it can be read.
    video.style.transform = 'scaleX(-1)';
    overlay.show(resultOf(arms));
    expect(new DOMMatrix(getComputedStyle(overlay.canvas).transform).isIdentity).toBe(true);

    overlay.options = { boxes: false };
    video.style.width = '800px';
    await expect.poll(() => overlay.canvas.getBoundingClientRect().width).toBe(800);
    await expect.poll(() => isDrawn(overlay, 2 * x, y)).toBe(true);

    overlay.clear();
    expect(isDrawn(overlay, 2 * x, y)).toBe(false);
    overlay.dispose();
    expect(overlay.canvas.isConnected).toBe(false);
    // A loop may outlive its overlay.
    const late = new VideoFrame(new Uint8Array(16), {
      format: 'RGBA',
      codedWidth: 2,
      codedHeight: 2,
      timestamp: 0,
    });
    overlay.show(resultOf(), late);
    expect(late.format).toBeNull();
  });
});
