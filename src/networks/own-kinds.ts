import type { OwnNetworkKind } from '../schema/own-networks.ts';
import { HEATMAPS } from './heatmaps.ts';
import { MOVENET_HEADS } from './own-movenet.ts';
import type { OwnKind } from './own-network.ts';
import { RTMO } from './rtmo.ts';
import { SIMCC } from './simcc.ts';
import { YOLO_POSE, YOLO_POSE_NMS } from './yolo-pose.ts';

/** The shapes in which networks of an app's own come. */
export const OWN_KINDS: Readonly<Record<OwnNetworkKind, OwnKind>> = {
  simcc: SIMCC,
  heatmap: HEATMAPS,
  movenet: MOVENET_HEADS,
  'yolo-pose': YOLO_POSE,
  'yolo-pose-nms': YOLO_POSE_NMS,
  rtmo: RTMO,
};
