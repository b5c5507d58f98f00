import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { AIP_ERRORS } from '../../src/client/aip.ts';
import { PLANS } from '../../src/pipeline/plan.ts';
import { VALID_PERSON_SCORE } from '../../src/pipeline/scores.ts';
import { ERROR_CODES } from '../../src/schema/errors.ts';
import { LANDMARK_MODELS, QUALITIES } from '../../src/schema/loading.ts';

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

describe('docs/quality.md', () => {
  const text = readFileSync(new URL('../../docs/quality.md', import.meta.url), 'utf8');
  /** What the table of plans says of each quality, in the row that begins so. */
  const cells = (start: string) => {
    const row = text.split('\n').find((line) => line.startsWith(`| ${start}`)) ?? '';
    const columns = row.split('|').slice(2, -1);
    return columns.map((cell) => cell.trim());
  };
  const yes = (value: boolean) => (value ? 'yes' : '–');

  test('says what each quality does', () => {
    const plans = QUALITIES.map((quality) => PLANS[quality]);
    expect(cells('pose detector on tiles')).toEqual(plans.map(({ tiles }) => yes(tiles.length > 0)));
    expect(cells('person detector (whole')).toEqual(
      plans.map(({ minPersonScore }) => minPersonScore.toFixed(2).replace('0.', '.')),
    );
    expect(cells('someone who fills')).toEqual(plans.map(({ loneSide }) => yes(loneSide < Infinity)));
    expect(cells('a wider look')).toEqual(plans.map(({ wider }) => yes(wider)));
    expect(cells('a lower look')).toEqual(plans.map(({ cutOff }) => yes(cutOff)));
    expect(cells('further looks')).toEqual(plans.map(({ looks }) => String(looks)));
  });

  test('says where the documented filter cuts', () => {
    for (const model of LANDMARK_MODELS) {
      const score = VALID_PERSON_SCORE[model].toFixed(2).replace('0.', '.');
      expect(text.replaceAll('\n', ' ')).toContain(
        `${score} ${model === 'heavy' ? 'and more ' : ''}with \`${model}\``,
      );
    }
  });
});
