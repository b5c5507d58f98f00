import type { FileOptions } from '../../scripts/headless.ts';
import { openLibrary } from '../../scripts/headless.ts';
import { photoPath } from './data.ts';
import type { PhotoData } from './data.ts';
import type { AnalysedPhoto } from './measures.ts';
import { nameOf } from './options.ts';
import type { Combination } from './options.ts';

/** Without a terminal to rewrite a line on, one line for so many photos. */
const PHOTOS_PER_LINE = 10;

/** Analyses the photos with the built library in headless Chromium, and says how far it is. */
export async function analysePhotos(
  data: PhotoData,
  combination: Combination,
  options: FileOptions = {},
): Promise<AnalysedPhoto[]> {
  const library = await openLibrary(combination);
  const { name, threads } = library.backend;
  console.log(
    `${data.photos.length} photos, ${nameOf(combination)}, ${name} with ${threads} thread${threads === 1 ? '' : 's'}`,
  );
  const analysed: AnalysedPhoto[] = [];
  try {
    for (const photo of data.photos) {
      try {
        analysed.push({ photo, answer: await library.analyse(photoPath(data, photo), options) });
      } catch (error) {
        console.error(`${photo.file}: ${error instanceof Error ? error.message : String(error)}`);
        analysed.push({ photo });
      }
      showProgress(analysed.length, data.photos.length);
    }
  } finally {
    await library.close();
  }
  return analysed;
}

function showProgress(done: number, total: number): void {
  const text = `${done} of ${total}`;
  if (process.stderr.isTTY) process.stderr.write(done < total ? `\r${text}` : `\r${text}\n`);
  else if (done % PHOTOS_PER_LINE === 0 || done === total) console.error(text);
}
