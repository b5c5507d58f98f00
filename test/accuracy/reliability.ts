/** Whether scores are probabilities: how often what they stand for is so. */

/** A score, and whether what it stands for was so. */
export interface Outcome {
  score: number;
  hit: boolean;
}

/** The outcomes whose scores lie in one range. */
export interface ReliabilityBin {
  from: number;
  to: number;
  count: number;
  /** Mean score; `null` where the bin is empty. */
  score: number | null;
  /** Share of hits; `null` where the bin is empty. */
  hits: number | null;
}

/** The outcomes in bins of the same width from 0 to 1. */
export function reliability(outcomes: readonly Outcome[], bins = 10): ReliabilityBin[] {
  return Array.from({ length: bins }, (_, index) => {
    const inside = outcomes.filter(({ score }) => Math.min(Math.floor(score * bins), bins - 1) === index);
    return {
      from: index / bins,
      to: (index + 1) / bins,
      count: inside.length,
      score: mean(inside.map(({ score }) => score)),
      hits: mean(inside.map(({ hit }) => (hit ? 1 : 0))),
    };
  });
}

/**
 * Expected calibration error: how far mean score and share of hits are apart
 * in a bin, on average over the outcomes.
 */
export function calibrationError(outcomes: readonly Outcome[], bins = 10): number | null {
  if (outcomes.length === 0) return null;
  const gaps = reliability(outcomes, bins).map(
    ({ count, score, hits }) => count * Math.abs((score ?? 0) - (hits ?? 0)),
  );
  return gaps.reduce((sum, gap) => sum + gap, 0) / outcomes.length;
}

/** The mean; `null` of nothing. */
export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
