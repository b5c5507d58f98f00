import type { LandmarkModel } from '../schema/loading.ts';
import { gapOf, largestGap, worstOf } from './difference.ts';
import { regionToPicture, sigmoid } from './geometry.ts';
import type { Point, Region } from './geometry.ts';
import { colourRange } from './network.ts';
import type { Difference, Network, Outputs, OutputsWithHead } from './network.ts';

/**
 * What the model gives for one region:
 * - `landmarks`: 39 × (x, y, z in 256ths of the region's side, visibility logit, presence logit)
 * - `flag`: the probability that the region holds a person, 0 … 1
 * - `heatmap`: 39 planes of 64 × 64 logits, row by row
 * - `world`: 39 × (x, y, z in metres from the middle of the hips, in the region's own orientation)
 */
type PoseOutput = 'landmarks' | 'flag' | 'heatmap' | 'world';

/** With `mask`, where it was asked for: 256 × 256 logits of being the person, row by row. */
export type LandmarkOutput = OutputsWithHead<PoseOutput, 'mask'>;

/** A network that gives landmarks, and with its head a mask. */
export type LandmarkNetwork = Network<PoseOutput, 'mask'>;

/** Side of the landmark model's input in pixels. */
export const LANDMARK_SIZE = 256;
/** Landmarks in the model's output: 33 of the body, 2 for the next frame's region, 4 of the hands. */
export const LANDMARK_COUNT = 39;
/** Values per landmark in {@link LandmarkOutput.landmarks}. */
export const LANDMARK_VALUES = 5;

/**
 * How far landmarks may be from WASM's, in pixels of the model's input, and the flag, a probability. Half
 * precision rounds coordinates over 128 to an eighth of a pixel.
 */
const SAME = { landmark: 0.5, flag: 0.01 };

/** x and y are compared, and the flag: z and two logits are not. */
function compare(seen: Outputs<PoseOutput>, wanted: Outputs<PoseOutput>): Difference {
  const { landmarks } = seen;
  const gaps = Array.from(landmarks, (value, at) =>
    at % LANDMARK_VALUES > 1 ? 0 : gapOf(value, wanted.landmarks[at]),
  );
  return worstOf([
    {
      gap: gapOf(seen.flag[0], wanted.flag[0]),
      limit: SAME.flag,
      words: (gap) => `the probability of a person is off by ${gap.toFixed(2)}`,
    },
    {
      gap: largestGap(gaps),
      limit: SAME.landmark,
      words: (gap) => `landmarks are off by ${gap.toFixed(1)} px`,
    },
  ]);
}

/**
 * BlazePose GHUM, of one size. Colours from 0 to 1 as in `pose_landmark_cpu.pbtxt`; the edge's last
 * pixel goes on, which measures best on people cut off by it. A file is
 * computed whole, whatever is wanted of it, so the mask has one of its own.
 */
function blazePose(size: LandmarkModel): LandmarkNetwork {
  return {
    file: `pose_landmark_${size}`,
    input: { side: LANDMARK_SIZE, channels: 'rgb', ...colourRange(0, 1), border: 'replicate' },
    outputs: ['landmarks', 'flag', 'heatmap', 'world'],
    head: {
      file: `pose_mask_${size}`,
      reads: ['mask_features_0', 'mask_features_1'],
      outputs: ['mask'],
    },
    batched: true,
    compare,
  };
}

/** The landmark model of each choice of `model`. */
export const BLAZEPOSE: Readonly<Record<LandmarkModel, LandmarkNetwork>> = {
  lite: /* #__PURE__ */ blazePose('lite'),
  full: /* #__PURE__ */ blazePose('full'),
  heavy: /* #__PURE__ */ blazePose('heavy'),
};

/** A person's outline as the model sees it: 256 × 256 logits of being the person, over its region. */
export interface PoseMask {
  region: Region;
  logits: Float32Array;
}

/** A landmark in the picture. */
export interface Landmark extends Point {
  /**
   * The highest value of the landmark's heatmap as a probability, 0 … 1: how sure the model is of the point.
   */
  peak: number;
}

/** One region's pose. */
export interface Pose {
  region: Region;
  /** Probability that the region holds a person, 0 … 1. */
  presence: number;
  /** {@link LANDMARK_COUNT} landmarks in BlazePose's order: 33 of the body, then auxiliary ones. */
  landmarks: Landmark[];
  /**
   * The model's own numbers, as far as the answer may want them; the heatmaps, 640 KB a pass, are not kept.
   */
  output: Pick<LandmarkOutput, 'landmarks' | 'world'>;
  /** The mask from the pass that was asked for it. */
  mask?: PoseMask;
}

const HEATMAP_SIZE = 64;
/** `kernel_size` and `min_confidence_to_refine` of MediaPipe's `RefineLandmarksFromHeatmapCalculator`. */
const KERNEL = 7;
const MIN_PEAK = 0.5;
/**
 * A heatmap's highest cell is taken for the landmark when it is at least so sure, and no further from the
 * regressed point than this share of the region: measured on annotated photographs (AP +.016 against refining
 * around the regressed point alone).
 */
