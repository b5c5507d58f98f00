import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Region } from '../../src/networks/geometry.ts';
import { colourRange } from '../../src/networks/network.ts';
import type { NetworkInput } from '../../src/networks/network.ts';
import { GpuCropper } from '../../src/runtime/pictures/gpu-crop.ts';
import { GpuPicture } from '../../src/runtime/pictures/gpu-picture.ts';
import { readPicture } from '../../src/runtime/pictures/picture.ts';
import type { PictureSurface } from '../../src/runtime/pictures/picture.ts';
import { halve, levelsOf, PixelPyramid } from '../../src/runtime/pictures/pixels.ts';
import { sampleSquare } from '../../src/runtime/pictures/sample-square.ts';
import type { Pixels } from '../../src/runtime/pictures/pixels.ts';
import { DEFAULT_LIMITS } from '../../src/schema/limits.ts';
import type { Frame } from '../../src/source/frame.ts';
import { imageDataOf } from '../support/pictures/canvas.ts';
import { Random } from '../support/pictures/random.ts';
import { mapPixels, raster, toGrey } from '../support/pictures/raster.ts';
import type { Raster } from '../support/pictures/raster.ts';
import { readFloats, readLevel } from './readback.ts';

/** How far the GPU's numbers may be from the CPU's, in colours of 256. */
const SAME = 2;

/**
 * Sides and colours as networks have them: one of them in another order, and with
 * a mean and a deviation for each colour.
 */
const INPUTS: readonly Omit<NetworkInput, 'border'>[] = [
  { side: 224, channels: 'rgb', ...colourRange(-1, 1) },
  { side: 256, channels: 'rgb', ...colourRange(0, 1) },
  { side: 416, channels: 'bgr', mean: [124, 116, 103], deviation: [58, 20, 150] },
  { side: 512, channels: 'rgb', ...colourRange(0, 255) },
];
const BORDERS = ['black', 'grey', 'replicate'] as const;

/**
 * For each picture, border and input, of which each has others: every kind that
 * {@link randomSquares} makes is there twice.
 */
const SQUARES = 8;
const BATCH = 8;

/** Hard edges everywhere, of one pixel and of many, and a size that halves badly. */
const CHECKS = raster(643, 389, (x, y) => [
  (x + y) % 2 ? 255 : 0,
  (x >> 4) % 2 === (y >> 4) % 2 ? 255 : 0,
  (x * y) % 7 < 3 ? 230 : 15,
  255,
]);
/** Every alpha with every brightness. */
const GLASS = raster(256, 251, (x, y) => [y, 255 - y, (x * 7) % 256, x]);

let device: GPUDevice;
/** What the device complained about. */
const complaints: string[] = [];

beforeAll(async () => {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error('this browser has no WebGPU adapter');
  device = await adapter.requestDevice();
  device.addEventListener('uncapturederror', ({ error }) => complaints.push(error.message));
});
afterEach(async () => {
  await device.queue.onSubmittedWorkDone();
  expect(complaints.splice(0)).toEqual([]);
});
afterAll(() => device.destroy());

const sample = async (): Promise<Frame> => ({
  kind: 'encoded',
  data: await (await fetch('/samples/two.jpg')).blob(),
});
const pixelsFrame = (picture: Raster): Frame => ({ kind: 'pixels', pixels: imageDataOf(picture) });

function onCpu(surface: PictureSurface): PixelPyramid {
  if (!(surface instanceof PixelPyramid)) throw new TypeError('the picture is on the GPU');
  return surface;
}

function onGpu(surface: PictureSurface): GpuPicture {
  if (!(surface instanceof GpuPicture)) throw new TypeError('the picture is not on the GPU');
  return surface;
}

/** The frame read both ways. */
async function readBoth(frame: Frame): Promise<{ cpu: PixelPyramid; gpu: GpuPicture }> {
  const { pixels: cpu, release: _nothing, ...size } = await readPicture(frame, DEFAULT_LIMITS);
  const { pixels: gpu, release: _release, ...gpuSize } = await readPicture(frame, DEFAULT_LIMITS, { device });
  expect(gpuSize).toEqual(size);
  return { cpu: onCpu(cpu), gpu: onGpu(gpu) };
}

