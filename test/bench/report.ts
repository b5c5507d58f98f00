/** The report: what is written as JSON, and what is printed. */
import { COMPARISONS, MEMORY_COMPARISONS } from './entrants.ts';
import { columns } from '../accuracy/report.ts';
import { median, ratiosOf, rounded, summarize } from './figures.ts';
import type { Summary } from './figures.ts';
import type { Measured } from './heat.ts';
import type { Machine } from './machine.ts';
import type { MemoryUse } from './memory.ts';
import type { Stages } from './pages/contender.ts';
import type { Visits } from './start.ts';

/** All that a run has found out. Times are in milliseconds. */
export interface Report {
  date: string;
  command: string;
  machine: Machine;
  versions: Readonly<Record<string, string>>;
  rounds: number;
  callsPerRound: number;
  startRepetitions: number;
  /** Of medians; below 1 where ours is faster, or takes less memory. */
  ratios: Record<string, number>;
  /** The same of the fastest calls, which other work on the machine disturbs least. */
  ratiosOfMinima: Record<string, number>;
  /** Median milliseconds of a call beyond its models' runs, by figure. */
  overhead: Record<string, number>;
  /** Medians of the parts of a call, by figure. They need not add up: each is a median of its own. */
  stages: Record<string, Stages>;
  /** Bytes sent for a visit, by figure. */
  bytes: Record<string, number>;
  /** Medians of what a live page has in use, by figure. */
  memory: Record<string, MemoryUse>;
  figures: Record<string, Summary>;
  /**
   * Figures of the source with a clock in its worker: equal to those
   * above, or the stages are somebody else's.
   */
  observed: Record<string, Summary>;
}

/** The parts of a report that follow from its measurements. */
export function evaluate(
  measured: readonly Measured[],
  visits: Visits,
  memory: Report['memory'],
): Pick<
  Report,
  'ratios' | 'ratiosOfMinima' | 'overhead' | 'stages' | 'bytes' | 'memory' | 'figures' | 'observed'
> {
  const figures: Record<string, Summary> = {};
  const observed: Record<string, Summary> = {};
  const overhead: Record<string, number> = {};
  const stages: Record<string, Stages> = {};
  for (const { entrant, calls } of measured) {
    const { figure, isObserved } = entrant;
    (isObserved ? observed : figures)[figure] = summarize(calls.map(({ ms }) => ms));
    if (!isObserved) continue;
    overhead[figure] = rounded(
      median(calls.map((call) => call.ms - (call.stages ? call.stages.detector + call.stages.landmarks : 0))),
    );
    const middle = (stage: keyof Stages) =>
      rounded(median(calls.map((call) => call.stages?.[stage] ?? Number.NaN)));
    stages[figure] = {
      transfer: middle('transfer'),
      decode: middle('decode'),
      crop: middle('crop'),
      detector: middle('detector'),
      landmarks: middle('landmarks'),
      post: middle('post'),
    };
  }
  const bytes: Record<string, number> = {};
  for (const [figure, all] of visits) {
    figures[figure] = summarize(all.map(({ ms }) => ms));
    bytes[figure] = median(all.map((visit) => visit.bytes));
  }
  return {
    ratios: {
      ...ratiosOf(COMPARISONS, (figure) => figures[figure]?.median),
      ...ratiosOf(MEMORY_COMPARISONS, (figure) => memory[figure]?.all),
    },
    ratiosOfMinima: ratiosOf(COMPARISONS, (figure) => figures[figure]?.min),
    overhead,
    stages,
    bytes,
    memory,
    figures,
    observed,
  };
}

/** For people. */
export function describe(report: Report): string {
  const { machine, ratios, ratiosOfMinima, figures, stages, overhead, bytes, memory } = report;
  const ms = (value: number) => value.toFixed(1);
  const mb = (count: number) => (count / 1e6).toFixed(1);
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.browser}, ${report.date}`,
    table(
      ['milliseconds', 'median', 'min', 'p95', 'mean', 'calls'],
      Object.entries(figures).map(([name, each]) => [
        name,
        ...[each.median, each.min, each.p95, each.mean].map(ms),
        String(each.calls),
      ]),
    ),
    table(
      [
        'where it goes (medians)',
        'decode',
        'crop',
        'detector',
        'landmarks',
        'post',
        'transfer',
        'beyond models',
      ],
      Object.entries(stages).map(([name, each]) => [
        name,
        ...[each.decode, each.crop, each.detector, each.landmarks, each.post, each.transfer].map(ms),
        ms(overhead[name] ?? Number.NaN),
      ]),
    ),
    table(
      ['sent', 'MB'],
      Object.entries(bytes).map(([name, sent]) => [name, (sent / 1e6).toFixed(2)]),
    ),
    table(
      ['memory', 'MB', 'of it WASM memory'],
      Object.entries(memory).map(([name, { all, wasm }]) => [name, mb(all), mb(wasm)]),
    ),
    table(
      ['ratio', 'of medians', 'of minima'],
      Object.entries(ratios).map(([name, ratio]) => [
        name,
        ratio.toFixed(2),
        ratiosOfMinima[name]?.toFixed(2) ?? '',
      ]),
    ),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '' : columns([head, ...rows]);
}
