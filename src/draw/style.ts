import type { BodyPart } from '../schema/body-parts.ts';
import type { PersonInfo } from '../schema/result.ts';

/** A side of the body, the person's own; what is on neither is in the middle. */
export type BodySide = 'left' | 'right' | 'middle';

/** A few characters beside a part of the body, as an angle at a joint. */
export interface PartNote {
  part: BodyPart;
  text: string;
}

/** How people are drawn, on a canvas as in an SVG. */
export interface DrawOptions {
  /**
   * `fitted`: lines as wide as suits each person's size, small points in faces, coloured rings for joints,
   * and parts that are hardly seen as guesses. `uniform`: lines of one width for everyone, white points of
   * one size, square boxes, scores and numbers only where asked for. Default `fitted`.
   */
  look?: 'fitted' | 'uniform' | undefined;
  /**
   * One colour a person, by turns, as CSS; in a video they go by `track_id`. Of two people whose boxes
   * overlap the later takes the next one that is free, where both would have the same. Or the colour that
   * the function says. Default: {@link PERSON_COLORS}.
   */
  colors?: readonly string[] | ((person: PersonInfo, index: number) => string) | undefined;
  /**
   * Whether bones and joints have their person's colour or their side's; boxes and labels
   * have their person's. Default `person`.
   */
  colorBy?: 'person' | 'side' | undefined;
  /** The sides' colours as CSS, for `colorBy: 'side'`. Default {@link SIDE_COLORS}. */
  sideColors?: Readonly<Partial<Record<BodySide, string>>> | undefined;
  /**
   * Width of a bone, for everyone: on a canvas in its own pixels, in an SVG in the picture's. Default: of
   * the look `fitted`, a 75th of each person's height were they to stand upright, between a 640th and a
   * 160th of the longer side of canvas or picture, and no less than 1.5 `pixelRatio`; of `uniform`, a 150th
   * of the longer side, at least 2.
   */
  lineWidth?: number | undefined;
  /**
   * Pixels of the canvas, or of the SVG's picture, to a pixel of CSS: what must stay legible, thin lines
   * and numbers, is measured in those. An overlay knows its own: `devicePixelRatio`. Default 1.
   */
  pixelRatio?: number | undefined;
  /** Keypoints with a lower score are left out, with the bones that end there. Default 0.2. */
  keypointScore?: number | undefined;
  /**
   * Keypoints with a lower score are drawn as guesses, not as facts: hollow and small, the bones that end
   * there dashed. 0 draws none so. Default 0.5; with the look `uniform` nothing is.
   */
  sureScore?: number | undefined;
  /**
   * What becomes of keypoints below `keypointScore`: not drawn, or drawn
   * as rings without bones. Default `hide`.
   */
  uncertain?: 'hide' | 'hollow' | undefined;
  /**
   * How scores show: the surer, the more opaque, or the larger; a bone is as
   * sure as its less sure end. Default `alpha`; with the look `uniform` it is `none`.
   */
  confidence?: 'none' | 'alpha' | 'size' | undefined;
  /** Whether to draw each person's box. Default `true`. */
  boxes?: boolean | undefined;
  /**
   * Whether to name each person above the head: `true`, its number, counted from 1 (in a video its
   * `track_id`); `score`, its box's score as well; or what the function says. Names of people hardly
   * larger, and such as would lie on others, are left out. Default: numbers where there are several people.
   * With the look `uniform` `true` is as `score`, names stand at the boxes' corner, and the default is
   * `false`.
   */
  labels?: boolean | 'score' | ((person: PersonInfo, index: number) => string) | undefined;
  /**
   * What to write beside someone's parts, in small letters: say, the angles of `jointAngles` in
   * `body21/measure`. What would lie on a name or another note is left out, as are the notes of people who
   * are too small for them. In a mirror the function is given the mirrored person, left still the left.
   * Default: nothing.
   */
  notes?: ((person: PersonInfo, index: number) => readonly PartNote[]) | undefined;
  /** Draws this person alone in full strength and the others faintly: its index in `person_info`. */
  highlight?: number | undefined;
}

/** The score below which a keypoint is uncertain, unless asked for otherwise. */
export const DEFAULT_KEYPOINT_SCORE = 0.2;

/** The score below which a keypoint is a guess, unless asked for otherwise. */
export const DEFAULT_SURE_SCORE = 0.5;
