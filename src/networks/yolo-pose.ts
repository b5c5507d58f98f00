import { asScore, checkNumbers, notNumbers } from './own-network.ts';
import type { InputPoint, OwnFormat, OwnKind, SeenPose } from './own-network.ts';
import { colourRange } from './network.ts';

/*
 * YOLO-pose of one class as Ultralytics exports it (`yolo export format=onnx`). Each person is a column of
 * numbers in pixels of the input: the box's middle, width and height, a score, and x, y and a score of each
 * keypoint. With the suppression of doubles built in (`nms=True`, and always from YOLO26 on) people are rows
 * instead, in falling order of score, with the box's corners, the score and the class before the keypoints.
 * All scores are probabilities.
 */

const INPUT = { channels: 'rgb', ...colourRange(0, 1), border: 'grey' } as const;

/** Of a person in a raw column; the same with suppression, and the class. */
const VALUES = { box: 4, raw: 5, suppressed: 6, keypoint: 3 };

/**
 * Lowest score of those who are people: the house's for a body is about as low, and the score says the rest.
 */
const MIN_SCORE = 0.1;

/** As the network gives it, doubles and all. */
export const YOLO_POSE: OwnKind<'people'> = {
  looksAt: 'picture',
  input: INPUT,
  outputs: {
    people: {
      names: [],
      byPlace: true,
      shapes: ({ keypoints }) => {
        const values = VALUES.raw + VALUES.keypoint * keypoints;
        return [
          [1, values, 'cells'],
          [1, 'cells', values],
        ];
      },
    },
  },
  read: ({ people }, dimsOf, { keypoints }) => {
    const values = VALUES.raw + VALUES.keypoint * keypoints;
    const [, first = 0, second = 0] = dimsOf('people');
    const [cells, cellStep, valueStep] = first === values ? [second, 1, second] : [first, values, 1];
    const seen: SeenPose[] = [];
    for (let cell = 0; cell < cells; cell++) {
      const valueOf = (value: number) => people[cell * cellStep + value * valueStep] ?? Number.NaN;
      const score = valueOf(VALUES.box);
      checkNumbers('people', score);
      if (score < MIN_SCORE) continue;
      const [x, y, width, height] = [valueOf(0), valueOf(1), valueOf(2), valueOf(3)];
      seen.push({
        box: { left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2 },
        score: asScore(score),
        points: pointsOf(valueOf, VALUES.raw, keypoints),
      });
    }
    return seen;
  },
};

/** With suppression of doubles inside. */
export const YOLO_POSE_NMS: OwnKind<'people'> = {
  looksAt: 'picture',
  input: INPUT,
  outputs: {
    people: {
      names: [],
      byPlace: true,
      shapes: ({ keypoints }) => [[1, 'people', valuesOfRow(keypoints)]],
    },
  },
  comparable: ({ keypoints }: OwnFormat) => ({ people: valuesOfRow(keypoints) }),
  read: ({ people }, dimsOf, { keypoints }) => {
    const [, count = 0, values = 0] = dimsOf('people');
    const seen: SeenPose[] = [];
    for (let row = 0; row < count; row++) {
      const valueOf = (value: number) => people[row * values + value] ?? Number.NaN;
      const score = valueOf(VALUES.box);
      checkNumbers('people', score);
      if (score < MIN_SCORE) continue;
      const [left, top, right, bottom] = [valueOf(0), valueOf(1), valueOf(2), valueOf(3)];
      seen.push({
        box: { left, top, right, bottom },
        score: asScore(score),
        points: pointsOf(valueOf, VALUES.suppressed, keypoints),
      });
    }
    return seen;
  },
};

function valuesOfRow(keypoints: number): number {
  return VALUES.suppressed + VALUES.keypoint * keypoints;
}

function pointsOf(valueOf: (value: number) => number, start: number, count: number): InputPoint[] {
  const points = Array.from({ length: count }, (_, index) => {
    const at = start + VALUES.keypoint * index;
    return { x: valueOf(at), y: valueOf(at + 1), score: asScore(valueOf(at + 2)) };
  });
  const isFinite = points.every((point) => Object.values(point).every(Number.isFinite));
  if (!isFinite || ![0, 1, 2, 3].every((side) => Number.isFinite(valueOf(side)))) throw notNumbers('people');
  return points;
}
