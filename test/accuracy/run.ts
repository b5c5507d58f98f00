/**
 * Analyses a folder of annotated photos with the built library in headless Chromium and prints the score.
 * The folder holds `gt.json` (`[{ id, file, … }]`), `images/` and a scorer, `score.mjs`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openLibrary } from '../../scripts/headless.ts';
import { LANDMARK_MODELS, QUALITIES } from '../../src/schema/loading.ts';

const USAGE = `usage: npm run accuracy -- [--data DIR] [--model ${LANDMARK_MODELS.join('|')}] [--quality ${QUALITIES.join('|')}] [--out pred.json] [--limit N]
  --data   folder with gt.json, images/ and score.mjs   (default ../shared/eval)
  --model  landmark model                               (default full)
  --quality  how much is done                           (default balanced)
  --out    where the predictions go                     (default a temporary file)
  --limit  the first N photos only`;

/** A photo as `gt.json` lists it. */
interface Photo {
  id: string;
  file: string;
}

function usage(problem: string): never {
  console.error(`${problem}\n${USAGE}`);
  process.exit(2);
}

function isPhoto(value: unknown): value is Photo {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    typeof value.id === 'string' &&
    'file' in value &&
    typeof value.file === 'string'
  );
}

/** The picture's path: photos lie in `images/`, or beside `gt.json`. */
function photoPath(data: string, photo: Photo): string {
  const inImages = join(data, 'images', photo.file);
  return existsSync(inImages) ? inImages : join(data, photo.file);
}

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/eval' },
    model: { type: 'string', default: 'full' },
    quality: { type: 'string', default: 'balanced' },
    out: { type: 'string' },
    limit: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const model = LANDMARK_MODELS.find((name) => name === values.model);
if (!model) usage(`There is no model ${values.model}.`);
const quality = QUALITIES.find((name) => name === values.quality);
if (!quality) usage(`There is no quality ${values.quality}.`);
const limit = values.limit === undefined ? Infinity : Number(values.limit);
if (!(limit > 0)) usage('--limit must be a number over 0.');
const data = resolve(values.data);
const truthFile = join(data, 'gt.json');
if (!existsSync(truthFile)) {
  console.error(
    `No annotated photos: ${truthFile} is not there. Accuracy is measured on data that is not part of this repository; name a folder with --data DIR.`,
  );
  process.exit(1);
}

const listed: unknown = JSON.parse(readFileSync(truthFile, 'utf8'));
if (!Array.isArray(listed) || !listed.every(isPhoto)) {
  console.error(`${truthFile} is not a list of { id, file, … }.`);
  process.exit(1);
}
const photos = listed.slice(0, limit);
const folder = mkdtempSync(join(tmpdir(), 'body21-accuracy-'));
const out = values.out === undefined ? join(folder, 'pred.json') : resolve(values.out);

const library = await openLibrary({ model, quality });
const { name, threads } = library.backend;
console.log(
  `${photos.length} photos, ${model}, ${quality}, ${name} with ${threads} thread${threads === 1 ? '' : 's'}`,
);
const answers: Record<string, unknown> = {};
try {
  for (const [index, photo] of photos.entries()) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one picture at a time is what the library does anyway
      const { result, ms } = await library.analyse(photoPath(data, photo));
      answers[photo.id] = { ...result, _ms: ms };
    } catch (error) {
      console.error(`${photo.file}: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (process.stdout.isTTY) process.stdout.write(`\r${index + 1} of ${photos.length}`);
  }
} finally {
  await library.close();
}
if (process.stdout.isTTY) process.stdout.write('\n');
writeFileSync(out, JSON.stringify(answers));
console.log(`answers in ${out}`);

const scorer = join(data, 'score.mjs');
if (!existsSync(scorer)) {
  console.error(`No score: ${scorer} is not there.`);
  process.exit(1);
}
// The scorer counts photos without an answer as failures, so a limited run is scored on the photos it took.
const truth = join(folder, 'gt.json');
writeFileSync(truth, JSON.stringify(photos));
const { status } = spawnSync(process.execPath, [scorer, '--gt', truth, '--pred', out], { stdio: 'inherit' });
process.exit(status ?? 1);
