import { gapOf, highestAt, largestGap, worstOf } from './difference.ts';
import { boxIou, regionToPicture, sigmoid } from './geometry.ts';
import type { Box, Point, Region } from './geometry.ts';
import { colourRange } from './network.ts';
import type { Difference, Network, Outputs } from './network.ts';

/** Side of the detector's input in pixels. */
const DETECTOR_SIZE = 224;

/**
 * BlazePose's own detector. Its input is what it was trained on (MediaPipe's `pose_detection_cpu.pbtxt`).
 * - `boxes`: 2254 × 12: box centre x, y, width, height, then 4 keypoints x, y; in 224ths of
 *   the region, from the anchor's centre
 * - `scores`: 2254 logits
 */
export const POSE_DETECTOR: Network<'boxes' | 'scores'> = {
  file: 'pose_detector',
  input: {
    side: DETECTOR_SIZE,
    channels: 'rgb',
    .../* #__PURE__ */ colourRange(-1, 1),
    border: 'black',
  },
  outputs: ['boxes', 'scores'],
  compare,
};

/** How far two runs may be apart: a probability, and pixels of the input. */
const SAME = { score: 0.03, box: 1 };

/** Boxes are compared at the surest anchor. */
function compare(seen: Outputs<'boxes' | 'scores'>, wanted: Outputs<'boxes' | 'scores'>): Difference {
  const first = highestAt(wanted.scores) * BOX_VALUES;
  const box = Array.from(wanted.boxes.subarray(first, first + BOX_VALUES), (value, at) =>
    gapOf(seen.boxes[first + at], value),
  );
  const scores = Array.from(wanted.scores, (logit, at) =>
    gapOf(sigmoid(seen.scores[at] ?? Number.NaN), sigmoid(logit)),
  );
  return worstOf([
    {
      gap: largestGap(scores),
      limit: SAME.score,
      words: (gap) => `probabilities of faces are off by ${gap.toFixed(2)}`,
    },
    { gap: largestGap(box), limit: SAME.box, words: (gap) => `poses are off by ${gap.toFixed(1)} px` },
  ]);
}

/** One person seen by the detector, in the picture's pixels. */
export interface Detection {
  score: number;
  /** The *face*: the detector is BlazeFace's kin, and its box is around the face, not the body. */
  face: Box;
  /** Middle of the hips. */
  hips: Point;
  /** A point on the circle around the hips that holds the whole body, in the direction of the head. */
  bodyEdge: Point;
}

/** Values per anchor in `boxes`. */
const BOX_VALUES = 12;

/**
 * Anchor centres in [0, 1], x and y by turns, in the model's order: row by row, and anchors of one cell side
 * by side. Strides 8, 16 and three times 32 with two anchors a cell each, the equal strides merged
 * (`pose_detection_cpu.pbtxt` of MediaPipe): 28²·2 + 14²·2 + 7²·6 = 2254. Every anchor's own size is 1.
 */
export const ANCHORS: Float32Array = /* #__PURE__ */ makeAnchors();

function makeAnchors(): Float32Array {
  const grids = [
    { cells: 28, perCell: 2 },
    { cells: 14, perCell: 2 },
    { cells: 7, perCell: 6 },
  ];
  const centres: number[] = [];
  for (const { cells, perCell } of grids) {
    for (let row = 0; row < cells; row++) {
      for (let column = 0; column < cells; column++) {
        for (let i = 0; i < perCell; i++) centres.push((column + 0.5) / cells, (row + 0.5) / cells);
      }
    }
  }
  return Float32Array.from(centres);
}

/** The detections of one region with a score of at least `minScore`, in no order and with duplicates. */
export function decodeDetections(
  { boxes, scores }: Outputs<'boxes' | 'scores'>,
  region: Region,
  minScore: number,
): Detection[] {
  const minLogit = Math.log(minScore / (1 - minScore));
  const found: Detection[] = [];
  for (let i = 0; i < scores.length; i++) {
    const logit = scores[i] ?? -Infinity;
    // What is there in a function of its own: nearly all are let go, and nothing is to be made for these.
    if (logit >= minLogit) found.push({ score: sigmoid(logit), ...decodeBox(boxes, i, region) });
  }
  return found;
}

function decodeBox(boxes: Float32Array, index: number, region: Region): Omit<Detection, 'score'> {
  const anchorX = ANCHORS[2 * index] ?? 0;
  const anchorY = ANCHORS[2 * index + 1] ?? 0;
  const at = (value: number) => (boxes[index * BOX_VALUES + value] ?? 0) / DETECTOR_SIZE;
  const point = (value: number) => regionToPicture(region, at(value) + anchorX, at(value + 1) + anchorY);
  const centre = point(0);
  const width = at(2) * region.size;
  const height = at(3) * region.size;
  return {
    face: { left: centre.x - width / 2, top: centre.y - height / 2, width, height },
    hips: point(4),
    bodyEdge: point(6),
  };
}

/**
 * Weighted non-maximum suppression: detections whose faces overlap by more than `maxIou` become one, placed
 * at their mean weighted by score, with the best one's score.
 */
export function mergeDetections(detections: readonly Detection[], maxIou: number): Detection[] {
  let rest = detections.toSorted((a, b) => b.score - a.score);
  const merged: Detection[] = [];
  for (let best = rest[0]; best; best = rest[0]) {
    const { face } = best;
    const same = rest.filter((other) => other === rest[0] || boxIou(face, other.face) > maxIou);
    rest = rest.filter((other) => !same.includes(other));
    merged.push({ ...weightedMean(same), score: best.score });
  }
  return merged;
}

function weightedMean(detections: readonly Detection[]): Detection {
  const total = detections.reduce((sum, detection) => sum + detection.score, 0);
  const mean = (value: (detection: Detection) => number) =>
    detections.reduce((sum, detection) => sum + value(detection) * detection.score, 0) / total;
  return {
    score: total / detections.length,
    face: {
      left: mean((d) => d.face.left),
      top: mean((d) => d.face.top),
      width: mean((d) => d.face.width),
      height: mean((d) => d.face.height),
    },
    hips: { x: mean((d) => d.hips.x), y: mean((d) => d.hips.y) },
    bodyEdge: { x: mean((d) => d.bodyEdge.x), y: mean((d) => d.bodyEdge.y) },
  };
}
