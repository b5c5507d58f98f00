import { SKELETON } from '../schema/body-parts.ts';
import type { BodyAnalysisResult, PersonInfo } from '../schema/result.ts';

/** How people are drawn. */
export interface DrawOptions {
  /** One colour a person, by turns, as CSS. Default: eight that colour-blind people can tell apart. */
  colors?: readonly string[];
  /** Width of a bone in the canvas's pixels. Default: a 150th of the canvas's longer side, at least 2. */
  lineWidth?: number;
  /** Keypoints with a lower score are left out, with the bones that end there. Default 0.2. */
  keypointScore?: number;
  /** Whether to draw each person's box. Default `true`. */
  boxes?: boolean;
  /** Draws this person alone in full strength and the others faintly: its index in `person_info`. */
  highlight?: number;
}

/** Okabe and Ito's palette without its black, lightened for photographs. */
export const PERSON_COLORS: readonly string[] = [
  '#ffb000',
  '#3fb4ff',
  '#00d1a0',
  '#ff7043',
  '#e38cc9',
  '#f0e442',
  '#8c9eff',
  '#c6ff5e',
];

/** The colour of the person at `index`. */
export function personColor(index: number, colors: readonly string[] = PERSON_COLORS): string {
  return colors[index % colors.length] ?? '#fff';
}

/**
 * Draws boxes and skeletons in the coordinates of the result: scale the context first where the canvas is not as
 * large as the picture. Bones have a dark rim, so that they show on any picture.
 */
export function drawPersons(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  result: BodyAnalysisResult,
  options: DrawOptions = {},
): void {
  const { canvas } = context;
  const scale = Math.hypot(context.getTransform().a, context.getTransform().b) || 1;
  const lineWidth = (options.lineWidth ?? Math.max(2, Math.max(canvas.width, canvas.height) / 150)) / scale;
  context.save();
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const [index, person] of result.person_info.entries()) {
    const faint = options.highlight !== undefined && options.highlight !== index;
    context.globalAlpha = faint ? 0.25 : 1;
    const color = personColor(index, options.colors);
    if (options.boxes ?? true) drawBox(context, person, color, lineWidth / 2);
    drawSkeleton(context, person, color, lineWidth, options.keypointScore ?? 0.2);
  }
  context.restore();
}

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

const RIM = 'rgb(0 0 0 / 55%)';

function drawBox(context: Context, { location }: PersonInfo, color: string, lineWidth: number): void {
  for (const [style, width] of [
    [RIM, 2 * lineWidth],
    [color, lineWidth],
  ] as const) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.strokeRect(location.left, location.top, location.width, location.height);
  }
}

function drawSkeleton(
  context: Context,
  person: PersonInfo,
  color: string,
  lineWidth: number,
  minScore: number,
): void {
  const { body_parts } = person;
  const bones = new Path2D();
  for (const [from, to] of SKELETON) {
    const a = body_parts[from];
    const b = body_parts[to];
    if (a.score < minScore || b.score < minScore) continue;
    bones.moveTo(a.x, a.y);
    bones.lineTo(b.x, b.y);
  }
  for (const [style, width] of [
    [RIM, 1.8 * lineWidth],
    [color, lineWidth],
  ] as const) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.stroke(bones);
  }
  for (const { x, y, score } of Object.values(body_parts)) {
    if (score < minScore) continue;
    context.beginPath();
    context.arc(x, y, 0.9 * lineWidth, 0, 2 * Math.PI);
    context.fillStyle = '#fff';
    context.fill();
    context.lineWidth = 0.5 * lineWidth;
    context.strokeStyle = RIM;
    context.stroke();
  }
}
