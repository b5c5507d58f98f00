import type { AnalysisDebug } from './analysis.ts';
import type { BodyPart } from './body-parts.ts';
import { frozen } from './frozen.ts';

/** One body part of one person. */
export interface Keypoint {
  /**
   * Pixels from the picture's left edge, `0 … width`; a part cut off by the edge lies on it, with a score
   * below .2 where it is seen to be clearly outside.
   */
  x: number;
  /** Pixels from the picture's top edge, `0 … height`; a part cut off by the edge lies on it. */
  y: number;
  /** Probability that the part is where it is said to be, `0 … 1`. */
  score: number;
}

/** A person's box. */
export interface PersonLocation {
  /** Pixels from the picture's left edge. */
  left: number;
  /** Pixels from the picture's top edge. */
  top: number;
  /** Pixels. */
  width: number;
  /** Pixels. */
  height: number;
  /** Probability-like score that this is a person, `0 … 1`; the documented filter keeps those over 0.03. */
  score: number;
}

/** What else can be asked for, with the option `extras`. */
export const EXTRAS = /* #__PURE__ */ frozen(['landmarks33', 'world3d', 'mask']);

/** The name of something that is answered on request only. */
export type Extra = (typeof EXTRAS)[number];

/** One of the model's own 33 landmarks. */
export interface Landmark33 {
  /** Pixels of the picture; not clamped to its edges. */
  x: number;
  /** Pixels of the picture; not clamped to its edges. */
  y: number;
  /** Depth at about the same scale, 0 at the middle of the hips, smaller towards the camera. */
  z: number;
  /** The model's own probability that nothing hides the landmark, 0 … 1; it says little about being right. */
  visibility: number;
  /** The model's own probability that the landmark lies in the picture, 0 … 1. */
  presence: number;
}

/**
 * A point in metres, from the middle of the hips: x to the right and y down as
 * in the picture, z away from the camera.
 */
export interface WorldPoint {
  x: number;
  y: number;
  z: number;
}

/**
 * A person's mask as COCO's run-length encoding, which its tools read: column by column, background first.
 */
export interface PersonMask {
  /** The picture's height and width. */
  size: [height: number, width: number];
  /** Lengths of the runs, by turns of background and person; they add up to height × width. */
  counts: number[];
}

/** What was asked for with the option `extras`, and no more. */
export interface PersonExtras {
  /** The model's 33 landmarks in BlazePose's order. */
  landmarks33?: Landmark33[];
  /** The same 33 in metres. */
  world3d?: WorldPoint[];
  /** Which pixels of the picture are the person's. */
  mask?: PersonMask;
}

/** One person: exactly 21 body parts and a box. */
export interface PersonInfo {
  /** Always all 21: what is hidden is guessed, with a low score. */
  body_parts: Record<BodyPart, Keypoint>;
  location: PersonLocation;
  /** There only where the option `extras` asked for something. */
  extras?: PersonExtras;
}

/** Someone who was found before the answer is there. */
export interface FoundPerson {
  /** From 1, in the order in which people are found: under one that was told before, someone seen better. */
  number: number;
  /** As far as is known then. */
  person: PersonInfo;
}

/**
 * The answer, in the cloud API's JSON schema; plain JSON data. People come in falling order of
 * `location.score`, unfiltered: {@link filterValidPersons} applies the documented filter.
 */
export interface BodyAnalysisResult {
  /** The number of people, `person_info.length`. */
  person_num: number;
  /** The people, the surest first. */
  person_info: PersonInfo[];
  /** A random unsigned 64-bit number as a decimal string (it would not fit a JavaScript number). */
  log_id: string;
  /** There only where the option `debug` asked for it. */
  debug?: AnalysisDebug;
}

/** An answer that tells how it came about, as the option `debug` asks for. */
export interface ExplainedResult extends BodyAnalysisResult {
  debug: AnalysisDebug;
}
