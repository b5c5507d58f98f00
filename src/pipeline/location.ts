import { boxIou, clipToPicture } from '../networks/geometry.ts';
import type { Box, PictureSize } from '../networks/geometry.ts';
import type { Person } from './person.ts';
import { maskBox } from './mask.ts';

/**
 * From the first agreement (IoU) on a body and a mask may be of the same person, from the second on they are.
 */
const SAME_BODY = { from: 0.5, to: 0.7 };

/**
 * Where a person is: of the bodies that a detector has seen, the one that is surest and agrees best with
 * their mask (the product of both: by agreement alone the mean IoU with annotated boxes is .02 less), or with
 * their parts where there is none; between the two as far as they agree, the nearer to the body the surer
 * it is (mean IoU .821; half-way between them .817; the body alone .81, the mask alone .75). Who was seen by
 * no such detector is where the mask or the parts are.
 */
export function locate(person: Person, picture: PictureSize): Box {
  const { mask } = person.pose;
  const outline = mask && maskBox(mask, Object.values(person.parts));
  const box = clipToPicture(outline ?? person.box, picture);
  let best: { body: Box; score: number; iou: number; fit: number } | undefined;
  for (const candidate of person.bodies ?? []) {
    const body = clipToPicture(candidate, picture);
    const iou = boxIou(box, body);
    const { score } = candidate;
    const fit = iou * score;
    if (fit > (best?.fit ?? -1)) best = { body, score, iou, fit };
  }
  if (!best) return box;
  const { body, score, iou } = best;
  const agreement = Math.min(Math.max((iou - SAME_BODY.from) / (SAME_BODY.to - SAME_BODY.from), 0), 1);
  const share = agreement * (1 - Math.min(score, 1));
  const between = (side: keyof Box) => body[side] + share * (box[side] - body[side]);
  return { left: between('left'), top: between('top'), width: between('width'), height: between('height') };
}
