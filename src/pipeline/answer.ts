import { rounded } from '../networks/geometry.ts';
import type { PictureSize } from '../networks/geometry.ts';
import { BODY_PARTS } from '../schema/body-parts.ts';
import type { LandmarkModel } from '../schema/loading.ts';
import type { Extra, PersonInfo } from '../schema/result.ts';
import { personExtras } from './extras.ts';
import { locate } from './location.ts';
import type { Person } from './person.ts';
import { keypointScore, locationScore } from './scores.ts';

/** The least that a head measures of its body's longer side, however it is seen. */
const LEAST_HEAD = 0.08;

/** From the top of the head to the neck, in pixels; seen from above, what it would be from the side. */
function headLength({ parts: { top_head, neck }, box }: Person): number {
  const seen = Math.hypot(top_head.x - neck.x, top_head.y - neck.y);
  return Math.max(seen, LEAST_HEAD * Math.max(box.width, box.height), 1);
}

/** What a person of the answer is to have. */
export interface AnswerOptions {
  /** The landmark model that has seen the person: what its scores mean differs from model to model. */
  model: LandmarkModel;
  extras?: readonly Extra[];
}

/**
 * A person as the result has it: everything within the picture, which is where the contract puts parts that
 * are cut off (with a score that says that they were not seen), and numbers no longer than they are exact (a
 * hundredth of a pixel, a millionth of a score).
 */
export function personInfo(
  person: Person,
  picture: PictureSize,
  { model, extras = [] }: AnswerOptions,
): PersonInfo {
  const { width, height, originalWidth, originalHeight } = picture;
  const inX = (x: number) => rounded((Math.min(Math.max(x, 0), width) * originalWidth) / width, 100);
  const head = headLength(person);
  const inY = (y: number) => rounded((Math.min(Math.max(y, 0), height) * originalHeight) / height, 100);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- BODY_PARTS names every key of the record
  const body_parts = Object.fromEntries(
    BODY_PARTS.map((part) => {
      const { x, y, peak } = person.parts[part];
      const beyond = Math.max(0, -x, -y, x - width, y - height) / head;
      return [part, { x: inX(x), y: inY(y), score: rounded(keypointScore(peak, person, beyond), 1e6) }];
    }),
  ) as PersonInfo['body_parts'];
  const box = locate(person, picture);
  const left = inX(box.left);
  const top = inY(box.top);
  return {
    body_parts,
    location: {
      left,
      top,
      width: rounded(inX(box.left + box.width) - left, 100),
      height: rounded(inY(box.top + box.height) - top, 100),
      score: rounded(locationScore(person, model), 1e6),
    },
    ...(extras.length > 0 ? { extras: personExtras(person.pose, picture, extras) } : {}),
  };
}
