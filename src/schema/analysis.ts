import { frozen } from './frozen.ts';

/** The stages of an analysis, in their order: each one's share of the work is known when it begins. */
export const ANALYSIS_STAGES = /* #__PURE__ */ frozen(['decode', 'detect', 'landmarks', 'refine']);

/**
 * `decode`: the picture becomes pixels; `detect`: the detectors look for people; `landmarks`: MoveNet looks
 * at everything that may be someone; `refine`: BlazePose looks at each person. In a frame of a video
 * `landmarks` is BlazePose, and `refine` MoveNet, which looks at those who are cut off.
 */
export type AnalysisStage = (typeof ANALYSIS_STAGES)[number];

/** How far an analysis has come. */
export interface AnalysisProgress {
  stage: AnalysisStage;
  /** Steps of the stage that are done, `0 … total`. */
  done: number;
  /** Steps of the stage as far as is known: what is found on the way may add some. */
  total: number;
  /** Of the whole analysis, `0 … 1`; never falls. */
  fraction: number;
}

/** A square's corners in pixels of the picture: its own top left, top right, bottom right, bottom left. */
export type DebugCorners = [DebugCorner, DebugCorner, DebugCorner, DebugCorner];

/** x and y in pixels of the picture; may lie beyond its edges. */
export type DebugCorner = [x: number, y: number];

/** A square of the picture that a detector looked at. */
export interface DebugSquare {
  /**
   * `pose`: BlazePose's detector, which goes by faces; `person`: NanoDet, which finds whole bodies; `own`:
   * the app's own network, where that finds people.
   */
  detector: 'pose' | 'person' | 'own';
  corners: DebugCorners;
  /** People it reported there, over the threshold of the quality. */
  found: number;
}

/**
 * Why a network looked at a region: `person`: the person detector saw a body there; `pose`: the
 * pose detector saw someone, alone, lying, upside down, or where no body was seen; `points`:
 * other keypoints of the same person say so.
 */
export type RegionOrigin = 'pose' | 'person' | 'points';

/**
 * What became of a region: `person`: someone in the answer; `no-person`: the network saw nobody;
 * `implausible`: its numbers were none of a body; `low-score`: too unlike a person; `same-pose`: a person
 * seen in another region, by the similarity of the poses; `left-out`: someone whom the options
 * `region` and `maxPersons` leave out of the answer.
 */
export type RegionOutcome = 'person' | 'no-person' | 'implausible' | 'low-score' | 'same-pose' | 'left-out';

/** A region in which a network looked for the keypoints of one person. */
export interface DebugRegion {
  /** `own` is the app's own. */
  network: 'movenet' | 'blazepose' | 'own';
  origin: RegionOrigin;
  corners: DebugCorners;
  /** The network's own probability that the region holds a person, `0 … 1`. */
  presence: number;
  /** How sure it is of a person and their keypoints, `0 … 1`. */
  score: number;
  outcome: RegionOutcome;
  /**
   * Index in the unfiltered `person_info` of the person it became or was taken
   * for; none where there is no such person.
   */
  person?: number;
}

/** How a person of the answer came about. */
export interface DebugPerson {
  /** How sure all networks together are, `0 … 1`, before it becomes `location.score`. */
  score: number;
  /** Runs of BlazePose on the person. */
  passes: number;
  /** Which networks the points are of. */
  networks: ('movenet' | 'blazepose' | 'own')[];
}

/** What a stage took. */
export interface DebugStage {
  stage: AnalysisStage;
  /** Wall-clock milliseconds. */
  ms: number;
  /** Runs of a model. */
  runs: number;
}

/** How an answer came about, for whoever wonders: there only where the option `debug` asked for it. */
export interface AnalysisDebug {
  squares: DebugSquare[];
  /** In the order they were looked at. */
  regions: DebugRegion[];
  /** As in the unfiltered `person_info`, person by person. */
  persons: DebugPerson[];
  stages: DebugStage[];
}
