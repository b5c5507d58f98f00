import { gapOf, highestAt, largestGap, worstOf } from './difference.ts';
import { boxIou, regionToPicture } from './geometry.ts';
import type { Box, Region } from './geometry.ts';
import type { Difference, Network, Outputs } from './network.ts';

/*
 * NanoDet: people's bodies as boxes. It sees backs, and people who are hidden or cut off in part.
 */

/**
 * 416 × 416, blue first, with the mean and deviation of its training
 * (`nanodet-g.yml`); black beyond the edge.
 */
export const NANODET = {
  file: 'nanodet',
  input: {
    side: 416,
    channels: 'bgr',
    mean: [123.675, 116.28, 103.53],
    deviation: [58.395, 57.12, 57.375],
    border: 'black',
  },
  /**
   * For each stride a plane of probabilities that a cell belongs to a person, and 4 × {@link BINS} planes of
   * logits: how far away each side of the person's box is.
   */
  outputs: ['scores_8', 'scores_16', 'scores_32', 'boxes_8', 'boxes_16', 'boxes_32'],
  compare,
} as const satisfies Network;

type NanoDetOutputs = Outputs<'scores_8' | 'scores_16' | 'scores_32' | 'boxes_8' | 'boxes_16' | 'boxes_32'>;

/** Pixels of the input from one cell to the next. */
const STRIDES = [8, 16, 32] as const;
/** A side's distance is the mean of 0 … 10 strides, each with its probability ("generalised focal loss"). */
const BINS = 11;

/** A person's body as a box, in the picture's pixels. */
export interface PersonBox extends Box {
  /** 0 … 1. */
  score: number;
}

/**
 * The people of an upright region, the surest first.
 * @param maxIou of boxes that overlap by more, the surest stays
 */
export function decodeNanoDet(
  outputs: NanoDetOutputs,
  region: Region,
  { minScore, maxIou }: { minScore: number; maxIou: number },
): PersonBox[] {
  const boxes = STRIDES.flatMap((stride) =>
    boxesOf(outputs[`scores_${stride}`], outputs[`boxes_${stride}`], stride, region, minScore),
  );
  return withoutOverlaps(boxes, maxIou);
}

/** Boxes in falling order of score; of those that overlap by more than `maxIou`, the surest stays. */
export function withoutOverlaps(boxes: readonly PersonBox[], maxIou: number): PersonBox[] {
  const kept: PersonBox[] = [];
  for (const box of boxes.toSorted((a, b) => b.score - a.score)) {
    if (!kept.some((other) => boxIou(other, box) > maxIou)) kept.push(box);
  }
  return kept;
}

function boxesOf(
  scores: Float32Array,
  distances: Float32Array,
  stride: number,
  region: Region,
  minScore: number,
): PersonBox[] {
  const { side } = NANODET.input;
  const columns = side / stride;
  const boxes: PersonBox[] = [];
  for (const [cell, score] of scores.entries()) {
    // NaN is at least nothing.
    if (!(score >= minScore)) continue;
    const x = ((cell % columns) + 0.5) * stride;
    const y = (Math.floor(cell / columns) + 0.5) * stride;
    const distance = (to: number) => stride * expectedBin(distances, to, cell, scores.length);
    const from = regionToPicture(region, (x - distance(0)) / side, (y - distance(1)) / side);
    const to = regionToPicture(region, (x + distance(2)) / side, (y + distance(3)) / side);
    const box = { left: from.x, top: from.y, width: to.x - from.x, height: to.y - from.y, score };
    // Logits that are no numbers give none.
    if (Number.isFinite(box.width) && Number.isFinite(box.height)) boxes.push(box);
  }
  return boxes;
}

/** How far two runs may be apart: a probability, and pixels of the input. */
const SAME = { score: 0.03, side: 1 };

/** Boxes are compared in each stride's surest cell. */
function compare(seen: NanoDetOutputs, wanted: NanoDetOutputs): Difference {
  const gaps = STRIDES.map((stride) => {
    const [scores, distances] = [wanted[`scores_${stride}`], wanted[`boxes_${stride}`]];
    const seenScores = seen[`scores_${stride}`];
    const cell = highestAt(scores);
    const sides = [0, 1, 2, 3].map((side) =>
      gapOf(
        stride * expectedBin(seen[`boxes_${stride}`], side, cell, scores.length),
        stride * expectedBin(distances, side, cell, scores.length),
      ),
    );
    return {
      score: largestGap(Array.from(scores, (score, at) => gapOf(seenScores[at], score))),
      side: largestGap(sides),
    };
  });
  return worstOf([
    {
      gap: largestGap(gaps.map(({ score }) => score)),
      limit: SAME.score,
      words: (gap) => `probabilities of bodies are off by ${gap.toFixed(2)}`,
    },
    {
      gap: largestGap(gaps.map(({ side }) => side)),
      limit: SAME.side,
      words: (gap) => `boxes of bodies are off by ${gap.toFixed(1)} px`,
    },
  ]);
}

/**
 * The mean of a side's bins in a cell, by the softmax of their logits; sides are left, top, right, bottom.
 */
function expectedBin(distances: Float32Array, side: number, cell: number, cells: number): number {
  const logit = (bin: number) => distances[(side * BINS + bin) * cells + cell] ?? 0;
  let highest = -Infinity;
  for (let bin = 0; bin < BINS; bin++) highest = Math.max(highest, logit(bin));
  let [sum, total] = [0, 0];
  for (let bin = 0; bin < BINS; bin++) {
    const weight = Math.exp(logit(bin) - highest);
    sum += bin * weight;
    total += weight;
  }
  return sum / total;
}
