/** The README's table of speed, from a report. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/headless.ts';
import { updateTranslation } from '../../scripts/readme-tables.ts';
import type { Report } from './report.ts';

const BEGIN = '<!-- speed: written by npm run bench -- --readme FILE -->';
const END = '<!-- /speed -->';

/**
 * What the table has in its rows: our figures, without the threads where
 * there are two columns, and the peer's.
 */
const ROWS: readonly { title: string; ours: string; threads: boolean; theirs: string; peer: string }[] = [
  ...['lite', 'full', 'heavy'].map((model) => ({
    title: `followed frame, \`${model}\``,
    ours: `tracked.${model}`,
    threads: true,
    theirs: `tracked.${model}.mediapipe`,
    peer: '`@mediapipe/pose`',
  })),
  {
    title: 'followed frame, `full`',
    ours: 'tracked.full',
    threads: true,
    theirs: 'tracked.full.human',
    peer: 'Human, MoveNet',
  },
  {
    title: 'photo, `fast`, `full`',
    ours: 'photo.fast',
    threads: true,
    theirs: 'photo.mediapipe',
    peer: '`@mediapipe/pose`, detector each time',
  },
  ...['lite', 'full', 'heavy', 'detector'].map((model) => ({
    title: `bare model, \`${model}\``,
    ours: `inference.${model}`,
    threads: true,
    theirs: `inference.${model}.2t.litert`,
    peer: 'LiteRT.js, 2 threads',
  })),
  ...[
    ['cold', 'first visit to answer'],
    ['warm', 'second visit to answer'],
  ].map(([visit, title]) => ({
    title: `${title}, \`full\``,
    ours: `start.${visit}.full`,
    threads: false,
    theirs: `start.${visit}.full.mediapipe`,
    peer: '`@mediapipe/pose`',
  })),
];

/** Rewrites what stands between the two comments in README.md, and the same numbers in its translation. */
export function writeSpeedTable(report: Report): void {
  const file = join(ROOT, 'README.md');
  writeFileSync(file, withSpeedTable(readFileSync(file, 'utf8'), report));
  // The formatter has its own idea of how wide columns are.
  execFileSync('npx', ['oxfmt', file], { cwd: ROOT, stdio: 'inherit' });
  updateTranslation();
}

/**
 * The text with the table between its two comments.
 * @throws Error where there are no such comments
 */
export function withSpeedTable(text: string, report: Report): string {
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`README.md lacks ${BEGIN} … ${END}.`);
  return `${before}${BEGIN}\n\n${speedTable(report)}\n\n${END}${after}`;
}

function speedTable({ figures, date, machine, command }: Report): string {
  const ms = (figure: string) => {
    const value = figures[figure]?.median;
    return value === undefined ? '–' : value < 100 ? value.toFixed(1) : value.toFixed(0);
  };
  const rows = ROWS.flatMap(({ title, ours, threads, theirs, peer }) => {
    const best = threads ? `${ours}.2t` : ours;
    const [one, other] = [figures[best]?.median, figures[theirs]?.median];
    if (one === undefined || other === undefined) return [];
    return [
      `| ${title} | ${ms(best)} | ${threads ? ms(`${ours}.1t`) : ''} | ${peer} | ${ms(theirs)} | ${(one / other).toFixed(2)} |`,
    ];
  });
  return [
    '| median milliseconds | 2 threads | 1 thread | peer | its own | ratio |',
    '| --- | --: | --: | --- | --: | --: |',
    ...rows,
    '',
    `\`${command}\`, ${date}: ${machine.cpu}, ${machine.cores} cores, ${machine.browser}. The ratio is that of 2 threads; below 1, body21 is faster.`,
  ].join('\n');
}
