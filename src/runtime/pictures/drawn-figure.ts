import { canvas2d } from './canvas.ts';
import type { Region } from '../../networks/geometry.ts';

const FIGURE_SIDE = 256;

/** The whole of the figure's picture. */
export const FIGURE_SQUARE: Region = {
  centreX: FIGURE_SIDE / 2,
  centreY: FIGURE_SIDE / 2,
  size: FIGURE_SIDE,
  rotation: 0,
};

/** Limbs from joint to joint in the picture's pixels, with their widths. */
const LIMBS: readonly (readonly [width: number, ...joints: [number, number][]])[] = [
  [15, [106, 92], [84, 126], [92, 158]],
  [15, [150, 92], [174, 124], [166, 158]],
  [20, [116, 156], [112, 198], [114, 240]],
  [20, [140, 156], [146, 198], [142, 240]],
];
const SKIN = '#d9a07e';

/**
 * A picture to warm up on and to compare backends by. A drawn person, standing: something that networks see
 * people's points in. On noise or nothing these would be anywhere, and no two runtimes would agree on where.
 */
export function drawFigure(): ImageData {
  return draw(FIGURE_SIDE).getImageData(0, 0, FIGURE_SIDE, FIGURE_SIDE);
}

/**
 * The same figure as a JPEG file.
 * @param side of the picture, in pixels
 */
export function encodeFigure(side: number): Promise<Blob> {
  return draw(side).canvas.convertToBlob({ type: 'image/jpeg' });
}

function draw(side: number): OffscreenCanvasRenderingContext2D {
  const context = canvas2d(side, side, { willReadFrequently: true });
  context.scale(side / FIGURE_SIDE, side / FIGURE_SIDE);
  context.fillStyle = '#c9d3d8';
  context.fillRect(0, 0, FIGURE_SIDE, FIGURE_SIDE);
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const [width, ...joints] of LIMBS) {
    context.beginPath();
    for (const [x, y] of joints) context.lineTo(x, y);
    context.lineWidth = width;
    context.strokeStyle = width > 15 ? '#35425e' : SKIN;
    context.stroke();
  }
  context.fillStyle = '#8c3b3b';
  context.beginPath();
  context.roundRect(102, 82, 52, 82, 14);
  context.fill();
  context.fillStyle = SKIN;
  context.fillRect(121, 66, 14, 22);
  context.beginPath();
  context.ellipse(128, 52, 17, 22, 0, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = '#3a2a20';
  context.beginPath();
  context.ellipse(128, 42, 18, 15, 0, Math.PI, 2 * Math.PI);
  context.fill();
  for (const x of [121, 135]) {
    context.beginPath();
    context.ellipse(x, 50, 2.4, 1.8, 0, 0, 2 * Math.PI);
    context.fill();
  }
  context.fillRect(124, 62, 8, 1.5);
  return context;
}
