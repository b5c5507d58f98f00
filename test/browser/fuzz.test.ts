import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BODY_PARTS, BodyAnalysisClient, BodyAnalysisError } from '../../src/index.ts';
import type { BodyAnalysisErrorCode, BodyAnalysisResult, ImageSource } from '../../src/index.ts';
import { encodeGif } from '../support/pictures/animations.ts';
import { encodeBmp } from '../support/pictures/bmp.ts';
import { ascii, big, concat, little } from '../support/pictures/bytes.ts';
import type { Bytes } from '../support/pictures/bytes.ts';
import { canvasOfSize, encodeWebp, offscreenOf, rasterOf } from '../support/pictures/canvas.ts';
import { withOrientation } from '../support/pictures/exif.ts';
import { encodeJpeg, jpegSizeOffset } from '../support/pictures/jpeg.ts';
import { encodePng, pngHeader } from '../support/pictures/png.ts';
import { Random } from '../support/pictures/random.ts';
import type { Raster } from '../support/pictures/raster.ts';
import { slowness } from '../support/slowness.ts';
import { plainCanvas, sampleBlob } from './pictures.ts';

/** How long a case may take to settle, in milliseconds. */
const TIME = 5000 * slowness();
/** After how many cases a good picture has to be answered as ever. */
const BATCH = 25;

/** What may become of a bad picture. Any other code is a defect: of the worker's death, say. */
const CODES: ReadonlySet<BodyAnalysisErrorCode> = new Set([
  'unsupported-source',
  'empty-image',
  'image-format',
  'image-size',
  'source-tainted',
  'source-closed',
  'source-not-ready',
  'source-fetch',
] as const);

/** A case to try. The same kind and seed make the same case again. */
interface Case {
  kind: string;
  seed: number;
  make: (random: Random) => unknown;
  /** What has to come of it, where that is certain. */
  outcome?: 'answer' | BodyAnalysisErrorCode;
}

const FORMATS = ['jpg', 'png', 'bmp', 'webp', 'gif'] as const;
type Format = (typeof FORMATS)[number];

/** A case to repeat, or `all`: see the end of the file. */
const ONLY: unknown = import.meta.env['VITE_FUZZ'];

/**
 * Most cases show nobody to NanoDet, which takes its time to see that: only
 * where all cases are tried it is asked.
 */
const openClient = () =>
  BodyAnalysisClient.create({
    model: 'lite',
    quality: 'fast',
    warmUp: false,
    threads: 1,
  });

let client: BodyAnalysisClient;
let picture: Raster;
let good: Blob;
let expected: BodyAnalysisResult;
const files = new Map<Format, Bytes>();

beforeAll(async () => {
  client = await openClient();
  picture = rasterOf(await createImageBitmap(await sampleBlob('stand')), 160, 240);
  good = new Blob([await encodePng(picture, 'rgb8')]);
  files.set('jpg', encodeJpeg(picture, 'ycc'));
  files.set('png', await encodePng(picture, 'rgb8'));
  files.set('bmp', encodeBmp(picture, '24'));
  files.set('webp', await encodeWebp(picture));
  files.set('gif', encodeGif([picture, picture]));
  expected = await client.bodyAnalysis(good);
  expect(expected.person_num).toBe(1);
});
afterAll(() => client.dispose());

function file(format: Format): Bytes {
  const bytes = files.get(format);
  if (!bytes) throw new Error(`no ${format} was made`);
  return bytes.slice();
}

/** Changes that many bytes of those before `end`. */
function damaged(bytes: Bytes, random: Random, count: number, end: number): Bytes {
  for (let change = 0; change < count; change++) bytes[random.below(end)] = random.below(256);
  return bytes;
}

