import type { Mark, Surface } from './marks.ts';
import { inside, touch, widthOf } from './pills.ts';
import type { Pill } from './pills.ts';
import { statureOf } from './stature.ts';
import { DEFAULT_KEYPOINT_SCORE } from './style.ts';
import type { DrawOptions } from './style.ts';
import type { Subject } from './subject.ts';

/** In heights of a note's text: below it there is no room for notes on a person. */
const LEAST_STATURE = 14;

/** Dark and somewhat transparent, so that the skeleton stays the strongest thing. */
const FIELD = { color: '#10191a', opacity: 0.86, textColor: '#fff' };

/**
 * What {@link DrawOptions.notes} says of everyone's parts, beside them: outwards, or where that is taken
 * inwards.
 * @param names which no note may lie on
 */
export function notes(
  subjects: readonly Subject[],
  options: DrawOptions,
  surface: Surface,
  names: readonly Mark[],
): Mark[] {
  const taken = names.filter((mark): mark is Pill => mark.kind === 'pill');
  const placed: Pill[] = [];
  const minScore = options.keypointScore ?? DEFAULT_KEYPOINT_SCORE;
  const pixel = surface.pixel * (options.pixelRatio ?? 1);
  const least = Math.max(9 * pixel, surface.side / 90);
  for (const { person, index, opacity } of subjects) {
    const stature = statureOf(person, minScore);
    if (stature < LEAST_STATURE * least) continue;
    const size = Math.min(Math.max(stature / 36, least), 1.3 * least);
    const { left, width } = person.location;
    for (const { part, text } of options.notes?.(person, index) ?? []) {
      const { x, y } = person.body_parts[part];
      if (text === '') continue;
      const field = { width: (widthOf(text) + 0.7) * size, height: 1.3 * size, size, text };
      const reach = field.width / 2 + 0.8 * size;
      const outwards = x >= left + width / 2 ? reach : -reach;
      const free = [outwards, -outwards]
        .map((aside) =>
          inside(
            { kind: 'pill', x: x + aside, y, ...field, ...FIELD, opacity: FIELD.opacity * opacity },
            surface,
          ),
        )
        .find((at) => [...taken, ...placed].every((other) => !touch(at, other)));
      if (free) placed.push(free);
    }
  }
  return placed;
}
