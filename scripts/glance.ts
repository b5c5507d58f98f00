/**
 * `npx tsx scripts/glance.ts` writes the tables that show sizes and speed at a glance, from the built files and
 * from README.md's tables of what was measured. A test asks that they are as it writes them.
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { networksOf, PLANS } from '../src/pipeline/photo/qualities.ts';
import { fileOf, RUNTIME_FILES, RUNTIME_MODULE } from '../src/runtime/files/assets.ts';
import type { OrtBuild } from '../src/runtime/files/assets.ts';
import { DEFAULT_MODELS, LANDMARK_MODELS, QUALITIES } from '../src/schema/loading.ts';
import type { LandmarkModel, Quality } from '../src/schema/loading.ts';
import { updateTranslations } from './readme-tables.ts';
import { ROOT } from './root.ts';
import { runCommand } from './tools.ts';

/** How these rows of README.md's table of accuracy begin. */
const DEFAULT_ROW = '**body21**, `balanced`, `lite`';
const BEST_ROW = '**body21**, `best`, `heavy`';

/** A table that stands in a page between two comments. */
interface GlanceTable {
  page: string;
  name: string;
  make: () => string;
}

/** Every table that is written here. */
export const GLANCE_TABLES: readonly GlanceTable[] = [
  { page: 'docs/guide/choosing.md', name: 'downloads', make: downloadsTable },
  { page: 'docs/index.md', name: 'numbers', make: () => numbersTable(read('README.md')) },
];

/**
 * The built files that a first visit loads before its first photo is answered.
 * @param build of ONNX Runtime, where there is a GPU to run on
 */
export function filesOfVisit(quality: Quality, model: LandmarkModel, build?: OrtBuild): string[] {
  const { first, soon } = networksOf(PLANS[quality], model);
  const networks = [...first, ...soon].flatMap(({ file, head }) => (head ? [file, head.file] : [file]));
  const runtime = build ? [RUNTIME_MODULE, RUNTIME_FILES[build].mjs, RUNTIME_FILES[build].packed] : [];
  return ['worker.js', ...[...networks.map(fileOf), ...runtime].map((file) => `assets/${file}`)];
}

/** How many bytes these files of the build have, as a host sends them that packs nothing by itself. */
export function sizeOf(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + statSync(join(ROOT, 'dist', file)).size, 0);
}

/** What each setting downloads. */
export function downloadsTable(): string {
  const rows = QUALITIES.flatMap((quality) =>
    LANDMARK_MODELS.map((model) => {
      const isDefault = DEFAULT_MODELS[quality] === model;
      const first = [undefined, 'jspi', 'asyncify'] as const;
      const cells = first.map((build) => megabytes(sizeOf(filesOfVisit(quality, model, build))));
      const name = isDefault ? `**\`${quality}\`** | **\`${model}\`**` : `\`${quality}\` | \`${model}\``;
      return `| ${name} | ${cells.join(' | ')} | ${megabytes(sizeOf(['worker.js']))} |`;
    }),
  );
  return [
    '| `quality` | `model` | WASM | WebGPU | WebGPU, Safari | second visit |',
    '| --- | --- | --: | --: | --: | --: |',
    ...rows,
  ].join('\n');
}

/**
 * Accuracy, speed and size beside the peers', as README.md has them.
 * @throws Error where it has no such row
 */
export function numbersTable(readme: string): string {
  const rows = readme
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const cell = (first: string, column: number, peer = ''): string => {
    const row = rows.find((each) => each[1]?.startsWith(first) && each.join(' ').includes(peer));
    const value = row?.[column];
    if (value === undefined) throw new Error(`README.md has no row ${first} … ${peer}.`);
    return value;
  };
  const accuracy = (column: number) =>
    [DEFAULT_ROW, BEST_ROW, 'MediaPipe', 'Human'].map((row) => cell(row, column)).join(' | ');
  const frame = 'followed frame, `full`';
  const [visit, size] = ['first visit to answer, `full`', 'first visit, `full`: MB'];
  return [
    '| | body21 | with `best` | MediaPipe | Human |',
    '| --- | --: | --: | --: | --: |',
    `| people found in 74 photos | ${accuracy(5)} |`,
    `| AP of their points | ${accuracy(2)} |`,
    `| frame of a video, ms | ${cell(frame, 2)} | | ${cell(frame, 5, 'mediapipe')} | ${cell(frame, 5, 'Human')} |`,
    `| first visit to answer, ms | ${cell(visit, 2)} | | ${cell(visit, 5)} | |`,
    `| … what it loads, MB | ${cell(size, 2)} | | ${cell(size, 5)} | |`,
  ].join('\n');
}

/** A page's text with a table between its two comments. */
export function withGlance(text: string, { page, name, make }: GlanceTable): string {
  const [begin, end] = [`<!-- ${name}: written by npx tsx scripts/glance.ts -->`, `<!-- /${name} -->`];
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${page} lacks ${begin} … ${end}.`);
  return `${before}${begin}\n\n${make()}\n\n${end}${after}`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

function read(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

if (process.argv[1] === import.meta.filename) {
  for (const table of GLANCE_TABLES)
    writeFileSync(join(ROOT, table.page), withGlance(read(table.page), table));
  // The formatter has its own idea of how wide columns are.
  runCommand(`oxfmt ${GLANCE_TABLES.map(({ page }) => page).join(' ')}`);
  updateTranslations();
}
