/** The table of what was endured in docs/backends.md. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/headless.ts';
import { describeMachine } from './machine.ts';

/** One thing that was tried, and what came of it. */
export interface EnduranceRow {
  what: string;
  found: string;
  /** Bytes, where memory is what it is about. */
  before?: number;
  after?: number;
  /** Nothing where it is only told. */
  ok?: boolean;
}

const BEGIN = '<!-- endurance: written by npm run bench -- endurance --docs -->';
const END = '<!-- /endurance -->';

/** Rewrites what stands between the two comments in docs/backends.md. */
export function writeEnduranceTable(rows: readonly EnduranceRow[], browserVersion: string): void {
  const file = join(ROOT, 'docs/backends.md');
  const [before, rest] = readFileSync(file, 'utf8').split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`docs/backends.md lacks ${BEGIN} … ${END}.`);
  const { cpu, cores, browser } = describeMachine(`Chromium ${browserVersion}`);
  const mb = (bytes: number | undefined) => (bytes === undefined ? '' : (bytes / 1e6).toFixed(1));
  const table = [
    '| what | found | MB before | MB after | |',
    '| --- | --- | --: | --: | --- |',
    ...rows.map((row) =>
      [
        '',
        row.what,
        row.found,
        mb(row.before),
        mb(row.after),
        row.ok === undefined ? '–' : row.ok ? 'good' : 'not good',
        '',
      ]
        .join(' | ')
        .trim(),
    ),
    '',
    `\`npm run bench -- endurance\`, ${new Date().toISOString().slice(0, 10)}: ${cpu}, ${cores} cores, ${browser}, \`lite\` with \`fast\` by the engine on WASM, where nothing else is said.`,
  ].join('\n');
  writeFileSync(file, `${before}${BEGIN}\n\n${table}\n\n${END}${after}`);
  // The formatter has its own idea of how wide columns are.
  execFileSync('npx', ['oxfmt', file], { cwd: ROOT, stdio: 'inherit' });
}
