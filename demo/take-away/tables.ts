import { toCocoKeypoints, toCsv } from 'body21';
import type { BodyAnalysisResult } from 'body21';

/** A photo's name, and the people to write down. */
export interface Exported {
  readonly name: string;
  readonly result: BodyAnalysisResult;
}

/** As it is shown, but a field a line. */
export function jsonOf({ result }: Exported): Blob {
  return new Blob([JSON.stringify(result, undefined, 2)], { type: 'application/json' });
}

/** COCO's results format. */
export function cocoOf(photos: readonly Exported[]): Blob {
  return new Blob([JSON.stringify(toCocoKeypoints(byName(photos)))], { type: 'application/json' });
}

/** One row for each person and part. */
export function csvOf(photos: readonly Exported[]): Blob {
  return new Blob([toCsv(byName(photos))], { type: 'text/csv' });
}

function byName(photos: readonly Exported[]): { image_id: string; result: BodyAnalysisResult }[] {
  return photos.map(({ name, result }) => ({ image_id: name, result }));
}
