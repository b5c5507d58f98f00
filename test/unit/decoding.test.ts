import { describe, expect, test } from 'vitest';
import { pictureToRegion, regionToPicture } from '../../src/networks/geometry.ts';
import type { Region } from '../../src/networks/geometry.ts';
import { decodeMoveNet, MOVENET, MOVENET_KEYPOINTS } from '../../src/networks/movenet.ts';
import { decodeNanoDet } from '../../src/networks/nanodet.ts';
import decoded from '../support/movenet-decoded.json' with { type: 'json' };
import { blankHeads, CELLS, noisyHeads, PLANE } from '../support/movenet-heads.ts';

/*
 * What is made of the numbers that networks give.
 */

const NOT_NUMBERS = [NaN, Infinity, -Infinity];

const about = (value: number): unknown => expect.closeTo(value, 4);

test.each([false, true])(
  'a point of a turned region goes to the picture and back: mirrored %s',
  (mirrored) => {
    const region = { centreX: -3, centreY: 50, size: 300, rotation: 2.5, mirrored };
    expect(pictureToRegion(region, regionToPicture(region, 0.2, 1.3))).toEqual([about(0.2), about(1.3)]);
  },
);

describe('MoveNet', () => {
  const square = { centreX: 300, centreY: 200, size: 100 };
  const PLACES: readonly [Region, (u: number, v: number) => [x: number, y: number]][] = [
    [{ ...square, rotation: 0 }, (u, v) => [250 + 100 * u, 150 + 100 * v]],
    [{ ...square, rotation: 0, mirrored: true }, (u, v) => [350 - 100 * u, 150 + 100 * v]],
    [{ ...square, rotation: Math.PI / 2 }, (u, v) => [350 - 100 * v, 150 + 100 * u]],
    [{ ...square, rotation: Math.PI / 2, mirrored: true }, (u, v) => [350 - 100 * v, 250 - 100 * u]],
  ];
  const opposite = (name: string): string =>
    name.startsWith('left') ? name.replace('left', 'right') : name.replace('right', 'left');

  test.each(Object.entries(decoded))(
    'heads are decoded as the network’s own graph does it: noise %s',
    (seed, points) => {
      const heads = noisyHeads(Number(seed));
      for (const [region, place] of PLACES) {
        const wanted = points.map(([x = NaN, y = NaN, score = NaN], k) => {
          const [inPictureX, inPictureY] = place(x, y);
          const name = MOVENET_KEYPOINTS[k] ?? 'centre';
          const point = { x: about(inPictureX), y: about(inPictureY), score: about(score) };
          return [region.mirrored ? opposite(name) : name, point];
        });
        const pose = decodeMoveNet(heads, region);
        expect({ ...pose.points, centre: pose.centre }).toEqual(Object.fromEntries(wanted));
      }
    },
  );

  test('a picture is prepared as the graph does it', () => {
    // From −1 to 1; `test/parity/movenet.test.ts` holds it to the graph.
    expect(MOVENET.input).toEqual({
      side: 256,
      channels: 'rgb',
      border: 'black',
      mean: [127.5, 127.5, 127.5],
      deviation: [127.5, 127.5, 127.5],
    });
  });

  test('the one of two people is found whose middle is where it may be', () => {
    const heads = blankHeads();
    // The same logits near the square's middle and to the right and higher; the points are two cells above.
    for (const cell of [34 * CELLS + 30, 20 * CELLS + 45]) {
      heads.centre[cell] = 3;
      for (let k = 0; k < 17; k++) heads.heatmaps[k * PLANE + cell - 2 * CELLS] = 2;
    }
    // Cells of 1 px, turned by a quarter in a mirror: x goes up, y to the left.
    const region = { centreX: 300, centreY: 200, size: 64, rotation: Math.PI / 2, mirrored: true };
    const near = decodeMoveNet(heads, region);
    expect(near.centre).toMatchObject({ x: about(298), y: about(202) });
    expect(near.points.left_hip).toMatchObject({ x: about(300), y: about(202) });
    const far = decodeMoveNet(heads, region, { x: 310, y: 188 });
    expect(far.centre).toMatchObject({ x: about(312), y: about(187) });
    expect(far.points.left_hip).toMatchObject({ x: about(314), y: about(187) });
  });

  const upright = { centreX: 32, centreY: 32, size: 64, rotation: 0 };

  test.each(MOVENET.outputs.flatMap((name) => NOT_NUMBERS.map((value) => [name, value] as const)))(
    'numbers come out where all %s are %d',
    (name, value) => {
      const heads = noisyHeads(1);
      heads[name].fill(value);
      const { points, centre } = decodeMoveNet(heads, upright);
      const numbers = [centre, ...Object.values(points)].flatMap(({ x, y, score }) => [x, y, score]);
      expect(numbers).toHaveLength(54);
      expect(numbers.filter((number) => !Number.isFinite(number))).toEqual([]);
    },
  );

  test('a logit that is no number is never the best, and of such alone the score is 0', () => {
    const heads = noisyHeads(1);
    const wanted = decodeMoveNet(heads, upright);
    heads.centre[0] = NaN;
    heads.heatmaps[PLANE - 1] = NaN;
    expect(decodeMoveNet(heads, upright)).toEqual(wanted);
    heads.heatmaps.fill(NaN, 0, PLANE);
    expect(decodeMoveNet(heads, upright).points.nose.score).toBe(0);
  });
});

