import { BODY_PARTS, SKELETON } from '../schema/body-parts.ts';
import type { BodyPart } from '../schema/body-parts.ts';
import type { Keypoint, PersonInfo } from '../schema/result.ts';
import { luminance } from './colors.ts';
import type { Ink, Line, Mark, Surface } from './marks.ts';
import { names } from './names.ts';
import { boneSide, partColor, sideOf } from './parts.ts';
import { statureOf } from './stature.ts';
import { DEFAULT_KEYPOINT_SCORE, DEFAULT_SURE_SCORE } from './style.ts';
import type { DrawOptions } from './style.ts';
import type { Plan, Subject } from './subject.ts';

/** The parts of a face, which lines and points must not hide. */
const FACE: ReadonlySet<BodyPart> = /* #__PURE__ */ new Set<BodyPart>([
  'left_ear',
  'right_ear',
  'left_eye',
  'right_eye',
  'nose',
  'left_mouth_corner',
  'right_mouth_corner',
]);

/** How wide what is drawn of one person is, in the picture's pixels. */
interface Measures {
  /** Of a bone. */
  bone: number;
  /** Of a line in the face; 0 where the face is too small for lines. */
  face: number;
  /** What a rim adds on either side. */
  rim: number;
  /** Of CSS. */
  pixel: number;
  /** Whether there is no room for faces and for the joints' white centres. */
  isTiny: boolean;
}

/** How sure a part, or a bone, is. */
interface Sureness {
  isGuess: boolean;
  /** `0 … 1`. */
  opacity: number;
  /** Times as wide. */
  size: number;
}

/** The marks of the look `fitted`: see {@link DrawOptions.look}. */
export function fittedPlan(subjects: readonly Subject[], options: DrawOptions, surface: Surface): Plan {
  const minScore = options.keypointScore ?? DEFAULT_KEYPOINT_SCORE;
  // Who is highlighted lies over the others.
  const inOrder = subjects.toSorted((a, b) => a.opacity - b.opacity);
  const sized = inOrder.map((subject) => ({ subject, stature: statureOf(subject.person, minScore) }));
  const persons = sized.map(({ subject, stature }) => {
    const measures = measure(subject.person, stature, options, surface);
    const { person, index } = subject;
    const marks = [
      ...((options.boxes ?? true) ? box(subject, measures) : []),
      ...bones(subject, options, measures),
      ...points(subject, options, measures),
    ];
    return { person, index, marks };
  });
  return { persons, names: names(sized, options, surface) };
}

function measure(person: PersonInfo, stature: number, options: DrawOptions, surface: Surface): Measures {
  const pixel = surface.pixel * (options.pixelRatio ?? 1);
  const least = Math.max(1.5 * pixel, surface.side / 640);
  const most = Math.max(2.5 * pixel, surface.side / 160);
  const bone =
    options.lineWidth === undefined
      ? Math.min(Math.max(stature / 75, least), most)
      : options.lineWidth * surface.pixel;
  const span = faceSpan(person, options.keypointScore ?? DEFAULT_KEYPOINT_SCORE);
  const isLarge = span >= 12 * Math.max(pixel, surface.side / 1000);
  return {
    bone,
    face: isLarge ? Math.min(0.36 * bone, span / 26) : 0,
    rim: Math.max(0.13 * bone, 0.5 * pixel),
    pixel,
    isTiny: stature < 30 * least,
  };
}

