import type { Difference } from './network.ts';

/** One thing in which two runs of a network may differ. */
export interface Aspect {
  /** How far the two are apart in it; `NaN` where one of them has no number. */
  gap: number;
  /** How far they may be. */
  limit: number;
  /** For people, with the gap in it. */
  words: (gap: number) => string;
}

/** The aspect that is worst in its own terms. */
export function worstOf(aspects: readonly Aspect[]): Difference {
  let worst: Difference = { share: 0, words: 'nothing is off' };
  for (const { gap, limit, words } of aspects) {
    if (!Number.isFinite(gap)) return { share: Number.NaN, words: 'no numbers' };
    if (gap / limit >= worst.share) worst = { share: gap / limit, words: words(gap) };
  }
  return worst;
}

/** The largest of the gaps; `NaN` where one of them is. */
export function largestGap(gaps: Iterable<number>): number {
  let largest = 0;
  for (const gap of gaps) largest = Math.max(largest, gap);
  return largest;
}

/** How far two numbers are apart; `NaN` where one of them is not there. */
export function gapOf(a = Number.NaN, b = Number.NaN): number {
  return Math.abs(a - b);
}

/** Where the highest of some numbers is; 0 where none is any. */
export function highestAt(values: Float32Array): number {
  let at = 0;
  for (const [index, value] of values.entries()) if (value > (values[at] ?? -Infinity)) at = index;
  return at;
}
