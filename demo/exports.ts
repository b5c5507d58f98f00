import { toCocoKeypoints, toCsv, toSvg } from 'body21';
import type { BodyAnalysisResult } from 'body21';

/** A photo's name, its picture, and the people to write down. */
export interface Exported {
  name: string;
  /** Where the picture is. */
  url: string;
  result: BodyAnalysisResult;
}

/** A way of writing down what was found. */
interface Format {
  extension: string;
  type: string;
  /** Whether it holds all photos; else only the one on show. */
  all: boolean;
  write(photos: readonly [Exported, ...Exported[]]): string | Promise<string>;
}

/** In the order of the list. */
export const FORMAT_NAMES = ['json', 'svg', 'coco', 'csv'] as const;

/** What can be downloaded, by the value of its option on the page. */
export const FORMATS: Readonly<Record<(typeof FORMAT_NAMES)[number], Format>> = {
  json: {
    extension: 'json',
    type: 'application/json',
    all: false,
    write: ([{ result }]) => JSON.stringify(result, undefined, 2),
  },
  svg: {
    extension: 'svg',
    type: 'image/svg+xml',
    all: false,
    async write([{ url, result }]) {
      const picture = new Image();
      picture.src = url;
      await picture.decode();
      return toSvg(result, { width: picture.naturalWidth, height: picture.naturalHeight });
    },
  },
  coco: {
    extension: 'coco.json',
    type: 'application/json',
    all: true,
    write: (photos) => JSON.stringify(toCocoKeypoints(byName(photos))),
  },
  csv: {
    extension: 'csv',
    type: 'text/csv',
    all: true,
    write: (photos) => toCsv(byName(photos)),
  },
};

function byName(photos: readonly Exported[]): { image_id: string; result: BodyAnalysisResult }[] {
  return photos.map(({ name, result }) => ({ image_id: name, result }));
}
