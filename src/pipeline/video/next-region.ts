import type { Region } from '../../networks/geometry.ts';
import { auxiliaryRegion } from '../region.ts';
import type { Pose } from '../../networks/blazepose.ts';

/** BlazePose's landmarks, left and right, that the region of someone who is cut off hangs on. */
const EARS = [7, 8] as const;
const SHOULDERS = [11, 12] as const;
const HIPS = [23, 24] as const;
const KNEES = [25, 26] as const;

/**
 * Shoulders as wide as this many times the way from them up to the ears
 * (median over annotated photographs: 1.55).
 */
const SHOULDER_WIDTH = 1.6;
/**
 * The torso's length in head-and-neck units; medians over annotated photographs are 2.6 to 2.8, over the
 * rendered clips 2.2. A region a third too large costs nothing, one a third too small loses the head.
 */
const TORSO = 2.5;
/**
 * Nobody's hips are further from their shoulders, in the same units: the model places hips that it half sees
 * anywhere down to its region's edge, and a region that hung on those would be larger with each frame.
 */
const LONGEST_TORSO = 4;
/**
 * Side of the region in torsos. The model asks for 4.4 for people seen whole;
 * without their legs the rest may be larger.
 */
const SIZE = 4.1;
/**
 * Points with a lower peak are not seen, with a higher one they are; between the two the region changes over.
 */
const SEEN = { from: 0.2, to: 0.5 };
/** Nobody whose hips are not seen is taken to lean further, in radians: the model's guess wanders. */
const MAX_LEAN = 0.3;

/**
 * A length by which to measure someone of whom only head and shoulders are seen: from the shoulders
 * up to the ears, or what the shoulders' width says where the head is bowed. It does not depend on
 * the region that the person was seen in.
 */
export function headAndNeck(pose: Pose): number {
  const shoulders = middle(pose, SHOULDERS);
  const ears = middle(pose, EARS);
  return Math.max(Math.hypot(shoulders.x - ears.x, shoulders.y - ears.y), shoulders.width / SHOULDER_WIDTH);
}

/** Whether someone's legs are seen, and not hidden by the picture's edge or a desk. */
export function showsLegs(pose: Pose): boolean {
  return seenShare(middle(pose, KNEES).peak) === 1;
}

/**
 * Where to look for someone in the next frame. People seen whole are where their pose says. Where the picture
 * or a desk hides hips and legs, the model's own circle keeps whatever size the last region had, and drifts:
 * there the region hangs on the shoulders.
 * @param unit {@link headAndNeck} as it has been of late
 */
export function followedRegion(pose: Pose, unit: number): Region {
  const asked = auxiliaryRegion(pose);
  const legs = seenShare(middle(pose, KNEES).peak);
  if (legs === 1) return asked;
  const shoulders = middle(pose, SHOULDERS);
  const hips = middle(pose, HIPS);
  const seen = seenShare(hips.peak);
  const lean = Math.min(Math.max(asked.rotation, -MAX_LEAN), MAX_LEAN);
  const rotation = mix(lean, asked.rotation, seen);
  const torso = TORSO * unit;
  const down = {
    x: mix(-torso * Math.sin(rotation), hips.x - shoulders.x, seen),
    y: mix(torso * Math.cos(rotation), hips.y - shoulders.y, seen),
  };
  const length = Math.hypot(down.x, down.y);
  const longest = LONGEST_TORSO * unit;
  const kept = length > longest ? longest / length : 1;
  const [centreX, centreY] = [shoulders.x + kept * down.x, shoulders.y + kept * down.y];
  const size = SIZE * Math.max(kept * length, torso);
  return {
    centreX: mix(centreX, asked.centreX, legs),
    centreY: mix(centreY, asked.centreY, legs),
    size: mix(size, asked.size, legs),
    rotation: mix(rotation, asked.rotation, legs),
  };
}

function middle(
  { landmarks }: Pose,
  [left, right]: readonly [number, number],
): { x: number; y: number; peak: number; width: number } {
  const [a, b] = [landmarks[left], landmarks[right]];
  if (!a || !b) throw new RangeError(`a pose has no landmark ${left} or ${right}`);
  return {
    x: (a.x + b.x) / 2,
    y: (a.y + b.y) / 2,
    peak: (a.peak + b.peak) / 2,
    width: Math.hypot(a.x - b.x, a.y - b.y),
  };
}

function seenShare(peak: number): number {
  return Math.min(Math.max((peak - SEEN.from) / (SEEN.to - SEEN.from), 0), 1);
}

function mix(from: number, to: number, share: number): number {
  return from + share * (to - from);
}
