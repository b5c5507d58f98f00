/**
 * `tsx scripts/readme-tables.ts` brings the tables of the translated pages up to those of their originals:
 * whatever has no words in it (numbers, names, code) is taken over, cell by cell, and words stay as they were
 * translated.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './headless.ts';
import { runCommand } from './tools.ts';
import { originalOf, sectionsKept, translatedPages } from './translations.ts';

/** A table: a line of cells each, the second of which says how columns are aligned. */
type Table = string[][];

/** What words have among them that no translation changes. */
const MARKS = /`[^`]*`|\d+(?:\.\d+)*/g;

/** Rows that follow each other, each from its first bar to its last. */
const TABLES = /^\|.*\|(?:\n\|.*\|)+$/gm;

/** How many cells the rows of each table have. */
function shape(tables: readonly Table[]): string {
  return tables.map((table) => table.map((row) => row.length).join()).join('; ');
}

/** A text's code and numbers, in whatever order a language has them; `.5` and `0.5` are the same. */
function marksOf(text: string): string {
  const marks = text.replaceAll(/(?<!\d)0(?=\.\d)/g, '').match(MARKS) ?? [];
  return marks.toSorted().join(' ');
}

function tablesOf(text: string): Table[] {
  return (text.match(TABLES) ?? []).map((table) =>
    table.split('\n').map((row) => {
      const cells = row.slice(1, -1).split('|');
      return cells.map((cell) => cell.trim());
    }),
  );
}

/** Whether a cell reads the same in every language: it has neither words nor commas but in code. */
function isUniversal(cell: string): boolean {
  return !/[\p{L},]/u.test(cell.replaceAll(/`[^`]*`/g, '')) || /^AP\d*$|^PCK@/.test(cell);
}

/**
 * The translation with the original's numbers, names and code in its tables.
 * @throws Error where only a translator can help: one has tables, rows or columns that the other has not, or
 *   words with other code or numbers among them
 */
export function withTablesOf(original: string, translation: string): string {
  const tables = tablesOf(original);
  const translated = tablesOf(translation);
  if (shape(tables) !== shape(translated)) {
    throw new Error(
      `The tables have other rows or columns than the original's: ${shape(translated)}, not ${shape(tables)}.`,
    );
  }
  let next = 0;
  return translation.replaceAll(TABLES, () => {
    const [ours = [], theirs = []] = [tables[next], translated[next]];
    next += 1;
    const rows = ours.map((row, y) => {
      const cells = row.map((cell, x) => {
        if (isUniversal(cell)) return cell;
        const words = theirs[y]?.[x] ?? '';
        if (marksOf(words) !== marksOf(cell)) throw new Error(`"${words}" has not what "${cell}" has.`);
        return words;
      });
      return `| ${cells.join(' | ')} |`;
    });
    return rows.join('\n');
  });
}

/** The translation with the day and the machine of the original's measurements. */
export function withMachineOf(original: string, translation: string): string {
  const [, date, cpu, cores, browser] =
    /^`npm run bench`, ([\d-]+): (.+), (\d+) cores, (\w+ [\d.]+)\. /m.exec(original) ?? [];
  return translation.replace(
    /^由 `npm run bench` 于 .*? 测得：.*?。/m,
    `由 \`npm run bench\` 于 ${date} 测得：${cpu}，${cores} 个核心，${browser}。`,
  );
}

/** Rewrites the translated pages. */
export function updateTranslations(): void {
  for (const page of translatedPages()) {
    const file = join(ROOT, page);
    const translation = readFileSync(file, 'utf8');
    const original = readFileSync(join(ROOT, originalOf(page) ?? page), 'utf8');
    const kept = sectionsKept(original, translation).map(({ text }) => text);
    writeFileSync(file, withMachineOf(original, withTablesOf(kept.join(''), translation)));
  }
  // The formatter has its own idea of how wide columns are.
  runCommand('oxfmt', translatedPages());
}

if (process.argv[1] === import.meta.filename) updateTranslations();
