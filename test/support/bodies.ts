import { regionToPicture } from '../../src/networks/geometry.ts';
import type { Box, Region } from '../../src/networks/geometry.ts';
import { MOVENET_KEYPOINTS } from '../../src/networks/movenet.ts';
import type { MOVENET, MoveNetKeypoint } from '../../src/networks/movenet.ts';
import { NANODET } from '../../src/networks/nanodet.ts';
import { ANCHORS } from '../../src/networks/pose-detector.ts';
import type { Outputs } from '../../src/networks/network.ts';

/*
 * What the networks give, beside the landmark model, for people of whom it is known where they are.
 */

/** Of the logits of what is not there. */
const NOTHING = -1000;

const STRIDES = [8, 16, 32] as const;
const BINS = 11;

/** NanoDet's output that has those bodies in it, of which each needs a cell of its own. */
export function bodiesOutput(
  bodies: readonly (Box & { score?: number })[],
  region: Region,
): Outputs<(typeof NANODET.outputs)[number]> {
  const { side } = NANODET.input;
  const cellsOf = (stride: number) => (side / stride) ** 2;
  const planes = (count: number, value: number) =>
    STRIDES.map((stride) => new Float32Array(count * cellsOf(stride)).fill(value));
  const scores = planes(1, 0);
  const distances = planes(4 * BINS, NOTHING);
  const scale = side / region.size;
  const origin = regionToPicture(region, 0, 0);
  for (const { left, top, width, height, score = 0.9 } of bodies) {
    const [x, y] = [(left - origin.x) * scale, (top - origin.y) * scale];
    const [toX, toY] = [x + width * scale, y + height * scale];
    // As in reality the smallest stride that reaches so far.
    const level = STRIDES.findIndex((stride) => Math.max(toX - x, toY - y) / 2 <= (BINS - 2) * stride);
    const stride = STRIDES[level] ?? 32;
    const [column, row] = [(x + toX) / 2, (y + toY) / 2].map((middle) => Math.floor(middle / stride));
    const columns = side / stride;
    if (column === undefined || row === undefined) continue;
    if (Math.min(column, row) < 0 || Math.max(column, row) >= columns) continue;
    const cell = row * columns + column;
    const [atX, atY] = [(column + 0.5) * stride, (row + 0.5) * stride];
    scores[level]?.fill(score, cell, cell + 1);
    for (const [index, distance] of [atX - x, atY - y, toX - atX, toY - atY].entries()) {
      const bins = Math.min(Math.max(distance / stride, 0), BINS - 1);
      for (let bin = 0; bin < BINS; bin++) {
        // Two neighbours share the probability so that their mean is the distance.
        const probability = Math.max(0, 1 - Math.abs(bin - bins));
        const logit = probability > 0 ? Math.log(probability) : NOTHING;
        distances[level]?.fill(
          logit,
          (index * BINS + bin) * columns ** 2 + cell,
          (index * BINS + bin) * columns ** 2 + cell + 1,
        );
      }
    }
  }
  const [scores_8, scores_16, scores_32, boxes_8, boxes_16, boxes_32] = [...scores, ...distances];
  if (!scores_8 || !scores_16 || !scores_32 || !boxes_8 || !boxes_16 || !boxes_32) throw new RangeError();
  return { scores_8, scores_16, scores_32, boxes_8, boxes_16, boxes_32 };
}

const CELLS = 64;

/**
 * MoveNet's output for a person whose points lie there, in 0 … 1 of the square, each with so sure a logit.
 */
export function moveNetOutput(
  at: (keypoint: MoveNetKeypoint) => [u: number, v: number],
  logit = 4,
): Outputs<(typeof MOVENET.outputs)[number]> {
  const plane = CELLS ** 2;
  const heatmaps = new Float32Array(17 * plane).fill(-20);
  const regressions = new Float32Array(34 * plane);
  const centre = new Float32Array(plane).fill(-20);
  const offsets = new Float32Array(34 * plane);
  const middle = CELLS / 2;
  const person = middle * CELLS + middle;
  centre[person] = logit;
  for (const [index, name] of MOVENET_KEYPOINTS.entries()) {
    const [x, y] = at(name).map((share) => share * CELLS);
    if (x === undefined || y === undefined) continue;
    const inside = (value: number) => Math.min(Math.max(Math.floor(value), 0), CELLS - 1);
    const cell = inside(y) * CELLS + inside(x);
    heatmaps[index * plane + cell] = logit;
    regressions[2 * index * plane + person] = y - middle;
    regressions[(2 * index + 1) * plane + person] = x - middle;
    offsets[2 * index * plane + cell] = y - inside(y);
    offsets[(2 * index + 1) * plane + cell] = x - inside(x);
  }
  return { heatmaps, regressions, centre, offsets };
}

/**
 * The pose detector's output in which people's faces lie far apart, with
 * hips and bodies' edges as given, in 0 … 1.
 */
export function posesOutput(
  poses: readonly { hips: [u: number, v: number]; edge: [u: number, v: number] }[],
): Outputs<'boxes' | 'scores'> {
  const boxes = new Float32Array(2254 * 12);
  const scores = new Float32Array(2254).fill(-100);
  for (const [index, { hips, edge }] of poses.entries()) {
    // Each at a cell of its own of the 7 × 7 grid, which has six anchors a cell.
    const anchor = 1960 + 6 * index;
    const fromAnchor = ([u, v]: [number, number]) => [
      224 * (u - (ANCHORS[2 * anchor] ?? 0)),
      224 * (v - (ANCHORS[2 * anchor + 1] ?? 0)),
    ];
    scores[anchor] = 3;
    boxes.set([0, 0, 20, 20, ...fromAnchor(hips), ...fromAnchor(edge)], anchor * 12);
  }
  return { boxes, scores };
}
