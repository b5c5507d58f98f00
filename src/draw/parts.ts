import type { BodyPart } from '../schema/body-parts.ts';
import { SIDE_COLORS } from './colors.ts';
import type { BodySide, DrawOptions } from './style.ts';

/** Which side a part is on. */
export function sideOf(part: BodyPart): BodySide {
  if (part.startsWith('left_')) return 'left';
  return part.startsWith('right_') ? 'right' : 'middle';
}

/** A bone from the middle to a side is that side's; one from side to side is in the middle. */
export function boneSide(from: BodyPart, to: BodyPart): BodySide {
  const start = sideOf(from);
  const end = sideOf(to);
  if (start === end || end === 'middle') return start;
  return start === 'middle' ? end : 'middle';
}

/** The colour of what is on a side, of someone who has this one. */
export function partColor(side: BodySide, color: string, options: DrawOptions): string {
  if (options.colorBy !== 'side') return color;
  return options.sideColors?.[side] ?? SIDE_COLORS[side];
}
