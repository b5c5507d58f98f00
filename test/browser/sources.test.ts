import { transfer, wrap } from 'comlink';
import type { Remote } from 'comlink';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { readPicture } from '../../src/runtime/pictures/picture.ts';
import type { Frame } from '../../src/source/frame.ts';
import { BODY_PARTS, BodyAnalysisClient, BodyAnalysisError, DEFAULT_LIMITS } from '../../src/index.ts';
import type { BodyAnalysisErrorCode, BodyAnalysisResult, ImageSource, PersonInfo } from '../../src/index.ts';
import { encodeGif, gifContent } from '../support/pictures/animations.ts';
import { bmpContent, BMP_FORMATS, encodeBmp } from '../support/pictures/bmp.ts';
import type { Bytes } from '../support/pictures/bytes.ts';
import {
  canvasOfSize,
  elementOf,
  encodeAnimatedWebp,
  encodeWebp,
  imageDataOf,
  offscreenOf,
  rasterOf,
} from '../support/pictures/canvas.ts';
import { exifOf, withOrientation } from '../support/pictures/exif.ts';
import { encodeJpeg } from '../support/pictures/jpeg.ts';
import type { JpegColour } from '../support/pictures/jpeg.ts';
import { encodePalettePng, encodePng, pngHeader } from '../support/pictures/png.ts';
import type { PngFormat } from '../support/pictures/png.ts';
import { luma, mapPixels, ORIENTATIONS, storedFor, toGrey, toIndexed } from '../support/pictures/raster.ts';
import type { Orientation, Raster } from '../support/pictures/raster.ts';
import { plainCanvas, sampleBlob, SAMPLES } from './pictures.ts';
import {
  base64Of,
  FILE_WAYS,
  imageElement,
  PAGE_FILE_WAYS,
  PAGE_PIXEL_WAYS,
  PIXEL_WAYS,
  svgImage,
} from './source-ways.ts';
import type { Place } from './source-ways.ts';
import type { SourceWorker } from './source-worker.ts';
import sourceWorkerUrl from './source-worker.ts?worker&url';

/** How far, in pixels, an answer may be from another about exactly the same pixels. */
const SAME = 1;
/** The same, after the picture went through a lossy encoding that the other did not. */
const NEARLY_SAME = 2;

const WIDTH = 360;
const HEIGHT = 540;

let client: BodyAnalysisClient;
/** The picture that is handed in in every way. */
let picture: Raster;
/** The answer about its very pixels. */
let expected: BodyAnalysisResult;

beforeAll(async () => {
  client = await BodyAnalysisClient.create({ model: 'lite', quality: 'fast', warmUp: false, threads: 1 });
  picture = rasterOf(await createImageBitmap(await sampleBlob('wave')), WIDTH, HEIGHT);
  expected = await client.bodyAnalysis(imageDataOf(picture));
  expect(expected.person_num).toBe(1);
});
afterAll(() => client.dispose());

function thePerson(result: BodyAnalysisResult): PersonInfo {
  const [person, ...others] = result.person_info;
  if (!person || others.length > 0) throw new Error(`one person was expected, not ${result.person_num}`);
  return person;
}

/** How far apart the two answers' furthest keypoints are, in pixels. */
function distance(result: BodyAnalysisResult, reference: BodyAnalysisResult): number {
  const [person, wanted] = [thePerson(result), thePerson(reference)];
  return Math.max(
    ...BODY_PARTS.map((part) =>
      Math.hypot(
        person.body_parts[part].x - wanted.body_parts[part].x,
        person.body_parts[part].y - wanted.body_parts[part].y,
      ),
    ),
  );
}

async function expectSame(source: ImageSource, reference = expected, pixels = SAME): Promise<void> {
  expect(distance(await client.bodyAnalysis(source), reference)).toBeLessThanOrEqual(pixels);
}

/** What was handed in is as it was; then it is closed. */
function expectOpen(source: ImageSource): void {
  if (typeof source !== 'object') return;
  if ('codedWidth' in source) expect(source.codedWidth).toBe(WIDTH);
  else if ('width' in source) expect(source.width).toBe(WIDTH);
  if ('data' in source) expect(source.data.length).toBe(WIDTH * HEIGHT * 4);
  if ('close' in source) source.close();
}

/** Rejects with that code; what it rejects with. */
async function expectError(
  promise: Promise<unknown>,
  code: BodyAnalysisErrorCode,
): Promise<BodyAnalysisError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof BodyAnalysisError)) throw new Error(`expected ${code}, got ${String(error)}`);
  expect(error.code).toBe(code);
  return error;
}

function blobOf(bytes: Bytes, type = ''): Blob {
  return new Blob([bytes], { type });
}

