import { describe, expect, test } from 'vitest';
import { COMPARISONS, HEATS } from '../bench/entrants.ts';
import { ratiosOf, summarize } from '../bench/figures.ts';
import { withSpeedTable } from '../bench/speed-table.ts';
import type { Report } from '../bench/report.ts';

test('a summary has the middle, the least, the 95th percentile and the mean', () => {
  const ms = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(summarize(ms)).toEqual({ calls: 100, median: 51, min: 1, p95: 96, mean: 50.5 });
});

test('a ratio needs both its figures', () => {
  const comparisons = [
    { name: 'a/b', ours: 'a', theirs: 'b' },
    { name: 'a/c', ours: 'a', theirs: 'c' },
  ];
  const values = new Map([
    ['a', 1],
    ['b', 4],
  ]);
  expect(ratiosOf(comparisons, (figure) => values.get(figure))).toEqual({ 'a/b': 0.25 });
});

describe('the comparisons', () => {
  test('have names of their own, and so have the heats', () => {
    for (const names of [COMPARISONS.map(({ name }) => name), HEATS.map(({ name }) => name)]) {
      expect(new Set(names).size).toBe(names.length);
    }
  });

  test('are of figures that are measured', () => {
    const measured = HEATS.flatMap(({ entrants }) => entrants.map(({ figure }) => figure));
    const missing = COMPARISONS.filter(({ ours }) => !ours.startsWith('start.'))
      .flatMap(({ ours, theirs }) => [ours, theirs])
      .filter((figure) => !measured.includes(figure));
    // What no peer can run has no figure to be compared with.
    expect(missing.toSorted()).toEqual(
      ['movenet_thunder', 'nanodet'].flatMap((model) =>
        ['1t', '2t'].map((threads) => `inference.${model}.${threads}.litert`),
      ),
    );
  });
});

test('the table stands between its comments, and nothing else changes', () => {
  const summary = (value: number) => ({ calls: 50, median: value, min: value, p95: value, mean: value });
  const report: Report = {
    date: '2026-01-01',
    command: 'npm run bench',
    machine: { cpu: 'CPU', cores: 2, memoryGb: 8, os: 'Linux', browser: 'Chromium 1', node: 'v20' },
    versions: {},
    rounds: 5,
    callsPerRound: 10,
    startRepetitions: 5,
    ratios: {},
    ratiosOfMinima: {},
    overhead: {},
    stages: {},
    bytes: {},
    observed: {},
    figures: {
      'tracked.full.2t': summary(30),
      'tracked.full.1t': summary(50),
      'tracked.full.mediapipe': summary(40),
    },
  };
  const begin = '<!-- speed: written by npm run bench -- --readme FILE -->';
  const text = withSpeedTable(`before\n${begin}\nold\n<!-- /speed -->\nafter`, report);
  expect(text).toMatch(/^before\n<!-- speed/);
  expect(text).toMatch(/<!-- \/speed -->\nafter$/);
  expect(text).not.toContain('old');
  expect(text).toContain('| followed frame, `full` | 30.0 | 50.0 | `@mediapipe/pose` | 40.0 | 0.75 |');
});
