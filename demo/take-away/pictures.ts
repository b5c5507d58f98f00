import { drawPersons, toSvg } from 'body21';
import type { BodyAnalysisResult, DrawOptions } from 'body21';

/** A photo with the people who are drawn on it. */
export interface Drawn {
  readonly name: string;
  /** An object URL. */
  readonly url: string;
  /** Of the photo's file. */
  readonly type: string;
  readonly people: BodyAnalysisResult;
  readonly look: DrawOptions;
}

/** The photo in all its pixels, with skeletons. */
export async function pictureOf(drawn: Drawn, type: 'image/png' | 'image/jpeg'): Promise<Blob> {
  const canvas = await paint(drawn);
  drawPersons(contextOf(canvas), drawn.people, drawn.look);
  return encode(canvas, type);
}

/**
 * The drawing as SVG, with the photo inside. The photo is written anew: upright whatever its file says of turning,
 * which programs other than browsers do not read there, and without what else a camera's file tells, such as the place.
 */
export async function svgOf(drawn: Drawn): Promise<Blob> {
  const canvas = await paint(drawn);
  const { width, height } = canvas;
  const photo = await dataUrl(await encode(canvas, stillType(drawn.type)));
  const svg = toSvg(drawn.people, { width, height }, drawn.look);
  // After what is said of the drawing, which holds no markup.
  const at = svg.indexOf('</desc>') + '</desc>'.length;
  const attributes = { width, height, href: photo };
  const written = Object.entries(attributes).map(([name, value]) => `${name}="${value}"`);
  const image = ['<image', ...written, '/>'].join(' ');
  return new Blob([svg.slice(0, at), '\n', image, svg.slice(at)], { type: 'image/svg+xml' });
}

/** What keeps a picture as it is: JPEG loses nothing that a photo still has, but would lose a transparent ground. */
export function stillType(type: string): 'image/png' | 'image/jpeg' {
  return /^image\/(?:jpeg|webp|heic|heif|avif)$/.test(type) ? 'image/jpeg' : 'image/png';
}

/** The photo alone. */
async function paint({ url }: Drawn): Promise<OffscreenCanvas> {
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
  contextOf(canvas).drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function contextOf(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
  const context = canvas.getContext('2d');
  if (!context) throw new Error('The browser has no room for a picture of this size');
  return context;
}

function encode(canvas: OffscreenCanvas, type: string): Promise<Blob> {
  return canvas.convertToBlob({ type, quality: 0.92 });
}

function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(typeof reader.result === 'string' ? reader.result : ''));
    reader.addEventListener('error', () => reject(reader.error ?? new Error('The picture cannot be read')));
    reader.readAsDataURL(blob);
  });
}
