import { asScore, checkNumbers, IMAGENET, PIXEL_MIDDLE } from './own-network.ts';
import type { OwnKind } from './own-network.ts';

/*
 * SimCC ("a simple coordinate classification perspective", Li et al., ECCV 2022): for each keypoint a
 * distribution of x over bins of less than a pixel, and one of y. As RTMPose is exported by MMDeploy:
 * `simcc_x` and `simcc_y`, two bins a pixel (`simcc_split_ratio`): bin b is the place b / 2, in which whole
 * numbers are the pixels' middles. A keypoint is as sure as the less sure of the two distributions' highest
 * numbers.
 */

/** Two distributions for each keypoint of one person. */
export const SIMCC: OwnKind<'x' | 'y'> = {
  looksAt: 'person',
  input: IMAGENET,
  outputs: {
    x: {
      names: ['simcc_x'],
      byPlace: true,
      shapes: ({ keypoints }) => [[1, keypoints, 'bins across']],
    },
    y: { names: ['simcc_y'], byPlace: true, shapes: ({ keypoints }) => [[1, keypoints, 'bins down']] },
  },
  read: ({ x, y }, dimsOf, { keypoints, width, height }) => {
    const [across = 0, down = 0] = [dimsOf('x')[2], dimsOf('y')[2]];
    if (across / width !== down / height) {
      throw new Error(
        `gives ${across} bins across and ${down} down, wanted: as many a pixel both ways, of ${width} × ${height} px`,
      );
    }
    const points = Array.from({ length: keypoints }, (_, index) => {
      const column = highest('x', x, index, across);
      const row = highest('y', y, index, down);
      return {
        x: PIXEL_MIDDLE + (width * column.bin) / across,
        y: PIXEL_MIDDLE + (height * row.bin) / down,
        score: asScore(Math.min(column.value, row.value)),
      };
    });
    return [{ points, score: 1 }];
  },
};

/** Where a keypoint's distribution is highest. */
function highest(
  output: string,
  values: Float32Array,
  index: number,
  bins: number,
): { bin: number; value: number } {
  let best = { bin: 0, value: -Infinity };
  for (let bin = 0; bin < bins; bin++) {
    const value = values[index * bins + bin] ?? Number.NaN;
    checkNumbers(output, value);
    if (value > best.value) best = { bin, value };
  }
  return best;
}
