import { BLAZEPOSE } from '../networks/blazepose.ts';
import { CENTERNET } from '../networks/centernet.ts';
import type { Network } from '../networks/network.ts';
import { POSE_DETECTOR } from '../networks/pose-detector.ts';
import type { LandmarkModel, Quality } from '../schema/loading.ts';

/** How much is done to find everyone, and to place their points. */
export interface PhotoPlan {
  /** Squares that the pose detector looks at beside the whole picture: their side, in long sides, and the lowest score. */
  tiles: readonly { side: number; minScore: number }[];
  /**
   * Someone whom the pose detector finds alone, in a region of at least so many long sides of the picture, and the
   * landmark model recognises there, is taken to be the only one: the person detector is not asked, and there is no further
   * look unless for the mask, since it adds nothing there. `Infinity`: nobody is taken to be alone. On annotated photographs
   * .8 costs .01 of AP (.02 with the landmark model `heavy`), all of it by people who were not alone after all; .7 costs .02,
   * .6 costs .03.
   */
  loneSide: number;
  /** Lowest score of the person detector. */
  minPersonScore: number;
  /** Whether a body in whose box nobody was recognised is looked at again from further away. */
  wider: boolean;
  /** Whether people whose legs the picture cuts off get a region that reaches below it. */
  cutOff: boolean;
  /** Runs of the landmark model on each person after the first. */
  looks: number;
}

/**
 * What each quality does. Tiles find people too small for the whole picture; smaller tiles are asked for more, since they
 * also invent people on parts of others. What each step is worth and costs stands in docs/quality.md.
 */
export const PLANS: Record<Quality, PhotoPlan> = {
  fast: {
    tiles: [],
    loneSide: 0.8,
    minPersonScore: 0.2,
    wider: false,
    cutOff: false,
    looks: 1,
  },
  balanced: {
    tiles: [],
    loneSide: Infinity,
    minPersonScore: 0.15,
    wider: false,
    cutOff: true,
    looks: 3,
  },
  best: {
    tiles: [
      { side: 1 / 1.6, minScore: 0.25 },
      { side: 1 / 2.4, minScore: 0.4 },
    ],
    loneSide: Infinity,
    minPersonScore: 0.15,
    wider: true,
    cutOff: true,
    looks: 3,
  },
};

/** The networks that a plan takes, each list in the order in which they are needed. */
export interface NeededNetworks {
  /** Those without which no picture is looked at. */
  first: readonly Network[];
  /** Those that many a picture does without: they may come when they are first asked for. */
  later: readonly Network[];
}

/** What a plan takes with that landmark model. */
export function networksOf(plan: PhotoPlan, model: LandmarkModel): NeededNetworks {
  const landmarks = BLAZEPOSE[model];
  return plan.loneSide < Infinity
    ? { first: [POSE_DETECTOR, landmarks], later: [CENTERNET] }
    : { first: [POSE_DETECTOR, CENTERNET, landmarks], later: [] };
}
