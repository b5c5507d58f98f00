import { expect } from 'vitest';
import { BODY_PARTS } from '../../src/index.ts';
import type { BodyAnalysisResult } from '../../src/index.ts';

/** What counts as the same answer on every backend: half a pixel, and a hundredth of a score. */
const SAME = { pixels: 0.5, score: 0.01 };

/** The same people in the same places, as sure. */
export function expectSame(result: BodyAnalysisResult, expected: BodyAnalysisResult, name = ''): void {
  expect(result.person_num, name).toBe(expected.person_num);
  expect(result.person_info, name).toHaveLength(result.person_num);
  for (const [index, { body_parts, location }] of result.person_info.entries()) {
    const wanted = expected.person_info[index];
    if (!wanted) throw new Error(`${name}: there is no person ${index}`);
    for (const part of BODY_PARTS) {
      const [one, other] = [body_parts[part], wanted.body_parts[part]];
      const where = `${name} person ${index}, ${part}`;
      expect(Math.hypot(one.x - other.x, one.y - other.y), where).toBeLessThanOrEqual(SAME.pixels);
      expect(Math.abs(one.score - other.score), where).toBeLessThanOrEqual(SAME.score);
    }
    expect(Math.abs(location.score - wanted.location.score)).toBeLessThanOrEqual(SAME.score);
  }
}
