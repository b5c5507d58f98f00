import { BODY_PARTS } from '../schema/body-parts.ts';
import { luminance, place } from './colors.ts';
import type { Mark, Surface } from './marks.ts';
import { inside, touch, widthOf } from './pills.ts';
import type { Pill } from './pills.ts';
import { DEFAULT_KEYPOINT_SCORE } from './style.ts';
import type { DrawOptions } from './style.ts';
import type { Subject } from './subject.ts';

/** One to be named, and how high they are. */
interface Sized {
  subject: Subject;
  stature: number;
}

/** In heights of a name's text: below it the name would hide whom it names. */
const LEAST_STATURE = 4;

/** Everyone's name in a pill above the head: none lies on another. */
export function names(sized: readonly Sized[], options: DrawOptions, surface: Surface): Mark[] {
  const placed: Pill[] = [];
  // Who is highlighted has a name for sure, and the large before the small.
  const inOrder = sized.toSorted((a, b) => b.subject.opacity - a.subject.opacity || b.stature - a.stature);
  for (const { subject, stature } of inOrder) {
    const text = nameOf(subject, options, sized.length);
    if (text === '') continue;
    const pill = above(subject, text, stature, options, surface);
    const { width, height } = pill;
    if (stature < LEAST_STATURE * pill.size && options.highlight !== subject.index) continue;
    const free = [
      [0, 0],
      [-0.6 * width, 0],
      [0.6 * width, 0],
      [0, -1.1 * height],
    ]
      .map(([x = 0, y = 0]) => inside({ ...pill, x: pill.x + x, y: pill.y + y }, surface))
      .find((at) => placed.every((other) => !touch(at, other)));
    if (free) placed.push(free);
  }
  return placed.toReversed();
}

function nameOf({ person, index }: Subject, { labels }: DrawOptions, count: number): string {
  if (typeof labels === 'function') return labels(person, index);
  if (!(labels ?? count > 1)) return '';
  const number = String(place(person, index) + 1);
  return labels === 'score' ? `${number} · ${person.location.score.toFixed(2)}` : number;
}

function above(
  { person, color, opacity }: Subject,
  text: string,
  stature: number,
  options: DrawOptions,
  surface: Surface,
): Pill {
  const pixel = surface.pixel * (options.pixelRatio ?? 1);
  const least = Math.max(10 * pixel, surface.side / 72);
  const size = Math.min(Math.max(stature / 26, least), 1.5 * least);
  const height = 1.4 * size;
  const head = headOf(person, options);
  return {
    kind: 'pill',
    text,
    x: head.x,
    y: head.y - height / 2 - Math.max(0.35 * size, stature / 70),
    width: Math.max(1.9 * size, widthOf(text) * size + 1.1 * size),
    height,
    size,
    color,
    opacity,
    textColor: luminance(color) > 0.2 ? '#000' : '#fff',
  };
}

/** The highest point of the head, or of the box where no head is seen. */
function headOf({ body_parts, location }: Subject['person'], options: DrawOptions): { x: number; y: number } {
  const minScore = options.keypointScore ?? DEFAULT_KEYPOINT_SCORE;
  // The head's parts come first.
  const seen = BODY_PARTS.slice(0, BODY_PARTS.indexOf('neck'))
    .map((part) => body_parts[part])
    .filter(({ score }) => score >= minScore);
  if (seen.length === 0) return { x: location.left + location.width / 2, y: location.top };
  if (body_parts.top_head.score >= minScore)
    return { x: body_parts.top_head.x, y: Math.min(...seen.map(({ y }) => y)) };
  const x = seen.reduce((sum, point) => sum + point.x, 0) / seen.length;
  return { x, y: Math.max(location.top, Math.min(...seen.map((point) => point.y))) };
}