/** A `blob:` address that lasts as long as the test. */
function addressOf(blob: Blob): string {
  const address = URL.createObjectURL(blob);
  onTestFinished(() => URL.revokeObjectURL(address));
  return address;
}

/** This page, where sources are made. */
const HERE: Place = { classes: globalThis, addressOf };

/** A video that shows the canvas' frames. */
function videoOf(canvas: HTMLCanvasElement, framesPerSecond?: number): HTMLVideoElement {
  const stream = canvas.captureStream(framesPerSecond);
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = stream;
  onTestFinished(() => {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  });
  return video;
}

/** Has a canvas' stream send a frame, now. */
function sendFrame(video: HTMLVideoElement): void {
  const stream = video.srcObject;
  if (!(stream instanceof MediaStream)) throw new Error('the video shows no stream');
  for (const track of stream.getVideoTracks()) {
    if (track instanceof CanvasCaptureMediaStreamTrack) track.requestFrame();
  }
}

describe('the same file, handed in every way', () => {
  const FORMATS = ['jpg', 'png', 'bmp', 'webp'] as const;
  const files = new Map<string, Bytes>();
  const references = new Map<string, BodyAnalysisResult>();

  beforeAll(async () => {
    files.set('jpg', new Uint8Array(await (await sampleBlob('wave')).arrayBuffer()));
    files.set('png', await encodePng(picture, 'rgb8'));
    files.set('bmp', encodeBmp(picture, '24'));
    files.set('webp', await encodeWebp(picture));
    for (const format of FORMATS) references.set(format, expected);
    // The sample as it is on the server, for the way that goes there.
    references.set('jpg', await client.bodyAnalysis(await createImageBitmap(await sampleBlob('wave'))));
  });

  describe.each(FORMATS)('%s', (format) => {
    test.each([...FILE_WAYS, ...PAGE_FILE_WAYS])('as %s', async (_name, make) => {
      const type = format === 'jpg' ? 'image/jpeg' : `image/${format}`;
      await expectSame(await make(files.get(format) ?? new Uint8Array(), type, HERE), references.get(format));
    });
  });

  test('jpg as a URL of the server', async () => {
    await expectSame(new URL('/samples/wave.jpg', location.href), references.get('jpg'));
  });
});

describe('the same pixels, handed in every way', () => {
  test.each([...PIXEL_WAYS, ...PAGE_PIXEL_WAYS])('as %s, which stays the caller’s', async (_name, make) => {
    const source = await make(picture, HERE);
    await expectSame(source);
    expectOpen(source);
  });

  test('as an ArrayBuffer, which stays the caller’s', async () => {
    const { buffer, length } = await encodePng(picture, 'rgb8');
    await expectSame(buffer);
    expect(buffer.byteLength).toBe(length);
  });

  // What a caller does next is the caller's affair.
  const changes: [string, () => Promise<[ImageSource, () => void]>][] = [
    [
      'a <canvas> that is drawn over',
      async () => {
        const canvas = elementOf(picture);
        return [canvas, () => canvas.getContext('2d')?.clearRect(0, 0, WIDTH, HEIGHT)];
      },
    ],
    [
      'an ImageData that is filled',
      async () => {
        const pixels = imageDataOf({ ...picture, data: picture.data.slice() });
        return [pixels, () => pixels.data.fill(128)];
      },
    ],
    [
      'bytes that are filled',
      async () => {
        const bytes = await encodePng(picture, 'rgb8');
        return [bytes, () => bytes.fill(0)];
      },
    ],
    [
      'an ImageBitmap that is closed',
      async () => {
        const bitmap = await createImageBitmap(imageDataOf(picture));
        return [bitmap, () => bitmap.close()];
      },
    ],
    [
      'a VideoFrame that is closed',
      async () => {
        const frame = new VideoFrame(offscreenOf(picture), { timestamp: 0 });
        return [frame, () => frame.close()];
      },
    ],
  ];
  test.each(changes)('%s right after the call is seen as it was', async (_name, make) => {
    const [source, change] = await make();
    // With another call before it, it waits for its turn.
    const before = client.bodyAnalysis(imageDataOf(picture));
    const call = client.bodyAnalysis(source);
    change();
    expect(distance(await call, expected)).toBeLessThanOrEqual(SAME);
    await before;
  });
});