/** The largest difference of two arrays. */
function largest(numbers: ArrayLike<number>, others: ArrayLike<number>): number {
  expect(numbers.length).toBe(others.length);
  let worst = 0;
  for (let index = 0; index < numbers.length; index++) {
    const difference = Math.abs((numbers[index] ?? Number.NaN) - (others[index] ?? Number.NaN));
    // Not by Math.max alone: a NaN must not get lost.
    worst = difference <= worst ? worst : difference;
  }
  return worst;
}

/** An input's numbers as colours from 0 to 255 again, the planes as they are. */
function colours256(planes: Float32Array, { side, channels, mean, deviation }: NetworkInput): Float32Array {
  return planes.map((value, at) => {
    const plane = Math.floor(at / side ** 2) % 3;
    const colour = channels === 'rgb' ? plane : 2 - plane;
    return value * (deviation[colour] ?? NaN) + (mean[colour] ?? NaN);
  });
}

/** From a tenth of the picture to three times as large, turned anyhow, some beyond its edges. */
function randomSquares({ width, height }: { width: number; height: number }, seed: number): Region[] {
  const random = new Random(seed);
  const between = (low: number, high: number) => low + random.next() * (high - low);
  return Array.from({ length: SQUARES }, (_, index) => ({
    centreX: width * (index % 4 === 0 ? random.pick([0, 1]) : between(-0.3, 1.3)),
    centreY: height * (index % 4 === 1 ? random.pick([0, 1]) : between(-0.3, 1.3)),
    size: Math.max(width, height) * 0.1 * 30 ** random.next(),
    rotation: index % 8 === 2 ? (random.below(4) * Math.PI) / 2 : between(-Math.PI, Math.PI),
    mirrored: random.next() < 0.5,
  }));
}

test.each([
  ['grey', toGrey(CHECKS), true],
  ['coloured', CHECKS, false],
])('a %s picture is known as such on the GPU, too', async (_name, content, expected) => {
  const { isGrey, release } = await readPicture(pixelsFrame(content), DEFAULT_LIMITS, { device });
  release();
  expect(isGrey).toBe(expected);
});

