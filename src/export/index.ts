/** Answers in other tools' forms. No worker, no DOM. */
export { COCO_KEYPOINTS } from '../schema/body-parts.ts';
export { toCocoKeypoints } from './coco.ts';
export type { CocoKeypointResult, CocoOptions } from './coco.ts';
export { toCsv } from './csv.ts';
export type { ImageResult } from './image-result.ts';
