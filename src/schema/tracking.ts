import type { Defaults } from './defaults.ts';
import type { DebugStage } from './analysis.ts';
import type { LandmarkModel } from './loading.ts';
import type { BodyAnalysisResult, PersonInfo } from './result.ts';
import { frozen } from './frozen.ts';

/** A person of a frame. */
export interface TrackedPerson extends PersonInfo {
  /** The same for the same person in every frame; an integer from 1 that no one else gets. */
  track_id: number;
}

/** The answer to a frame: the cloud API's schema, and who is who. */
export interface TrackedResult extends BodyAnalysisResult {
  /** The people, in order of `track_id`. */
  person_info: TrackedPerson[];
}

/** A frame that was analysed. */
export interface TrackedFrame {
  /** Everyone in it, unfiltered. */
  result: TrackedResult;
  /** Of the frame, in milliseconds on the source's own clock: a video's media time, a stream's timestamps. */
  timestamp: number;
  /** From when the frame was there until its result was, in milliseconds. */
  latencyMs: number;
  /** Frames since the last result that a newer one replaced. */
  dropped: number;
  /** What the worker spent its time on. */
  stages: DebugStage[];
  /** The landmark model that looked at it: the client's own, or a lighter one that `targetFps` asked for. */
  model: LandmarkModel;
}

/** How a one-euro filter trades jitter for lag (Casiez, Roussel, Vogel: 1 € Filter, CHI 2012). */
export interface SmoothingOptions {
  /** Cutoff in hertz for points at rest: lower means less jitter. Default .05. */
  minCutoff?: number | undefined;
  /**
   * How much the cutoff rises with speed, in hertz for each person's size a
   * second: higher means less lag. Default 80.
   */
  beta?: number | undefined;
  /** Cutoff in hertz for the speed itself. Default 1. */
  derivativeCutoff?: number | undefined;
}

/**
 * MediaPipe's numbers for its landmarks (`pose_landmark_filtering.pbtxt`), which
 * are in shares of the person's size too.
 */
export const DEFAULT_SMOOTHING: Defaults<SmoothingOptions> = /* #__PURE__ */ frozen({
  minCutoff: 0.05,
  beta: 80,
  derivativeCutoff: 1,
});
