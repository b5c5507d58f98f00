/** Logistic regression, enough for three coefficients. */
import { sigmoid } from '../../src/networks/geometry.ts';

/** What is known of a trial, and whether it hit. */
export interface Trial {
  /** The same number of features in every trial; a constant 1 among them stands for the bias. */
  features: readonly number[];
  hit: boolean;
}

/** Keeps coefficients finite where the trials leave one open; far too weak to be seen in the others. */
const RIDGE = 1e-6;
const MOST_STEPS = 50;

/** The probability of a hit, σ(coefficients · features). */
export function probability(coefficients: readonly number[], features: readonly number[]): number {
  return sigmoid(dot(coefficients, features));
}

/**
 * The coefficients under which the trials' outcomes are likeliest, by Newton's method.
 * @throws RangeError where it finds none
 */
export function fitLogistic(trials: readonly Trial[]): number[] {
  const size = trials[0]?.features.length ?? 0;
  if (size === 0) throw new RangeError('there is nothing to fit');
  let coefficients = Array.from({ length: size }, () => 0);
  for (let step = 0; step < MOST_STEPS; step++) {
    const { gradient, curvature } = derivatives(trials, coefficients);
    const change = solve(curvature, gradient);
    coefficients = coefficients.map((coefficient, index) => coefficient + (change[index] ?? 0));
    if (change.every((by) => Math.abs(by) < 1e-9)) return coefficients;
  }
  throw new RangeError(`no coefficients fit these ${trials.length} trials`);
}

/** Of the log likelihood: its slope, and the matrix of how fast that falls. */
function derivatives(trials: readonly Trial[], coefficients: readonly number[]) {
  const gradient = coefficients.map((coefficient) => -RIDGE * coefficient);
  const curvature = coefficients.map((_, row) =>
    coefficients.map((_same, column): number => (row === column ? RIDGE : 0)),
  );
  for (const { features, hit } of trials) {
    const expected = probability(coefficients, features);
    const weight = expected * (1 - expected);
    features.forEach((feature, row) => {
      gradient[row] = (gradient[row] ?? 0) + feature * ((hit ? 1 : 0) - expected);
      const line = curvature[row] ?? [];
      features.forEach((other, column) => {
        line[column] = (line[column] ?? 0) + weight * feature * other;
      });
    });
  }
  return { gradient, curvature };
}

/** Gaussian elimination; the matrix is symmetric and positive definite, so that no pivot is 0. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, index) => [...row, right[index] ?? 0]);
  rows.forEach((pivotRow, at) => {
    const pivot = pivotRow[at] ?? 0;
    for (const row of rows.slice(at + 1)) {
      const share = (row[at] ?? 0) / pivot;
      pivotRow.forEach((value, column) => {
        row[column] = (row[column] ?? 0) - share * value;
      });
    }
  });
  const solution = right.map(() => 0);
  for (const [at, row] of [...rows.entries()].toReversed()) {
    const rest = dot(row.slice(at + 1, -1), solution.slice(at + 1));
    solution[at] = ((row.at(-1) ?? 0) - rest) / (row[at] ?? 0);
  }
  return solution;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}
