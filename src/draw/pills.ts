import type { Mark, Surface } from './marks.ts';

/** Text in a round-ended field. */
export type Pill = Mark & { kind: 'pill' };

/** Into what is painted on, where it is near its edge; what lies outside it stays there. */
export function inside(pill: Pill, { left, top, right, bottom }: Surface): Pill {
  const { width, height } = pill;
  if (pill.x < left || pill.x > right || pill.y + 3 * height < top || pill.y > bottom) return pill;
  return {
    ...pill,
    x: Math.min(Math.max(pill.x, left + width / 2), right - width / 2),
    y: Math.max(pill.y, top + height / 2),
  };
}

/** Whether two of them overlap. */
export function touch(a: Pill, b: Pill): boolean {
  return 2 * Math.abs(a.x - b.x) < a.width + b.width && 2 * Math.abs(a.y - b.y) < a.height + b.height;
}

/** About how wide text is, in its own heights: nothing can be measured where there is no document. */
export function widthOf(text: string): number {
  // From here on characters are as wide as high: Chinese, Japanese, Korean, emoji.
  return Array.from(text).reduce((sum, character) => sum + (character >= '\u2e80' ? 1 : 0.6), 0);
}
