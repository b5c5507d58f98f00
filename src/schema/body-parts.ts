import { frozen } from './frozen.ts';

/**
 * The 21 body parts of the result, spelled as the cloud API spells them. Left and right are the person's own.
 * The order is body21's (head to feet); in the JSON the order of keys carries no meaning.
 */
export const BODY_PARTS = /* #__PURE__ */ frozen([
  'top_head',
  'left_ear',
  'right_ear',
  'left_eye',
  'right_eye',
  'nose',
  'left_mouth_corner',
  'right_mouth_corner',
  'neck',
  'left_shoulder',
  'right_shoulder',
  'left_elbow',
  'right_elbow',
  'left_wrist',
  'right_wrist',
  'left_hip',
  'right_hip',
  'left_knee',
  'right_knee',
  'left_ankle',
  'right_ankle',
]);

/** The name of one of the 21 body parts. */
export type BodyPart = (typeof BODY_PARTS)[number];

/** The 17 keypoints of COCO's person category, in its order; they have the same names there. */
export const COCO_KEYPOINTS = /* #__PURE__ */ frozen([
  'nose',
  'left_eye',
  'right_eye',
  'left_ear',
  'right_ear',
  'left_shoulder',
  'right_shoulder',
  'left_elbow',
  'right_elbow',
  'left_wrist',
  'right_wrist',
  'left_hip',
  'right_hip',
  'left_knee',
  'right_knee',
  'left_ankle',
  'right_ankle',
] as const satisfies readonly BodyPart[]);

/** Which body parts a skeleton joins: pairs of {@link BODY_PARTS}, from the head down. */
export const SKELETON: readonly (readonly [BodyPart, BodyPart])[] = /* #__PURE__ */ frozen([
  ['top_head', 'neck'],
  ['left_ear', 'left_eye'],
  ['left_eye', 'nose'],
  ['nose', 'right_eye'],
  ['right_eye', 'right_ear'],
  ['left_mouth_corner', 'right_mouth_corner'],
  ['neck', 'left_shoulder'],
  ['neck', 'right_shoulder'],
  ['left_shoulder', 'left_elbow'],
  ['left_elbow', 'left_wrist'],
  ['right_shoulder', 'right_elbow'],
  ['right_elbow', 'right_wrist'],
  ['left_shoulder', 'left_hip'],
  ['right_shoulder', 'right_hip'],
  ['left_hip', 'right_hip'],
  ['left_hip', 'left_knee'],
  ['left_knee', 'left_ankle'],
  ['right_hip', 'right_knee'],
  ['right_knee', 'right_ankle'],
]);