/** The file with another size in its header; its pixels are as many as before. */
function claiming(format: Format, width: number, height: number): Bytes {
  const bytes = file(format);
  const put = (at: number, value: Bytes) => bytes.set(value, at);
  switch (format) {
    case 'jpg':
      put(jpegSizeOffset(bytes), big(2, height & 0xffff, width & 0xffff));
      break;
    case 'png':
      // Without the right checksum nobody would look at it: take a header that is right.
      put(0, pngHeader(width, height));
      break;
    case 'bmp':
      put(18, little(4, width, height));
      break;
    case 'gif':
      put(6, little(2, width, height));
      break;
    case 'webp':
      // Lossless: 14 bits each, less one, after the signature byte.
      put(21, little(4, ((width - 1) & 0x3fff) | (((height - 1) & 0x3fff) << 14)));
  }
  return bytes;
}

/** As {@link claiming}, for the frame of a GIF rather than its screen: the two may differ. */
function gifFrameClaiming(width: number, height: number): Bytes {
  const bytes = file('gif');
  const [MARK, PALETTE_END] = [0x2c, 13 + 128 * 3];
  bytes.set(little(2, width, height), bytes.indexOf(MARK, PALETTE_END + 19 + 8) + 5);
  return bytes;
}

function box(name: string, content: ArrayLike<number>): Bytes {
  return concat(big(4, content.length + 8), ascii(name), content);
}

/** An AVIF of nothing but that many claims of a size. */
function avifOfSizes(count: number): Bytes {
  const size = box('ispe', big(4, 0, 100, 100));
  const sizes = new Uint8Array(count * size.length);
  for (let at = 0; at < sizes.length; at += size.length) sizes.set(size, at);
  const meta = box('meta', concat([0, 0, 0, 0], box('iprp', box('ipco', sizes))));
  return concat(box('ftyp', ascii('avif\0\0\0\0avif')), meta);
}

/** How files begin that something along the way knows; most are of formats that browsers do not show. */
const BEGINNINGS: Record<string, ArrayLike<number>> = {
  jpeg: [0xff, 0xd8, 0xff, 0xe0],
  exif: concat([0xff, 0xd8, 0xff, 0xe1, 0, 200], ascii('Exif\0\0II')),
  png: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  apng: concat([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13], ascii('IHDR')),
  gif: ascii('GIF89a'),
  bmp: ascii('BM'),
  webp: ascii('RIFF\x20\0\0\0WEBPVP8 '),
  webpExtended: ascii('RIFF\x20\0\0\0WEBPVP8X'),
  webpLossless: ascii('RIFF\x20\0\0\0WEBPVP8L'),
  avif: box('ftyp', ascii('avif\0\0\0\0avif')),
  heic: concat(box('ftyp', ascii('heic\0\0\0\0mif1')), ascii('\0\0\0\x40meta')),
  ico: [0, 0, 1, 0, 1, 0],
  cur: [0, 0, 2, 0, 2, 0],
  icns: ascii('icns'),
  tiff: ascii('II*\0\x08\0\0\0'),
  tiffBig: ascii('MM\0*\0\0\0\x08'),
  bigTiff: ascii('II+\0\x08\0\0\0'),
  psd: ascii('8BPS'),
  dds: ascii('DDS '),
  ktx: ascii('\xabKTX 11\xbb\r\n'),
  jp2: concat(box('jP  ', [0x0d, 0x0a, 0x87, 0x0a]), box('ftyp', ascii('jp2 \0\0\0\0'))),
  j2c: [0xff, 0x4f, 0xff, 0x51],
  jxl: concat(box('JXL ', [0x0d, 0x0a, 0x87, 0x0a]), box('ftyp', ascii('jxl \0\0\0\0'))),
  jxlStream: [0xff, 0x0a],
  pnm: ascii('P6 '),
  pam: ascii('P7\nWIDTH '),
  svg: ascii('<svg viewBox="'),
  svgWhole: ascii('<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"/>'),
  tga: [0, 0, 2, 0, 0, 0],
  zip: ascii('PK\x03\x04'),
  pdf: ascii('%PDF-1.7'),
  webm: [0x1a, 0x45, 0xdf, 0xa3],
};

/** Other files that a picture may be in the same file with, before it or after. */
const STRANGERS: Record<string, Bytes> = {
  gif: ascii('GIF89a\x10\0\x10\0\0\0\0'),
  html: ascii('<!doctype html><script>alert(1)</script><!--'),
  svg: ascii('<svg xmlns="http://www.w3.org/2000/svg" width="50" height="50"></svg>'),
  zip: concat(ascii('PK\x05\x06'), new Uint8Array(18)),
  javascript: ascii('/*\0*/alert(1)//'),
  jpeg: Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0]),
};

