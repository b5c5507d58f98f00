/** The table of docs/browsers.md, from a run. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/headless.ts';
import { CHECK_NAMES, CHECKS } from './checks.ts';
import type { Outcome } from './checks.ts';

/** What came of all checks in one engine. */
export interface EngineReport {
  /** Its product and version. */
  engine: string;
  outcomes: readonly Outcome[];
}

const BEGIN = '<!-- support: written by npm test -- engines --docs -->';
const END = '<!-- /support -->';

/** Rewrites what stands between the two comments in docs/browsers.md. */
export function writeSupportTable(reports: readonly EngineReport[], date: string): void {
  const file = join(ROOT, 'docs/browsers.md');
  writeFileSync(file, withSupportTable(readFileSync(file, 'utf8'), reports, date));
  // The formatter has its own idea of how wide columns are.
  execFileSync('npx', ['oxfmt', file], { cwd: ROOT, stdio: 'inherit' });
}

/**
 * The text with the table between its two comments.
 * @throws Error where there are no such comments, or a check was not
 * done or failed: the table is of what works
 */
export function withSupportTable(text: string, reports: readonly EngineReport[], date: string): string {
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`docs/browsers.md lacks ${BEGIN} … ${END}.`);
  }
  return `${before}${BEGIN}\n\n${supportTable(reports, date)}\n\n${END}${after}`;
}

function supportTable(reports: readonly EngineReport[], date: string): string {
  /** Each reason once, however many cells it is the reason of. */
  const reasons: string[] = [];
  const cell = (outcome: Outcome | undefined, where: string): string => {
    if (outcome?.status === 'pass') return '✓';
    if (outcome?.status !== 'skip') {
      throw new Error(`${where} ${outcome ? 'failed' : 'was not done'}: there is no table of that.`);
    }
    const reason = outcome.reason ?? '';
    if (!reasons.includes(reason)) reasons.push(reason);
    return `– (${reasons.indexOf(reason) + 1})`;
  };
  const rows = CHECK_NAMES.map((name) => {
    const cells = reports.map(({ engine, outcomes }) =>
      cell(
        outcomes.find(({ check }) => check === name),
        `${name} in ${engine}`,
      ),
    );
    return `| ${[CHECKS[name].title, ...cells].join(' | ')} |`;
  });
  return [
    `| | ${reports.map(({ engine }) => engine).join(' | ')} |`,
    `| --- |${' :-: |'.repeat(reports.length)}`,
    ...rows,
    '',
    ...reasons.map((reason, index) => `${index + 1}. ${reason}`),
    ...(reasons.length > 0 ? [''] : []),
    `\`npm test -- engines\`, ${date}.`,
  ].join('\n');
}
