import { BODY_PARTS, SKELETON } from '../schema/body-parts.ts';
import type { PersonInfo } from '../schema/result.ts';
import { place } from './colors.ts';
import { RIM } from './marks.ts';
import type { Ink, Line, Mark, Surface } from './marks.ts';
import { boneSide, partColor } from './parts.ts';
import { DEFAULT_KEYPOINT_SCORE } from './style.ts';
import type { DrawOptions } from './style.ts';
import type { Subject } from './subject.ts';

/** The marks of the look `uniform`: one width for everyone, white points, square boxes. */
export function uniformMarks(subject: Subject, options: DrawOptions, { pixel, side }: Surface): Mark[] {
  const { person, index, opacity } = subject;
  const lineWidth =
    options.lineWidth === undefined ? Math.max(2 * pixel, side / 150) : options.lineWidth * pixel;
  const ink: Ink = { color: subject.color, opacity };
  const marks = [
    ...((options.boxes ?? true) ? box(person, ink, lineWidth) : []),
    ...bones(person, options, ink, lineWidth),
    ...points(person, options, opacity, lineWidth),
  ];
  const text = label(person, index, options.labels);
  if (text !== '') marks.push(labelMark(person, text, ink, lineWidth, pixel));
  return marks;
}
function rim(opacity: number): Ink {
  return { color: RIM.color, opacity: RIM.opacity * opacity };
}

function box({ location: { left, top, width, height } }: PersonInfo, ink: Ink, lineWidth: number): Mark[] {
  const rectangle = { kind: 'rectangle', left, top, width, height, radius: 0 } as const;
  return [
    { ...rectangle, ...rim(ink.opacity), lineWidth },
    { ...rectangle, ...ink, lineWidth: lineWidth / 2 },
  ];
}

function bones(person: PersonInfo, options: DrawOptions, ink: Ink, lineWidth: number): Mark[] {
  const minScore = options.keypointScore ?? DEFAULT_KEYPOINT_SCORE;
  const strokes = new Map<string, { ink: Ink; lines: Line[]; lineWidth: number }>();
  for (const [from, to] of SKELETON) {
    const a = person.body_parts[from];
    const b = person.body_parts[to];
    const score = Math.min(a.score, b.score);
    if (score < minScore) continue;
    const { opacity, size } = emphasis(score, options);
    const color = partColor(boneSide(from, to), ink.color, options);
    // Bones that look alike make one stroke, so that they do not show through each other where they meet.
    const key = `${color} ${opacity} ${size}`;
    const stroke = strokes.get(key) ?? {
      ink: { color, opacity: ink.opacity * opacity },
      lines: [],
      lineWidth: lineWidth * size,
    };
    stroke.lines.push([a.x, a.y, b.x, b.y]);
    strokes.set(key, stroke);
  }
  const all = [...strokes.values()];
  return [
    ...all.map(({ ink: { opacity }, lines, lineWidth: width }): Mark => {
      return { kind: 'lines', lines, dash: [], ...rim(opacity), lineWidth: 1.8 * width };
    }),
    ...all.map(({ ink: color, lines, lineWidth: width }): Mark => {
      return { kind: 'lines', lines, dash: [], ...color, lineWidth: width };
    }),
  ];
}

function points(person: PersonInfo, options: DrawOptions, faintness: number, lineWidth: number): Mark[] {
  const minScore = options.keypointScore ?? DEFAULT_KEYPOINT_SCORE;
  return BODY_PARTS.flatMap((part): Mark[] => {
    const { x, y, score } = person.body_parts[part];
    const isSure = score >= minScore;
    if (!isSure && options.uncertain !== 'hollow') return [];
    const { opacity, size } = emphasis(score, options);
    const ink: Ink = { color: '#fff', opacity: faintness * opacity };
    // A ring too small would be a dot.
    const circle = { x, y, radius: 0.9 * lineWidth * (isSure ? size : 1) };
    if (isSure) {
      return [
        { kind: 'disc', ...circle, ...ink },
        { kind: 'ring', ...circle, ...rim(ink.opacity), lineWidth: 0.5 * lineWidth },
      ];
    }
    return [
      { kind: 'ring', ...circle, ...rim(ink.opacity), lineWidth: 0.9 * lineWidth },
      { kind: 'ring', ...circle, ...ink, lineWidth: 0.4 * lineWidth },
    ];
  });
}

/** How strongly a score shows. Even a score of 0 is seen, since whether to draw it was asked elsewhere. */
function emphasis(score: number, { confidence }: DrawOptions): { opacity: number; size: number } {
  const sure = Math.min(Math.max(score, 0), 1);
  return {
    opacity: confidence === 'alpha' ? 0.2 + 0.8 * sure : 1,
    size: confidence === 'size' ? 0.4 + 0.8 * sure : 1,
  };
}

function label(person: PersonInfo, index: number, labels: DrawOptions['labels']): string {
  if (typeof labels === 'function') return labels(person, index);
  return labels === true || labels === 'score'
    ? `${place(person, index) + 1} · ${person.location.score.toFixed(2)}`
    : '';
}

function labelMark(person: PersonInfo, text: string, ink: Ink, lineWidth: number, pixel: number): Mark {
  const { left, top } = person.location;
  const size = Math.max(4 * lineWidth, 12 * pixel);
  // Above the box, or in its corner where the picture ends there.
  const isRoomAbove = top - lineWidth >= size;
  return {
    kind: 'text',
    text,
    x: isRoomAbove ? left : left + lineWidth,
    y: isRoomAbove ? top - lineWidth : top + size,
    size,
    lineWidth: size / 5,
    ...ink,
  };
}
