import { boxIou, clipToPicture } from '../networks/geometry.ts';
import type { Box, PictureSize } from '../networks/geometry.ts';
import type { Person } from './person.ts';
import { silhouetteBox } from './silhouette.ts';

/** What a detector saw counts where it agrees with what the other networks did by more than this. */
const SAME_BODY = 0.6;

/**
 * Where a person is: around their silhouette, or around their parts where there is none; and half-way to what the detector
 * of bodies saw, where the two agree.
 */
export function locate(person: Person, picture: PictureSize): Box {
  const { silhouette } = person.pose;
  const outline = silhouette && silhouetteBox(silhouette, Object.values(person.parts));
  const box = clipToPicture(outline ?? person.box, picture);
  const body = person.body && clipToPicture(person.body, picture);
  if (!body || boxIou(box, body) <= SAME_BODY) return box;
  return {
    left: (box.left + body.left) / 2,
    top: (box.top + body.top) / 2,
    width: (box.width + body.width) / 2,
    height: (box.height + body.height) / 2,
  };
}
