import type { BodyAnalysisResult } from '../schema/result.ts';
import { planPersons, RIM } from './plan.ts';
import type { Mark } from './plan.ts';
import { defaultLineWidth } from './style.ts';
import type { DrawOptions } from './style.ts';

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/**
 * Draws boxes and skeletons in the coordinates of the result: scale the context first where the canvas is not
 * as large as the picture. Bones have a dark rim, so that they show on any picture. The context's own
 * settings are as before afterwards.
 * @param context of a canvas that has the picture already, or lies over it
 * @param result whom to draw; often what `filterValidPersons` leaves
 * @param options colours, line width, labels and what is drawn
 */
export function drawPersons(context: Context, result: BodyAnalysisResult, options: DrawOptions = {}): void {
  const { canvas } = context;
  const scale = Math.hypot(context.getTransform().a, context.getTransform().b) || 1;
  const lineWidth = (options.lineWidth ?? defaultLineWidth(canvas.width, canvas.height)) / scale;
  context.save();
  context.lineCap = 'round';
  context.lineJoin = 'round';
  context.textAlign = 'left';
  context.textBaseline = 'alphabetic';
  for (const { marks } of planPersons(result, options, lineWidth, 1 / scale)) {
    for (const mark of marks) paint(context, mark);
  }
  context.restore();
}

function paint(context: Context, mark: Mark): void {
  context.globalAlpha = mark.opacity;
  context.strokeStyle = mark.color;
  context.fillStyle = mark.color;
  if (mark.kind !== 'disc') context.lineWidth = mark.lineWidth;
  context.beginPath();
  switch (mark.kind) {
    case 'rectangle':
      context.strokeRect(mark.left, mark.top, mark.width, mark.height);
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
      context.font = `600 ${mark.size}px system-ui, sans-serif`;
      context.strokeStyle = RIM.color;
      context.globalAlpha = mark.opacity * RIM.opacity;
      context.strokeText(mark.text, mark.x, mark.y);
      context.globalAlpha = mark.opacity;
      context.fillText(mark.text, mark.x, mark.y);
      break;
  }
}
