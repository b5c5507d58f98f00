import type { PersonInfo } from '../schema/result.ts';
import { frozen } from '../schema/frozen.ts';

/** A side of the body, the person's own; what is on neither is in the middle. */
export type BodySide = 'left' | 'right' | 'middle';

/** How people are drawn, on a canvas as in an SVG. */
export interface DrawOptions {
  /**
   * One colour a person, by turns, as CSS; in a video they go by `track_id`. Default: {@link PERSON_COLORS}.
   */
  colors?: readonly string[] | undefined;
  /**
   * Whether bones have their person's colour or their side's; boxes and labels
   * have their person's. Default `person`.
   */
  colorBy?: 'person' | 'side' | undefined;
  /** The sides' colours as CSS, for `colorBy: 'side'`. Default {@link SIDE_COLORS}. */
  sideColors?: Readonly<Partial<Record<BodySide, string>>> | undefined;
  /**
   * Width of a bone: on a canvas in its own pixels, in an SVG in the picture's. Default: a 150th of the
   * canvas's or picture's longer side, at least 2.
   */
  lineWidth?: number | undefined;
  /** Keypoints with a lower score are left out, with the bones that end there. Default 0.2. */
  keypointScore?: number | undefined;
  /**
   * What becomes of keypoints below `keypointScore`: not drawn, or drawn
   * as rings without bones. Default `hide`.
   */
  uncertain?: 'hide' | 'hollow' | undefined;
  /**
   * How scores show: the surer, the more opaque, or the larger; a bone is as
   * sure as its less sure end. Default `none`.
   */
  confidence?: 'none' | 'alpha' | 'size' | undefined;
  /** Whether to draw each person's box. Default `true`. */
  boxes?: boolean | undefined;
  /**
   * Whether to name each person: its number, counted from 1 (in a video its `track_id`), and its box's score;
   * or what the function says. Default `false`.
   */
  labels?: boolean | ((person: PersonInfo, index: number) => string) | undefined;
  /** Draws this person alone in full strength and the others faintly: its index in `person_info`. */
  highlight?: number | undefined;
}

/**
 * Okabe and Ito's palette without its black, lightened for photographs; then two times as many that differ
 * from one another and from those by lightness and strength as well as by hue, for colour-blind people too.
 */
export const PERSON_COLORS: readonly string[] = /* #__PURE__ */ frozen([
  '#ffb000',
  '#3fb4ff',
  '#00d1a0',
  '#ff7043',
  '#e38cc9',
  '#f0e442',
  '#8c9eff',
  '#c6ff5e',
  '#9c00b4',
  '#cc0000',
  '#b454fc',
  '#247890',
  '#6c18f0',
  '#f00cb4',
  '#0ce4fc',
  '#786048',
  '#7878c0',
  '#9c9c78',
  '#b46c54',
  '#54a800',
  '#c03c78',
  '#9cfccc',
  '#a8d878',
  '#fcb4d8',
]);

/** Blue and orange, which colour-blind people can tell apart, and white between them. */
export const SIDE_COLORS: Readonly<Record<BodySide, string>> = /* #__PURE__ */ frozen({
  left: '#3fb4ff',
  right: '#ffb000',
  middle: '#ffffff',
});

/** The colour of the person at `index`. */
export function personColor(index: number, colors: readonly string[] = PERSON_COLORS): string {
  return colors[index % colors.length] ?? '#fff';
}

/** The width of a bone where none is asked for, in pixels of what is drawn on. */
export function defaultLineWidth(width: number, height: number): number {
  return Math.max(2, Math.max(width, height) / 150);
}
