import type { Region } from '../networks/geometry.ts';
import { decodeNanoDet, NANODET, withoutOverlaps } from '../networks/nanodet.ts';
import type { PersonBox } from '../networks/nanodet.ts';
import { decodeDetections, mergeDetections, POSE_DETECTOR } from '../networks/pose-detector.ts';
import { runOnce } from './networks.ts';
import type { Networks } from './networks.ts';
import { bodyRegion, isUsable } from './region.ts';

/** A square of the picture that a detector was run on, and how many people it found there. */
export interface SearchedSquare {
  detector: 'pose' | 'person' | 'own';
  square: Region;
  found: number;
}

/** Someone whom the pose detector found, who may be lying or upside down. */
export interface FoundPose {
  region: Region;
  score: number;
}

/** What a detector has found, and where it was run. */
export interface Detected<Found> {
  found: Found[];
  squares: SearchedSquare[];
}

/** MediaPipe's `min_suppression_threshold`. */
const MAX_FACE_IOU = 0.3;
/**
 * More bodies, or squares to look at, than anybody can tell apart; only numbers
 * that are no network's own give so many.
 */
export const MAX_BODIES = 400;

/**
 * The poses of a picture, in falling order of score.
 * @param looked where it looks: squares of the picture
 * @param onRun told after each run
 */
export async function findPoses(
  networks: Networks,
  looked: readonly Region[],
  minScore: number,
  onRun: () => void = () => {},
): Promise<Detected<FoundPose>> {
  const detected = await detect(
    'pose',
    looked,
    (square) =>
      runOnce(networks, POSE_DETECTOR, square, (output) =>
        mergeDetections(decodeDetections(output, square, minScore), MAX_FACE_IOU),
      ),
    onRun,
  );
  const found = detected.found.map(({ hips, bodyEdge, score }) => ({
    region: bodyRegion(hips, bodyEdge),
    score,
  }));
  return {
    ...detected,
    found: found.filter(({ region }) => isUsable(region)).toSorted((a, b) => b.score - a.score),
  };
}

/**
 * The bodies of a picture, in falling order of score.
 * @param looked where it looks: squares of the picture
 * @param onRun told after each run
 */
export async function findBodies(
  networks: Networks,
  looked: readonly Region[],
  { minScore, maxIou }: { minScore: number; maxIou: number },
  onRun: () => void = () => {},
): Promise<Detected<PersonBox>> {
  const detected = await detect(
    'person',
    looked,
    (square) =>
      runOnce(networks, NANODET, square, (output) => decodeNanoDet(output, square, { minScore, maxIou })),
    onRun,
  );
  return { ...detected, found: withoutOverlaps(detected.found, maxIou).slice(0, MAX_BODIES) };
}

/** Runs a detector on each square, one after the other: one network runs at a time. */
async function detect<Found>(
  detector: SearchedSquare['detector'],
  looked: readonly Region[],
  run: (square: Region) => Promise<Found[]>,
  onRun: () => void,
): Promise<Detected<Found>> {
  const found: Found[] = [];
  const squares: SearchedSquare[] = [];
  for (const square of looked) {
    const ofSquare = await run(square);
    found.push(...ofSquare);
    squares.push({ detector, square, found: ofSquare.length });
    onRun();
  }
  return { found, squares };
}
