import { BLAZEPOSE } from '../../networks/blazepose.ts';
import { MOVENET } from '../../networks/movenet.ts';
import { NANODET } from '../../networks/nanodet.ts';
import type { Network } from '../../networks/network.ts';
import { POSE_DETECTOR } from '../../networks/pose-detector.ts';
import type { LandmarkModel, Quality } from '../../schema/loading.ts';

/** How much is done to find everyone, and to place their points. */
export interface PhotoPlan {
  /**
   * Someone whom the pose detector finds alone, in a region of at least so many long sides of the picture,
   * and BlazePose recognises there, is taken to be the only one, and no other network is run. `Infinity`:
   * nobody is taken to be alone.
   */
  loneSide: number;
  /** Lowest score of the bodies that are looked at. */
  minBodyScore: number;
  /** Of bodies that overlap by more (intersection over union) only the surest is looked at. */
  maxBodyIou: number;
  /**
   * Of people whose points, once both networks have placed them, are more alike (OKS), the surest stays. At
   * .35 a few who stand behind others are lost as well, and at .50 a few are counted twice.
   */
  maxOks: number;
  /** Whether MoveNet looks at each person once more, in the mirror. */
  mirrored: boolean;
  /** Runs of BlazePose on each person. */
  passes: number;
}

/**
 * What each quality does. The lower the score and the larger the overlap, the more of a crowd is found, at a
 * run of MoveNet for each body. What each step is worth and costs stands in docs/quality.md.
 */
export const PLANS: Record<Quality, PhotoPlan> = {
  fast: { loneSide: 0.8, minBodyScore: 0.3, maxBodyIou: 0.6, maxOks: 0.35, mirrored: false, passes: 1 },
  balanced: {
    loneSide: Infinity,
    minBodyScore: 0.2,
    maxBodyIou: 0.7,
    maxOks: 0.35,
    mirrored: false,
    passes: 1,
  },
  best: { loneSide: Infinity, minBodyScore: 0.15, maxBodyIou: 0.8, maxOks: 0.5, mirrored: true, passes: 3 },
};

/**
 * What is done at least for a grey picture, of which NanoDet is less sure where people are, and MoveNet
 * where their points are (the pose detector and BlazePose see nearly as much as in colour). On annotated
 * photographs made grey, `balanced` then finds 85 to 86 of 100 people instead of 82, with .01 to .03 more
 * AP; of colour ones it finds 86, and more boxes would gain less there than they take.
 */
const GREY = { minBodyScore: 0.15, mirrored: true };

/** The plan for a picture that is grey. */
export function planForGrey(plan: PhotoPlan): PhotoPlan {
  return {
    ...plan,
    minBodyScore: Math.min(plan.minBodyScore, GREY.minBodyScore),
    mirrored: plan.mirrored || GREY.mirrored,
  };
}

/** The networks that a plan takes. */
export interface NeededNetworks {
  /**
   * Those without which no picture is looked at, in the order in which they are
   * needed; others come when they are asked for.
   */
  first: readonly Network[];
  /** Those that a photo needs after them, in that order; following a video takes none of them at first. */
  soon: readonly Network[];
  /** The one that takes most of a video's time. */
  main: Network;
}

/** What a plan takes with that landmark model. */
export function networksOf({ loneSide }: PhotoPlan, model: LandmarkModel): NeededNetworks {
  const landmarks = BLAZEPOSE[model];
  return loneSide < Infinity
    ? { first: [POSE_DETECTOR, landmarks], soon: [], main: landmarks }
    : { first: [POSE_DETECTOR, landmarks], soon: [NANODET, MOVENET], main: landmarks };
}