/** How many of a kind there are, with consecutive seeds. */
function times(
  count: number,
  kind: string,
  make: (random: Random, index: number) => unknown,
  outcome?: Case['outcome'],
): Case[] {
  return Array.from({ length: count }, (_, seed) => ({
    kind,
    seed,
    make: (random: Random) => make(random, seed),
    ...(outcome === undefined ? {} : { outcome }),
  }));
}

/** A picture of one of the kinds that the browser holds, with something wrong. */
function brokenObject(random: Random, index: number): unknown {
  const pixels = () => new ImageData(32, 32);
  const makers: (() => unknown)[] = [
    () => new Float32Array(300).fill(Number.NaN),
    () => new Float64Array(300).fill(Number.POSITIVE_INFINITY),
    () => new BigInt64Array(40),
    () => new Uint16Array(random.below(500)),
    () => new DataView(new ArrayBuffer(64), 60),
    () => new SharedArrayBuffer(100),
    () => new Uint8Array(new SharedArrayBuffer(random.below(100))),
    () => ({ width: 32, height: 32, data: new Float32Array(4096).fill(Number.NaN) }),
    () => ({ width: Number.NaN, height: -1, data: [] }),
    () => ({ kind: 'pixels', pixels: pixels() }),
    () => Object.setPrototypeOf({ width: 32, height: 32 }, ImageData.prototype) as unknown,
    () => Object.setPrototypeOf({ size: 5 }, Blob.prototype) as unknown,
    () => Object.create(HTMLImageElement.prototype) as unknown,
    () => Object.create(HTMLVideoElement.prototype) as unknown,
    () => Object.create(HTMLCanvasElement.prototype) as unknown,
    () => Object.create(ImageBitmap.prototype) as unknown,
    () => Object.create(VideoFrame.prototype) as unknown,
    () => Object.create(Response.prototype) as unknown,
    () => Object.create(URL.prototype) as unknown,
    () => Object.create(null) as unknown,
    () => Symbol('picture'),
    () => 10n ** 20n,
    () => () => pixels(),
    () => [pixels()],
    () => Promise.resolve(pixels()),
    () => document,
    () => document.createElement('div'),
    () => document.createElementNS('http://www.w3.org/2000/svg', 'svg'),
    () => document.createElementNS('http://www.w3.org/2000/svg', 'image'),
    () => new Image(),
    () => document.createElement('video'),
    () => new Error('picture'),
    () => new Date(),
    () => Number.NaN,
    () => null,
    () => true,
    () => new Proxy(pixels(), {}),
    () => new Request('/samples/stand.jpg'),
    () => new FileReader(),
    () => {
      const data = pixels();
      structuredClone(data.data.buffer, { transfer: [data.data.buffer] });
      return data;
    },
    () => {
      const bytes = random.pick([file('png'), file('jpg')]);
      structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
      return random.pick([bytes, bytes.buffer]);
    },
    () => {
      const bitmap = offscreenOf(picture).transferToImageBitmap();
      bitmap.close();
      return bitmap;
    },
    () => {
      const bitmap = offscreenOf(picture).transferToImageBitmap();
      structuredClone(bitmap, { transfer: [bitmap] }).close();
      return bitmap;
    },
    () => {
      const frame = new VideoFrame(offscreenOf(picture), { timestamp: 0 });
      frame.close();
      return frame;
    },
    () => {
      const canvas = document.createElement('canvas');
      canvas.transferControlToOffscreen();
      return canvas;
    },
    () => {
      const canvas = new OffscreenCanvas(50, 50);
      structuredClone(canvas, { transfer: [canvas] });
      return canvas;
    },
    () => {
      const address = URL.createObjectURL(good);
      URL.revokeObjectURL(address);
      return random.pick([new URL(address), imageOf(address), videoOf(address)]);
    },
    () => imageOf(URL.createObjectURL(new Blob([random.bytes(300)]))),
    () => videoOf(URL.createObjectURL(new Blob([random.bytes(300)], { type: 'video/webm' }))),
    () => imageOf(`data:image/png;base64,${btoa('no picture')}`),
    () => new URL('data:,text'),
    () => new URL('about:blank'),
    () => new URL('javascript:0'),
    () => new Response(random.bytes(100), { status: random.pick([200, 206, 404, 500]) }),
    () => new Response(null, { status: 204 }),
  ];
  return makers[index % makers.length]?.();
}

