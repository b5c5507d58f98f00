import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { AIP_ERRORS } from '../../src/client/aip.ts';
import { ERROR_CODES } from '../../src/schema/errors.ts';

/** The cells of every table row below a heading of docs/errors.md, without the tables' heads. */
function rows(heading: string): string[][] {
  const text = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const section = text.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => {
      const cells = line.split('|').slice(1, -1);
      return cells.map((cell) => cell.trim());
    });
}

describe('docs/errors.md', () => {
  test('has every code with its API number, and no other', () => {
    const documented = rows('Codes').map(([code, number]) => [code, number] as const);
    const actual = Object.entries(ERROR_CODES).map(
      ([code, number]) => [`\`${code}\``, String(number ?? '')] as const,
    );
    expect(new Map(documented)).toEqual(new Map(actual));
    expect(documented).toHaveLength(actual.length);
  });

  test('has every error of the drop-in in the API’s words, and no other', () => {
    const documented = rows('Answers of the drop-in').map(([number, words]) => [number, words]);
    expect(documented).toEqual(Object.entries(AIP_ERRORS));
  });

  test('says of each when it happens, and what to do', () => {
    for (const row of [...rows('Codes'), ...rows('Answers of the drop-in')]) {
      for (const cell of row.slice(2)) expect(cell).toMatch(/^[A-Z].*\.$/);
    }
    for (const row of rows('Codes')) expect(row).toHaveLength(4);
  });
});
