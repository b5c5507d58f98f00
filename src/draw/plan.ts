import { BODY_PARTS, SKELETON } from '../schema/body-parts.ts';
import type { BodyPart } from '../schema/body-parts.ts';
import type { BodyAnalysisResult, PersonInfo } from '../schema/result.ts';
import { personColor, SIDE_COLORS } from './style.ts';
import type { DrawOptions, BodySide } from './style.ts';

/** What a mark is painted with. */
interface Ink {
  /** CSS. */
  color: string;
  /** `0 … 1`. */
  opacity: number;
}

/** A stroke: lines have round ends. `lineWidth` is in the picture's pixels. */
interface Stroke extends Ink {
  lineWidth: number;
}

/** From and to: x1, y1, x2, y2 in the picture's pixels. */
export type Line = readonly [number, number, number, number];

/** The least that canvas and SVG both paint, in the picture's pixels. */
export type Mark =
  | (Stroke & { kind: 'rectangle'; left: number; top: number; width: number; height: number })
  | (Stroke & { kind: 'lines'; lines: Line[] })
  | (Stroke & { kind: 'ring'; x: number; y: number; radius: number })
  | (Ink & { kind: 'disc'; x: number; y: number; radius: number })
  /** Text from `x` on with its baseline at `y`, `size` high, with a dark rim of `lineWidth` around it. */
  | (Stroke & { kind: 'text'; x: number; y: number; size: number; text: string });

/** One person's marks, in the order they are painted. */
export interface PersonPlan {
  index: number;
  person: PersonInfo;
  marks: Mark[];
}

/** Lies under every colour, so that it shows on any picture. */
export const RIM: Readonly<Ink> = { color: '#000', opacity: 0.55 };

/** What others than the highlighted are multiplied by. */
const FAINT = 0.25;

/** The score below which a keypoint is uncertain, unless asked for otherwise. */
export const DEFAULT_KEYPOINT_SCORE = 0.2;

/**
 * Everything to be painted.
 * @param lineWidth width of a bone, in the picture's pixels
 * @param pixel size of a pixel of what is painted on, in the picture's
 * pixels: text is at least 12 of them high
 */
export function planPersons(
  result: BodyAnalysisResult,
  options: DrawOptions,
  lineWidth: number,
  pixel: number,
): PersonPlan[] {
  return result.person_info.map((person, index) => {
    const isFaint = options.highlight !== undefined && options.highlight !== index;
    const opacity = isFaint ? FAINT : 1;
    const ink: Ink = { color: personColor(place(person, index), options.colors), opacity };
    const marks = [
      ...((options.boxes ?? true) ? box(person, ink, lineWidth) : []),
      ...bones(person, options, ink, lineWidth),
      ...points(person, options, opacity, lineWidth),
    ];
    const text = label(person, index, options.labels);
    if (text !== '') marks.push(labelMark(person, text, ink, lineWidth, pixel));
    return { index, person, marks };
  });
}

/**
 * What a person's colour and number go by: who is followed through a video
 * keeps both, whoever else comes and goes.
 */
export function place(person: PersonInfo, index: number): number {
  return 'track_id' in person && typeof person.track_id === 'number' ? person.track_id - 1 : index;
}

function rim(opacity: number): Ink {
  return { color: RIM.color, opacity: RIM.opacity * opacity };
}

function box({ location: { left, top, width, height } }: PersonInfo, ink: Ink, lineWidth: number): Mark[] {
  const rectangle = { kind: 'rectangle', left, top, width, height } as const;
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
    const color = options.colorBy === 'side' ? sideColor(boneSide(from, to), options.sideColors) : ink.color;
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
      return { kind: 'lines', lines, ...rim(opacity), lineWidth: 1.8 * width };
    }),
    ...all.map(({ ink: color, lines, lineWidth: width }): Mark => {
      return { kind: 'lines', lines, ...color, lineWidth: width };
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

function sideOf(part: BodyPart): BodySide {
  if (part.startsWith('left_')) return 'left';
  return part.startsWith('right_') ? 'right' : 'middle';
}

/** A bone from the middle to a side is that side's; one from side to side is in the middle. */
function boneSide(from: BodyPart, to: BodyPart): BodySide {
  const start = sideOf(from);
  const end = sideOf(to);
  if (start === end || end === 'middle') return start;
  return start === 'middle' ? end : 'middle';
}

function sideColor(side: BodySide, colors: DrawOptions['sideColors']): string {
  return colors?.[side] ?? SIDE_COLORS[side];
}

function label(person: PersonInfo, index: number, labels: DrawOptions['labels']): string {
  if (typeof labels === 'function') return labels(person, index);
  return labels === true ? `${place(person, index) + 1} · ${person.location.score.toFixed(2)}` : '';
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
