import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BLAZEPOSE } from '../../src/networks/blazepose.ts';
import { NANODET } from '../../src/networks/nanodet.ts';
import type { Network } from '../../src/networks/network.ts';
import { findGpu } from '../../src/runtime/backend/gpu.ts';
import { Models } from '../../src/runtime/models.ts';
import type { LoadListeners } from '../../src/runtime/models.ts';
import { Loader } from '../../src/runtime/loader.ts';
import type { LoaderParts, ReadyNetwork } from '../../src/runtime/loader.ts';
import type { NetworkBytes } from '../../src/runtime/files/network-files.ts';
import { fileOf } from '../../src/runtime/files/assets.ts';
import { modelEntry } from '../../src/runtime/files/model-store.ts';
import { sendPacked } from '../../src/runtime/files/wasm-binary.ts';
import { RunningNetwork } from '../../src/runtime/backend/running-network.ts';
import { startOneMore } from '../../src/runtime/starting.ts';
import { BodyAnalysisError, wrongOnGpu } from '../../src/schema/errors.ts';
import type { LoadProgress } from '../../src/schema/loading.ts';
import { scriptTrouble } from '../../src/schema/script-trouble.ts';
import type { Starter, StuckScript } from '../../src/schema/script-trouble.ts';
import { modelBytes } from '../support/model-bytes.ts';
import { moment } from '../support/moment.ts';

vi.mock('../../src/runtime/starting.ts', async (original) => ({
  ...(await original<object>()),
  startOneMore: vi.fn(),
}));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.mocked(startOneMore).mockReset();
});

describe('a browser that gives no answer about its GPU', () => {
  const never = () => new Promise<never>(() => {});

  test.each([
    ['adapter', never],
    ['device', async () => ({ info: {}, features: new Set(), limits: {}, requestDevice: never })],
  ])('is not waited for, whichever it owes: %s', async (_what, requestAdapter) => {
    vi.stubGlobal('navigator', { gpu: { requestAdapter } });
    const search = findGpu('webgpu');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await search).toEqual({
      reason: 'WebGPU gave no device: the browser did not answer for 15 seconds.',
    });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('but for once it is too late has its device given back', async () => {
    let give = (_device: unknown) => {};
    const requestDevice = () => new Promise((resolve) => (give = resolve));
    const adapter = { info: {}, features: new Set(), limits: {}, requestDevice };
    vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => adapter } });
    const search = findGpu('webgpu');
    await vi.advanceTimersByTimeAsync(20_000);
    await search;
    const destroy = vi.fn<() => void>();
    give({ destroy });
    await vi.advanceTimersByTimeAsync(0);
    expect(destroy).toHaveBeenCalledOnce();
  });
});