/** How far the parts of the face that are seen lie apart. */
function faceSpan({ body_parts }: PersonInfo, minScore: number): number {
  const seen = [...FACE].map((part) => body_parts[part]).filter(({ score }) => score >= minScore);
  const [xs, ys] = [seen.map(({ x }) => x), seen.map(({ y }) => y)];
  return seen.length < 2
    ? 0
    : Math.hypot(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
}

/** What a dark colour has around it is light, and of a light one dark: either shows on any picture. */
function rimOf({ color, opacity }: Ink): Ink {
  const isDark = luminance(color) < 0.12;
  return { color: isDark ? '#fff' : '#000', opacity: opacity * (isDark ? 0.65 : 0.5) };
}

function box({ person, color, opacity }: Subject, { bone, pixel }: Measures): Mark[] {
  const { left, top, width, height } = person.location;
  const lineWidth = Math.max(0.25 * bone, pixel);
  const radius = Math.min(1.4 * bone + 2 * pixel, width / 2, height / 2);
  const ink: Ink = { color, opacity: 0.7 * opacity };
  const rectangle = { kind: 'rectangle', left, top, width, height, radius } as const;
  const rim = rimOf(ink);
  return [
    { ...rectangle, ...rim, opacity: 0.5 * rim.opacity, lineWidth: 2.2 * lineWidth },
    { ...rectangle, ...ink, lineWidth },
  ];
}

interface Stroke {
  ink: Ink;
  lines: Line[];
  lineWidth: number;
  isGuess: boolean;
  rim: number;
}

function bones({ person, color, opacity }: Subject, options: DrawOptions, measures: Measures): Mark[] {
  const strokes = new Map<string, Stroke>();
  for (const [from, to] of SKELETON) {
    // The top of the head is a point for itself: a line to it would cross the face.
    if (from === 'top_head') continue;
    const [a, b] = [person.body_parts[from], person.body_parts[to]];
    const sureness = surenessOf(Math.min(a.score, b.score), options);
    const isFace = FACE.has(from);
    const width = isFace ? measures.face : measures.bone;
    if (!sureness || width === 0) continue;
    const ink = { color: partColor(boneSide(from, to), color, options), opacity: opacity * sureness.opacity };
    const lineWidth = width * sureness.size;
    // Bones that look alike make one stroke, so that they do not show through each other where they meet.
    const key = [ink.color, ink.opacity, lineWidth, sureness.isGuess].join(' ');
    const rim = isFace ? Math.min(measures.rim, 0.25 * width) : measures.rim;
    const stroke = strokes.get(key) ?? { ink, lines: [], lineWidth, isGuess: sureness.isGuess, rim };
    stroke.lines.push([a.x, a.y, b.x, b.y]);
    strokes.set(key, stroke);
  }
  const all = [...strokes.values()].map((stroke): [Mark, Mark] => {
    const { ink, lines, lineWidth, isGuess, rim } = stroke;
    const width = isGuess ? 0.65 * lineWidth : lineWidth;
    const dash = isGuess ? [1.1 * lineWidth, 1.9 * lineWidth] : [];
    return [
      { kind: 'lines', lines, dash, ...rimOf(ink), lineWidth: width + 2 * rim },
      { kind: 'lines', lines, dash, ...ink, lineWidth: width },
    ];
  });
  return [...all.map(([rim]) => rim), ...all.map(([, bone]) => bone)];
}

function points({ person, color, opacity }: Subject, options: DrawOptions, measures: Measures): Mark[] {
  return BODY_PARTS.flatMap((part): Mark[] => {
    const keypoint = person.body_parts[part];
    const sureness = surenessOf(keypoint.score, options);
    const ink: Ink = { color: partColor(sideOf(part), color, options), opacity };
    if (!sureness) return options.uncertain === 'hollow' ? hollow(keypoint, ink, 0.35, measures) : [];
    const { bone, face, isTiny } = measures;
    if (FACE.has(part))
      return isTiny ? [] : dot(keypoint, ink, sureness, 1.15 * face || 0.4 * bone, measures);
    if (isTiny || part === 'top_head') return dot(keypoint, ink, sureness, 0.6 * bone, measures);
    return sureness.isGuess
      ? hollow(keypoint, ink, sureness.opacity, measures)
      : joint(keypoint, ink, sureness, measures);
  });
}

/** A ring in the person's colour with a white centre. */
function joint({ x, y }: Keypoint, ink: Ink, { opacity, size }: Sureness, { bone, rim }: Measures): Mark[] {
  const own = { ...ink, opacity: ink.opacity * opacity };
  const radius = 0.95 * bone * size;
  return [
    { kind: 'disc', x, y, radius: radius + rim, ...rimOf(own) },
    { kind: 'disc', x, y, radius, ...own },
    { kind: 'disc', x, y, radius: 0.58 * radius, color: '#fff', opacity: own.opacity },
  ];
}

function dot(
  { x, y }: Keypoint,
  ink: Ink,
  { opacity, size }: Sureness,
  radius: number,
  { rim }: Measures,
): Mark[] {
  const own = { ...ink, opacity: ink.opacity * opacity };
  return [
    { kind: 'disc', x, y, radius: radius * size + 0.7 * rim, ...rimOf(own) },
    { kind: 'disc', x, y, radius: radius * size, ...own },
  ];
}

/** Where something may be. */
function hollow({ x, y }: Keypoint, ink: Ink, opacity: number, { bone, rim }: Measures): Mark[] {
  const own = { ...ink, opacity: ink.opacity * opacity };
  const ring = { kind: 'ring', x, y, radius: 0.7 * bone } as const;
  return [
    { ...ring, ...rimOf(own), lineWidth: 0.4 * bone + 2 * rim },
    { ...ring, ...own, lineWidth: 0.4 * bone },
  ];
}

/** How a score shows; `undefined` where it is too low to be drawn as a part. */
function surenessOf(score: number, options: DrawOptions): Sureness | undefined {
  const minScore = options.keypointScore ?? DEFAULT_KEYPOINT_SCORE;
  if (score < minScore) return undefined;
  const { confidence = 'alpha', sureScore = DEFAULT_SURE_SCORE } = options;
  const isGuess = score < sureScore;
  const sure = Math.min(Math.max(score, 0), 1);
  // By tenths, so that bones that are as good as equally sure make one stroke.
  const alpha = Math.min(1, Math.round(10 * (0.45 + 0.65 * sure)) / 10);
  return {
    isGuess,
    opacity: (confidence === 'alpha' ? alpha : 1) * (isGuess ? 0.75 : 1),
    size: confidence === 'size' ? 0.4 + 0.8 * sure : 1,
  };
}