describe('what an iframe’s own classes made', () => {
  let frame: HTMLIFrameElement;
  let there: Place;
  let file: Bytes;

  beforeAll(async () => {
    frame = document.createElement('iframe');
    document.body.append(frame);
    const classes = frame.contentDocument?.defaultView;
    if (!classes) throw new Error('no window in the iframe');
    there = { classes, addressOf };
    file = await encodePng(picture, 'rgb8');
  });
  afterAll(() => frame.remove());

  test.each([...FILE_WAYS, ...PAGE_FILE_WAYS])('is taken as %s', async (_name, make) => {
    await expectSame(await make(file, 'image/png', there));
  });

  test.each([...PIXEL_WAYS, ...PAGE_PIXEL_WAYS])(
    'is taken as %s, and stays the caller’s',
    async (_name, make) => {
      const source = await make(picture, there);
      await expectSame(source);
      expectOpen(source);
    },
  );

  test('is taken as a <video>', async () => {
    const video = there.classes.document.createElement('video');
    video.muted = true;
    video.srcObject = elementOf(picture).captureStream();
    onTestFinished(() => {
      video.srcObject = null;
    });
    await video.play();
    await expectSame(video, expected, NEARLY_SAME);
  });

  test('cancels a call', async () => {
    const controller = new there.classes.AbortController();
    const call = client.bodyAnalysis(new Response(new ReadableStream()), { signal: controller.signal });
    controller.abort(new Error('never mind'));
    await expect(call).rejects.toThrow('never mind');
  });

  test.each<[string, () => ImageSource | Promise<ImageSource>, BodyAnalysisErrorCode]>([
    [
      'an ImageBitmap that is closed',
      async () => {
        const bitmap = await there.classes.createImageBitmap(imageDataOf(picture));
        bitmap.close();
        return bitmap;
      },
      'source-closed',
    ],
    ['an <img> without a source', () => new there.classes.Image(), 'empty-image'],
    ['a <video> without a source', () => there.classes.document.createElement('video'), 'source-not-ready'],
    // Of a class that no picture has.
    ['a Map', () => new there.classes.Map() as unknown as ImageSource, 'unsupported-source'],
  ])('is refused as %s', async (_name, make, code) => {
    await expectError(client.bodyAnalysis(await make()), code);
  });
});

describe('inside a worker of the app’s own', () => {
  const OPTIONS = { model: 'lite', quality: 'fast', warmUp: false, threads: 1 } as const;
  let worker: Worker;
  let inside: Remote<SourceWorker>;
  let file: Bytes;

  beforeAll(async () => {
    worker = new Worker(sourceWorkerUrl, { type: 'module' });
    inside = wrap<SourceWorker>(worker);
    file = await encodePng(picture, 'rgb8');
    expect(await inside.create(OPTIONS)).toBe('wasm');
  });
  afterAll(() => worker.terminate());

  test.each([...FILE_WAYS, ...PIXEL_WAYS].map(([name]) => name))('%s is taken', async (name) => {
    expect(distance(await inside.analyse(name, picture, file), expected)).toBeLessThanOrEqual(SAME);
  });

  test.each([
    ['a plain object', 'unsupported-source'],
    ['a closed ImageBitmap', 'source-closed'],
    ['a closed VideoFrame', 'source-closed'],
  ] as const)('%s is refused', async (name, code) => {
    expect(await inside.refusal(name)).toBe(code);
  });

  test('a call can be cancelled', async () => {
    expect(await inside.cancelled(picture)).toBe('never mind');
  });

  test('a stream of frames is followed, each result with its frame', async () => {
    expect(await inside.follow(picture)).toEqual({ widths: [WIDTH, WIDTH, WIDTH], people: 1 });
  });

  test('a camera is followed by its frames, which the page gives away', async () => {
    const canvas = elementOf(picture);
    const [track] = canvas.captureStream(30).getVideoTracks();
    if (!track) throw new Error('no track');
    const timer = setInterval(() => canvas.getContext('2d')?.putImageData(imageDataOf(picture), 0, 0), 20);
    onTestFinished(() => {
      clearInterval(timer);
      track.stop();
    });
    // TypeScript does not know it.
    const { readable }: { readable: ReadableStream<VideoFrame> } = Reflect.construct(
      Reflect.get(globalThis, 'MediaStreamTrackProcessor'),
      [{ track }],
    );
    const { widths } = await inside.follow(transfer(readable, [readable]));
    expect(widths).toEqual([WIDTH, WIDTH, WIDTH]);
  });

  test.each(['its own script', 'a script without an address'])(
    'a folder of assets is found from %s',
    async (name) => {
      const address = new URL(sourceWorkerUrl, location.href).href;
      const script = new Blob([`import ${JSON.stringify(address)};`], { type: 'text/javascript' });
      const other = new Worker(name === 'its own script' ? address : addressOf(script), { type: 'module' });
      onTestFinished(() => other.terminate());
      const sent = async () => Number(await (await fetch('/broken/count-sources')).text());
      await caches.delete('body21-models');
      const before = await sent();
      const another = wrap<SourceWorker>(other);
      expect(await another.create({ ...OPTIONS, assets: '/broken/counted-sources/' })).toBe('wasm');
      expect(await sent()).toBeGreaterThan(before);
      expect(distance(await another.analyse('an ImageData', picture, file), expected)).toBeLessThanOrEqual(
        SAME,
      );
    },
  );
});

