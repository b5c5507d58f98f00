import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CHECK_NAMES, CHECKS } from '../engines/checks.ts';
import type { Outcome } from '../engines/checks.ts';
import { policyWith, STRICT_POLICY } from '../engines/server.ts';
import { withSupportTable } from '../engines/support-table.ts';
import type { EngineReport } from '../engines/support-table.ts';

const TEXT =
  'before\n<!-- support: written by npm test -- engines --docs -->\nold\n<!-- /support -->\nafter\n';

/** An engine in which everything works but for what is given. */
function reportOf(engine: string, other: Record<string, Partial<Outcome>> = {}): EngineReport {
  const outcomes = CHECK_NAMES.map((check): Outcome => ({ check, status: 'pass', ms: 1, ...other[check] }));
  return { engine, outcomes };
}

describe('the table of engines', () => {
  const none = { status: 'skip', reason: 'There is none.' } as const;
  const reports = [
    reportOf('Alpha 1', { webgpu: none }),
    reportOf('Beta 2', { webgpu: none, camera: { status: 'skip', reason: 'It is shut.' } }),
  ];

  test('has a row for every check, and each reason once', () => {
    const text = withSupportTable(TEXT, reports, '2026-01-02');
    expect(text).toMatch(/^before\n/);
    expect(text).toMatch(/<!-- \/support -->\nafter\n$/);
    expect(text).not.toContain('old');
    expect(text).toContain('| | Alpha 1 | Beta 2 |');
    expect(text).toContain('| WebGPU | – (1) | – (1) |');
    expect(text).toContain(`| ${CHECKS.camera.title} | ✓ | – (2) |`);
    expect(text).toContain('\n\n1. There is none.\n2. It is shut.\n\n');
    expect(text).toContain('2026-01-02');
    expect(text.split('\n').filter((line) => line.startsWith('|'))).toHaveLength(CHECK_NAMES.length + 2);
  });

  test('is not made of what failed or was left out', () => {
    const failed = reportOf('Alpha 1', { webgpu: { status: 'fail', reason: 'no' } });
    expect(() => withSupportTable(TEXT, [failed], '')).toThrow('webgpu in Alpha 1 failed');
    const { engine, outcomes } = reportOf('Alpha 1');
    const cut = { engine, outcomes: outcomes.slice(1) };
    expect(() => withSupportTable(TEXT, [cut], '')).toThrow('file in Alpha 1 was not done');
    expect(() => withSupportTable('no comments', reports, '')).toThrow('lacks');
  });
});

describe('docs/browsers.md', () => {
  const text = readFileSync(new URL('../../docs/browsers.md', import.meta.url), 'utf8');

  test('has a row for every check', () => {
    for (const { title } of Object.values(CHECKS)) expect(text).toContain(`| ${title}`);
  });

  test('names the policies that are tested', () => {
    expect(text).toContain(STRICT_POLICY);
    expect(text).toContain(policyWith('https://cdn.example'));
  });
});
