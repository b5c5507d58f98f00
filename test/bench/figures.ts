/** Numbers about many calls. */

/** What many calls took, in milliseconds. */
export interface Summary {
  calls: number;
  median: number;
  min: number;
  /** 95th percentile. */
  p95: number;
  mean: number;
}

/** The value that this share of the numbers is below, `NaN` of none. */
export function quantile(numbers: readonly number[], share: number): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(share * numbers.length)] ?? Number.NaN;
}

/** The middle one, `NaN` of none. */
export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5);
}

/** What the calls come to. */
export function summarize(ms: readonly number[]): Summary {
  return {
    calls: ms.length,
    median: rounded(median(ms)),
    min: rounded(quantile(ms, 0)),
    p95: rounded(quantile(ms, 0.95)),
    mean: rounded(ms.reduce((sum, each) => sum + each, 0) / ms.length),
  };
}

/** A figure against another one: the first is `ours/theirs`' numerator. */
export interface Comparison {
  /** As it is called in the report. */
  name: string;
  ours: string;
  theirs: string;
}

/** Every comparison of which both figures are there, by name. */
export function ratiosOf(
  comparisons: readonly Comparison[],
  valueOf: (figure: string) => number | undefined,
): Record<string, number> {
  return Object.fromEntries(
    comparisons.flatMap(({ name, ours, theirs }) => {
      const [one, other] = [valueOf(ours), valueOf(theirs)];
      return one === undefined || other === undefined ? [] : [[name, rounded(one / other)]];
    }),
  );
}

/** To three digits after the point: more is noise, and makes the report hard to read. */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
