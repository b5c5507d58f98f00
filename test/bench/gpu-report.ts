/** What was measured on a GPU: as it is written to a file, and as the table of docs/backends.md. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/headless.ts';
import type { GpuAdapter } from '../../src/schema/loading.ts';
import { median, rounded } from './figures.ts';
import type { Machine } from './machine.ts';
import type { GpuCase, GpuMeasured, GpuStages } from './pages/gpu-worker.ts';

/** One network in one case. Times are medians in milliseconds. */
export interface GpuRow extends GpuCase, Pick<GpuMeasured, 'share' | 'words' | 'differences'> {
  network: string;
  /** A single run on WASM in the same worker. */
  wasmMs: number;
  startMs: number;
  firstMs: number;
  /** A run on {@link GpuCase.batch} squares, and one with the head; `undefined` where there is none. */
  ms: number;
  headMs?: number;
  stages: GpuStages;
}

/** All that was measured on one GPU. */
export interface GpuReport {
  date: string;
  command: string;
  machine: Machine;
  /** WebGPU's names of the GPU; and the driver's, where somebody has told it. */
  adapter: GpuAdapter;
  card?: string;
  features: readonly string[];
  /** Until the GPU's device and the runtime were there, in milliseconds. */
  startMs: number;
  runs: number;
  rows: readonly GpuRow[];
}

/** The row that measurements come to. */
export function rowOf(
  network: string,
  { precision, batch }: GpuCase,
  wasmRuns: readonly number[],
  { startMs, firstMs, runs, headRuns, stages, share, words, differences }: GpuMeasured,
): GpuRow {
  const stage = (name: keyof GpuStages) => rounded(median(stages.map((each) => each[name])));
  return {
    network,
    precision,
    batch,
    wasmMs: rounded(median(wasmRuns)),
    startMs: rounded(startMs),
    firstMs: rounded(firstMs),
    ms: rounded(median(runs)),
    ...(headRuns.length > 0 && { headMs: rounded(median(headRuns)) }),
    stages: {
      issue: stage('issue'),
      compute: stage('compute'),
      read: stage('read'),
      inFlight: stage('inFlight'),
    },
    share,
    words,
    differences,
  };
}

const BEGIN = '<!-- gpu: written by npm run bench -- gpu --docs FILE -->';
const END = '<!-- /gpu -->';

/** Rewrites what stands between the two comments in docs/backends.md. */
export function writeGpuTable(report: GpuReport): void {
  const file = join(ROOT, 'docs/backends.md');
  writeFileSync(file, withGpuTable(readFileSync(file, 'utf8'), report));
  // The formatter has its own idea of how wide columns are.
  execFileSync('npx', ['oxfmt', file], { cwd: ROOT, stdio: 'inherit' });
}

/**
 * The text with the table between its two comments.
 * @throws Error where there are no such comments
 */
export function withGpuTable(text: string, report: GpuReport): string {
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`docs/backends.md lacks ${BEGIN} … ${END}.`);
  return `${before}${BEGIN}\n\n${gpuTable(report).join('\n')}\n\n${END}${after}`;
}

/** The table's lines, and what it is of. */
export function gpuTable({
  rows,
  runs,
  date,
  command,
  machine,
  adapter,
  card,
  startMs,
}: GpuReport): string[] {
  const cases = new Map<string, GpuRow[]>();
  for (const row of rows) {
    const key = `${row.network} ${row.precision}`;
    cases.set(key, [...(cases.get(key) ?? []), row]);
  }
  const batches = [...new Set(rows.map(({ batch }) => batch))];
  const lines = [...cases.values()].map((all) => {
    const [one] = all;
    if (!one) throw new RangeError('no network without a run');
    const times = batches.map((batch) => {
      const row = all.find((each) => each.batch === batch);
      return row ? row.ms.toFixed(1) : '–';
    });
    const { issue, compute, read } = one.stages;
    const worst = all.toSorted((a, b) => (Number.isNaN(a.share) ? -1 : b.share - a.share))[0] ?? one;
    return [
      one.network,
      one.precision,
      ...times,
      one.headMs?.toFixed(1) ?? '–',
      one.wasmMs.toFixed(1),
      [issue, compute, read].map((ms) => ms.toFixed(1)).join(' + '),
      (one.startMs + one.firstMs).toFixed(0),
      worst.words,
    ];
  });
  const head = [
    'network',
    'computed in',
    ...batches.map((batch) => (batch === 1 ? '1 square' : `${batch} squares`)),
    '1, with mask',
    '1, WASM',
    'issued + computed + read',
    'start',
    'at worst, against WASM',
  ];
  const table = [head, head.map((_, at) => (at < 2 || at === head.length - 1 ? '---' : '--:')), ...lines];
  return [
    ...table.map((cells) => `| ${cells.join(' | ')} |`),
    '',
    `\`${command}\`, ${date}: ${card ?? `${adapter.vendor} ${adapter.architecture}`}, ${machine.browser}, ${machine.os}, ${machine.cpu}, ${machine.cores} cores. Medians of ${runs} runs, in milliseconds. GPU and runtime were there after ${startMs.toFixed(0)} ms.`,
  ];
}