const MIN_GLOBAL_PEAK = 0.3;
const MAX_GLOBAL_OFFSET = 0.12;

/** The landmark on the body's other side, for each of {@link LANDMARK_COUNT}. */
const OTHER_SIDE: readonly number[] = Array.from({ length: LANDMARK_COUNT }, (_, index) => {
  if (index >= 1 && index <= 6) return index <= 3 ? index + 3 : index - 3;
  if (index >= 7 && index <= 32) return index % 2 === 1 ? index + 1 : index - 1;
  return index;
});

/**
 * As which of its landmarks the model has seen one of the body's: in a mirror left and right change sides.
 */
export function seenAs(index: number, { mirrored = false }: Region): number {
  return mirrored ? (OTHER_SIDE[index] ?? index) : index;
}

/**
 * Landmarks in the picture's pixels, each moved onto its heatmap's peak where that is clear. What the pose
 * keeps of the output is copied.
 */
export function decodePose(output: LandmarkOutput, region: Region): Pose {
  const landmarks: Landmark[] = [];
  for (let i = 0; i < LANDMARK_COUNT; i++) {
    const from = seenAs(i, region);
    const u = (output.landmarks[from * LANDMARK_VALUES] ?? 0) / LANDMARK_SIZE;
    const v = (output.landmarks[from * LANDMARK_VALUES + 1] ?? 0) / LANDMARK_SIZE;
    const plane = output.heatmap.subarray(from * HEATMAP_SIZE ** 2, (from + 1) * HEATMAP_SIZE ** 2);
    const { point, peak } = locate(plane, u, v);
    const { x, y } = regionToPicture(region, point.x, point.y);
    landmarks.push({ x, y, peak });
  }
  const { flag, world } = output;
  const pose = {
    region,
    presence: flag[0] ?? NaN,
    landmarks,
    output: { landmarks: output.landmarks.slice(), world: world.slice() },
  };
  return output.mask ? { ...pose, mask: { region, logits: output.mask.slice() } } : pose;
}

/** Where a heatmap has its landmark, given the regressed point (u, v), and how sure it is. */
function locate(plane: Float32Array, u: number, v: number): { point: Point; peak: number } {
  let cell = 0;
  let highest = plane[0] ?? -Infinity;
  for (let i = 1; i < plane.length; i++) {
    const value = plane[i] ?? 0;
    if (value > highest) {
      highest = value;
      cell = i;
    }
  }
  const peak = sigmoid(highest);
  const column = cell % HEATMAP_SIZE;
  const row = Math.floor(cell / HEATMAP_SIZE);
  const offset = Math.hypot(column / HEATMAP_SIZE - u, row / HEATMAP_SIZE - v);
  if (peak >= MIN_GLOBAL_PEAK && offset <= MAX_GLOBAL_OFFSET) {
    return { point: centroid(plane, column, row).point, peak };
  }
  const near = { column: Math.trunc(u * HEATMAP_SIZE), row: Math.trunc(v * HEATMAP_SIZE) };
  const outside = [near.column, near.row].some((index) => !(index >= 0 && index < HEATMAP_SIZE));
  if (outside) return { point: { x: u, y: v }, peak };
  const around = centroid(plane, near.column, near.row);
  return { point: around.peak < MIN_PEAK ? { x: u, y: v } : around.point, peak };
}

/** Landmarks further from their region's centre than this many sides of it are no body's. */
const FARTHEST = 4;

/**
 * Whether a pose could be one. A model that overflows, as half-precision graphics hardware may, gives numbers
 * that are none or lie anywhere, and a single one of them would spoil the answer.
 */
export function isPlausible({ region, landmarks, presence }: Pose): boolean {
  const { centreX, centreY, size } = region;
  return (
    presence >= 0 &&
    presence <= 1 &&
    landmarks.every(
      ({ x, y, peak }) => Math.hypot(x - centreX, y - centreY) <= FARTHEST * size && Number.isFinite(peak),
    )
  );
}

/** The centre of what the heatmap has around a cell, and the highest probability there. */
function centroid(plane: Float32Array, column: number, row: number): { point: Point; peak: number } {
  const reach = (KERNEL - 1) / 2;
  let peak = 0;
  let sum = 0;
  let sumX = 0;
  let sumY = 0;
  for (let y = Math.max(0, row - reach); y <= Math.min(HEATMAP_SIZE - 1, row + reach); y++) {
    for (let x = Math.max(0, column - reach); x <= Math.min(HEATMAP_SIZE - 1, column + reach); x++) {
      const confidence = sigmoid(plane[y * HEATMAP_SIZE + x] ?? -Infinity);
      peak = Math.max(peak, confidence);
      sum += confidence;
      sumX += confidence * x;
      sumY += confidence * y;
    }
  }
  return { point: { x: sumX / sum / HEATMAP_SIZE, y: sumY / sum / HEATMAP_SIZE }, peak };
}
