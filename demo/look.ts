import type { DrawOptions } from 'body21';
import { colorsOf } from './colors.ts';
import type { JudgedPerson, State } from './state.ts';

/**
 * How some of a photo's people are drawn, on the stage and in files.
 * @param shown who is drawn, in this order
 * @param judged everyone there is
 */
export function lookOf(
  shown: readonly JudgedPerson[],
  judged: readonly JudgedPerson[],
  { keypointScore }: State['thresholds'],
): DrawOptions {
  const colors = colorsOf(judged);
  return {
    colors: (_, at) => colors[shown[at]?.index ?? 0] ?? '',
    labels: (_, at) => (shown.length > 1 ? String((shown[at]?.index ?? 0) + 1) : ''),
    keypointScore,
  };
}
