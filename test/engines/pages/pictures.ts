/** Everything that may be handed in as a picture. */
import { BodyAnalysisError } from 'body21';
import { imageDataOf, rasterOf } from '../../support/pictures/canvas.ts';
import { withOrientation } from '../../support/pictures/exif.ts';
import { encodePng } from '../../support/pictures/png.ts';
import { ORIENTATIONS, storedFor } from '../../support/pictures/raster.ts';
import {
  answerTo,
  canvasOf,
  goldenClient,
  must,
  mustBeGolden,
  mustBeSame,
  mustReject,
  sampleBitmap,
  sampleBlob,
  SAMPLES,
  Skip,
} from './expect.ts';

export async function file(): Promise<void> {
  for (const sample of SAMPLES) mustBeGolden(await answerTo(await sampleBlob(sample)), sample);
}

export async function bytes(): Promise<void> {
  const blob = await sampleBlob('walk');
  const buffer = await blob.arrayBuffer();
  const binary = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join('');
  const url = URL.createObjectURL(blob);
  try {
    const sources = [
      buffer,
      new Uint8Array(buffer),
      btoa(binary),
      `data:image/jpeg;base64,${btoa(binary)}`,
      await fetch('/samples/walk.jpg'),
      new URL('/samples/walk.jpg', location.href),
      new URL(url),
    ];
    for (const source of sources) mustBeGolden(await answerTo(source), 'walk');
  } finally {
    URL.revokeObjectURL(url);
  }
}

export async function image(): Promise<void> {
  const element = new Image();
  // Not waited for: that is the library's to do.
  element.src = '/samples/wave.jpg';
  mustBeGolden(await answerTo(element), 'wave');
}

export async function canvas(): Promise<void> {
  const decoded = await sampleBitmap('wave');
  const [element, context] = canvasOf(decoded.width, decoded.height);
  context.drawImage(decoded, 0, 0);
  mustBeGolden(await answerTo(element), 'wave');
  const offscreen = new OffscreenCanvas(decoded.width, decoded.height);
  offscreen.getContext('2d')?.drawImage(decoded, 0, 0);
  mustBeGolden(await answerTo(offscreen), 'wave');
}

export async function pixels(): Promise<void> {
  const decoded = await sampleBitmap('wave');
  const data = imageDataOf(rasterOf(decoded, decoded.width, decoded.height));
  mustBeGolden(await answerTo(data), 'wave');
  must(data.data.length > 0, 'the ImageData was taken away from its owner');
}

export async function bitmap(): Promise<void> {
  const source = await sampleBitmap('wave');
  mustBeGolden(await answerTo(source), 'wave');
  must(source.width > 0, 'the ImageBitmap was taken away from its owner');
}

export async function videoFrame(): Promise<void> {
  mustHaveVideoFrame();
  const frame = new VideoFrame(await sampleBitmap('wave'), { timestamp: 0 });
  try {
    mustBeGolden(await answerTo(frame), 'wave');
    must(frame.format !== null || frame.codedWidth > 0, 'the VideoFrame was taken away from its owner');
  } finally {
    frame.close();
  }
}

/** @throws Skip where the engine has no such class */
export function mustHaveVideoFrame(): void {
  if (!('VideoFrame' in globalThis)) throw new Skip('This engine has no `VideoFrame`.');
}

export async function transparent(): Promise<void> {
  const bitmapOfSample = await sampleBitmap('stand');
  const { width, height } = bitmapOfSample;
  const solid = rasterOf(bitmapOfSample, width, height);
  // Half there from the knees down, and nothing at all at the left edge.
  const holed = { width, height, data: solid.data.slice() };
  const onWhite = { width, height, data: solid.data.slice() };
  for (let at = 0; at < holed.data.length; at += 4) {
    const [x, y] = [(at / 4) % width, Math.floor(at / 4 / width)];
    const alpha = x < width / 4 ? 0 : y > 0.7 * height ? 128 : 255;
    holed.data[at + 3] = alpha;
    for (let channel = at; channel < at + 3; channel++) {
      const value = solid.data[channel] ?? 0;
      onWhite.data[channel] = Math.round(255 + (alpha / 255) * (value - 255));
    }
  }
  const png = new Blob([await encodePng(holed, 'rgba8')]);
  const expected = await answerTo(imageDataOf(onWhite));
  must(expected.person_num === 1, 'there is someone on white');
  mustBeSame(await answerTo(png), expected, 'a PNG');
  mustBeSame(await answerTo(imageDataOf(holed)), expected, 'ImageData');
}

export async function orientation(): Promise<void> {
  const blob = await sampleBlob('sit');
  const jpeg = new Uint8Array(await blob.arrayBuffer());
  const decoded = await createImageBitmap(blob);
  const stored = rasterOf(decoded, decoded.width, decoded.height);
  for (const each of ORIENTATIONS) {
    // The two quarter turns undo each other; each of the rest undoes itself.
    const shown = storedFor(stored, each === 6 ? 8 : each === 8 ? 6 : each);
    const expected = await answerTo(imageDataOf(shown));
    mustBeSame(await answerTo(new Blob([withOrientation(jpeg, each)])), expected, `orientation ${each}`);
  }
}

export async function broken(): Promise<void> {
  const blob = await sampleBlob('stand');
  for (const source of [blob.slice(0, blob.size / 2), new Blob(['no picture'])]) {
    const error = await mustReject(answerTo(source));
    must(error instanceof BodyAnalysisError && error.code === 'image-format', `it says ${String(error)}`);
  }
  mustBeGolden(await answerTo(blob), 'stand');
}

export async function extras(): Promise<void> {
  const client = await goldenClient();
  const result = await client.bodyAnalysis(await sampleBlob('stand'), {
    extras: ['landmarks33', 'world3d', 'mask'],
  });
  const [person, ...others] = result.person_info;
  must(person !== undefined && others.length === 0, 'there is not one person');
  const found = person.extras;
  must(found?.landmarks33?.length === 33 && found.world3d?.length === 33, 'there are not 33 landmarks');
  // The answer's nose is the model's, moved to where people mark it.
  const { nose } = person.body_parts;
  const [own, metres] = [found.landmarks33[0], found.world3d[0]];
  must(own !== undefined && Math.hypot(own.x - nose.x, own.y - nose.y) < 15, 'the landmarks are elsewhere');
  must(metres !== undefined && metres.y < -0.3 && metres.y > -1, 'the nose is not above the hips, in metres');
  const covered = found.mask?.counts
    .filter((_run, index) => index % 2 === 1)
    .reduce((sum, run) => sum + run, 0);
  const { width, height } = await sampleBitmap('stand');
  // A standing person covers some of the picture, and not most of it.
  must(covered !== undefined && covered > 0.05 * width * height, 'the mask covers nobody');
  must(covered < 0.6 * width * height, 'the mask covers everything');
}
