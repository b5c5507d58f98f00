import { COCO_KEYPOINTS } from '../schema/body-parts.ts';
import type { BodyPart } from '../schema/body-parts.ts';
import type { KeypointSet } from '../schema/own-networks.ts';

/** A network's keypoints in its order; `null` is none of the 21 body parts. */
export type KeypointNames = readonly (BodyPart | null)[];

/**
 * COCO-WholeBody: COCO's 17, 6 of the feet, 68 of the face, 21 of each hand. The face's are those of 300-W,
 * of which the 49th and the 55th are the corners of the mouth, the person's right one first.
 */
const FACE = { start: 23, rightMouth: 48, leftMouth: 54 };

function wholeBody(): KeypointNames {
  const names = Array.from({ length: 133 }, (_, index): BodyPart | null => COCO_KEYPOINTS[index] ?? null);
  names[FACE.start + FACE.rightMouth] = 'right_mouth_corner';
  names[FACE.start + FACE.leftMouth] = 'left_mouth_corner';
  return names;
}

/** The sets by their names, in the orders of their data sets. */
export const KEYPOINT_SETS: Readonly<Record<KeypointSet, KeypointNames>> = {
  'coco-17': COCO_KEYPOINTS,
  /** COCO's, then head, neck and the middle of the hips, and 6 of the feet (Halpe-FullBody, its first 26). */
  'halpe-26': [...COCO_KEYPOINTS, 'top_head', 'neck', null, null, null, null, null, null, null],
  'wholebody-133': wholeBody(),
  /** With pelvis and thorax, which are none of the 21, and the upper neck. */
  'mpii-16': [
    'right_ankle',
    'right_knee',
    'right_hip',
    'left_hip',
    'left_knee',
    'left_ankle',
    null,
    null,
    'neck',
    'top_head',
    'right_wrist',
    'right_elbow',
    'right_shoulder',
    'left_shoulder',
    'left_elbow',
    'left_wrist',
  ],
};
