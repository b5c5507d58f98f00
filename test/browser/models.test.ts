import { beforeAll, describe, expect, test } from 'vitest';
import manifest from '../../models/manifest.json';
import { BLAZEPOSE } from '../../src/networks/blazepose.ts';
import type { Region } from '../../src/networks/geometry.ts';
import { colourRange } from '../../src/networks/network.ts';
import type { Network } from '../../src/networks/network.ts';
import { POSE_DETECTOR } from '../../src/networks/pose-detector.ts';
import { networksOf, PLANS } from '../../src/pipeline/photo/qualities.ts';
import { Models } from '../../src/runtime/models.ts';
import { PixelPyramid } from '../../src/runtime/pictures/pixels.ts';
import { decodeByTable, decodeHalves } from '../../src/runtime/onnx/halves.ts';
import type { LoadProgress } from '../../src/schema/loading.ts';
import { largestDifference } from './compare.ts';
import { sampleBlob, SAMPLES } from './pictures.ts';

/*
 * The runtime's two ways to do the same: to run a landmark model, with its mask and without, a network that
 * was there and one that comes, and to widen weights.
 */

const FILES = ['pose_detector.onnx', 'pose_landmark_lite.onnx', 'pose_mask_lite.onnx'];

describe('models', () => {
  const progress: LoadProgress[] = [];
  let models: Models;
  let pixels: PixelPyramid;
  let square: Region;

  beforeAll(async () => {
    const options = {
      backend: 'wasm',
      skipped: [],
      baseUrl: undefined,
      threads: 1,
      networks: networksOf(PLANS.balanced, 'lite'),
    } as const;
    models = await Models.load(options, {
      onProgress: (report) => progress.push(report),
      onHeartbeat: () => {},
    });
    [pixels, square] = await firstPerson('stand');
  });

  test('load with everything that a mask needs, and count it', () => {
    const total = manifest.models
      .filter(({ file }) => FILES.includes(file))
      .reduce((sum, { packedBytes }) => sum + packedBytes, 0);
    expect(new Set(progress.map((each) => each.total))).toEqual(new Set([total]));
    const fetched = new Set(progress.flatMap(({ file }) => file ?? []));
    expect([...fetched].toSorted()).toEqual(FILES.map((file) => `${file}.planes.gz`));
  });

  test('give a mask where it is asked for, and else the same without', async () => {
    const memory = new Set<ArrayBufferLike>();
    const noteMemory = ({ heatmap }: { heatmap: Float32Array }) => memory.add(heatmap.buffer);
    const [plain] = await models.run(pixels, BLAZEPOSE.lite, [square], copyOf);
    for (let run = 0; run < 3; run++) await models.run(pixels, BLAZEPOSE.lite, [square], noteMemory);
    expect(memory.size).toBe(1);
    const [masked] = await models.run(pixels, BLAZEPOSE.lite, [square], copyOf, { withHead: true });
    if (!plain || !masked) throw new Error('one square was looked at');
    expect(plain).not.toHaveProperty('mask');
    for (const output of ['landmarks', 'flag', 'heatmap', 'world'] as const)
      expect(largestDifference(masked[output], plain[output]), output).toBe(0);
    // The person fills a part of the square, and the middle of it.
    const { mask } = masked;
    if (!mask) throw new Error('the mask was asked for');
    expect(mask).toHaveLength(256 * 256);
    const share = mask.filter((logit) => logit > 0).length / mask.length;
    expect(share).toBeGreaterThan(0.05);
    expect(share).toBeLessThan(0.6);
  });
});

test('a network comes when it is first run, with signs of life, and needs no more than its description', async () => {
  const options = { backend: 'wasm', skipped: [], baseUrl: undefined, threads: 1 } as const;
  const fetched = new Set<string | undefined>();
  let beats = 0;
  const models = await Models.load(
    { ...options, networks: { first: [POSE_DETECTOR], main: POSE_DETECTOR } },
    { onProgress: ({ file }) => fetched.add(file), onHeartbeat: () => beats++ },
  );
  expect([...fetched]).toEqual(['pose_detector.onnx.planes.gz']);
  const [pixels, square] = await firstPerson('stand');
  const [wanted] = await models.run(pixels, POSE_DETECTOR, [square], copyOf);
  if (!wanted) throw new Error('one square was looked at');
  beats = 0;
  expect(models.batchOf(BLAZEPOSE.full)).toBe(1);
  const [pose] = await models.run(pixels, BLAZEPOSE.full, [square], copyOf, { withHead: true });
  expect(beats).toBeGreaterThan(0);
  expect(pose?.flag[0]).toBeGreaterThan(0.9);
  expect(pose?.mask).toHaveLength(256 * 256);
  expect(await models.prepare(BLAZEPOSE.full)).toBe('ready');

  // Blue first, of a picture in which it has changed places with red.
  const others = await Models.load(
    { ...options, networks: { first: [], main: POSE_DETECTOR } },
    { onProgress: () => {}, onHeartbeat: () => {} },
  );
  const network: Network<'scores' | 'boxes'> = {
    file: 'pose_detector',
    input: { side: 224, channels: 'bgr', ...colourRange(-1, 1), border: 'black' },
    outputs: ['scores', 'boxes'],
    compare: () => ({ share: 0, words: '' }),
  };
  const [seen] = await others.run(redAndBlueChanged(pixels), network, [square], copyOf);
  if (!seen) throw new Error('one square was looked at');
  expect(Object.keys(seen)).toEqual(['scores', 'boxes']);
  for (const output of ['scores', 'boxes'] as const)
    expect(largestDifference(seen[output], wanted[output]), output).toBe(0);
});

/** Outputs that stay what they are, whatever is run next. */
function copyOf<Output>(outputs: Output): Output {
  return structuredClone(outputs);
}

function redAndBlueChanged(picture: PixelPyramid): PixelPyramid {
  const { width, height } = picture;
  const from = picture.level(0).data;
  const data = from.map((value, at) =>
    at % 4 === 0 ? (from[at + 2] ?? 0) : at % 4 === 2 ? (from[at - 2] ?? 0) : value,
  );
  return new PixelPyramid({ data, width, height });
}

/** A sample picture, and the surroundings of the first person in it. */
async function firstPerson(id: string): Promise<[PixelPyramid, Region]> {
  const box = SAMPLES.find((picture) => picture.id === id)?.persons[0]?.box;
  if (!box) throw new Error(`no truth for ${id}`);
  const [left = 0, top = 0, width = 0, height = 0] = box;
  const picture = await createImageBitmap(await sampleBlob(id));
  const context = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
  if (!context) throw new Error('no 2D canvas');
  context.drawImage(picture, 0, 0);
  const pixels = new PixelPyramid(context.getImageData(0, 0, picture.width, picture.height));
  const size = 1.25 * Math.max(width, height);
  return [pixels, { centreX: left + width / 2, centreY: top + height / 2, size, rotation: 0 }];
}

describe('weights of half precision', () => {
  test('are widened by the browser as by the table, each of them', () => {
    expect(typeof Float16Array).toBe('function');
    const all = Uint16Array.from({ length: 0x1_0000 }, (_, bits) => bits);
    const byTable = decodeByTable(all);
    const byBrowser = decodeHalves(new Uint8Array(all.buffer));
    expect(byBrowser.findIndex((value, bits) => !Object.is(value, byTable[bits]))).toBe(-1);
  });
});
