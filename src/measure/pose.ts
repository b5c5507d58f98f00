import { BODY_PARTS } from '../schema/body-parts.ts';
import type { BodyPart } from '../schema/body-parts.ts';
import type { Keypoint } from '../schema/result.ts';
import { leastScore } from './person.ts';
import type { MeasurablePerson, MeasureOptions, Point } from './person.ts';

/** With fewer points in common nothing is said of two poses. */
const FEWEST_POINTS = 4;

/**
 * Two points so far apart, in the poses' own unit, agree by exp(-1/2) = .61. The unit is about a quarter of
 * an upright body's height, so that is 6 cm to a body of 1 m: as much as people differ in build. Not COCO's
 * constants, which tell how exactly people click.
 */
const TOLERANCE = 0.25;

/** What is no larger, in pixels, is a point. */
const SMALLEST_SIZE = 1e-3;

/** Body parts with other names in a mirror. */
const SIDE = /^(left|right)_/;

/** A pose without its place and size. */
export interface NormalisedPose {
  /**
   * Each part, in units of {@link NormalisedPose.size} from {@link NormalisedPose.center}; x to the right, y
   * down.
   */
  points: Record<BodyPart, Keypoint>;
  /** The middle of the points, weighted by their scores, in the picture's pixels. */
  center: { x: number; y: number };
  /** The root mean square of the points' distances from it, weighted as well, in pixels: the unit. */
  size: number;
}

/**
 * A person's pose without its place and size: what stands at the left and what is
 * twice as large has the same numbers.
 * @returns `undefined` where fewer than four points are sure
 * @throws BodyAnalysisError `invalid-option`
 */
export function normalisePose(
  { body_parts }: MeasurablePerson,
  options: MeasureOptions = {},
): NormalisedPose | undefined {
  const least = leastScore(options);
  const weights = BODY_PARTS.map((part) => weightOf(body_parts[part].score, least));
  const placed = place(pointsOf(body_parts), weights);
  if (!placed) return undefined;
  const { x, y, size } = placed;
  const entries = BODY_PARTS.map((part) => {
    const point = body_parts[part];
    return [part, { x: (point.x - x) / size, y: (point.y - y) / size, score: point.score }] as const;
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- fromEntries forgets the names
  return { points: Object.fromEntries(entries) as Record<BodyPart, Keypoint>, center: { x, y }, size };
}

/** How two poses are compared. */
export interface SimilarityOptions extends MeasureOptions {
  /** Whether a pose is as good as its mirror image. Default false. */
  mirror?: boolean | undefined;
}

/**
 * How alike two poses are, `0 … 1`, wherever and however large the two people are:
 * the mean of how well each body part agrees, weighted by the less sure of its two scores.
 * Turned poses differ: who lies does not stand.
 * @returns `undefined` where fewer than four points are sure in both
 * @throws BodyAnalysisError `invalid-option`
 */
export function poseSimilarity(
  one: MeasurablePerson,
  other: MeasurablePerson,
  options: SimilarityOptions = {},
): number | undefined {
  const least = leastScore(options);
  const similarity = compare(one.body_parts, other.body_parts, least);
  if (options.mirror !== true) return similarity;
  const mirrored = compare(one.body_parts, mirror(other.body_parts), least);
  return similarity === undefined || mirrored === undefined
    ? (similarity ?? mirrored)
    : Math.max(similarity, mirrored);
}

type Parts = Readonly<Record<BodyPart, Point>>;

function compare(one: Parts, other: Parts, least: number): number | undefined {
  const weights = BODY_PARTS.map((part) => weightOf(Math.min(one[part].score, other[part].score), least));
  const [ours, theirs] = [pointsOf(one), pointsOf(other)];
  const [a, b] = [place(ours, weights), place(theirs, weights)];
  if (!a || !b) return undefined;
  let [agreement, total] = [0, 0];
  for (const [index, weight] of weights.entries()) {
    const [our, their] = [ours[index], theirs[index]];
    if (!our || !their) continue;
    const distance = Math.hypot(
      (our.x - a.x) / a.size - (their.x - b.x) / b.size,
      (our.y - a.y) / a.size - (their.y - b.y) / b.size,
    );
    agreement += weight * Math.exp(-(distance ** 2) / (2 * TOLERANCE ** 2));
    total += weight;
  }
  return agreement / total;
}

/** The middle of points and the root mean square of their distances from it. */
function place(
  points: readonly Point[],
  weights: readonly number[],
): { x: number; y: number; size: number } | undefined {
  if (weights.filter((weight) => weight > 0).length < FEWEST_POINTS) return undefined;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = (value: (point: Point) => number) =>
    points.reduce((sum, point, index) => sum + (weights[index] ?? 0) * value(point), 0) / total;
  const x = mean((point) => point.x);
  const y = mean((point) => point.y);
  const size = Math.sqrt(mean((point) => (point.x - x) ** 2 + (point.y - y) ** 2));
  return size > SMALLEST_SIZE ? { x, y, size } : undefined;
}

function weightOf(score: number, least: number): number {
  return score > least ? score : 0;
}

function pointsOf(parts: Parts): Point[] {
  return BODY_PARTS.map((part) => parts[part]);
}

/** The parts as a mirror shows them: the left ones are the right ones. */
function mirror(parts: Parts): Parts {
  const entries = BODY_PARTS.map((part) => {
    const twin = part.replace(SIDE, (_, side) => (side === 'left' ? 'right_' : 'left_'));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every part of one side has its twin
    const point = parts[twin as BodyPart];
    return [part, { ...point, x: -point.x }] as const;
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- fromEntries forgets the names
  return Object.fromEntries(entries) as Record<BodyPart, Point>;
}