describe('a <video>', () => {
  // Its frames have a quarter of the colours' pixels.
  const VIDEO = NEARLY_SAME;

  test('that plays', async () => {
    const video = videoOf(elementOf(picture));
    await video.play();
    await expectSame(video, expected, VIDEO);
    expect(video.paused).toBe(false);
  });

  test('that has no frame yet is waited for', async () => {
    const video = videoOf(elementOf(picture), 0);
    const playing = video.play();
    const result = client.bodyAnalysis(video);
    await new Promise((resolve) => setTimeout(resolve, 200));
    sendFrame(video);
    expect(distance(await result, expected)).toBeLessThanOrEqual(VIDEO);
    await playing;
  });

  test('that is played only after the call is waited for', async () => {
    const video = videoOf(elementOf(picture));
    const result = client.bodyAnalysis(video);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await video.play();
    expect(distance(await result, expected)).toBeLessThanOrEqual(VIDEO);
  });

  describe('of a file', () => {
    let file: Blob;
    beforeAll(async () => {
      const canvas = elementOf(picture);
      const recorder = new MediaRecorder(canvas.captureStream(), {
        mimeType: 'video/webm',
        videoBitsPerSecond: 20_000_000,
      });
      const parts: Blob[] = [];
      recorder.addEventListener('dataavailable', ({ data }) => parts.push(data));
      const stopped = new Promise((resolve) => recorder.addEventListener('stop', resolve));
      recorder.start();
      const context = canvas.getContext('2d');
      for (let frame = 0; frame < 8; frame++) {
        context?.putImageData(imageDataOf(picture), 0, 0);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      recorder.stop();
      await stopped;
      file = new Blob(parts, { type: 'video/webm' });
    });

    test.each(['just now', 'long ago'])('that got its address %s, and was never played', async (when) => {
      const video = document.createElement('video');
      video.src = addressOf(file);
      if (when === 'long ago') await new Promise((resolve) => setTimeout(resolve, 300));
      await expectSame(video, expected, 2 * VIDEO);
      video.removeAttribute('src');
      video.load();
    });

    test('that is on the page, and was moved to its end', async () => {
      const video = document.createElement('video');
      document.body.append(video);
      video.src = addressOf(file);
      await new Promise((resolve) => video.addEventListener('loadeddata', resolve));
      video.currentTime = 0.3;
      await expectSame(video, expected, 2 * VIDEO);
      video.remove();
    });
  });

  test('that never shows a frame is given up', async () => {
    await expectError(client.bodyAnalysis(videoOf(elementOf(picture), 0)), 'source-not-ready');
  });

  test('of a file that is no video', async () => {
    const video = document.createElement('video');
    video.src = addressOf(new Blob(['no video at all'], { type: 'video/webm' }));
    await expectError(client.bodyAnalysis(video), 'source-not-ready');
  });
});

describe('EXIF orientation', () => {
  let upright: BodyAnalysisResult;
  beforeAll(async () => {
    upright = await client.bodyAnalysis(blobOf(encodeJpeg(picture, 'ycc')));
  });

  function turned(orientation: Orientation): Bytes {
    // Cameras write either byte order.
    return withOrientation(
      encodeJpeg(storedFor(picture, orientation), 'ycc'),
      orientation,
      orientation % 2 === 0 ? 'MM' : 'II',
    );
  }

  test.each(ORIENTATIONS)(
    '%s in a JPEG: coordinates are those of the picture as shown',
    async (orientation) => {
      await expectSame(blobOf(turned(orientation)), upright, NEARLY_SAME);
    },
  );

  const ways: [string, (blob: Blob) => ImageSource | Promise<ImageSource>][] = [
    ['a base64 string', async (blob) => base64Of(new Uint8Array(await blob.arrayBuffer()))],
    ['an <img>', (blob) => imageElement(blob, HERE)],
    ['an SVG <image>', (blob) => svgImage(blob, HERE)],
    ['an ImageBitmap', (blob) => createImageBitmap(blob)],
    [
      'a VideoFrame of an <img>',
      async (blob) => {
        const image = imageElement(blob, HERE);
        await image.decode();
        return new VideoFrame(image, { timestamp: 0 });
      },
    ],
  ];
  describe.each(ways)('as %s', (_name, make) => {
    test.each([3, 6, 7] as const)('%s', async (orientation) => {
      const source = await make(blobOf(turned(orientation), 'image/jpeg'));
      await expectSame(source, upright, NEARLY_SAME);
      if (source instanceof VideoFrame) source.close();
    });
  });

  test('in a PNG: as this browser shows it', async () => {
    const file = blobOf(await encodePng(storedFor(picture, 6), 'rgb8', exifOf(6)), 'image/png');
    const image = imageElement(file, HERE);
    await image.decode();
    const shown = rasterOf(image, image.naturalWidth, image.naturalHeight);
    const reference = await client.bodyAnalysis(imageDataOf(shown));
    await expectSame(file, reference);
    await expectSame(image, reference);
  });
});

describe('a VideoFrame', () => {
  async function expectFrame(
    frame: VideoFrame,
    reference: BodyAnalysisResult,
    pixels: number,
  ): Promise<void> {
    try {
      await expectSame(frame, reference, pixels);
    } finally {
      frame.close();
    }
  }

  // The last is the EXIF orientation that means the same.
  test.each([
    [90, false, 6],
    [180, false, 3],
    [270, false, 8],
    [0, true, 2],
    [180, true, 4],
  ] as const)('turned by %i° (mirrored: %s) is seen as shown', async (rotation, flip, orientation) => {
    const init: VideoFrameInit & { rotation: number; flip: boolean } = { timestamp: 0, rotation, flip };
    const frame = new VideoFrame(offscreenOf(storedFor(picture, orientation)), init);
    expect([frame.displayWidth, frame.displayHeight]).toEqual([WIDTH, HEIGHT]);
    await expectFrame(frame, expected, SAME);
  });

  test('with a visible part and pixels that are not square', async () => {
    const [canvas, context] = canvasOfSize(WIDTH + 100, HEIGHT + 60);
    context.fillStyle = '#07f';
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.putImageData(imageDataOf(picture), 64, 32);
    const visibleRect = { x: 64, y: 32, width: WIDTH, height: HEIGHT };
    await expectFrame(new VideoFrame(canvas, { timestamp: 0, visibleRect }), expected, SAME);
    const wide = rasterOf(offscreenOf(picture), WIDTH * 1.5, HEIGHT);
    await expectFrame(
      new VideoFrame(canvas, { timestamp: 0, visibleRect, displayWidth: WIDTH * 1.5, displayHeight: HEIGHT }),
      await client.bodyAnalysis(imageDataOf(wide)),
      NEARLY_SAME,
    );
  });
});

describe('transparency', () => {
  /** Black all over; only how far white shines through makes the picture. */
  function onlyAlpha(): Raster {
    return mapPixels(picture, (red, green, blue) => [0, 0, 0, 255 - luma(red, green, blue)]);
  }
  let onWhite: BodyAnalysisResult;
  beforeAll(async () => {
    onWhite = await client.bodyAnalysis(imageDataOf(toGrey(picture)));
  });

  const ways: [string, () => ImageSource | Promise<ImageSource>][] = [
    ['a PNG', async () => blobOf(await encodePng(onlyAlpha(), 'rgba8'))],
    ['a 16-bit PNG', async () => blobOf(await encodePng(onlyAlpha(), 'rgba16'))],
    ['a grey PNG', async () => blobOf(await encodePng(onlyAlpha(), 'greyAlpha8'))],
    ['a WebP', async () => blobOf(await encodeWebp(onlyAlpha()))],
    ['a 32-bit BMP', () => blobOf(encodeBmp(onlyAlpha(), '32-alpha'))],
    ['an <img>', async () => imageElement(blobOf(await encodePng(onlyAlpha(), 'rgba8'), 'image/png'), HERE)],
    ['an ImageData', () => imageDataOf(onlyAlpha())],
    ['a <canvas>', () => elementOf(onlyAlpha())],
    ['an ImageBitmap', () => createImageBitmap(imageDataOf(onlyAlpha()))],
    [
      'an ImageBitmap that is not premultiplied',
      () => createImageBitmap(imageDataOf(onlyAlpha()), { premultiplyAlpha: 'none' }),
    ],
    ['a VideoFrame', () => new VideoFrame(offscreenOf(onlyAlpha()), { timestamp: 0, alpha: 'keep' })],
  ];
  test.each(ways)('%s is seen on white', async (_name, make) => {
    const source = await make();
    await expectSame(source, onWhite);
    if (source instanceof VideoFrame) source.close();
  });
});

describe('odd files', () => {
  test.each(['grey8', 'grey16', 'rgb16', 'rgba16'] as const satisfies PngFormat[])(
    'PNG %s',
    async (format) => {
      const content = format.startsWith('grey') ? toGrey(picture) : picture;
      await expectSame(
        blobOf(await encodePng(picture, format)),
        await client.bodyAnalysis(imageDataOf(content)),
      );
    },
  );

  test.each([1, 2, 4, 8] as const)('PNG with a palette, %i bits a pixel', async (depth) => {
    const content = depth === 8 ? toIndexed(picture, 6, 'colour') : toIndexed(picture, 2 ** depth, 'grey');
    await expectSame(
      blobOf(await encodePalettePng(content, depth)),
      await client.bodyAnalysis(imageDataOf(content)),
    );
  });

  test.each(BMP_FORMATS)('BMP of %s bits, from the bottom up and from the top down', async (format) => {
    const reference = await client.bodyAnalysis(imageDataOf(bmpContent(picture, format)));
    await expectSame(blobOf(encodeBmp(picture, format, 'up')), reference);
    await expectSame(blobOf(encodeBmp(picture, format, 'down')), reference);
  });

  test.each(['grey', 'ycc', 'rgb', 'cmyk', 'ycck'] as const satisfies JpegColour[])(
    'JPEG in %s',
    async (colour) => {
      const content = colour === 'grey' ? toGrey(picture) : picture;
      const reference = await client.bodyAnalysis(imageDataOf(content));
      await expectSame(blobOf(encodeJpeg(picture, colour)), reference, NEARLY_SAME);
    },
  );

  describe('in colours beyond sRGB', () => {
    function wideCanvas(): [OffscreenCanvas, OffscreenCanvasRenderingContext2D] {
      const [canvas, context] = canvasOfSize(WIDTH, HEIGHT, { colorSpace: 'display-p3' });
      context.drawImage(offscreenOf(picture), 0, 0);
      return [canvas, context];
    }

    test('a PNG with a profile', async () => {
      const file = await wideCanvas()[0].convertToBlob({ type: 'image/png' });
      expect(await file.slice(0, 400).text()).toMatch(/iCCP|cICP/);
      await expectSame(file);
    });

    test('a canvas', () => expectSame(wideCanvas()[0]));

    test('an ImageData', () =>
      expectSame(wideCanvas()[1].getImageData(0, 0, WIDTH, HEIGHT, { colorSpace: 'display-p3' })));

    test('an ImageData of half floats', async (context) => {
      const settings: ImageDataSettings & { pixelFormat: string } = {
        colorSpace: 'display-p3',
        pixelFormat: 'rgba-float16',
      };
      const pixels = wideCanvas()[1].getImageData(0, 0, WIDTH, HEIGHT, settings);
      context.skip(pixels.data instanceof Uint8ClampedArray, 'this browser has none');
      await expectSame(pixels);
    });

    test('a bitmap', async () => expectSame(await createImageBitmap(wideCanvas()[0])));
  });

  describe('of an animation the first frame', () => {
    function frames(): Raster[] {
      return [picture, mapPixels(picture, () => [60, 90, 140, 255])];
    }

    async function files(): Promise<[Blob, Raster][]> {
      return [
        [blobOf(encodeGif(frames()), 'image/gif'), gifContent(picture)],
        [blobOf(await encodeAnimatedWebp(frames()), 'image/webp'), picture],
      ];
    }

    test('as a file', async () => {
      for (const [file, content] of await files()) {
        await expectSame(file, await client.bodyAnalysis(imageDataOf(content)));
      }
    });

    test('as an <img> that runs on the page', async () => {
      for (const [file, content] of await files()) {
        const image = imageElement(file, HERE);
        document.body.append(image);
        // Both frames have been shown by then.
        await new Promise((resolve) => setTimeout(resolve, 350));
        await expectSame(image, await client.bodyAnalysis(imageDataOf(content)));
        image.remove();
      }
    });
  });
});

test('a file of which the browser makes no VideoFrame is read by way of a canvas', async () => {
  const file: Frame = { kind: 'encoded', data: blobOf(await encodePng(picture, 'rgb8')) };
  const rgba = async () => {
    const { pixels, release } = await readPicture(file, DEFAULT_LIMITS);
    release();
    return 'level' in pixels ? pixels.level(0).data : undefined;
  };
  const usual = await rgba();
  const Original = globalThis.VideoFrame;
  onTestFinished(() => {
    globalThis.VideoFrame = Original;
  });
  globalThis.VideoFrame = new Proxy(Original, {
    construct() {
      throw new DOMException('not of this', 'NotSupportedError');
    },
  });
  expect(await rgba()).toEqual(usual);
});

describe('a picture many times as long as wide', () => {
  /** How high the people in it are, from the top of the head to the soles. */
  interface Strip {
    canvas: OffscreenCanvas;
    /** Where each person's keypoints are. */
    people: { x: number; y: number }[][];
    bodyHeight: number;
  }

  /** Puts the sample's person into the strip, at the beginning, the middle and the end. */
  async function strip(width: number, height: number): Promise<Strip> {
    const sample = SAMPLES.find(({ id }) => id === 'stand');
    const [truth] = sample?.persons ?? [];
    if (!sample || !truth) throw new Error('no such sample');
    const bitmap = await createImageBitmap(await sampleBlob('stand'));
    // So small that nobody is seen in the whole.
    const scale = (0.5 * Math.min(width, height)) / (width > height ? sample.height : sample.width);
    const [canvas, context] = canvasOfSize(width, height);
    const [red, green, blue] = rasterOf(bitmap, 1, 1, { x: 4, y: 4, width: 1, height: 1 }).data;
    context.fillStyle = `rgb(${red}, ${green}, ${blue})`;
    context.fillRect(0, 0, width, height);
    context.imageSmoothingQuality = 'high';
    const people = [0, 0.5, 1].map((place) => {
      const left = place * (width - sample.width * scale);
      const top = place * (height - sample.height * scale);
      context.drawImage(bitmap, left, top, sample.width * scale, sample.height * scale);
      return BODY_PARTS.map((part) => ({
        x: left + truth.keypoints[part].x * scale,
        y: top + truth.keypoints[part].y * scale,
      }));
    });
    const heights = Object.values(truth.keypoints).map(({ y }) => y * scale);
    return { canvas, people, bodyHeight: Math.max(...heights) - Math.min(...heights) };
  }

  test.each([
    // It has more squares the longer it is, of which maths has all in Node: `detectionSquares`.
    ['twelve times as wide', 2880, 240],
    ['twelve times as high', 240, 2880],
  ])('%s: everyone in it is found in place', async (_name, width, height) => {
    const { canvas, people, bodyHeight } = await strip(width, height);
    const { person_info } = await client.bodyAnalysis(canvas);
    for (const points of people) {
      // The mean over the keypoints, of the person who fits best.
      const errors = person_info.map(
        ({ body_parts }) =>
          BODY_PARTS.map((part, index) =>
            Math.hypot(
              body_parts[part].x - (points[index]?.x ?? NaN),
              body_parts[part].y - (points[index]?.y ?? NaN),
            ),
          ).reduce((sum, error) => sum + error, 0) / BODY_PARTS.length,
      );
      expect(Math.min(...errors) / bodyHeight).toBeLessThanOrEqual(0.05);
    }
  });
});

describe('limits', () => {
  const kinds: [string, (width: number, height: number) => ImageSource | Promise<ImageSource>][] = [
    ['a <canvas>', (width, height) => plainCanvas(width, height)],
    ['an ImageData', (width, height) => new ImageData(width, height)],
    ['an ImageBitmap', (width, height) => createImageBitmap(plainCanvas(width, height))],
    ['a VideoFrame', (width, height) => new VideoFrame(plainCanvas(width, height), { timestamp: 0 })],
    ['a file', (width, height) => toFile(width, height)],
    ['an <img>', async (width, height) => imageElement(await toFile(width, height), HERE)],
    ['an SVG <image>', async (width, height) => svgImage(await toFile(width, height), HERE)],
  ];

  function toFile(width: number, height: number): Promise<Blob> {
    return new Promise((resolve, reject) => {
      plainCanvas(width, height).toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no file'))));
    });
  }

  async function answered(source: ImageSource, by = client): Promise<void> {
    const { person_num, person_info } = await by.bodyAnalysis(source);
    expect(person_info).toHaveLength(person_num);
  }

  async function refused(source: ImageSource, by = client): Promise<void> {
    await expectError(by.bodyAnalysis(source), 'image-size');
  }

  describe.each(kinds)('%s', (_name, make) => {
    function open(source: ImageSource): ImageSource {
      if (source instanceof VideoFrame) onTestFinished(() => source.close());
      return source;
    }
    test('of 15 px is taken, of 14 px is not', async () => {
      await answered(open(await make(15, 15)));
      await refused(open(await make(14, 40)));
      await refused(open(await make(40, 14)));
    });
    test('of 16,385 px is not taken', async () => {
      await refused(open(await make(DEFAULT_LIMITS.maxSide + 1, 20)));
    });
  });

  test('16,384 px are taken', async () => {
    // So flat that it is looked at once, as a whole.
    await answered(await toFile(DEFAULT_LIMITS.maxSide, 30));
  });

  test('a header that claims too many pixels is refused by the header', async () => {
    await refused(blobOf(pngHeader(10_000, 10_001)));
    await refused(blobOf(pngHeader(DEFAULT_LIMITS.maxSide + 1, 100)));
    // These are not too many: what is refused is that they are not there.
    await expectError(client.bodyAnalysis(blobOf(pngHeader(10_000, 10_000))), 'image-format');
    await expectError(client.bodyAnalysis(blobOf(pngHeader(DEFAULT_LIMITS.maxSide, 6000))), 'image-format');
  });

  test('can be lowered', async () => {
    using strict = await BodyAnalysisClient.create({
      model: 'lite',
      quality: 'fast',
      warmUp: false,
      threads: 1,
      limits: { minSide: 64, maxSide: 300, maxPixels: 50_000 },
    });
    for (const make of [
      plainCanvas,
      (width: number, height: number) => new ImageData(width, height),
      toFile,
    ]) {
      await refused(await make(63, 100), strict);
      await refused(await make(301, 100), strict);
      await refused(await make(250, 201), strict);
      await answered(await make(64, 64), strict);
      await answered(await make(300, 100), strict);
      await answered(await make(250, 200), strict);
    }
  });

  test('can be raised', async () => {
    using lenient = await BodyAnalysisClient.create({
      model: 'lite',
      quality: 'fast',
      warmUp: false,
      threads: 1,
      limits: { minSide: 1, maxSide: 20_000 },
    });
    await answered(plainCanvas(1, 1), lenient);
    await answered(await toFile(8, 8), lenient);
    await answered(plainCanvas(20_000, 30), lenient);
    await refused(plainCanvas(20_001, 20), lenient);
  });
});

describe('a source that cannot be read', () => {
  function transferred<T extends ArrayBuffer>(buffer: T): T {
    structuredClone(buffer, { transfer: [buffer] });
    return buffer;
  }

  const cases: [string, () => ImageSource | Promise<ImageSource>, BodyAnalysisErrorCode][] = [
    [
      'a blob: URL that was revoked',
      () => {
        const address = URL.createObjectURL(new Blob(['anything']));
        URL.revokeObjectURL(address);
        return new URL(address);
      },
      'source-fetch',
    ],
    ['a URL that is not there', () => new URL('/broken/missing/picture.jpg', location.href), 'source-fetch'],
    ['a URL of a page', () => new URL(location.href), 'image-format'],
    ['a URL nobody answers', () => new URL('http://127.0.0.1:9/picture.jpg'), 'source-fetch'],
    ['a URL of a scheme that is not fetched', () => new URL('mailto:someone@example.org'), 'source-fetch'],
    [
      'a Response that was read',
      async () => {
        const response = new Response(blobOf(await encodePng(picture, 'rgb8')));
        await response.arrayBuffer();
        return response;
      },
      'source-closed',
    ],
    [
      'a Response that someone is reading',
      async () => {
        const response = new Response(blobOf(await encodePng(picture, 'rgb8')));
        response.body?.getReader();
        return response;
      },
      'source-closed',
    ],
    ['a Response without a body', () => new Response(), 'empty-image'],
    ['a Response of an error', () => new Response('sorry', { status: 500 }), 'source-fetch'],
    ['a Response of a network error', () => Response.error(), 'source-fetch'],
    [
      'a Response that breaks off',
      () =>
        new Response(
          new ReadableStream({
            start(controller) {
              controller.enqueue(pngHeader(100, 100));
              setTimeout(() => controller.error(new Error('gone')), 20);
            },
          }),
        ),
      'source-fetch',
    ],
    ['an ArrayBuffer that was transferred', () => transferred(new ArrayBuffer(100)), 'source-closed'],
    [
      'a typed array whose buffer was transferred',
      () => {
        const bytes = new Uint8Array(100);
        transferred(bytes.buffer);
        return bytes;
      },
      'source-closed',
    ],
    [
      'a DataView whose buffer was transferred',
      () => {
        const view = new DataView(new ArrayBuffer(100));
        transferred(view.buffer);
        return view;
      },
      'source-closed',
    ],
  ];
  test.each(cases)('%s', async (_name, make, code) => {
    await expectError(client.bodyAnalysis(await make()), code);
  });

  test('a fetch that is cancelled rejects at once with the reason', async () => {
    const controller = new AbortController();
    const call = client.bodyAnalysis(new URL('/samples/two.jpg', location.href), {
      signal: controller.signal,
    });
    controller.abort(new Error('never mind'));
    await expect(call).rejects.toThrow('never mind');
  });

  test.each(['a Response that never ends', 'a <video> that never starts', 'an <img> that never loads'])(
    '%s can be cancelled, and holds up nobody',
    async (name) => {
      let source: ImageSource = videoOf(elementOf(picture), 0);
      if (name.includes('Response')) source = new Response(new ReadableStream());
      if (name.includes('<img>')) {
        source = new Image();
        source.loading = 'lazy';
        source.src = '/samples/two.jpg';
      }
      const controller = new AbortController();
      const call = client.bodyAnalysis(source, { signal: controller.signal });
      await expectSame(imageDataOf(picture));
      controller.abort();
      await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    },
  );
});
