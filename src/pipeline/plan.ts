import type { Quality } from '../schema/loading.ts';

/** A further look at a person: the same region in a mirror, the region the pose asks for, or that in a mirror. */
export type Refinement = 'mirror' | 'auxiliary' | 'auxiliary-mirror';

/** How much is done to find everyone, and to place their points. */
export interface PhotoPlan {
  /** Squares that the detector looks at beside the whole picture: their side, in long sides, and the lowest score. */
  tiles: readonly { side: number; minScore: number }[];
  /** Lowest score of the second person detector, or `undefined` where it is not used, and not loaded. */
  minPersonScore: number | undefined;
  /** Whether people whose legs the picture cuts off get a region that reaches below it. */
  cutOff: boolean;
  /** Runs of the landmark model on each person after the first. */
  refinements: readonly Refinement[];
}

/**
 * What each quality does. Tiles find people too small for the whole picture; smaller ones are asked for more, since
 * they also invent people on parts of others.
 */
export const PLANS: Record<Quality, PhotoPlan> = {
  fast: { tiles: [], minPersonScore: 0.25, cutOff: false, refinements: [] },
  balanced: {
    tiles: [],
    minPersonScore: 0.2,
    cutOff: true,
    refinements: ['auxiliary-mirror'],
  },
  best: {
    tiles: [
      { side: 1 / 1.6, minScore: 0.3 },
      { side: 1 / 2.4, minScore: 0.4 },
    ],
    minPersonScore: 0.2,
    cutOff: true,
    refinements: ['mirror', 'auxiliary', 'auxiliary-mirror'],
  },
};
