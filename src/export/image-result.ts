import type { BodyAnalysisResult } from '../schema/result.ts';

/** The result of one picture, and the name its rows go by in an exported file. */
export interface ImageResult {
  /** The picture's number in a data set, or its file name. COCO's own annotation files have integers. */
  image_id: number | string;
  /** Its people; exported as they are, so filter first. */
  result: BodyAnalysisResult;
}
