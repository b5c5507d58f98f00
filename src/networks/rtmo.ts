import { asScore, checkNumbers, PIXEL_MIDDLE } from './own-network.ts';
import type { OwnKind, SeenPose } from './own-network.ts';

/*
 * RTMO (Lu et al., CVPR 2024) as MMDeploy exports it, with suppression of doubles inside: `dets`, a row for
 * each person, with the box's corners in pixels of the input and a score; and `keypoints`, x, y and a score
 * of each, in which whole numbers are the pixels' middles. It is fed the colours themselves, blue first
 * (`data_preprocessor` of its configurations: mean 0, deviation 1, no change of order).
 */

const BOX = 5;
const KEYPOINT = 3;
/** Lowest score of those who are people. */
const MIN_SCORE = 0.1;

/** Boxes, and the points in them. */
export const RTMO: OwnKind<'boxes' | 'keypoints'> = {
  looksAt: 'picture',
  input: { channels: 'bgr', mean: [0, 0, 0], deviation: [1, 1, 1], border: 'grey' },
  outputs: {
    boxes: { names: ['dets'], byPlace: true, shapes: () => [[1, 'people', BOX]] },
    keypoints: {
      names: ['keypoints'],
      byPlace: true,
      shapes: ({ keypoints }) => [[1, 'people', keypoints, KEYPOINT]],
    },
  },
  comparable: ({ keypoints }) => ({ boxes: BOX, keypoints: KEYPOINT * keypoints }),
  read: (outputs, dimsOf, format) => {
    const [, people = 0] = dimsOf('boxes');
    const [, others = 0] = dimsOf('keypoints');
    if (people !== others)
      throw new Error(`gives ${people} boxes and the keypoints of ${others} people, wanted: as many`);
    const seen: SeenPose[] = [];
    for (let row = 0; row < people; row++) {
      const [left = NaN, top = NaN, right = NaN, bottom = NaN, score = NaN] = outputs.boxes.subarray(
        row * BOX,
        (row + 1) * BOX,
      );
      checkNumbers('dets', score);
      if (score < MIN_SCORE) continue;
      checkNumbers('dets', left, top, right, bottom);
      const points = Array.from({ length: format.keypoints }, (_, index) => {
        const at = (row * format.keypoints + index) * KEYPOINT;
        const [x = NaN, y = NaN, sureness = NaN] = outputs.keypoints.subarray(at, at + KEYPOINT);
        checkNumbers('keypoints', x, y, sureness);
        return { x: x + PIXEL_MIDDLE, y: y + PIXEL_MIDDLE, score: asScore(sureness) };
      });
      seen.push({ box: { left, top, right, bottom }, score: asScore(score), points });
    }
    return seen;
  },
};
