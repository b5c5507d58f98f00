import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BodyAnalysisClient, BodyAnalysisError } from '../../src/index.ts';
import type {
  AnalysisProgress,
  AnalysisOptions,
  BodyAnalysisClientOptions,
  BodyAnalysisErrorCode,
  ImageSource,
  LoadProgress,
} from '../../src/index.ts';
import { plainCanvas, sampleBlob } from './pictures.ts';
import { keepStandby } from './standby.ts';

/**
 * Rejects with that code, and a message that says what to do: what must be,
 * or a sentence more than what is wrong.
 */
async function expectError(
  promise: Promise<unknown>,
  code: BodyAnalysisErrorCode,
  apiCode?: number,
): Promise<void> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof BodyAnalysisError)) throw new Error(`expected ${code}, got ${String(error)}`);
  expect(error.code).toBe(code);
  if (apiCode !== undefined) expect(error.apiCode).toBe(apiCode);
  expect(error.message).toMatch(/must be .+\.$|[.:] .+\.$/);
}

keepStandby();

describe('a bad picture', () => {
  let client: BodyAnalysisClient;
  beforeAll(async () => {
    client = await BodyAnalysisClient.create({ model: 'lite', quality: 'fast', warmUp: false, threads: 1 });
  });
  afterAll(() => client.dispose());

  /** A PNG's header that claims a size. */
  function claimingPng(width: number, height: number): Blob {
    const bytes = new Uint8Array(64);
    const view = new DataView(bytes.buffer);
    bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    view.setUint32(8, 13);
    view.setUint32(12, 0x49484452);
    view.setUint32(16, width);
    view.setUint32(20, height);
    return new Blob([bytes]);
  }

  const cases: [string, () => Promise<ImageSource>, BodyAnalysisErrorCode, number | undefined][] = [
    [
      'text',
      async () => new Blob(['once upon a time, there was no picture in this file at all']),
      'image-format',
      216201,
    ],
    ['zero bytes', async () => new Blob([]), 'empty-image', 216200],
    ['an empty string', async () => '', 'empty-image', 216200],
    ['a string that is not base64', async () => 'no base64!', 'image-format', 216201],
    [
      'base64 of something else',
      async () => btoa('this is some other kind of file, and no picture'),
      'image-format',
      216201,
    ],
    [
      'a truncated JPEG',
      async () => {
        const blob = await sampleBlob('stand');
        return blob.slice(0, blob.size * 0.7);
      },
      'image-format',
      216201,
    ],
    [
      'a JPEG whose insides are damaged',
      async () => {
        const bytes = new Uint8Array(await (await sampleBlob('stand')).arrayBuffer());
        // The quantisation and Huffman tables: the markers stay, their contents go.
        for (
          let at = 2;
          bytes[at + 1] !== 0xda;
          at += 2 + (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0)
        ) {
          if (bytes[at + 1] === 0xc4) bytes.fill(0xfe, at + 5, at + 21);
        }
        return new Blob([bytes]);
      },
      'image-format',
      216201,
    ],
    ['a picture 14 px high', async () => plainCanvas(200, 14), 'image-size', 216202],
    [
      'a file whose header claims 60,000 × 60,000 px',
      async () => claimingPng(60_000, 60_000),
      'image-size',
      216202,
    ],
    [
      'a closed ImageBitmap',
      async () => {
        const bitmap = await createImageBitmap(plainCanvas(64, 64));
        bitmap.close();
        return bitmap;
      },
      'source-closed',
      undefined,
    ],
    [
      'a closed VideoFrame',
      async () => {
        const frame = new VideoFrame(plainCanvas(64, 64), { timestamp: 0 });
        frame.close();
        return frame;
      },
      'source-closed',
      undefined,
    ],
    [
      'an ImageData that was transferred away',
      async () => {
        const pixels = new ImageData(64, 64);
        structuredClone(pixels.data.buffer, { transfer: [pixels.data.buffer] });
        return pixels;
      },
      'source-closed',
      undefined,
    ],
    ['a <video> without a frame', async () => document.createElement('video'), 'source-not-ready', undefined],
    [
      'an <img> that could not load',
      async () => {
        const image = new Image();
        image.src = '/samples/no-such-picture.jpg';
        return image;
      },
      'source-not-ready',
      undefined,
    ],
    ['an <img> without a source', async () => new Image(), 'empty-image', 216200],
    [
      'an SVG <image> without a source',
      async () => document.createElementNS('http://www.w3.org/2000/svg', 'image'),
      'empty-image',
      216200,
    ],
    ['an empty <canvas>', async () => plainCanvas(0, 0), 'empty-image', 216200],
    [
      'a canvas tainted by another origin',
      async () => {
        const canvas = plainCanvas(64, 64);
        // Chromium holds a blob's SVG with foreign content for another
        // origin's, which spares a second server.
        const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><foreignObject width="64" height="64"><p xmlns="http://www.w3.org/1999/xhtml">text</p></foreignObject></svg>`;
        const image = new Image();
        image.src = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
        await image.decode();
        const context = canvas.getContext('2d');
        context?.drawImage(image, 0, 0);
        expect(() => context?.getImageData(0, 0, 1, 1)).toThrow(/tainted/);
        return canvas;
      },
      'source-tainted',
      undefined,
    ],
    // What JavaScript callers hand in where TypeScript would have stopped them.
    ['a number', async () => 42 as unknown as ImageSource, 'unsupported-source', 216100],
    ['nothing', async () => undefined as unknown as ImageSource, 'unsupported-source', 216100],
    ['a plain object', async () => ({}) as unknown as ImageSource, 'unsupported-source', 216100],
    ['a function', async () => (() => 'a picture') as unknown as ImageSource, 'unsupported-source', 216100],
    [
      'something that calls itself an ImageBitmap',
      async () => ({ [Symbol.toStringTag]: 'ImageBitmap', width: 64 }) as unknown as ImageSource,
      'unsupported-source',
      216100,
    ],
    // What is there, but no picture.
    [
      'an AbortSignal',
      async () => AbortSignal.abort() as unknown as ImageSource,
      'unsupported-source',
      216100,
    ],
  ];

  test.each(cases)('%s', async (_name, make, code, apiCode) => {
    await expectError(client.bodyAnalysis(await make()), code, apiCode);
  });

  // As frameworks wrap objects whose changes they watch.
  test.each<[string, () => Exclude<ImageSource, string>]>([
    ['a Blob', () => new Blob(['a picture'])],
    ['an ArrayBuffer', () => new ArrayBuffer(100)],
    ['a URL', () => new URL('/samples/stand.jpg', location.href)],
    ['a Response', () => new Response('a picture')],
    ['an ImageData', () => new ImageData(64, 64)],
    ['an <img>', () => new Image()],
    ['a <video>', () => document.createElement('video')],
    ['a <canvas>', () => plainCanvas(64, 64)],
  ])('a Proxy of %s, and one that was revoked', async (_name, make) => {
    const { proxy, revoke } = Proxy.revocable(make(), {});
    const call = client.bodyAnalysis(proxy);
    await expectError(call, 'unsupported-source', 216100);
    await expect(call).rejects.toThrow(
      /^What only looks like an object of class \w+, as a Proxy does, is nothing/,
    );
    revoke();
    await expectError(client.bodyAnalysis(proxy), 'unsupported-source', 216100);
  });

  // The point of every case; fuzz.test.ts asks it after every few of its own.
  test('leaves the client as good as new', async () => {
    expect((await client.bodyAnalysis(await sampleBlob('stand'))).person_num).toBe(1);
  });
});

describe('a bad option', () => {
  const cases: [string, BodyAnalysisClientOptions][] = [
    ['an unknown model', { model: 'huge' as unknown as 'full' }],
    ['an unknown quality', { quality: 'perfect' as unknown as 'best' }],
    ['an unknown backend', { backend: 'webgl' as unknown as 'wasm' }],
    ['half a thread', { threads: 0.5 }],
    ['no thread', { threads: 0 }],
    ['a progress handler that is none', { onProgress: 'yes' as unknown as () => void }],
    ['a warm-up that is neither on nor off', { warmUp: 'full' as unknown as boolean }],
    ['an address of assets that is none', { assets: 'http://[' }],
    ['a signal that is none', { signal: {} as unknown as AbortSignal }],
    ['a limit that is none', { limits: { maxSide: Number.NaN } }],
    ['no limits at all', { limits: null as unknown as object }],
    ['a limit without a name', { limits: 5 as unknown as object }],
    ['an unknown limit', { limits: { maxBytes: 5 } as unknown as { maxSide: 5 } }],
  ];
  test.each(cases)('%s', async (_name, options) => {
    await expectError(BodyAnalysisClient.create(options), 'invalid-option', 216100);
  });
});

describe('a bad option of an analysis', () => {
  const cases: [string, AnalysisOptions][] = [
    ['none at all', null as unknown as AnalysisOptions],
    ['an unknown extra', { extras: ['everything' as unknown as 'mask'] }],
    ['a signal that is none', { signal: {} as unknown as AbortSignal }],
    ['a Proxy of a signal', { signal: new Proxy(AbortSignal.abort(), {}) }],
    ['a progress handler that is none', { onProgress: 'yes' as unknown as () => void }],
    ['a debug that is neither true nor false', { debug: 1 as unknown as true }],
  ];
  let client: BodyAnalysisClient;

  beforeAll(async () => {
    client = await BodyAnalysisClient.create({ model: 'lite', quality: 'fast', warmUp: false, threads: 1 });
  });
  afterAll(() => client.dispose());

  test.each(cases)('%s', async (_name, options) => {
    await expectError(client.bodyAnalysis(plainCanvas(64, 64), options), 'invalid-option', 216100);
  });
});

/** A client whose files come from one of the folders of `broken-assets.ts`. */
function openBroken(way: string, onProgress?: (progress: LoadProgress) => void): Promise<BodyAnalysisClient> {
  return BodyAnalysisClient.create({
    model: 'lite',
    quality: 'fast',
    warmUp: false,
    threads: 1,
    assets: `/broken/${way}/`,
    onProgress,
  });
}

describe('bad files', () => {
  async function works(options: BodyAnalysisClientOptions = {}): Promise<void> {
    const client = await BodyAnalysisClient.create({
      model: 'lite',
      quality: 'fast',
      warmUp: false,
      ...options,
    });
    expect((await client.bodyAnalysis(await sampleBlob('stand'))).person_num).toBe(1);
    client.dispose();
  }

  // A copy from an earlier test would be used instead of the bad one.
  beforeAll(() => caches.delete('body21-models'));

  test.each([
    ['missing', 'model-fetch'],
    ['short', 'model-integrity'],
    ['long', 'model-integrity'],
    ['altered', 'model-integrity'],
    ['damaged', 'model-integrity'],
    ['html', 'model-integrity'],
    // The last one: its models are good, and kept.
    ['no-runtime', 'backend-failed'],
  ] as const)('assets %s: %s', async (way, code) => {
    await expectError(openBroken(way), code);
    if (way !== 'no-runtime') expect(await (await caches.open('body21-models')).keys()).toEqual([]);
  });

  test.each([
    ['that is not there', '/no-such-worker.js'],
    ['of another origin', 'https://elsewhere.invalid/worker.js'],
  ])('a worker script %s', async (_which, workerUrl) => {
    await expectError(
      BodyAnalysisClient.create({ model: 'lite', quality: 'fast', warmUp: false, threads: 1, workerUrl }),
      'worker-load',
    );
  });

  test('after all of these the next good client works', () => works());

  test('an altered copy in the cache is replaced', async () => {
    await works({ assets: '/broken/counted/' });
    const cache = await caches.open('body21-models');
    for (const key of await cache.keys()) await cache.put(key, new Response('something else'));
    await works({ assets: '/broken/counted/' });
    for (const key of await cache.keys())
      expect(await (await cache.match(key))?.text()).not.toBe('something else');
  });
});

describe('the model cache', () => {
  const sent = async () => Number(await (await fetch('/broken/count')).text());

  test('spares the second visit every model request, and drops what other versions left', async () => {
    await caches.delete('body21-models');
    const before = await sent();
    (await openBroken('counted')).dispose();
    expect(await sent()).toBe(before + 3);
    const cache = await caches.open('body21-models');
    await cache.put('/body21-models/0123456789abcdef', new Response('of another version'));
    (await openBroken('counted')).dispose();
    expect(await sent()).toBe(before + 3);
    expect(await cache.keys()).toHaveLength(3);
  });

  test('gets NanoDet and MoveNet when a photo first needs them; where one is missing the next call asks again', async () => {
    await caches.delete('body21-models');
    const client = await openBroken('late');
    const before = await sent();
    expect((await client.bodyAnalysis(await sampleBlob('stand'))).person_num).toBe(1);
    expect(await sent()).toBe(before);
    const two = await sampleBlob('two3');
    await expectError(client.bodyAnalysis(two), 'model-fetch');
    expect((await client.bodyAnalysis(two)).person_num).toBe(2);
    expect(await sent()).toBe(before + 2);
    expect((await client.bodyAnalysis(two)).person_num).toBe(2);
    expect(await sent()).toBe(before + 2);
    client.dispose();
  });

  test('a cancelled call does not wait for a network on its way, which comes all the same, and is told that it is over', async () => {
    await caches.delete('body21-models');
    const told: LoadProgress[] = [];
    const client = await openBroken('held', (progress) => told.push(progress));
    expect(told.at(-1)).toMatchObject({ phase: 'ready' });
    told.length = 0;
    const before = await sent();
    const controller = new AbortController();
    const cancelled = client.bodyAnalysis(await sampleBlob('two3'), { signal: controller.signal });
    const rejected = expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
    // MoveNet as well, which comes.
    await expect.poll(sent).toBe(before + 2);
    controller.abort();
    await rejected;
    await expect.poll(() => told).toMatchObject([{ phase: 'ready', loaded: 0 }]);
    // For this one no other network is needed, and that one is still on its way.
    expect((await client.bodyAnalysis(await sampleBlob('stand'))).person_num).toBe(1);
    // Once the pose detector has looked, the call waits.
    const onProgress = ({ stage, done }: AnalysisProgress) => {
      if (stage === 'detect' && done > 0) void fetch('/broken/release');
    };
    expect((await client.bodyAnalysis(await sampleBlob('two3'), { onProgress })).person_num).toBe(2);
    await expect.poll(() => told.at(-1)?.phase).toBe('ready');
    expect(told.map(({ file }) => file?.split('.')[0])).toContain('nanodet');
    expect(told.every(({ loaded, total }) => loaded <= total)).toBe(true);
    client.dispose();
  });
});
