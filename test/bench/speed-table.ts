/** The tables of speed in README and docs/speed.md, from a report. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/headless.ts';
import { updateTranslations } from '../../scripts/readme-tables.ts';
import { BENCH_MODELS } from './pages/model-inputs.ts';
import type { Report } from './report.ts';

/** A table that stands in a file between two comments. */
interface WrittenTable {
  file: string;
  /** The comments' name. */
  name: string;
  make: (report: Report) => string;
}

const TABLES = {
  speed: { file: 'README.md', name: 'speed', make: speedTable },
  networks: { file: 'docs/speed.md', name: 'networks', make: networksTable },
} as const satisfies Readonly<Record<string, WrittenTable>>;

/**
 * What the table has in its rows: our figures, without the threads where
 * there are two columns, and the peer's.
 */
const ROWS: readonly {
  title: string;
  ours: string;
  threads: boolean;
  theirs: string;
  peer: string;
  /** What was sent, and not how long it took. */
  inBytes?: true;
}[] = [
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
    title: 'followed frame, `full`',
    ours: 'tracked.full',
    threads: true,
    theirs: 'tracked.full.2t.ort',
    peer: 'body21 on ONNX Runtime',
  },
  {
    title: 'photo, `fast`, `full`',
    ours: 'photo.fast',
    threads: true,
    theirs: 'photo.mediapipe',
    peer: '`@mediapipe/pose`, detector each time',
  },
  {
    title: 'photo, `balanced`, `lite` (default)',
    ours: 'photo.balanced',
    threads: true,
    theirs: 'photo.balanced.2t.ort',
    peer: 'body21 on ONNX Runtime',
  },
  ...['lite', 'full', 'heavy', 'detector'].map((model) => ({
    title: `bare model, \`${model}\``,
    ours: `inference.${model}`,
    threads: true,
    theirs: `inference.${model}.2t.litert`,
    peer: 'LiteRT.js, 2 threads',
  })),
  ...['nanodet', 'movenet_thunder'].map((model) => ({
    title: `bare model, \`${model}\``,
    ours: `inference.${model}`,
    threads: true,
    theirs: `inference.${model}.2t.ort`,
    peer: 'onnxruntime-web, 2 threads',
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
  {
    title: 'first visit, `full`: MB',
    ours: 'start.cold.full',
    threads: false,
    theirs: 'start.cold.full.mediapipe',
    peer: '`@mediapipe/pose`',
    inBytes: true,
  },
  {
    title: 'live page, `full`: MB',
    ours: 'memory.full',
    threads: false,
    theirs: 'memory.full.ort',
    peer: 'body21 on ONNX Runtime',
  },
];

/** Rewrites the tables, and the numbers in README.md's translation with them. */
export function writeSpeedTables(report: Report): void {
  for (const table of Object.values(TABLES)) {
    const file = join(ROOT, table.file);
    writeFileSync(file, withTable(readFileSync(file, 'utf8'), table, report));
    // The formatter has its own idea of how wide columns are.
    execFileSync('npx', ['oxfmt', file], { cwd: ROOT, stdio: 'inherit' });
  }
  updateTranslations();
}

/** A text with the README's table between its two comments. */
export function withSpeedTable(text: string, report: Report): string {
  return withTable(text, TABLES.speed, report);
}

/** The same of docs/speed.md. */
export function withNetworksTable(text: string, report: Report): string {
  return withTable(text, TABLES.networks, report);
}

/** @throws Error where there are no such comments */
function withTable(text: string, { file, name, make }: WrittenTable, report: Report): string {
  const begin = `<!-- ${name}: written by npm run bench -- --readme FILE -->`;
  const end = `<!-- /${name} -->`;
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${file} lacks ${begin} … ${end}.`);
  return `${before}${begin}\n\n${make(report)}\n\n${end}${after}`;
}

function speedTable(report: Report): string {
  const { figures, memory, bytes } = report;
  const valueOf = (figure: string, inBytes?: true) => {
    const sent = bytes[figure];
    if (inBytes) return sent === undefined ? undefined : sent / 1e6;
    const use = memory[figure];
    return use ? use.all / 1e6 : figures[figure]?.median;
  };
  const rows = ROWS.flatMap(({ title, ours, threads, theirs, peer, inBytes }) => {
    const best = valueOf(threads ? `${ours}.2t` : ours, inBytes);
    const other = valueOf(theirs, inBytes);
    if (best === undefined || other === undefined) return [];
    const alone = threads ? inWords(valueOf(`${ours}.1t`)) : '';
    return [
      `| ${title} | ${inWords(best)} | ${alone} | ${peer} | ${inWords(other)} | ${(best / other).toFixed(2)} |`,
    ];
  });
  return [
    '| median milliseconds | 2 threads | 1 thread | peer | its own | ratio |',
    '| --- | --: | --: | --- | --: | --: |',
    ...rows,
    '',
    `${origin(report)} The ratio is that of 2 threads; below 1, body21 is faster.`,
  ].join('\n');
}

/** Every network by itself, on each of what can run it. */
function networksTable(report: Report): string {
  const { figures } = report;
  const rows = Object.keys(BENCH_MODELS).flatMap((model) =>
    ['2t', '1t'].flatMap((threads) => {
      const figure = `inference.${model}.${threads}`;
      const ours = figures[figure]?.median;
      if (ours === undefined) return [];
      const others = ['ort', 'litert'].map((other) => {
        const theirs = figures[`${figure}.${other}`]?.median;
        return theirs === undefined ? ' | ' : `${inWords(theirs)} | ${(ours / theirs).toFixed(2)}`;
      });
      return [`| \`${model}\` | ${parseInt(threads)} | ${inWords(ours)} | ${others.join(' | ')} |`];
    }),
  );
  return [
    '| median milliseconds | threads | engine | onnxruntime-web | ratio | LiteRT.js | ratio |',
    '| --- | --: | --: | --: | --: | --: | --: |',
    ...rows,
    '',
    origin(report),
  ].join('\n');
}

function inWords(value: number | undefined): string {
  if (value === undefined) return '–';
  return value < 100 ? value.toFixed(1) : value.toFixed(0);
}

function origin({ command, date, machine }: Report): string {
  return `\`${command}\`, ${date}: ${machine.cpu}, ${machine.cores} cores, ${machine.browser}.`;
}
