import type { PersonInfo } from './result.ts';

/** An upright rectangle of a picture, in pixels of the picture as displayed; named as in `location`. */
export interface PictureRectangle {
  /** From the picture's left edge. */
  left: number;
  /** From the picture's top edge. */
  top: number;
  /** Over 0. */
  width: number;
  /** Over 0. */
  height: number;
}

/** A person of an earlier answer: `location` and `body_parts` are enough. */
export type SeenPerson = Pick<PersonInfo, 'location' | 'body_parts'>;

/** What is to be looked at of a picture: a rectangle, or a person of an earlier answer. */
export type PictureRegion = PictureRectangle | SeenPerson;