describe('a crop on the GPU is what it is on the CPU', () => {
  const pictures: Record<string, () => Promise<Frame>> = {
    'a sample picture': sample,
    'hard edges': async () => pixelsFrame(CHECKS),
    'a picture in part transparent': async () => pixelsFrame(GLASS),
  };
  const cases = Object.keys(pictures).flatMap((picture, seed) =>
    // Grey differs from black by one number: one picture tells.
    BORDERS.filter((border) => border !== 'grey' || seed === 0).map((border) => ({ picture, border, seed })),
  );

  test.each(cases)('$picture, $border beyond the edge', async ({ picture, border, seed }) => {
    const frame = await pictures[picture]?.();
    if (!frame) throw new Error(`no picture ${picture}`);
    const { cpu, gpu } = await readBoth(frame);
    for (const colours of INPUTS) {
      const format: NetworkInput = { ...colours, border };
      const { side } = format;
      const cropper = new GpuCropper(device, format, BATCH);
      const size = 3 * side ** 2;
      const wanted = new Float32Array(size * BATCH);
      const squares = randomSquares(cpu, 1000 * seed + side);
      for (let at = 0; at < squares.length; at += BATCH) {
        const batch = squares.slice(at, at + BATCH);
        for (const [index, square] of batch.entries()) {
          sampleSquare(cpu, square, format, wanted.subarray(index * size, (index + 1) * size));
        }
        const seen = await readFloats(device, cropper.crop(gpu, batch), wanted.length);
        const difference = largest(colours256(seen, format), colours256(wanted, format));
        expect(
          difference,
          `off by ${difference.toFixed(3)}/255 in ${JSON.stringify({ format, batch })}`,
        ).toBeLessThanOrEqual(SAME);
      }
      cropper.destroy();
    }
    gpu.release();
  });

  test('with fewer squares than there is room for, but not with more', async () => {
    const { cpu, gpu } = await readBoth(pixelsFrame(CHECKS));
    const format: NetworkInput = { side: 224, channels: 'rgb', ...colourRange(-1, 1), border: 'black' };
    const cropper = new GpuCropper(device, format, 2);
    const [first, second, third] = randomSquares(cpu, 7);
    if (!first || !second || !third) throw new Error('too few squares');
    const size = 3 * format.side ** 2;
    cropper.crop(gpu, [first, second]);
    const seen = await readFloats(device, cropper.crop(gpu, [third]), size);
    const wanted = new Float32Array(size);
    sampleSquare(cpu, third, format, wanted);
    expect((largest(seen, wanted) * 255) / 2).toBeLessThanOrEqual(SAME);
    expect(() => cropper.crop(gpu, [first, second, third])).toThrow(RangeError);
  });

  test('also where one cropper goes from picture to picture', async () => {
    const format: NetworkInput = {
      side: 224,
      channels: 'rgb',
      ...colourRange(0, 255),
      border: 'replicate',
    };
    const cropper = new GpuCropper(device, format, 1);
    const both = [await readBoth(pixelsFrame(CHECKS)), await readBoth(pixelsFrame(GLASS))];
    const wanted = new Float32Array(3 * format.side ** 2);
    for (const { cpu, gpu } of [...both, ...both]) {
      const [square] = randomSquares(cpu, 3);
      if (!square) throw new Error('no square');
      sampleSquare(cpu, square, format, wanted);
      const seen = await readFloats(device, cropper.crop(gpu, [square]), wanted.length);
      expect(largest(seen, wanted)).toBeLessThanOrEqual(SAME);
    }
  });
});

describe('the levels of a pyramid on the GPU are halves', () => {
  test.each(['up', 'down'])('made one by one or at once: %s', async (direction) => {
    const { cpu, gpu } = await readBoth(pixelsFrame(CHECKS));
    const levels: Pixels[] = [cpu.level(0)];
    for (let level = 1; level < levelsOf(gpu); level++) levels.push(halve(levels[level - 1] ?? cpu.level(0)));
    const order = [...levels.entries()];
    if (direction === 'down') order.reverse();
    for (const [level, { data }] of order) {
      const difference = largest(await readLevel(device, gpu, level), data);
      expect(difference, `level ${level} is off by ${difference}/255`).toBe(0);
    }
  });

  test('where the picture is one pixel high', async () => {
    const { cpu, gpu } = await readBoth({
      kind: 'bitmap',
      bitmap: await createImageBitmap(imageDataOf(raster(300, 20, (x) => [x % 256, 0, 9, 255]))),
      width: 300,
      height: 20,
    });
    expect(levelsOf(gpu)).toBe(5);
    expect([cpu.level(4).width, cpu.level(4).height]).toEqual([18, 1]);
    expect(largest(await readLevel(device, gpu, 4), cpu.level(4).data)).toBe(0);
  });
});

