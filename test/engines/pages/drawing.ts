import { drawPersons, filterValidPersons, toSvg } from 'body21';
import { answerTo, canvasOf, must, sampleBitmap } from './expect.ts';

/** People on a canvas and as SVG, which the engine reads again. */
export async function drawing(): Promise<void> {
  const picture = await sampleBitmap('stand');
  const { width, height } = picture;
  const result = filterValidPersons(await answerTo(picture));
  const nose = result.person_info[0]?.body_parts.nose;
  must(nose !== undefined, 'there is nobody to draw');
  const [, context] = canvasOf(width, height);
  drawPersons(context, result);
  must(isDrawn(context, nose), 'there is nothing where the nose is');
  must(!isDrawn(context, { x: 1, y: 1 }), 'there is something in the corner');

  const svg = toSvg(result, { width, height });
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  const [, other] = canvasOf(width, height);
  other.drawImage(image, 0, 0, width, height);
  must(isDrawn(other, nose), 'the SVG has nothing where the nose is');
  must(!isDrawn(other, { x: 1, y: 1 }), 'the SVG has something in the corner');
}

function isDrawn(context: CanvasRenderingContext2D, { x, y }: { x: number; y: number }): boolean {
  return (context.getImageData(Math.round(x), Math.round(y), 1, 1).data[3] ?? 0) > 0;
}