function imageOf(address: string): HTMLImageElement {
  const image = new Image();
  image.src = address;
  return image;
}

function videoOf(address: string): HTMLVideoElement {
  const video = document.createElement('video');
  video.src = address;
  return video;
}

/**
 * An image whose pixels the browser lets nobody read: Chromium takes
 * foreign content in SVG for another origin's.
 */
async function tainted(random: Random): Promise<unknown> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><foreignObject width="64" height="64"><p xmlns="http://www.w3.org/1999/xhtml">text</p></foreignObject></svg>`;
  const image = imageOf(URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' })));
  await image.decode();
  const canvas = plainCanvas(64, 64);
  canvas.getContext('2d')?.drawImage(image, 0, 0);
  const [offscreen, context] = canvasOfSize(64, 64);
  context.drawImage(image, 0, 0);
  return random.pick([
    () => image,
    () => canvas,
    () => offscreen,
    () => createImageBitmap(canvas),
    () => createImageBitmap(image),
  ])();
}

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function brokenText(random: Random): string {
  const text = base64(file(random.pick(FORMATS)));
  const at = random.below(text.length);
  return random.pick([
    () => `${text.slice(0, at)}*${text.slice(at + 1)}`,
    () => text.slice(0, at),
    () => text.slice(at),
    () => `data:image/png;base64${text}`,
    () => `data:image/png,${encodeURIComponent('<not base64>')}`,
    () => `data:,`,
    () => `data:image/jpeg;base64,${text.slice(0, 4 * random.below(100))}`,
    () => text.replaceAll('+', '-').replaceAll('/', '_'),
    () => ' \n\t',
    () => '='.repeat(random.below(10) + 1),
    () => '\u{1f600}'.repeat(random.below(50) + 1),
    () => '\0'.repeat(random.below(50) + 1),
    () => new URL('/samples/stand.jpg', location.href).href,
    () => '/samples/stand.jpg',
    () => 'samples/stand.jpg',
    () => JSON.stringify({ picture: text.slice(0, 100) }),
    () => `<img src="data:image/png;base64,${text}">`,
    () => encodeURIComponent(text),
  ])();
}

/**
 * What sizes are claimed. None makes a large picture or a long strip that
 * is taken: those may take their seconds.
 */
const SIZES = [0, 1, 14, 64, 160, 240, 500, 16_385, 40_000, 65_535];

const cases: Case[] = [
  ...FORMATS.flatMap((format) =>
    times(16, `${format} cut off`, (_random, sixteenths) => {
      const bytes = file(format);
      return bytes.subarray(0, Math.floor((bytes.length * sixteenths) / 16));
    }).map((one) => ({
      ...one,
      // The others are as long as they say nowhere: what there is of a GIF's first frame is shown.
      ...(format !== 'gif' && one.seed > 0 ? { outcome: 'image-format' as const } : {}),
    })),
  ),
  ...FORMATS.flatMap((format) =>
    times(20, `${format} with its first bytes changed`, (random) =>
      damaged(file(format), random, 1 + random.below(4), random.pick([12, 64, 400])),
    ),
  ),
  ...FORMATS.flatMap((format) =>
    times(10, `${format} with any bytes changed`, (random) => {
      const bytes = file(format);
      return damaged(bytes, random, 1 + random.below(30), bytes.length);
    }),
  ),
  ...FORMATS.flatMap((format) =>
    times(8, `${format} with bytes left out or doubled`, (random) => {
      const bytes = file(format);
      const [from, to] = [random.below(bytes.length), random.below(bytes.length)];
      return concat(bytes.subarray(0, from), bytes.subarray(to));
    }),
  ),
  ...times(
    12,
    'of another type than it says',
    (random) =>
      new File([file(random.pick(FORMATS))], random.pick(['a.txt', 'b.svg', 'c.exe', '..']), {
        type: random.pick(['text/html', 'image/gif', 'image/jpeg', 'video/mp4', 'application/x-zip', 'x']),
      }),
    'answer',
  ),
  ...FORMATS.flatMap((format) =>
    times(12, `${format} that claims another size`, (random) =>
      claiming(format, random.pick(SIZES), random.pick(SIZES)),
    ),
  ),
  ...FORMATS.flatMap((format) =>
    times(1, `${format} that claims sixteen megapixels`, () => claiming(format, 4000, 4000)),
  ),
  ...times(8, 'GIF whose frame claims another size', (random) =>
    gifFrameClaiming(random.pick(SIZES), random.pick(SIZES)),
  ),
  ...times(12, 'JPEG with a broken EXIF block', (random) => {
    const jpeg = withOrientation(file('jpg'), 6);
    return damaged(jpeg, random, 1 + random.below(6), 40);
  }),
  ...times(
    12,
    'picture with something after it',
    (random) => concat(file(random.pick(FORMATS)), random.pick(Object.values(STRANGERS))),
    'answer',
  ),
  ...times(18, 'picture with something before it', (random) =>
    concat(random.pick(Object.values(STRANGERS)), file(random.pick(FORMATS))),
  ),
  ...times(12, 'picture that goes on as another', (random) => {
    const [one, other] = [file(random.pick(FORMATS)), file(random.pick(FORMATS))];
    const at = random.below(Math.min(one.length, other.length));
    return concat(one.subarray(0, at), other.subarray(at));
  }),
  ...Object.entries(BEGINNINGS).flatMap(([name, beginning]) =>
    times(4, `noise that begins as ${name}`, (random) =>
      concat(beginning, random.bytes(random.pick([0, 3, 20, 100, 3000]))),
    ),
  ),
  ...Object.entries(BEGINNINGS).flatMap(([name, beginning]) =>
    times(1, `zeros after a beginning as ${name}`, (random) =>
      concat(beginning, new Uint8Array(random.below(3000))),
    ),
  ),
  ...times(10, 'noise', (random) => random.bytes(random.below(4000))),
  ...times(10, 'text', (random) => {
    const words = Array.from({ length: 200 }, () => random.pick(['once', 'upon', 'a', '<svg', 'BM', '\0']));
    return new Blob([words.join(' ')], { type: 'text/plain' });
  }),
  ...times(1, 'nothing', () => new Uint8Array(), 'empty-image'),
  ...times(
    4,
    'megabytes after a JPEG’s beginning',
    (random, index) => {
      // Looked through for a marker one by one, zeros take longer.
      const bytes = new Uint8Array(index === 0 ? 10_000_000 : 30_000_000);
      const noise = random.bytes(4096);
      if (index === 1)
        for (let at = 0; at < bytes.length; at += 4096) bytes.set(noise.subarray(0, bytes.length - at), at);
      if (index === 2) bytes.fill(0xff);
      bytes.set(index === 3 ? file('jpg').subarray(0, -2) : [0xff, 0xd8, 0xff, 0xe0]);
      return new Blob([bytes]);
    },
    'image-format',
  ),
  ...times(1, 'megabytes of sizes in an AVIF', () => avifOfSizes(1_500_000), 'image-format'),
  ...times(
    1,
    'megabytes after a picture',
    () => new Blob([file('jpg'), new Uint8Array(30_000_000)]),
    'answer',
  ),
  ...times(40, 'text for a picture', (random) => brokenText(random)),
  ...times(110, 'object for a picture', brokenObject),
  ...times(8, 'pixels from elsewhere', (random) => tainted(random), 'source-tainted'),
];

/** The case's own random numbers: kinds that share a seed are not to share these. */
function randomFor({ kind, seed }: Case): Random {
  return new Random(ascii(kind).reduce((sum, letter) => Math.imul(sum ^ letter, 16_777_619), seed));
}

/** What came of a case, in words; an error that should not be starts with an exclamation mark. */
async function outcomeOf(one: Case): Promise<string> {
  const source = await one.make(randomFor(one));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const slow = new Promise<'slow'>((resolve) => {
    timer = setTimeout(() => resolve('slow'), TIME);
  });
  try {
    // JavaScript callers hand in what TypeScript would have stopped them from.
    const result = await Promise.race([client.bodyAnalysis(source as ImageSource), slow]);
    if (result === 'slow') {
      // The cases after it are not to wait for it.
      client.dispose();
      client = await openClient();
      return `! not settled after ${TIME / 1000} s`;
    }
    const numbers = result.person_info.flatMap(({ body_parts }) =>
      BODY_PARTS.flatMap((part) => [body_parts[part].x, body_parts[part].y, body_parts[part].score]),
    );
    if (result.person_num !== result.person_info.length || !numbers.every((value) => value >= 0)) {
      return `! an answer that is none: ${JSON.stringify(result).slice(0, 200)}`;
    }
    return 'answer';
  } catch (error) {
    if (!(error instanceof BodyAnalysisError)) return `! ${String(error)}`;
    if (!CODES.has(error.code)) return `! ${error.code}: ${error.message} (${String(error.cause)})`;
    return /\. .+\.$|: .+\.$/.test(error.message)
      ? error.code
      : `! a message without advice: ${error.message}`;
  } finally {
    clearTimeout(timer);
  }
}

/** The good picture is answered as before everything. */
async function expectWell(): Promise<void> {
  const { person_num, person_info } = await client.bodyAnalysis(good);
  expect(person_num).toBe(1);
  expect(person_info[0]?.body_parts).toEqual(expected.person_info[0]?.body_parts);
}

/**
 * To repeat a case: `VITE_FUZZ="png cut off#3" npx vitest run --project browser test/browser/fuzz.test.ts`.
 * `all` is for all of them, as in `npm test -- soak`, where otherwise each kind's every fourth is left out.
 */
const chosen = cases.filter(
  ({ kind, seed }) => ONLY === 'all' || (ONLY === undefined ? seed % 4 !== 0 : `${kind}#${seed}` === ONLY),
);
const batches = Array.from({ length: Math.ceil(chosen.length / BATCH) }, (_, index) => ({
  from: index * BATCH + 1,
  batch: chosen.slice(index * BATCH, (index + 1) * BATCH),
}));

