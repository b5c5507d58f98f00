import { describe, expect, test } from 'vitest';
import { COMPARISONS, HEATS, MEMORY, MEMORY_COMPARISONS } from '../bench/entrants.ts';
import { ratiosOf, summarize } from '../bench/figures.ts';
import { rowOf, withGpuTable } from '../bench/gpu-report.ts';
import type { Measured } from '../bench/heat.ts';
import { privateBytesIn } from '../bench/memory.ts';
import { evaluate } from '../bench/report.ts';
import type { Report } from '../bench/report.ts';
import { withNetworksTable, withSpeedTable } from '../bench/speed-table.ts';

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
    expect(missing).toEqual([]);
    expect(MEMORY_COMPARISONS.flatMap(({ ours, theirs }) => [ours, theirs])).toEqual(
      MEMORY.entrants.map(({ figure }) => figure),
    );
  });

  test('are all that measured figures are for', () => {
    const compared = new Set(COMPARISONS.flatMap(({ ours, theirs }) => [ours, theirs]));
    const measured = HEATS.flatMap(({ entrants }) => entrants.map(({ figure }) => figure));
    expect(measured.filter((figure) => !compared.has(figure))).toEqual([]);
  });

  test('have a page of its own for everyone whose figure is another', () => {
    for (const { name, entrants } of HEATS) {
      const own = entrants.map(({ page, task }) => JSON.stringify([page, task]));
      expect(new Set(own).size, name).toBe(own.length);
    }
  });
});

test('a report has ratios of times and of memory', () => {
  const heat = HEATS.find(({ name }) => name === 'photo.balanced');
  const measured = heat?.entrants.map((entrant): Measured => ({
    entrant,
    calls: [{ ms: entrant.figure.endsWith('.ort') ? 40 : 10, found: true }],
  }));
  const { ratios } = evaluate(measured ?? [], new Map(), {
    'memory.full': { all: 30, wasm: 20 },
    'memory.full.ort': { all: 120, wasm: 50 },
  });
  expect(ratios).toEqual({
    'photo.balanced.2t/ort': 0.25,
    'photo.balanced.1t/ort': 0.25,
    'memory.full/ort': 0.25,
  });
});

test('a process has for itself what it alone has written', () => {
  const rollup = 'Rss:  500 kB\nPrivate_Clean:  8 kB\nPrivate_Dirty:      100 kB\nPss_Dirty: 7 kB\n';
  expect(privateBytesIn(rollup)).toBe(102_400);
  expect(() => privateBytesIn('Rss:  500 kB\n')).toThrow(/does not tell/);
});

describe('the tables', () => {
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
    memory: {
      'memory.full': { all: 60e6, wasm: 30e6 },
      'memory.full.ort': { all: 150e6, wasm: 80e6 },
    },
    observed: {},
    figures: {
      'tracked.full.2t': summary(30),
      'tracked.full.1t': summary(50),
      'tracked.full.mediapipe': summary(40),
      'inference.lite.1t': summary(10),
      'inference.lite.1t.ort': summary(20),
      'inference.lite.1t.litert': summary(40),
      'inference.nanodet.2t': summary(50),
      'inference.nanodet.2t.ort': summary(200),
    },
  };
  const between = (name: string) => {
    const begin = `<!-- ${name}: written by npm run bench -- --readme FILE -->`;
    return `before\n${begin}\nold\n<!-- /${name} -->\nafter`;
  };

  test('stand between their comments, and nothing else changes', () => {
    for (const text of [
      withSpeedTable(between('speed'), report),
      withNetworksTable(between('networks'), report),
    ]) {
      expect(text).toMatch(/^before\n<!-- (speed|networks):/);
      expect(text).toMatch(/<!-- \/(speed|networks) -->\nafter$/);
      expect(text).not.toContain('old');
      expect(text).toContain('`npm run bench`, 2026-01-01: CPU, 2 cores, Chromium 1.');
    }
    expect(() => withSpeedTable('before', report)).toThrow(/README\.md lacks/);
    expect(() => withNetworksTable('before', report)).toThrow(/speed\.md lacks/);
  });

  test('have a row for whatever was measured', () => {
    const readme = withSpeedTable(between('speed'), report);
    expect(readme).toContain('| followed frame, `full` | 30.0 | 50.0 | `@mediapipe/pose` | 40.0 | 0.75 |');
    expect(readme).toContain('| live page, `full`: MB | 60.0 |  | body21 on ONNX Runtime | 150 | 0.40 |');
    expect(readme).not.toContain('`heavy`');
    const networks = withNetworksTable(between('networks'), report);
    expect(networks).toContain('| `lite` | 1 | 10.0 | 20.0 | 0.50 | 40.0 | 0.25 |');
    expect(networks).toContain('| `nanodet` | 2 | 50.0 | 200 | 0.25 |  |  |');
    expect(networks).not.toContain('`heavy`');
  });
});

test('the table of a GPU has a line for each network and precision, with the worst of its cases', () => {
  const stages = [3, 1, 2].map((issue) => ({ issue, compute: 1, read: 0.5, inFlight: 2 }));
  const measured = { startMs: 100, firstMs: 50, runs: [7, 5, 6], headRuns: [], stages, differences: {} };
  const one = { precision: 'float32', batch: 1 } as const;
  const rows = [
    rowOf('net', one, [20, 30, 25], { ...measured, share: 0.1, words: 'little is off' }),
    rowOf('net', { ...one, batch: 4 }, [25], { ...measured, share: NaN, words: 'no numbers' }),
    rowOf('head', one, [25], { ...measured, headRuns: [9], share: 0, words: 'nothing is off' }),
  ];
  const text = withGpuTable(
    'before\n<!-- gpu: written by npm run bench -- gpu --docs FILE -->\nold\n<!-- /gpu -->\nafter',
    {
      date: '2026-01-01',
      command: 'npm run bench -- gpu',
      machine: { cpu: 'CPU', cores: 2, memoryGb: 8, os: 'Linux', browser: 'Chromium 1', node: 'v20' },
      adapter: { vendor: 'maker', architecture: 'made-up', description: '', isSoftware: false },
      features: [],
      startMs: 500,
      runs: 3,
      rows,
    },
  );
  expect(text).toMatch(/^before\n<!-- gpu/);
  expect(text).toMatch(/<!-- \/gpu -->\nafter$/);
  expect(text).not.toContain('old');
  expect(text).toContain('| net | float32 | 6.0 | 6.0 | – | 25.0 | 2.0 + 1.0 + 0.5 | 150 | no numbers |');
  expect(text).toContain(
    '| head | float32 | 6.0 | – | 9.0 | 25.0 | 2.0 + 1.0 + 0.5 | 150 | nothing is off |',
  );
  expect(text).toContain('maker made-up');
});
