import type { BodyPart } from './body-parts.ts';

/** One body part of one person. */
export interface Keypoint {
  /** Pixels from the picture's left edge, `0 … width`; a part cut off by the edge lies on it. */
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

/** One person: exactly 21 body parts and a box. */
export interface PersonInfo {
  body_parts: Record<BodyPart, Keypoint>;
  location: PersonLocation;
}

/**
 * The answer, in the cloud API's JSON schema; plain JSON data. People come in falling order of
 * `location.score`, unfiltered: {@link filterValidPersons} applies the documented filter.
 */
export interface BodyAnalysisResult {
  /** The number of people, `person_info.length`. */
  person_num: number;
  person_info: PersonInfo[];
  /** A random unsigned 64-bit number as a decimal string (it would not fit a JavaScript number). */
  log_id: string;
}
