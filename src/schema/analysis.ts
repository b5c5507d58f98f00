/** The stages of an analysis, in their order: each one's share of the work is known when it begins. */
export const ANALYSIS_STAGES = ['decode', 'detect', 'landmarks', 'refine'] as const;

/**
 * `decode`: the picture becomes pixels; `detect`: the detectors look for people; `landmarks`: the landmark model looks
 * at every region that may hold someone; `refine`: it looks again at each person.
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
export type Corners = [Corner, Corner, Corner, Corner];

/** x and y in pixels of the picture; may lie beyond its edges. */
export type Corner = [x: number, y: number];

/** A square of the picture that a detector looked at. */
export interface DebugSquare {
  /** `pose`: BlazePose's detector, which goes by faces; `person`: the one that finds whole bodies. */
  detector: 'pose' | 'person';
  corners: Corners;
  /** People it reported there, over the threshold of the quality. */
  found: number;
}

/**
 * Why the landmark model looked at a region: `pose` and `person` are the detectors', on the whole picture; `tile`: the
 * pose detector's on a tile; `wider`: a body in whose box nobody was recognised, seen from further away; `cut-off`:
 * reaches below the picture, for someone whose legs it cuts off.
 */
export type RegionOrigin = 'pose' | 'tile' | 'person' | 'wider' | 'cut-off';

/**
 * What became of a region: `person`: someone in the answer; `no-person`: the model saw nobody; `implausible`: its numbers
 * were none of a body; `low-score`: too unlike a person; `same-pose`, `same-box`, `same-head`: a person seen before, by
 * the similarity of the poses, the boxes' overlap or the noses' distance; `nested`: a pose seen on a part of someone.
 */
export type RegionOutcome =
  | 'person'
  | 'no-person'
  | 'implausible'
  | 'low-score'
  | 'same-pose'
  | 'same-box'
  | 'same-head'
  | 'nested';

/** A region that the landmark model looked at. */
export interface DebugRegion {
  origin: RegionOrigin;
  corners: Corners;
  /** The model's own probability that the region holds a person, `0 … 1`. */
  flag: number;
  /** Flag times mean heatmap peak, `0 … 1`: what people are ranked by. */
  score: number;
  outcome: RegionOutcome;
  /** Index in the unfiltered `person_info` of the person it became or was taken for; none where there is no such person. */
  person?: number;
}

/** How a person of the answer came about. */
export interface DebugPerson {
  /** Flag times mean heatmap peak, `0 … 1`, before it becomes `location.score`. */
  score: number;
  /** Looks at the person that went into the points. */
  looks: number;
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
