import type { MOVENET } from '../../src/networks/movenet.ts';
import { Random } from './pictures/random.ts';

/** Cells to a side of MoveNet's outputs. */
export const CELLS = 64;
/** Cells of one channel. */
export const PLANE = CELLS ** 2;

/** What MoveNet gives, as planes. */
export type Heads = Record<(typeof MOVENET.outputs)[number], Float32Array>;

/** Nobody. */
export function blankHeads(): Heads {
  return {
    heatmaps: new Float32Array(17 * PLANE).fill(-9),
    regressions: new Float32Array(34 * PLANE),
    centre: new Float32Array(PLANE).fill(-9),
    offsets: new Float32Array(34 * PLANE),
  };
}

/** Logits of which few are high, so that near ones compete with sure ones; distances that lead out of the square, too. */
export function noisyHeads(seed: number): Heads {
  const random = new Random(seed);
  const logit = () => 6 * (random.next() + random.next() + random.next()) - 13;
  const { heatmaps, regressions, centre, offsets } = blankHeads();
  return {
    heatmaps: heatmaps.map(logit),
    regressions: regressions.map(() => 60 * random.next() - 30),
    centre: centre.map(logit),
    offsets: offsets.map(() => 3 * random.next() - 1.5),
  };
}