describe('a frame has the same pixels on the GPU', () => {
  const WIDTH = 362;
  const HEIGHT = 242;

  function videoFrame(
    pixels: Raster,
    format: 'RGBA' | 'BGRX',
    init: Partial<VideoFrameBufferInit> = {},
  ): Frame {
    const { data, width: codedWidth, height: codedHeight } = pixels;
    const frame = new VideoFrame(data, { format, codedWidth, codedHeight, timestamp: 0, ...init });
    return { kind: 'video-frame', frame };
  }

  /** Luma in bars, chroma that changes from each of its samples to the next. */
  function yuvFrame(format: 'I420' | 'NV12', init: Partial<VideoFrameBufferInit> = {}): Frame {
    const luma = WIDTH * HEIGHT;
    const data = Uint8Array.from({ length: luma * 1.5 }, (_, at) =>
      at < luma ? 16 + ((((at % WIDTH) >> 3) * 29) % 220) : 50 + ((at * 41) % 160),
    );
    const frame = new VideoFrame(data, {
      format,
      codedWidth: WIDTH,
      codedHeight: HEIGHT,
      timestamp: 0,
      ...init,
    });
    return { kind: 'video-frame', frame };
  }

  const bitmapFrame = async (
    picture: Raster,
    width = picture.width,
    height = picture.height,
  ): Promise<Frame> => ({
    kind: 'bitmap',
    bitmap: await createImageBitmap(imageDataOf(picture)),
    width,
    height,
  });
  const opaque = mapPixels(GLASS, (red, green, blue) => [red, green, blue, 255]);
  const bt601 = {
    primaries: 'smpte170m',
    transfer: 'smpte170m',
    matrix: 'smpte170m',
    fullRange: false,
  } as const;

  const frames: Record<string, () => Frame | Promise<Frame>> = {
    'an encoded picture': sample,
    'a bitmap': () => bitmapFrame(CHECKS),
    'a bitmap in part transparent': () => bitmapFrame(GLASS),
    'a bitmap told to be of another size': () => bitmapFrame(CHECKS, 320, 200),
    'raw pixels': () => pixelsFrame(CHECKS),
    'raw pixels in part transparent': () => pixelsFrame(GLASS),
    'a video frame of RGBA': () => videoFrame(opaque, 'RGBA'),
    'a video frame of BGRX': () => videoFrame(opaque, 'BGRX'),
    'a video frame in part transparent': () => videoFrame(GLASS, 'RGBA'),
    'a video frame of I420': () => yuvFrame('I420'),
    'a video frame of I420 in BT.601': () => yuvFrame('I420', { colorSpace: bt601 }),
    'a video frame of NV12': () => yuvFrame('NV12'),
    'a video frame shown wider than it is': () =>
      videoFrame(opaque, 'RGBA', { displayWidth: 400, displayHeight: 251 }),
    'a video frame of I420 shown smaller than it is': () =>
      yuvFrame('I420', { displayWidth: 200, displayHeight: 242 }),
    'a part of a video frame': () =>
      yuvFrame('I420', { visibleRect: { x: 20, y: 40, width: 200, height: 100 } }),
    // Browsers that do not know these two ignore them, on either path.
    'a video frame on its side': () => videoFrame(CHECKS, 'RGBA', { rotation: 90 } as object),
    'a video frame in a mirror': () => videoFrame(CHECKS, 'RGBA', { flip: true } as object),
  };

  test.each(Object.keys(frames))('%s', async (name) => {
    const frame = await frames[name]?.();
    if (!frame) throw new Error(`no frame ${name}`);
    const { cpu, gpu } = await readBoth(frame);
    const difference = largest(await readLevel(device, gpu, 0), cpu.level(0).data);
    expect(difference, `off by ${difference}/255`).toBeLessThanOrEqual(1);
    gpu.release();
  });

  test('a picture over 4096 px', async () => {
    const long = raster(5000, 700, (x, y) => [x >> 5, y % 256, (x >> 3) % 2 === (y >> 3) % 2 ? 255 : 0, 255]);
    const { cpu, gpu } = await readBoth(await bitmapFrame(long));
    expect([gpu.width, gpu.height]).toEqual([4096, 573]);
    const difference = largest(await readLevel(device, gpu, 0), cpu.level(0).data);
    expect(difference, `off by ${difference}/255`).toBeLessThanOrEqual(SAME);
  });

  test('and may be given back as soon as it is read', async () => {
    const frame = await bitmapFrame(CHECKS);
    const { pixels, release } = await readPicture(frame, DEFAULT_LIMITS, { device });
    if (frame.kind === 'bitmap') frame.bitmap.close();
    expect(largest(await readLevel(device, onGpu(pixels), 0), CHECKS.data)).toBe(0);
    release();
    release();
  });
});
