import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { AipBodyAnalysisClient } from '../../src/client/aip.ts';
import type { AipErrorAnswer } from '../../src/client/aip.ts';
import { parseBodyAnalysisResult } from '../../src/schema/parse.ts';
import { filterValidPersons } from '../../src/schema/validity.ts';
import crashingWorkerUrl from './aip-crashing-worker.ts?worker&url';
import { slowness } from '../support/slowness.ts';
import { plainCanvas, sampleBlob } from './pictures.ts';

const FOUR_MB = 4 * 1024 * 1024;

const OPTIONS = { model: 'lite', quality: 'fast', warmUp: false } as const;

let client: AipBodyAnalysisClient;
beforeAll(() => {
  client = new AipBodyAnalysisClient('app id', 'api key', 'secret key', OPTIONS);
});
afterAll(() => {
  client.dispose();
});

async function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('loadend', () => {
      if (typeof reader.result === 'string') resolve(reader.result);
      else reject(reader.error ?? new Error('unreadable'));
    });
    reader.readAsDataURL(blob);
  });
}

async function base64(blob: Blob): Promise<string> {
  return (await dataUrl(blob)).replace(/^.*,/, '');
}

async function encoded(width: number, height: number, type: string): Promise<Blob> {
  const canvas = plainCanvas(width, height);
  const blob = await new Promise<Blob | null>((resolve) => {
    canvas.toBlob(resolve, type);
  });
  if (blob?.type !== type) throw new Error(`this browser writes no ${type}`);
  return blob;
}

/** A grey BMP of 24 bits a pixel, filled up behind its pixels to that many bytes. */
function bmp(width: number, height: number, bytes = 0): Blob {
  const row = Math.ceil((width * 3) / 4) * 4;
  const data = new Uint8Array(Math.max(bytes, 54 + row * height)).fill(0x80);
  const view = new DataView(data.buffer);
  data.fill(0, 0, 54);
  data.set([0x42, 0x4d]);
  view.setUint32(2, data.length, true);
  view.setUint32(10, 54, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  return new Blob([data]);
}

/**
 * A JPEG whose size lies behind so many bytes of other segments, as with a camera's thumbnails and profiles.
 */
async function jpegWithLongHeader(jpeg: Blob, segments: number): Promise<Blob> {
  const app2 = new Uint8Array(2 + 0xffff).fill(0x55);
  app2.set([0xff, 0xe2, 0xff, 0xff]);
  return new Blob([jpeg.slice(0, 2), ...Array.from({ length: segments }, () => app2), jpeg.slice(2)]);
}

function expectAnswer(answer: object, code: AipErrorAnswer['error_code'], words: string): void {
  expect(answer).toEqual({
    error_code: code,
    error_msg: expect.stringMatching(new RegExp(`^${words}: .+\\.$`)),
    log_id: expect.stringMatching(/^[0-9]{1,20}$/),
  });
}

describe('the API’s own program', () => {
  // From the API's page: unchanged from the comment on.
  const PROGRAM = `
// 调用人体关键点识别
client.bodyAnalysis(image).then(function(result) {
    console.log(JSON.stringify(result));
}).catch(function(err) {
    // 如果发生网络错误
    console.log(err);
});
`;

  // As one is written for version 4 of the SDK: only where the class comes from is not in it.
  const PROGRAM_V4 = `
var client = new AipBodyAnalysisClient('App ID', 'Api Key', 'Secret Key');
client.setAccessToken('a token', 2592000);
var options = {};
// 调用人体关键点识别
client.bodyAnalysisV1(image, options).then(function(result) {
    console.log(JSON.stringify(result));
}).catch(function(err) {
    console.log(err);
});
`;

  test.each([
    ['of its page', PROGRAM],
    ['for version 4 of its SDK', PROGRAM_V4],
  ])('%s runs as it is', async (_which, program) => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    // The program makes a client of its own, which is to be disposed of.
    const made: AipBodyAnalysisClient[] = [];
    class Lite extends AipBodyAnalysisClient {
      constructor(appId: string, apiKey: string, secretKey: string) {
        super(appId, apiKey, secretKey, OPTIONS);
        made.push(this);
      }
    }
    try {
      const image = await base64(await sampleBlob('wave'));
      // oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- the text of the page is what is tested
      new Function('client', 'AipBodyAnalysisClient', 'image', program)(client, Lite, image);
      await vi.waitFor(() => expect(log).toHaveBeenCalledOnce(), 300_000);
      const result = parseBodyAnalysisResult(JSON.parse(String(log.mock.calls[0]?.[0])));
      expect(filterValidPersons(result).person_num).toBe(1);
    } finally {
      log.mockRestore();
      for (const each of made) each.dispose();
    }
  });

  test('may leave the data URL’s header on, and hand in options that the API does not have', async () => {
    const answer = await client.bodyAnalysis(await dataUrl(await sampleBlob('two')), { any: 'thing' });
    expect(filterValidPersons(parseBodyAnalysisResult(answer)).person_num).toBe(2);
  });
});

