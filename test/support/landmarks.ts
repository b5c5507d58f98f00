import { LANDMARK_COUNT } from '../../src/networks/blazepose.ts';
import type { LandmarkOutput } from '../../src/networks/blazepose.ts';
import type { MoveNetKeypoint } from '../../src/networks/movenet.ts';

/**
 * A landmark output whose points are set by `at` (in 0…1 of the region),
 * each with a sharp peak of `peak` logits.
 * @param peak of all points, or of each
 */
export function landmarkOutput(
  at: (index: number) => [number, number],
  peak: number | ((index: number) => number) = 6,
  flag = 1,
): LandmarkOutput {
  const landmarks = new Float32Array(LANDMARK_COUNT * 5);
  const heatmap = new Float32Array(LANDMARK_COUNT * 64 * 64).fill(-20);
  for (let i = 0; i < LANDMARK_COUNT; i++) {
    const [u, v] = at(i);
    landmarks.set([u * 256, v * 256, 0, 0, 0], i * 5);
    // Rounded, a point is in the same place in a mirrored region.
    const column = Math.round(u * 64);
    const row = Math.round(v * 64);
    if (column >= 0 && column < 64 && row >= 0 && row < 64) {
      heatmap[i * 4096 + row * 64 + column] = typeof peak === 'number' ? peak : peak(i);
    }
  }
  return { landmarks, flag: Float32Array.of(flag), heatmap, world: new Float32Array(LANDMARK_COUNT * 3) };
}

/** A standing figure: where each of the 33 landmarks lies in its region. */
export function standing(index: number): [number, number] {
  const side = [2, 7, 9, 11, 13, 15, 23, 25, 27].includes(index) ? 1 : -1;
  const place: Record<number, [number, number]> = {
    0: [0, 0.12],
    2: [0.02, 0.11],
    7: [0.04, 0.115],
    9: [0.015, 0.14],
    11: [0.1, 0.22],
    13: [0.13, 0.35],
    15: [0.14, 0.47],
    23: [0.07, 0.5],
    25: [0.07, 0.7],
    27: [0.07, 0.9],
  };
  const mirrored = index === 5 ? 2 : [8, 10, 12, 14, 16, 24, 26, 28].includes(index) ? index - 1 : index;
  const [dx, y] = place[mirrored] ?? [0, 0.5];
  return [0.5 + side * dx, y];
}

/** BlazePose's landmark for each keypoint that MoveNet has. */
export const LANDMARK_OF_COCO: Readonly<Record<MoveNetKeypoint, number>> = {
  nose: 0,
  left_eye: 2,
  right_eye: 5,
  left_ear: 7,
  right_ear: 8,
  left_shoulder: 11,
  right_shoulder: 12,
  left_elbow: 13,
  right_elbow: 14,
  left_wrist: 15,
  right_wrist: 16,
  left_hip: 23,
  right_hip: 24,
  left_knee: 25,
  right_knee: 26,
  left_ankle: 27,
  right_ankle: 28,
};
