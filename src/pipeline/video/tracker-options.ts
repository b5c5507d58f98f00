import type { AnalysisStage } from '../../schema/analysis.ts';
import type { PictureRectangle } from '../../schema/picture-region.ts';
import type { SmoothingOptions } from '../../schema/tracking.ts';
import type { AnswerOptions } from '../answer.ts';
import type { PrepareNetwork } from './late-network.ts';

/** How people are followed. */
export interface TrackerOptions {
  /** The most people to follow. */
  maxPersons: number;
  /** `undefined` for points as the model gives them. */
  smoothing: SmoothingOptions | undefined;
  /** What of each frame is to be looked at. Default: all. */
  region?: PictureRectangle | undefined;
  /** Whether the tracker is given time between frames. */
  hasIdleTime: boolean;
  /** Whether MoveNet looks at people whose legs are not seen as well. Default `false`. */
  hasSecondPasses?: boolean;
  /** Sees to NanoDet and MoveNet, without which frames do until they are there. Default: frames wait. */
  prepare?: PrepareNetwork;
}

/** The next frame, as far as following goes. */
export interface TrackerFrame extends AnswerOptions {
  /** When it was taken, in milliseconds by the video's own clock, which may go back: a clip that loops. */
  ms: number;
  /** How much rarer than usual the detectors look, as a factor: more than 1 to save time. Default 1. */
  rarer?: number;
  /**
   * The most runs of the landmark network, an integer from 1: people are then looked at by turns, and a
   * detector's run takes all of a frame's. Default: everyone is looked at.
   */
  looks?: number;
  onStep?: (stage: AnalysisStage) => void;
}