describe('the API’s limits', () => {
  test.each([
    ['image/jpeg', 15, 40],
    ['image/png', 40, 15],
    ['image/jpeg', 4096, 1500],
    ['image/png', 1500, 4096],
    ['image/jpeg', 4096, 4096],
  ])('%s of %i × %i px is taken', async (type, width, height) => {
    const answer = await client.bodyAnalysis(await base64(await encoded(width, height, type)));
    expect(parseBodyAnalysisResult(answer).log_id).toMatch(/^\d+$/);
  });

  test.each([
    ['image/jpeg', 14, 40],
    ['image/png', 40, 14],
    ['image/jpeg', 4097, 1500],
    ['image/png', 1500, 4097],
  ])('%s of %i × %i px is refused', async (type, width, height) => {
    const answer = await client.bodyAnalysis(await base64(await encoded(width, height, type)));
    expectAnswer(answer, 216_202, 'image size error');
  });

  test('hold for BMP too', async () => {
    for (const [width, height] of [
      [15, 15],
      [4096, 250],
    ] as const) {
      parseBodyAnalysisResult(await client.bodyAnalysis(await base64(bmp(width, height))));
    }
    for (const [width, height] of [
      [14, 15],
      [4097, 15],
      [15, 4097],
    ] as const) {
      const answer = await client.bodyAnalysis(await base64(bmp(width, height)));
      expectAnswer(answer, 216_202, 'image size error');
    }
  });

  test('hold where a JPEG’s size stands far behind its beginning', async () => {
    const good = await jpegWithLongHeader(await encoded(4096, 1500, 'image/jpeg'), 6);
    parseBodyAnalysisResult(await client.bodyAnalysis(await base64(good)));
    const wide = await jpegWithLongHeader(await encoded(4097, 1500, 'image/jpeg'), 6);
    expectAnswer(await client.bodyAnalysis(await base64(wide)), 216_202, 'image size error');
  });

  test('are 4 MB of base64, without a header', async () => {
    const largest = await dataUrl(bmp(600, 400, (FOUR_MB / 4) * 3));
    expect(largest.replace(/^.*,/, '')).toHaveLength(FOUR_MB);
    parseBodyAnalysisResult(await client.bodyAnalysis(largest));
    expectAnswer(await client.bodyAnalysis(`${largest}A`), 216_202, 'image size error');
    const byteMore = await base64(bmp(600, 400, (FOUR_MB / 4) * 3 + 1));
    expectAnswer(await client.bodyAnalysis(byteMore), 216_202, 'image size error');
  });

  test('are looked up without holding the page up', async () => {
    const image = await dataUrl(bmp(600, 400, (FOUR_MB / 4) * 3));
    const milliseconds: number[] = [];
    for (let call = 0; call < 3; call++) {
      const start = performance.now();
      const answer = client.bodyAnalysis(image);
      // Up to here the call was synchronous; a decode of 4 MB takes tens of milliseconds.
      milliseconds.push(performance.now() - start);
      await answer;
    }
    // The least: the machine may be busy with something else.
    expect(Math.min(...milliseconds)).toBeLessThan(20 * slowness());
  });
});