describe('the runtime’s program on its way over a slow network', () => {
  const PROGRAM = 'https://example.com/runtime.wasm';
  const bytes = gzipSync(Buffer.from('a program'));
  const onPiece = vi.fn<() => void>();

  /** Answers `HEAD`, and has a file come byte by byte, or not at all. */
  function serve(headers: Record<string, string>, file: BodyInit): void {
    vi.stubGlobal('fetch', async (_url: string, init?: RequestInit) =>
      init?.method === 'HEAD' ? new Response(null, { headers }) : new Response(file),
    );
  }

  beforeEach(() => onPiece.mockReset());

  test('gives a sign of life with every piece where it comes packed', async () => {
    const pieces = new ReadableStream({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    serve({}, pieces);
    sendPacked(PROGRAM, `${PROGRAM}.gz`, onPiece);
    const response = await fetch(PROGRAM);
    expect(await response.text()).toBe('a program');
    expect(onPiece.mock.calls.length).toBeGreaterThanOrEqual(bytes.length);
  });

  test.each([0, 1])(
    'gives one every second where the browser reads it, until it is there, after %i times',
    async (times) => {
      serve({ 'Content-Encoding': 'br' }, 'a program');
      const listed: string[] = Array.from({ length: times }, () => 'an earlier request');
      vi.spyOn(performance, 'getEntriesByName').mockImplementation(
        () => listed.map((name) => ({ name })) as PerformanceEntry[],
      );
      sendPacked(PROGRAM, `${PROGRAM}.gz`, onPiece);
      await fetch(PROGRAM);
      // Browsers list a request in a task after the one in which it is answered.
      listed.push('the request for its headers');
      await vi.advanceTimersByTimeAsync(600_000);
      expect(onPiece).toHaveBeenCalledTimes(600);
      listed.push('the file');
      await vi.advanceTimersByTimeAsync(600_000);
      expect(onPiece).toHaveBeenCalledTimes(600);
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  test('gives none for ever where it stands still', async () => {
    serve({ 'Content-Encoding': 'br' }, new ReadableStream());
    sendPacked(PROGRAM, `${PROGRAM}.gz`, onPiece);
    await fetch(PROGRAM);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(onPiece.mock.calls.length).toBeLessThan(1000);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('models on their way', () => {
  /** Loads them on WASM. */
  async function load(
    networks: readonly Network[],
    listeners: Partial<LoadListeners> = {},
    soon: readonly Network[] = [],
  ): Promise<Models> {
    vi.stubGlobal('navigator', { hardwareConcurrency: 2 });
    return Models.load(
      {
        networks: { first: networks, soon, main: NANODET },
        backend: 'wasm',
        skipped: [],
        baseUrl: 'https://example.com/',
        threads: 1,
      },
      { onProgress: () => {}, onHeartbeat: () => {}, ...listeners },
    );
  }

  test('give a sign of life every second where they come late and the server says nothing, but not for ever', async () => {
    const onHeartbeat = vi.fn<() => void>();
    const models = await load([], { onHeartbeat });
    const silent = vi.fn<typeof fetch>(
      (_url, init) =>
        new Promise((_resolve, reject) => {
          const { signal } = init ?? {};
          signal?.addEventListener('abort', () => reject(signal.reason as Error));
        }),
    );
    vi.stubGlobal('fetch', silent);
    const having = models.have(NANODET);
    const failure = expect(having).rejects.toMatchObject({ code: 'model-fetch' });
    onHeartbeat.mockClear();
    for (let second = 1; second <= 40; second++) {
      await vi.advanceTimersByTimeAsync(1000);
      expect(onHeartbeat).toHaveBeenCalledTimes(second);
    }
    await vi.advanceTimersByTimeAsync(20_000);
    await failure;
    expect(silent).toHaveBeenCalledTimes(3);
    expect(vi.getTimerCount()).toBe(0);
  });

  describe('once the first are there', () => {
    const running = { running: {} as RunningNetwork, batch: 1 };
    const { packedBytes, bytes } = modelEntry('nanodet.onnx.planes.gz');

    /** Has the browser's cache hold a file of that length, or nothing; there is no network. */
    function keep(file: Uint8Array<ArrayBuffer> | undefined): void {
      // Without hashing, as on an insecure page, the length has to do.
      vi.stubGlobal('crypto', {});
      vi.stubGlobal('caches', {
        open: async () => ({ match: async () => file && new Response(file), keys: async () => [] }),
      });
      vi.stubGlobal('fetch', async () => new Response(null, { status: 404 }));
    }

    test('tell how far they have come, and that they are ready', async () => {
      const late: LoadProgress[] = [];
      const models = await load([], { onLateProgress: (progress) => late.push(progress) });
      keep(new Uint8Array(bytes));
      vi.mocked(startOneMore).mockResolvedValueOnce(running);
      await models.have(NANODET);
      const all = { loaded: packedBytes, total: packedBytes };
      expect(late).toEqual([
        { phase: 'start', file: 'nanodet.onnx.planes.gz', ...all },
        { phase: 'ready', ...all },
      ]);
    });

    test.each([
      ['be had', undefined, 'model-fetch'],
      ['be started', new Uint8Array(bytes), 'backend-failed'],
    ] as const)('tell that it is over where one cannot %s', async (_what, file, code) => {
      const late: string[] = [];
      const models = await load([], { onLateProgress: ({ phase }) => late.push(phase) });
      keep(file);
      vi.mocked(startOneMore).mockRejectedValueOnce(new BodyAnalysisError('backend-failed', ''));
      await expect(models.have(NANODET)).rejects.toMatchObject({ code });
      expect(late.at(-1)).toBe('ready');
    });

    test('give no signs of life for one that is started: a GPU may hang in it', async () => {
      const onHeartbeat = vi.fn<() => void>();
      const models = await load([], { onHeartbeat });
      keep(new Uint8Array(bytes));
      const starting = moment();
      vi.mocked(startOneMore).mockImplementationOnce(() => {
        starting.come();
        return new Promise(() => {});
      });
      void models.have(NANODET);
      await starting.coming;
      onHeartbeat.mockClear();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(onHeartbeat).not.toHaveBeenCalled();
      expect(vi.getTimerCount()).toBe(0);
    });
  });

  describe('that are needed soon', () => {
    // Of a few kilobytes each.
    const FILES = ['pose_mask_lite', 'pose_mask_full', 'pose_mask_heavy'] as const;
    const [first, second, third] = FILES.map((file): Network => ({ ...NANODET, file })) as [
      Network,
      Network,
      Network,
    ];
    const bytesOf = (file: (typeof FILES)[number]) => modelEntry(fileOf(file)).packedBytes;
    /** What was asked for, and how to answer it: with the file, or that there is none. */
    let asked: { file: string; send: () => void; refuse: () => void }[];
    let told: LoadProgress[];
    let toldLate: LoadProgress[];

    beforeEach(() => {
      asked = [];
      told = [];
      toldLate = [];
      // Without hashing, as on an insecure page, the length has to do.
      vi.stubGlobal('crypto', {});
      vi.stubGlobal('caches', undefined);
      vi.stubGlobal('fetch', (url: string) => {
        const file = url.slice(url.lastIndexOf('/') + 1).split('.')[0] as (typeof FILES)[number];
        return new Promise<Response>((resolve) => {
          asked.push({
            file,
            send: () => resolve(new Response(gunzipSync(modelBytes(fileOf(file))))),
            refuse: () => resolve(new Response(null, { status: 404 })),
          });
        });
      });
      vi.spyOn(RunningNetwork, 'start').mockResolvedValue({} as RunningNetwork);
      vi.mocked(startOneMore).mockResolvedValue({ running: {} as RunningNetwork, batch: 1 });
    });

    function loadAll(): Promise<Models> {
      return load(
        [first],
        {
          onProgress: (progress) => told.push(progress),
          onLateProgress: (progress) => toldLate.push(progress),
        },
        [second, third],
      );
    }

    /** The request of that number, once it is made; counted from 1. */
    async function request(number: number): Promise<(typeof asked)[number]> {
      for (;;) {
        const made = asked[number - 1];
        if (made) return made;
        await turn();
      }
    }

    /** Lets the streams of answers go on, which take turns of their own, and no timer. */
    function turn(): Promise<void> {
      return new Promise((resolve) => setImmediate(resolve));
    }

    test('are not waited for, and come one after the other once the first are there', async () => {
      const loading = loadAll();
      const sent = await request(1);
      await vi.advanceTimersByTimeAsync(1000);
      expect(asked.map(({ file }) => file)).toEqual(['pose_mask_lite']);
      sent.send();
      const models = await loading;
      expect(models.totalBytes).toBe(bytesOf('pose_mask_lite'));
      (await request(2)).send();
      (await request(3)).send();
      expect(asked.map(({ file }) => file)).toEqual(FILES);
      expect(startOneMore).not.toHaveBeenCalled();
      await models.have(third, { inBackground: true });
      expect(startOneMore).toHaveBeenCalledOnce();
    });

    test('are told of while a call waits for them, and only then', async () => {
      const loading = loadAll();
      (await request(1)).send();
      const models = await loading;
      expect(new Set(told.map((step) => step.total))).toEqual(new Set([models.totalBytes]));
      told = [];
      (await request(2)).send();
      const inVain = new AbortController();
      const having = models.have(third, { signal: inVain.signal });
      const last = await request(3);
      await models.have(second, { inBackground: true });
      expect(toldLate).toEqual([]);
      inVain.abort(new Error('nobody waits any more'));
      await expect(having).rejects.toThrow('nobody waits any more');
      const bytes = bytesOf('pose_mask_heavy');
      expect(toldLate).toEqual([{ phase: 'ready', loaded: 0, total: bytes }]);
      toldLate = [];
      const again = models.have(third);
      last.send();
      await again;
      expect(new Set(toldLate.map((step) => step.total))).toEqual(new Set([bytes]));
      expect(toldLate.at(-2)).toMatchObject({ phase: 'start', loaded: bytes });
      expect(toldLate.at(-1)).toEqual({ phase: 'ready', loaded: bytes, total: bytes });
      expect(toldLate.filter(({ phase }) => phase === 'ready')).toHaveLength(1);
      expect(told).toEqual([]);
    });

    test('are not told of to a call that comes when they are there', async () => {
      const loading = loadAll();
      (await request(1)).send();
      const models = await loading;
      (await request(2)).send();
      (await request(3)).send();
      await models.have(third, { inBackground: true });
      await models.have(second);
      expect(toldLate).toEqual([]);
    });

    test('and cannot be had are told of to who needs them, who has them fetched again', async () => {
      const loading = loadAll();
      (await request(1)).send();
      const models = await loading;
      (await request(2)).refuse();
      (await request(3)).send();
      const refused = models.have(second);
      (await request(4)).refuse();
      await expect(refused).rejects.toMatchObject({ code: 'model-fetch' });
      await models.have(third);
      const having = models.have(second);
      (await request(5)).send();
      await having;
      expect(asked.map(({ file }) => file)).toEqual([...FILES, 'pose_mask_full', 'pose_mask_full']);
    });

    test('are waited for by who needs them before they have come', async () => {
      const loading = loadAll();
      (await request(1)).send();
      const models = await loading;
      const having = models.have(third);
      (await request(2)).send();
      (await request(3)).send();
      await having;
      expect(asked).toHaveLength(3);
    });

    test('are not fetched where the first cannot be had', async () => {
      const loading = loadAll();
      (await request(1)).refuse();
      await expect(loading).rejects.toMatchObject({ code: 'model-fetch' });
      await vi.advanceTimersByTimeAsync(60_000);
      expect(asked).toHaveLength(1);
    });
  });

  test('are never said to have come less far than before, where a download begins anew', async () => {
    vi.useRealTimers();
    const lengths = [900, 300, 600];
    // Not compressed, so that what has come is unpacked at once.
    const packed = gzipSync(Buffer.alloc(2000), { level: 0 });
    vi.stubGlobal('fetch', async () => {
      const length = lengths.shift() ?? 0;
      const pieces = [packed.subarray(0, length / 3), packed.subarray(length / 3, length)];
      return new Response(
        new ReadableStream({
          async pull(controller) {
            const piece = pieces.shift();
            // After what came has been read.
            await new Promise((resolve) => setTimeout(resolve, 20));
            if (piece) controller.enqueue(piece);
            else controller.error(new TypeError('network error'));
          },
        }),
      );
    });
    const loaded: number[] = [];
    const onProgress: LoadListeners['onProgress'] = (progress) => loaded.push(progress.loaded);
    await expect(load([NANODET], { onProgress })).rejects.toMatchObject({ code: 'model-fetch' });
    expect(lengths).toEqual([]);
    expect(loaded.length).toBeGreaterThan(2);
    expect(loaded).toEqual(loaded.toSorted((a, b) => a - b));
  });
});

describe('a landmark model that a video asks for', () => {
  const bytes: NetworkBytes = { body: new Uint8Array(1), head: new Uint8Array(1) };
  const ready: ReadyNetwork = { running: {} as RunningNetwork, batch: 4 };
  const offline = () => Promise.reject(new BodyAnalysisError('model-fetch', 'No network.'));

  /** What is said of it each time it is asked for. */
  async function ask(models: Loader, times: number): Promise<string[]> {
    const said: string[] = [];
    for (let time = 0; time < times; time++) said.push(await models.prepare(BLAZEPOSE.lite));
    return said;
  }

  test('is fetched, started, and there from then on', async () => {
    const parts = { fetch: vi.fn(async () => bytes), start: vi.fn(async () => ready) };
    const models = new Loader(parts);
    expect(models.get(BLAZEPOSE.lite)).toBeUndefined();
    expect(await ask(models, 3)).toEqual(['fetching', 'ready', 'ready']);
    expect(models.get(BLAZEPOSE.lite)).toBe(ready);
    expect([parts.fetch.mock.calls, parts.start.mock.calls]).toEqual([
      [[BLAZEPOSE.lite]],
      [[BLAZEPOSE.lite, bytes]],
    ]);
  });

  test('is fetched again when it is asked for after a fetch that failed', async () => {
    const fetch = vi.fn<LoaderParts['fetch']>(offline);
    const models = new Loader({ fetch, start: async () => ready });
    expect(await ask(models, 4)).toEqual(['fetching', 'failed', 'fetching', 'failed']);
    fetch.mockResolvedValue(bytes);
    expect(await ask(models, 2)).toEqual(['fetching', 'ready']);
    expect(fetch).toHaveBeenCalledTimes(3);
  });

  test('and that is not needed is not fetched, but is used where others have fetched it', async () => {
    const fetch = vi.fn<LoaderParts['fetch']>(async () => bytes);
    const loader = new Loader({ fetch, start: async () => ready });
    expect(await loader.prepare(BLAZEPOSE.lite, false)).toBe('absent');
    expect(fetch).not.toHaveBeenCalled();
    await loader.fetch(BLAZEPOSE.lite);
    expect(await loader.prepare(BLAZEPOSE.lite, false)).toBe('ready');
  });

  test.each<[string, Partial<LoaderParts>]>([
    [
      'is another than it should be',
      { fetch: () => Promise.reject(new BodyAnalysisError('model-integrity', '')) },
    ],
    ['computes something else on this GPU', { start: () => Promise.reject(wrongOnGpu('Wrong.')) }],
    [
      'does not start for want of memory',
      { start: () => Promise.reject(new BodyAnalysisError('backend-failed', 'Out of memory.')) },
    ],
  ])('and that %s is not loaded once more', async (_what, part) => {
    const fetch = vi.fn<LoaderParts['fetch']>(part.fetch ?? (async () => bytes));
    const models = new Loader({ fetch, start: part.start ?? (async () => ready) });
    expect(await ask(models, 4)).toEqual(['fetching', 'failed', 'failed', 'failed']);
    expect(fetch).toHaveBeenCalledOnce();
    expect(models.get(BLAZEPOSE.lite)).toBeUndefined();
  });
});

describe('a network that will be needed', () => {
  test('is on its way then, and is fetched again by who needs it where it does not come', async () => {
    const bytes: NetworkBytes = { body: new Uint8Array(1) };
    const ready: ReadyNetwork = { running: {} as RunningNetwork, batch: 1 };
    const fetch = vi.fn<LoaderParts['fetch']>(async () => bytes);
    fetch.mockRejectedValueOnce(new BodyAnalysisError('model-fetch', 'No network.'));
    const loader = new Loader({ fetch, start: async () => ready });
    loader.bring(NANODET);
    loader.bring(NANODET);
    expect(fetch).toHaveBeenCalledOnce();
    await expect(loader.load(NANODET)).rejects.toThrow('No network.');
    expect(await loader.load(NANODET)).toBe(ready);
    loader.bring(NANODET);
    expect(fetch).toHaveBeenCalledTimes(2);
  });
});

describe('a network that is waited for', () => {
  const bytes: NetworkBytes = { body: new Uint8Array(1) };
  const ready: ReadyNetwork = { running: {} as RunningNetwork, batch: 1 };

  test('is not waited for any longer than a signal says, and is there for the next who asks', async () => {
    let come = (_bytes: NetworkBytes) => {};
    const fetch = vi.fn<LoaderParts['fetch']>(() => new Promise((resolve) => (come = resolve)));
    const start = vi.fn<LoaderParts['start']>(async () => ready);
    const loader = new Loader({ fetch, start });
    const controller = new AbortController();
    const waiting = loader.fetch(NANODET, controller.signal);
    controller.abort(new Error('cancelled'));
    await expect(waiting).rejects.toThrow('cancelled');
    expect(await loader.prepare(NANODET)).toBe('fetching');
    const next = loader.load(NANODET);
    come(bytes);
    expect(await next).toBe(ready);
    expect(loader.get(NANODET)).toBe(ready);
    expect([fetch, start].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
  });

  test('is started once, however many wait', async () => {
    const start = vi.fn<LoaderParts['start']>(async () => ready);
    const loader = new Loader({ fetch: async () => bytes, start });
    expect(await Promise.all([loader.load(NANODET), loader.load(NANODET)])).toEqual([ready, ready]);
    expect(await loader.prepare(NANODET)).toBe('ready');
    expect(start).toHaveBeenCalledOnce();
  });

  test('is tried again by the next call, whatever was the matter', async () => {
    for (const code of ['model-fetch', 'model-integrity'] as const) {
      const fetch = vi.fn<LoaderParts['fetch']>(() => Promise.reject(new BodyAnalysisError(code, '')));
      const loader = new Loader({ fetch, start: async () => ready });
      await expect(loader.load(NANODET)).rejects.toMatchObject({ code });
      fetch.mockResolvedValue(bytes);
      expect(await loader.load(NANODET)).toBe(ready);
    }
  });
});

test('a GPU that fails while a lighter model starts is not the model’s fault', async () => {
  const start = () => Promise.reject(new BodyAnalysisError('gpu-failed', 'The GPU was lost.'));
  const bytes: NetworkBytes = { body: new Uint8Array(1), head: new Uint8Array(1) };
  const models = new Loader({ fetch: async () => bytes, start });
  await models.prepare(BLAZEPOSE.lite);
  await expect(models.prepare(BLAZEPOSE.lite)).rejects.toMatchObject({ code: 'gpu-failed' });
});

describe('a script that does not start is told apart by how it is sent', () => {
  const SCRIPT = 'https://page.example/worker.js';
  const ISOLATED: Starter = { href: 'https://page.example/', isIsolated: true };
  const COEP = { 'Cross-Origin-Embedder-Policy': 'require-corp' };
  const HEADERS = { 'Content-Type': 'text/javascript', ...COEP };
  const without = (name: keyof typeof HEADERS) => ({ ...HEADERS, [name]: undefined });

  interface Answer {
    status?: number;
    headers?: Record<string, string | undefined>;
  }
  const cancel = vi.fn(async () => {});

  /** What is the matter with a script of a page, where script and page are sent so. */
  function troubleOf(script: Answer, details: Partial<StuckScript> = {}, page: Answer = { headers: COEP }) {
    const ask = async (address: string) => {
      const { status = 200, headers = HEADERS }: Answer = address === ISOLATED.href ? page : script;
      const get = (name: string) => headers[name] ?? null;
      return { ok: status === 200, status, headers: { get }, body: { cancel } };
    };
    return scriptTrouble({ url: SCRIPT, isForeign: false, starter: ISOLATED, ask, ...details });
  }

  beforeEach(() => cancel.mockClear());

  test.each<[string, Answer, RegExp]>([
    ['is not there', { status: 404 }, /answered with 404/],
    [
      'is answered with a page, as single-page apps do for what is not there',
      { headers: { ...HEADERS, 'Content-Type': 'text/html; charset=utf-8' } },
      /answered with a page.*deploy the file.*`assets`/,
    ],
    [
      'is sent as text',
      { headers: { ...HEADERS, 'Content-Type': 'text/plain' } },
      /sent as text\/plain.*`Content-Type: text\/javascript`/,
    ],
    [
      'is sent without a type',
      { headers: without('Content-Type') },
      /sent without a type.*`Content-Type: text\/javascript`/,
    ],
    [
      'lacks COEP',
      { headers: without('Cross-Origin-Embedder-Policy') },
      /without the header `Cross-Origin-Embedder-Policy: require-corp`/,
    ],
  ])('%s', async (_what, sent, words) => {
    expect(await troubleOf(sent)).toEqual({ words: expect.stringMatching(words), isCertain: true });
  });

  test.each([
    ['has COEP without COOP, and is not isolated', { ...ISOLATED, isIsolated: false }, COEP, true],
    ['is isolated in a way that asks nothing of scripts', ISOLATED, {}, false],
    [
      'says that nothing is asked of scripts',
      ISOLATED,
      { 'Cross-Origin-Embedder-Policy': 'unsafe-none' },
      false,
    ],
    ['is a frame’s srcdoc in an isolated one', { ...ISOLATED, href: 'about:srcdoc' }, {}, true],
  ])('lacks COEP, where the page %s', async (_how, starter, headers, isAmiss) => {
    const found = await troubleOf(
      { headers: without('Cross-Origin-Embedder-Policy') },
      { starter },
      { headers },
    );
    expect(found !== undefined).toBe(isAmiss);
  });

  test.each([true, false])(
    'cannot be read, for one of several reasons (of another origin: %s)',
    async (isForeign) => {
      const found = await troubleOf({}, { isForeign, ask: () => Promise.reject(new TypeError()) });
      expect(found).toEqual({
        words: expect.stringMatching(/cannot be read.*network.*extension.*`connect-src`/),
        isCertain: false,
      });
      expect(found?.words.includes('`Access-Control-Allow-Origin`')).toBe(isForeign);
    },
  );

  test('has nothing amiss', async () => {
    expect(await troubleOf({})).toBeUndefined();
    const noCoep = { headers: without('Cross-Origin-Embedder-Policy') };
    // Imported by a script of the page's own, which has the page's policy.
    expect(await troubleOf(noCoep, { isForeign: true })).toBeUndefined();
    for (const url of ['blob:https://page.example/1', 'data:text/javascript,']) {
      expect(await troubleOf(noCoep, { url })).toBeUndefined();
    }
    expect(await troubleOf(noCoep, { starter: undefined })).toBeUndefined();
    for (const type of [
      'application/javascript; charset=utf-8',
      'text/ecmascript',
      'application/x-javascript',
    ]) {
      expect(await troubleOf({ headers: { ...HEADERS, 'Content-Type': type } })).toBeUndefined();
    }
  });

  test('without being fetched whole, nor the page', async () => {
    await troubleOf({ headers: without('Cross-Origin-Embedder-Policy') });
    expect(cancel).toHaveBeenCalledTimes(2);
  });
});
