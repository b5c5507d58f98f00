import { COCO_KEYPOINTS } from '../schema/body-parts.ts';
import { gapOf, highestAt, largestGap, worstOf } from './difference.ts';
import { pictureToRegion, regionToPicture, sigmoid } from './geometry.ts';
import type { Point, Region } from './geometry.ts';
import { keypointIn, strongestNear } from './movenet-heads.ts';
import { colourRange } from './network.ts';
import type { Difference, Network, Outputs } from './network.ts';

/*
 * MoveNet SinglePose Thunder: the keypoints of the one person in the middle of a square, made
 * for people who are cut off by it as well.
 */

/** 256 × 256, −1 … 1, black beyond the edge, as in Google's own pipeline. */
export const MOVENET = {
  file: 'movenet_thunder',
  input: { side: 256, channels: 'rgb', ...colourRange(-1, 1), border: 'black' },
  /**
   * Planes of {@link CELLS} × {@link CELLS}: 17 of logits, 34 of y and x by
   * turns, 1 of logits, 34 of y and x by turns.
   */
  outputs: ['heatmaps', 'regressions', 'centre', 'offsets'],
  compare,
} as const satisfies Network;

type MoveNetOutputs = Outputs<'heatmaps' | 'regressions' | 'centre' | 'offsets'>;

/** The keypoints, in the order of the planes. */
export const MOVENET_KEYPOINTS = COCO_KEYPOINTS;

/** The name of a keypoint that MoveNet has. */
export type MoveNetKeypoint = (typeof MOVENET_KEYPOINTS)[number];

/** A keypoint in the picture. */
export interface ScoredPoint extends Point {
  /** How sure the network is of it, 0 … 1. */
  score: number;
}

/** What MoveNet saw in a square. */
export interface MoveNetPose {
  points: Record<MoveNetKeypoint, ScoredPoint>;
  /** Where it took the person's middle to be. */
  centre: ScoredPoint;
}

const CELLS = 64;
const GRID = { columns: CELLS, rows: CELLS };

/**
 * The keypoints of one person in a square.
 * @param middle where the person's middle may be, in the picture; that of the square when absent
 */
export function decodeMoveNet(
  heads: MoveNetOutputs,
  region: Region,
  middle: Point = { x: region.centreX, y: region.centreY },
): MoveNetPose {
  const [middleU, middleV] = pictureToRegion(region, middle);
  const person = strongestNear(heads.centre, { x: CELLS * middleU, y: CELLS * middleV }, GRID);
  const points = MOVENET_KEYPOINTS.map((name, order): [MoveNetKeypoint, ScoredPoint] => {
    const index = region.mirrored ? otherSide(order) : order;
    const { x, y, score } = keypointIn(heads, index, person, GRID);
    return [name, { ...regionToPicture(region, x / CELLS, y / CELLS), score }];
  });
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every key of the record is in the list
    points: Object.fromEntries(points) as MoveNetPose['points'],
    centre: { ...regionToPicture(region, person.x / CELLS, person.y / CELLS), score: person.score },
  };
}

/**
 * How far two runs may be apart: a probability, and distances in cells,
 * of which one is 4 pixels of the input.
 */
const SAME = { score: 0.03, regression: 0.5, offset: 0.125 };

/**
 * Distances are compared where they are read from: in the surest cell of the middle, and of each keypoint.
 */
function compare(seen: MoveNetOutputs, wanted: MoveNetOutputs): Difference {
  const scoreGaps = (['heatmaps', 'centre'] as const).map((name) =>
    largestGap(
      Array.from(wanted[name], (logit, at) => gapOf(sigmoid(seen[name][at] ?? Number.NaN), sigmoid(logit))),
    ),
  );
  const middle = highestAt(wanted.centre);
  const regressionGaps: number[] = [];
  const offsetGaps: number[] = [];
  for (const index of MOVENET_KEYPOINTS.keys()) {
    const surest = highestAt(planeOf(wanted.heatmaps, index));
    for (const plane of planes(index)) {
      regressionGaps.push(gapOf(seen.regressions[plane + middle], wanted.regressions[plane + middle]));
      offsetGaps.push(gapOf(seen.offsets[plane + surest], wanted.offsets[plane + surest]));
    }
  }
  return worstOf([
    {
      gap: largestGap(scoreGaps),
      limit: SAME.score,
      words: (gap) => `probabilities of keypoints are off by ${gap.toFixed(2)}`,
    },
    {
      gap: largestGap(regressionGaps),
      limit: SAME.regression,
      words: (gap) => `distances to keypoints are off by ${gap.toFixed(1)} cells`,
    },
    {
      gap: largestGap(offsetGaps),
      limit: SAME.offset,
      words: (gap) => `keypoints are off by ${gap.toFixed(2)} cells`,
    },
  ]);
}

/** A keypoint's plane of logits. */
function planeOf(heatmaps: Float32Array, index: number): Float32Array {
  return heatmaps.subarray(index * CELLS ** 2, (index + 1) * CELLS ** 2);
}

/** Where the planes of y and of x of a keypoint begin. */
function planes(index: number): [y: number, x: number] {
  return [2 * index * CELLS ** 2, (2 * index + 1) * CELLS ** 2];
}

/** Which planes are whose in a mirror: left and right lie side by side in them, the left one first. */
function otherSide(index: number): number {
  if (index === 0) return 0;
  return index % 2 === 1 ? index + 1 : index - 1;
}