describe('an error of the API is an answer', () => {
  test('216101 without a picture', async () => {
    expectAnswer(await client.bodyAnalysis(), 216_101, 'not enough param');
    expectAnswer(await client.bodyAnalysis(undefined, {}), 216_101, 'not enough param');
  });

  test('216100 for what is no string', async () => {
    // As a program without types might.
    const untyped = new Blob([]) as unknown as string;
    expectAnswer(await client.bodyAnalysis(untyped), 216_100, 'invalid param');
  });

  test.each(['', ' \n', 'data:image/png;base64,'])('216200 for the empty string %j', async (image) => {
    expectAnswer(await client.bodyAnalysis(image), 216_200, 'empty image');
  });

  test.each<[string, () => Promise<string>]>([
    ['a WebP', async () => base64(await encoded(64, 64, 'image/webp'))],
    ['a GIF', async () => 'R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs='],
    ['an SVG', async () => btoa('<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"/>')],
    ['text', async () => btoa('once upon a time')],
    ['an address', async () => 'https://example.com/photo.jpg'],
    ['a JPEG’s beginning and nothing more', async () => '/9j/'],
    ['a truncated JPEG', async () => (await base64(await sampleBlob('stand'))).slice(0, 20_000)],
    ['characters that base64 has not', async () => `${await base64(await sampleBlob('stand'))}!`],
  ])('216201 for %s', async (_name, image) => {
    expectAnswer(await client.bodyAnalysis(await image()), 216_201, 'image format error');
  });

  test('216630 where the worker dies at every try, and the next call is answered', async () => {
    const other = new AipBodyAnalysisClient('', '', '', { ...OPTIONS, workerUrl: crashingWorkerUrl });
    const stand = await base64(await sampleBlob('stand'));
    const fatal = await base64(await encoded(77, 77, 'image/png'));
    const answers = await Promise.all([other.bodyAnalysis(fatal), other.bodyAnalysis(stand)]);
    other.dispose();
    expectAnswer(answers[0], 216_630, 'recognize error');
    expect(parseBodyAnalysisResult(answers[1]).person_num).toBe(1);
  });

  test('without the models, which nothing of this needs', async () => {
    const other = new AipBodyAnalysisClient('', '', '', { assets: '/broken/missing/' });
    expectAnswer(await other.bodyAnalysis('text'), 216_201, 'image format error');
    other.dispose();
  });
});

describe('a call rejects', () => {
  test('where the models cannot be loaded, each time anew', async () => {
    // What an earlier test has kept would be there.
    await caches.delete('body21-models');
    const other = new AipBodyAnalysisClient('', '', '', { ...OPTIONS, assets: '/broken/missing/' });
    const image = await base64(await sampleBlob('stand'));
    for (let call = 0; call < 2; call++) {
      await expect(other.bodyAnalysis(image)).rejects.toMatchObject({
        code: 'model-fetch',
      });
    }
    other.dispose();
  });

  test('where the worker cannot be loaded', async () => {
    const other = new AipBodyAnalysisClient('', '', '', { workerUrl: '/nowhere.js' });
    await expect(other.bodyAnalysis(await base64(await sampleBlob('stand')))).rejects.toMatchObject({
      code: 'worker-load',
    });
    other.dispose();
  });

  test('once the client is disposed of, loading or loaded', async () => {
    const image = await base64(await sampleBlob('stand'));
    const other = new AipBodyAnalysisClient('', '', '', OPTIONS);
    const loading = expect(other.bodyAnalysis(image)).rejects.toMatchObject({ code: 'disposed' });
    other.dispose();
    other.dispose();
    await loading;
    await expect(other.bodyAnalysis(image)).rejects.toMatchObject({ code: 'disposed' });
  });
});

test('a new client with options that cannot be throws at once', () => {
  expect(() => new AipBodyAnalysisClient('', '', '', { threads: 0 })).toThrow(
    expect.objectContaining({ code: 'invalid-option' }),
  );
});