describe('NanoDet', () => {
  /** 832 × 416 pixels, two for one of the input's, whose 104 upper rows are above the picture. */
  const REGION: Region = { centreX: 416, centreY: 208, size: 832, rotation: 0 };
  const USUAL = { minScore: 0.1, maxIou: 0.6 };
  type Heads = Parameters<typeof decodeNanoDet>[0];

  /** Nobody. */
  function blank(): Heads {
    const [eight, sixteen, thirtyTwo] = [52 ** 2, 26 ** 2, 13 ** 2];
    return {
      scores_8: new Float32Array(eight),
      scores_16: new Float32Array(sixteen),
      scores_32: new Float32Array(thirtyTwo),
      boxes_8: new Float32Array(44 * eight),
      boxes_16: new Float32Array(44 * sixteen),
      boxes_32: new Float32Array(44 * thirtyTwo),
    };
  }

  /** Puts someone in a cell. Of each side the bins are probabilities, all others are 0. */
  function add(
    heads: Heads,
    stride: 8 | 16 | 32,
    cell: number,
    score: number,
    sides: readonly Record<number, number>[],
  ) {
    const [scores, boxes] = [heads[`scores_${stride}`], heads[`boxes_${stride}`]];
    scores[cell] = score;
    for (const [side, bins] of sides.entries()) {
      // The softmax does not change where the same is added to all of a side's logits.
      for (let bin = 0; bin < 11; bin++) {
        boxes[(11 * side + bin) * scores.length + cell] = Math.log(bins[bin] ?? 1e-30) + 4 * side;
      }
    }
  }

  /** People in the 27th row of stride 8: squares of 10 cells each around the middle of theirs. */
  function row(...people: readonly (readonly [column: number, score: number])[]): Heads {
    const heads = blank();
    const side = { 4: 0.5, 6: 0.5 };
    for (const [column, score] of people) add(heads, 8, 26 * 52 + column, score, [side, side, side, side]);
    return heads;
  }

  const boxes = (heads: Heads) =>
    decodeNanoDet(heads, REGION, USUAL).map(({ left, top, width, height }) => [left, top, width, height]);
  const scores = (heads: Heads, options: Partial<typeof USUAL> = {}) =>
    decodeNanoDet(heads, REGION, { ...USUAL, ...options }).map(({ score }) => score);

  // From the cell's middle 2.25 cells to the left, 1.5 up, 10 to the right, 0.4 down.
  const SIDES = [{ 2: 0.75, 3: 0.25 }, { 0: 0.5, 3: 0.5 }, { 10: 1 }, { 0: 0.9, 4: 0.1 }];

  test.each([
    // The middle of the cell is (164, 276) in the input; less (18, 12)
    // that is (292, 528 − 208) in the picture.
    [8, 34 * 52 + 20, [292, 320, 2 * (18 + 80), 2 * (12 + 3.2)]],
    // (136, 232), less (36, 24).
    [16, 14 * 26 + 8, [200, 208, 2 * (36 + 160), 2 * (24 + 6.4)]],
    // (16, 400), less (72, 48): the box begins left of the picture.
    [32, 12 * 13, [-112, 496, 2 * (72 + 320), 2 * (48 + 12.8)]],
  ] as const)('a cell of stride %i gives a box', (stride, cell, box) => {
    const heads = blank();
    add(heads, stride, cell, 0.75, SIDES);
    expect(scores(heads)).toEqual([0.75]);
    expect(boxes(heads)).toEqual([box.map(about)]);
  });

  test('bins of the same logit weigh the same, however high it is', () => {
    const heads = blank();
    heads.scores_32[6 * 13 + 6] = 0.5;
    heads.boxes_32.fill(1000);
    // Five cells to each side of the middle.
    expect(boxes(heads)).toEqual([[96, -112, 640, 640].map(about)]);
  });

  test('whoever is less sure than asked for is left out', () => {
    const heads = row([5, 0.25], [25, 0.125], [45, 0.5]);
    expect(scores(heads)).toEqual([0.5, 0.25, 0.125]);
    expect(scores(heads, { minScore: 0.25 })).toEqual([0.5, 0.25]);
  });

  test('the surest stays of boxes that overlap by more than asked for', () => {
    // Two cells apart they share 8 of 12, four apart 6 of 14.
    const heads = row([20, 0.25], [22, 0.5], [24, 0.375]);
    expect(scores(heads, { maxIou: 0.67 })).toEqual([0.5, 0.375, 0.25]);
    expect(scores(heads, { maxIou: 0.66 })).toEqual([0.5]);
    // Whoever is left out pushes nobody else out.
    expect(scores(row([20, 0.5], [22, 0.375], [24, 0.25]))).toEqual([0.5, 0.25]);
    // Of another stride, 4 px from the one of .5.
    const side = { 2: 0.5, 3: 0.5 };
    add(heads, 16, 13 * 26 + 11, 0.75, [side, side, side, side]);
    expect(scores(heads)).toEqual([0.75, 0.25]);
  });

  test.each(NOT_NUMBERS)('nobody is where the numbers are %d', (value) => {
    const heads = row([20, 0.5]);
    add(heads, 32, 14, 0.25, SIDES);
    const wanted = decodeNanoDet(heads, REGION, USUAL);
    expect(wanted).toHaveLength(2);
    heads.scores_16.fill(0.9);
    heads.boxes_16.fill(value);
    heads.scores_8.fill(NaN, 0, 9);
    expect(decodeNanoDet(heads, REGION, USUAL)).toEqual(wanted);
  });
});
