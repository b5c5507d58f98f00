import truth from '../support/sample-truth.json';

/** One of the project's own rendered pictures, with exact keypoints. */
export type Sample = (typeof truth)[number];

/** All sample pictures. */
export const SAMPLES: readonly Sample[] = truth;

/** The bytes of a sample picture's file. */
export async function sampleBlob(id: string): Promise<Blob> {
  const response = await fetch(`/samples/${id}.jpg`);
  if (!response.ok) throw new Error(`no sample ${id}`);
  return response.blob();
}

/** A canvas of that size, filled. */
export function plainCanvas(width: number, height: number, style = '#8a8'): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no 2D canvas');
  context.fillStyle = style;
  context.fillRect(0, 0, width, height);
  return canvas;
}
