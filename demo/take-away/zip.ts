import { downloadZip } from 'client-zip';
import { baseName, distinct } from './names.ts';
import { pictureOf, stillType } from './pictures.ts';
import type { Drawn } from './pictures.ts';
import { cocoOf, csvOf, jsonOf } from './tables.ts';
import type { Exported } from './tables.ts';

/** A photo as it goes into the archive. */
export interface Packed {
  readonly drawn: Drawn;
  readonly exported: Exported;
}

/**
 * All photos with skeletons, the JSON of each, and the tables of all.
 * @param onProgress told how many pictures are done
 */
export function zipOf(photos: readonly Packed[], onProgress: (done: number) => void): Promise<Blob> {
  return downloadZip(entries(photos, onProgress)).blob();
}

/** One picture at a time is made, and let go of once it is in the archive. */
async function* entries(
  photos: readonly Packed[],
  onProgress: (done: number) => void,
): AsyncGenerator<{ name: string; input: Blob }> {
  const exported = photos.map((photo) => photo.exported);
  yield { name: 'body21.csv', input: csvOf(exported) };
  yield { name: 'body21.coco.json', input: cocoOf(exported) };
  const names = distinct(exported.map(({ name }) => baseName(name)));
  for (const [at, photo] of photos.entries()) {
    const name = names[at] ?? '';
    yield { name: `json/${name}.json`, input: jsonOf(photo.exported) };
    const type = stillType(photo.drawn.type);
    const picture = await pictureOf(photo.drawn, type);
    yield { name: `pictures/${name}.${type === 'image/png' ? 'png' : 'jpg'}`, input: picture };
    onProgress(at + 1);
  }
}
