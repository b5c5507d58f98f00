import type { BodyAnalysisResult } from '../schema/result.ts';
import { PILL_BASELINE, RIM } from './marks.ts';
import type { Mark, Surface } from './marks.ts';
import { planPersons } from './plan.ts';
import type { DrawOptions } from './style.ts';

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/**
 * Draws boxes, skeletons and numbers in the coordinates of the result: scale the context first where the
 * canvas is not as large as the picture. Lines fit the size that each person has on the canvas, and have a
 * rim, so that they show on any picture. The context's own settings are as before afterwards.
 * @param context of a canvas that has the picture already, or lies over it
 * @param result whom to draw; often what `filterValidPersons` leaves
 * @param options colours, line width, labels and what is drawn
 */
export function drawPersons(context: Context, result: BodyAnalysisResult, options: DrawOptions = {}): void {
  context.save();
  context.lineCap = 'round';
  context.lineJoin = 'round';
  const { persons, names } = planPersons(result, options, surfaceOf(context));
  for (const mark of persons.flatMap(({ marks }) => marks)) paint(context, mark);
  for (const mark of names) paint(context, mark);
  context.restore();
}

/** The canvas in the coordinates of its context; of one that is turned, what lies around it. */
function surfaceOf(context: Context): Surface {
  const { width, height } = context.canvas;
  const transform = context.getTransform();
  const scale = Math.hypot(transform.a, transform.b) || 1;
  const back = transform.inverse();
  const corners = [
    [0, 0],
    [width, 0],
    [0, height],
    [width, height],
  ].map(([x = 0, y = 0]) => [back.a * x + back.c * y + back.e, back.b * x + back.d * y + back.f] as const);
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  return {
    pixel: 1 / scale,
    side: Math.max(width, height) / scale,
    left: Math.min(...xs),
    top: Math.min(...ys),
    right: Math.max(...xs),
    bottom: Math.max(...ys),
  };
}

function paint(context: Context, mark: Mark): void {
  context.globalAlpha = mark.opacity;
  context.strokeStyle = mark.color;
  context.fillStyle = mark.color;
  if ('lineWidth' in mark) context.lineWidth = mark.lineWidth;
  context.setLineDash(mark.kind === 'lines' ? [...mark.dash] : []);
  context.beginPath();
  switch (mark.kind) {
    case 'rectangle':
      roundedRectangle(context, mark);
      context.stroke();
      break;
    case 'lines':
      for (const [x1, y1, x2, y2] of mark.lines) {
        context.moveTo(x1, y1);
        context.lineTo(x2, y2);
      }
      context.stroke();
      break;
    case 'ring':
      context.arc(mark.x, mark.y, mark.radius, 0, 2 * Math.PI);
      context.stroke();
      break;
    case 'disc':
      context.arc(mark.x, mark.y, mark.radius, 0, 2 * Math.PI);
      context.fill();
      break;
    case 'text':
      write(context, mark.size, 'left');
      context.strokeStyle = RIM.color;
      context.globalAlpha = mark.opacity * RIM.opacity;
      context.strokeText(mark.text, mark.x, mark.y);
      context.globalAlpha = mark.opacity;
      context.fillText(mark.text, mark.x, mark.y);
      break;
    case 'pill': {
      const { x, y, width, height } = mark;
      const field = { left: x - width / 2, top: y - height / 2, width, height, radius: height / 2 };
      roundedRectangle(context, field);
      context.fill();
      write(context, mark.size, 'center');
      context.fillStyle = mark.textColor;
      context.fillText(mark.text, x, y + PILL_BASELINE * mark.size);
      break;
    }
  }
}

function write(context: Context, size: number, align: CanvasTextAlign): void {
  context.font = `600 ${size}px system-ui, sans-serif`;
  context.textAlign = align;
  context.textBaseline = 'alphabetic';
}

function roundedRectangle(
  context: Context,
  {
    left,
    top,
    width,
    height,
    radius,
  }: Omit<Mark & { kind: 'rectangle' }, 'kind' | 'lineWidth' | 'color' | 'opacity'>,
): void {
  const [right, bottom] = [left + width, top + height];
  context.moveTo(left + radius, top);
  context.arcTo(right, top, right, bottom, radius);
  context.arcTo(right, bottom, left, bottom, radius);
  context.arcTo(left, bottom, left, top, radius);
  context.arcTo(left, top, right, top, radius);
  context.closePath();
}
