import { COCO_KEYPOINTS } from '../schema/body-parts.ts';
import { DEFAULT_VALIDITY } from '../schema/validity.ts';
import type { ImageResult } from './image-result.ts';

/** One person in COCO's results format (https://cocodataset.org/#format-results). */
export interface CocoKeypointResult<Id extends number | string = number | string> {
  /** As in {@link ImageResult}. */
  image_id: Id;
  /** COCO's category `person`. */
  category_id: 1;
  /**
   * `x, y, v` of each of {@link COCO_KEYPOINTS}, in pixels from the top left corner. `v` is 2
   * where the keypoint's score is over the threshold and 1 where it is not; COCO's evaluation
   * does not look at it, its drawing does.
   */
  keypoints: number[];
  /** Left, top, width and height in pixels. */
  bbox: [number, number, number, number];
  /** `location.score`, `0 … 1`: what COCO's evaluation ranks people by. */
  score: number;
}

/** How COCO results are written. */
export interface CocoOptions {
  /** A keypoint with a score over this, `0 … 1`, counts as visible. Default 0.2. */
  keypointScore?: number | undefined;
}

/**
 * The people of many pictures as COCO keypoint results: `JSON.stringify` of it is the file that
 * `COCO.loadRes` and `COCOeval(…, 'keypoints')` take. Top of the head, corners of the mouth and neck have no
 * place in it. The evaluation wants everyone, the unsure too; for other uses filter first.
 */
export function toCocoKeypoints<Given extends ImageResult>(
  results: Iterable<Given>,
  options: CocoOptions = {},
): CocoKeypointResult<Given['image_id']>[] {
  const { keypointScore = DEFAULT_VALIDITY.keypointScore } = options;
  const people: CocoKeypointResult<Given['image_id']>[] = [];
  for (const { image_id, result } of results) {
    for (const { body_parts, location } of result.person_info) {
      people.push({
        image_id,
        category_id: 1,
        keypoints: COCO_KEYPOINTS.flatMap((part) => {
          const { x, y, score } = body_parts[part];
          return [x, y, score > keypointScore ? 2 : 1];
        }),
        bbox: [location.left, location.top, location.width, location.height],
        score: location.score,
      });
    }
  }
  return people;
}