describe('whatever is handed in ends in an answer or a known error, and the next picture is none the worse', () => {
  test('there are cases enough', () => {
    if (ONLY === undefined) expect(chosen.length).toBeGreaterThanOrEqual(500);
  });

  test.each(batches)('cases from $from', async ({ batch }) => {
    const wrong: string[] = [];
    for (const one of batch) {
      const start = performance.now();
      const outcome = await outcomeOf(one);
      const took = Math.round(performance.now() - start);
      const report = `${one.kind}#${one.seed}: ${outcome}, ${took} ms`;
      if (chosen.length === 1) console.log(report);
      if (outcome.startsWith('!')) wrong.push(report);
      else if (one.outcome !== undefined && outcome !== one.outcome) {
        wrong.push(`${report}, should be ${one.outcome}`);
      }
    }
    expect(wrong).toEqual([]);
    await expectWell();
  });

  test('fifty at once are all settled', async () => {
    const random = new Random(21);
    const some = Array.from({ length: 50 }, () => random.pick(cases)).filter(
      ({ kind }) => !kind.startsWith('megabytes'),
    );
    const outcomes = await Promise.all(
      some.map(async (one) => {
        const source = await one.make(randomFor(one));
        return client.bodyAnalysis(source as ImageSource).then(
          () => 'answer',
          (error: unknown) => (error instanceof BodyAnalysisError ? error.code : String(error)),
        );
      }),
    );
    expect(
      outcomes.filter((outcome) => outcome !== 'answer' && !CODES.has(outcome as BodyAnalysisErrorCode)),
    ).toEqual([]);
    await expectWell();
  });
});
