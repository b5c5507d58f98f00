import { sigmoid } from './geometry.ts';
import type { Point } from './geometry.ts';
import type { Outputs } from './network.ts';

/*
 * The four heads of MoveNet, of any size and number of keypoints, and the keypoints in them: MoveNet is a
 * CenterNet with the distance from the middle for a prior (`center_net_meta_arch.py` of TensorFlow's models).
 */

/** Planes of one grid, row by row: logits, and y and x by turns, in cells. */
export type Heads = Outputs<'heatmaps' | 'regressions' | 'centre' | 'offsets'>;

/** The planes' size. */
export interface Grid {
  columns: number;
  rows: number;
}

/** A cell, and how likely it is. */
export interface FoundCell extends Point {
  cell: number;
  score: number;
}

/** Added to a distance in cells before a probability is divided by it. */
const DISTANCE_OFFSET = 1.8;

/** A keypoint in cells, from the grid's top left corner. */
export function keypointIn(
  { heatmaps, regressions, offsets }: Heads,
  index: number,
  person: FoundCell,
  grid: Grid,
): Point & { score: number } {
  const size = grid.columns * grid.rows;
  const [y, x] = [2 * index * size, (2 * index + 1) * size];
  const expected = {
    x: person.x + numberAt(regressions, x + person.cell),
    y: person.y + numberAt(regressions, y + person.cell),
  };
  const plane = heatmaps.subarray(index * size, (index + 1) * size);
  const found = strongestNear(plane, expected, grid);
  return {
    x: found.x + numberAt(offsets, x + found.cell),
    y: found.y + numberAt(offsets, y + found.cell),
    score: found.score,
  };
}

/** A distance in cells; 0 where the network gives no number. */
function numberAt(distances: Float32Array, index: number): number {
  const value = distances[index] ?? 0;
  return Number.isFinite(value) ? value : 0;
}

/** The cell of a plane of logits with the highest probability, of which distance from a point takes away. */
export function strongestNear(plane: Float32Array, point: Point, { columns, rows }: Grid): FoundCell {
  let best = { cell: 0, x: 0, y: 0, score: 0 };
  let most = -1;
  // Of less no probability is the highest, however near it lies. It spares
  // the exponential for nearly all cells.
  let leastLogit = -Infinity;
  for (let cell = 0; cell < columns * rows; cell++) {
    const logit = plane[cell] ?? -Infinity;
    if (logit < leastLogit) continue;
    const x = cell % columns;
    const y = Math.floor(cell / columns);
    const score = sigmoid(logit);
    const weighted = score / (Math.hypot(x - point.x, y - point.y) + DISTANCE_OFFSET);
    // NaN is over nothing, and so never the best.
    if (!(weighted > most)) continue;
    most = weighted;
    best = { cell, x, y, score };
    const least = most * DISTANCE_OFFSET;
    leastLogit = least > 0 ? Math.log(least / (1 - least)) : -Infinity;
  }
  return best;
}
