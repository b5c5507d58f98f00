import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AipBodyAnalysisClient } from '../../src/client/aip.ts';
import { BodyAnalysisClient } from '../../src/client/client.ts';
import { checkEnvironment } from '../../src/client/environment.ts';
import { webgpuToAvoid } from '../../src/client/platform.ts';
import { RecoveredEvent } from '../../src/client/recovered-event.ts';
import { MAX_CLIENTS } from '../../src/client/session/client-limit.ts';
import { BodyAnalysisError } from '../../src/schema/errors.ts';
import type { LoadProgress } from '../../src/schema/loading.ts';
import type { BodyAnalysisResult } from '../../src/schema/result.ts';
import { letUsingDispose } from '../../src/schema/using.ts';
import type { OnLoadProgress } from '../../src/worker/protocol.ts';
import { FakeWorkers, OPENED } from '../support/fake-worker.ts';
import { moment } from '../support/moment.ts';

/*
 * The client with all that is its own, over comlink to workers that are none.
 */

describe('a client', () => {
  const NOBODY: BodyAnalysisResult = { person_num: 0, person_info: [], log_id: '1' };
  const photo = new Blob(['a photo']);

  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'performance'],
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  test('that no worker ever says anything to is refused after three tries', async () => {
    const workers = new FakeWorkers(() => ({}));
    let outcome: unknown;
    BodyAnalysisClient.create().catch((error: unknown) => (outcome = error));
    await vi.advanceTimersByTimeAsync(185_000);
    expect(outcome).toMatchObject({ code: 'recovery-failed', cause: { code: 'worker-hung' } });
    expect(workers).toMatchObject({ started: 3, running: 0 });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('may take an hour to load over a slow network', async () => {
    const MINUTES = 60;
    const workers = new FakeWorkers(() => ({
      async open(_options, onProgress) {
        for (let loaded = 0; loaded < MINUTES; loaded++) {
          onProgress({ phase: 'download', loaded, total: MINUTES });
          await new Promise((resolve) => setTimeout(resolve, 55_000));
        }
        return OPENED;
      },
    }));
    let tell = (_step: LoadProgress) => {};
    const next = () => new Promise<LoadProgress>((resolve) => (tell = resolve));
    let heard = next();
    const creation = BodyAnalysisClient.create({ onProgress: (step) => tell(step) });
    for (let minute = 0; minute < MINUTES; minute++) {
      expect((await heard).loaded).toBe(minute);
      heard = next();
      await vi.advanceTimersByTimeAsync(55_000);
    }
    (await creation).dispose();
    expect(workers).toMatchObject({ started: 1, running: 0 });
  });

  test('is told that all is ready when it is, and of nothing that is out of date', async () => {
    let tellLate: OnLoadProgress = () => {};
    let tell: OnLoadProgress = () => {};
    const workers = new FakeWorkers(() => ({
      async open(_options, onProgress, _onHeartbeat, onLateProgress) {
        [tell, tellLate] = [onProgress, onLateProgress];
        return { ...OPENED, totalBytes: 40 };
      },
    }));
    const told: number[] = [];
    let heard = moment();
    const client = await BodyAnalysisClient.create({
      onProgress: ({ loaded }) => {
        told.push(loaded);
        heard.come();
      },
    });
    expect(told).toEqual([40]);
    await Promise.resolve(tell({ phase: 'download', loaded: 30, total: 40 }));
    for (const [phase, loaded] of [['download', 70] as const, ['ready', 100] as const]) {
      heard = moment();
      tellLate({ phase, loaded, total: 100 });
      await heard.coming;
    }
    expect(told).toEqual([40, 70, 100]);
    client.dispose();
    expect(workers).toMatchObject({ started: 1, running: 0 });
  });

  test('on a device that takes 25 seconds for a run has its answer from the second worker on', async () => {
    let asked = () => {};
    let isAsked = new Promise<void>((resolve) => (asked = resolve));
    const workers = new FakeWorkers(() => ({
      open: async () => OPENED,
      async analyse() {
        asked();
        // The runtime blocks its worker meanwhile.
        await new Promise((resolve) => setTimeout(resolve, 25_000));
        return NOBODY;
      },
    }));
    const client = await BodyAnalysisClient.create();
    for (const expected of [2, 2]) {
      const startedBefore = workers.started;
      const call = client.bodyAnalysis(photo);
      for (let worker = startedBefore; worker <= expected; worker++) {
        await isAsked;
        isAsked = new Promise((resolve) => (asked = resolve));
        await vi.advanceTimersByTimeAsync(26_000);
      }
      expect(await call).toEqual(NOBODY);
      expect(workers.started).toBe(expected);
    }
    client.dispose();
  });

  test.each([
    ['that has answered in time', 0, [[], ['answer']]],
    ['on a GPU, which has shown how long a run takes', 100, [[], []]],
  ])(
    'notices as soon as the first time that a second worker hangs, one %s',
    async (_why, slowestRunMs, plans) => {
      const workers = new FakeWorkers((number) => {
        const plan = plans[number - 1] ?? ['answer', 'answer'];
        return {
          open: async () => ({ ...OPENED, slowestRunMs }),
          analyse: () => (plan.pop() ? Promise.resolve(NOBODY) : new Promise(() => {})),
        };
      });
      const client = await BodyAnalysisClient.create();
      const calls = Promise.all([client.bodyAnalysis(photo), client.bodyAnalysis(photo)]);
      await vi.advanceTimersByTimeAsync(12_000);
      expect(workers.started).toBe(2);
      await vi.advanceTimersByTimeAsync(12_000);
      expect(workers.started).toBe(3);
      expect(await calls).toEqual([NOBODY, NOBODY]);
      client.dispose();
    },
  );

  test('whose worker dies has another one answer, and tells of it', async () => {
    const asked = moment();
    const workers = new FakeWorkers((number) => ({
      async open(_options, _onProgress, giveSign) {
        // Before that an error is its script's.
        await Promise.resolve(giveSign());
        return { ...OPENED, backend: { ...OPENED.backend, warmupMs: number } };
      },
      analyse: () => {
        if (number === 2) return Promise.resolve(NOBODY);
        asked.come();
        return new Promise(() => {});
      },
    }));
    const client = await BodyAnalysisClient.create();
    const events: RecoveredEvent[] = [];
    client.addEventListener('recovered', (event) => events.push(event));
    const call = client.bodyAnalysis(photo);
    await asked.coming;
    workers.crash(1);
    expect(await call).toEqual(NOBODY);
    expect(workers).toMatchObject({ started: 2, running: 1 });
    expect(events).toHaveLength(1);
    expect(events[0]).toBeInstanceOf(RecoveredEvent);
    expect(events[0]).toMatchObject({
      type: 'recovered',
      error: {
        name: 'BodyAnalysisError',
        code: 'worker-crash',
        cause: { message: expect.stringContaining('made to crash') },
      },
      backend: { warmupMs: 2 },
      milliseconds: 0,
    });
    expect(client.backend).toBe(events[0]?.backend);
    client.dispose();
    expect(workers.running).toBe(0);
    await expect(client.bodyAnalysis(photo)).rejects.toMatchObject({ code: 'disposed' });
    await expect(client.track(new ReadableStream()).next()).rejects.toMatchObject({ code: 'disposed' });
  });

  test('whose workers fail three times says so, with the last one’s reason', async () => {
    const workers = new FakeWorkers(() => ({
      open: async () => OPENED,
      analyse: () => Promise.reject(new BodyAnalysisError('inference-failed', 'made to fail')),
    }));
    const client = await BodyAnalysisClient.create();
    await expect(client.bodyAnalysis(photo)).rejects.toMatchObject({
      name: 'BodyAnalysisError',
      code: 'recovery-failed',
      apiCode: 216630,
      cause: { code: 'inference-failed', message: 'made to fail' },
    });
    expect(workers).toMatchObject({ started: 3, running: 0 });
    client.dispose();
  });

  test('goes on where the app’s own handler throws in a call, and the error is the page’s', async () => {
    const reported = vi.fn<(error: unknown) => void>();
    vi.stubGlobal('reportError', reported);
    void new FakeWorkers(() => ({
      open: async () => OPENED,
      async analyse(_call, _frame, _options, onProgress) {
        await Promise.resolve(onProgress?.({ stage: 'decode', done: 0, total: 1, fraction: 0 }));
        return NOBODY;
      },
    }));
    const client = await BodyAnalysisClient.create();
    const mistake = new Error('the app’s own');
    const call = client.bodyAnalysis(photo, {
      onProgress: () => {
        throw mistake;
      },
    });
    expect(await call).toEqual(NOBODY);
    expect(reported.mock.calls).toEqual([[mistake]]);
    client.dispose();
  });

  test('cancels with a signal: what has not begun never does', async () => {
    const workers = new FakeWorkers(() => ({ open: async () => OPENED }));
    const aborted = { signal: AbortSignal.abort() };
    await expect(BodyAnalysisClient.create(aborted)).rejects.toMatchObject({ name: 'AbortError' });
    expect(workers.started).toBe(0);
    const client = await BodyAnalysisClient.create();
    // It is not even looked at.
    await expect(client.bodyAnalysis('', aborted)).rejects.toMatchObject({ name: 'AbortError' });
    await expect(client.track(new ReadableStream(), aborted).next()).rejects.toMatchObject({
      name: 'AbortError',
    });
    client.dispose();
  });

  test('that is cancelled while it loads is none', async () => {
    const workers = new FakeWorkers(() => ({
      open: (_options, onProgress) => {
        onProgress({ phase: 'download', loaded: 1, total: 2 });
        return new Promise(() => {});
      },
    }));
    const controller = new AbortController();
    const creation = BodyAnalysisClient.create({
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    await expect(creation).rejects.toThrow('enough');
    expect(workers).toMatchObject({ started: 1, running: 0 });
  });

  test('is refused beyond the most there may be', async () => {
    const workers = new FakeWorkers(() => ({ open: async () => OPENED }));
    const clients = await Promise.all(Array.from({ length: MAX_CLIENTS }, () => BodyAnalysisClient.create()));
    await expect(BodyAnalysisClient.create()).rejects.toMatchObject({ code: 'too-many-clients' });
    for (const client of clients) client.dispose();
    expect(workers).toMatchObject({ started: MAX_CLIENTS, running: 0 });
  });

  test('that is not wanted any more when it is ready is none', async () => {
    const workers = new FakeWorkers(() => ({ open: async () => OPENED }));
    const controller = new AbortController();
    const creation = BodyAnalysisClient.create({
      signal: controller.signal,
      onProgress: ({ phase }) => phase === 'ready' && controller.abort(new Error('enough')),
    });
    await expect(creation).rejects.toThrow('enough');
    expect(workers).toMatchObject({ started: 1, running: 0 });
  });

  test('is made all the same where the app’s own handler throws while it loads, and the error is the page’s', async () => {
    const reported = vi.fn<(error: unknown) => void>();
    vi.stubGlobal('reportError', reported);
    const workers = new FakeWorkers(() => ({
      async open(_options, onProgress) {
        // comlink gives a promise, which rejects with what the page threw.
        await Promise.resolve(onProgress({ phase: 'download', loaded: 1, total: 2 }));
        return OPENED;
      },
    }));
    const mistake = new Error('the app’s own');
    const client = await BodyAnalysisClient.create({
      onProgress: () => {
        throw mistake;
      },
    });
    expect(reported.mock.calls).toEqual([[mistake], [mistake]]);
    client.dispose();
    expect(workers.started).toBe(1);
  });

  test.each([
    [{ signal: {} }, /options\.signal must be an AbortSignal/],
    [null, /must be an object, not null/],
    [{ model: 5n }, /options\.model must be one of .*, not 5/],
    [{ limits: { minSide: Symbol('side') } }, /options\.limits must be/],
  ])('with options that cannot be is refused by what is wrong with them: %o', async (options, words) => {
    const workers = new FakeWorkers(() => ({ open: async () => OPENED }));
    const creation = BodyAnalysisClient.create(options as unknown as undefined);
    await expect(creation).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringMatching(words),
    });
    expect(workers.started).toBe(0);
  });

  const PAGE = { address: 'https://page.example/', origin: 'https://page.example' };
  const SRCDOC = { ...PAGE, address: 'about:srcdoc' };
  const OWN = 'https://page.example/lib/worker.js';

  test.each([
    // Firefox makes a worker of such a file as well, which tells of an error later.
    ['from a script of the page’s own, where the library is of another origin', PAGE, {}, /^blob:/],
    ['from its file, where that is of the page’s origin', PAGE, { workerUrl: OWN }, /^https:/],
    [
      'from its file, in a frame’s srcdoc, which has the page’s origin',
      SRCDOC,
      { workerUrl: OWN },
      /^https:/,
    ],
    ['from an address that holds the script itself', PAGE, { workerUrl: 'data:text/javascript,' }, /^data:/],
  ])('has its worker started %s', async (_how, { address, origin }, options, script) => {
    const workers = new FakeWorkers(() => ({ open: async () => OPENED }));
    vi.stubGlobal('location', new URL(address));
    vi.stubGlobal('origin', origin);
    (await BodyAnalysisClient.create(options)).dispose();
    expect(workers.addresses).toEqual([expect.stringMatching(script)]);
  });

  test.each([
    [
      'page’s',
      '/lib/',
      /worker\.js could not be loaded: it cannot be read.*network.*Check that worker\.js is deployed/,
    ],
    [
      'CDN’s',
      'https://cdn.example/',
      /worker\.js could not be loaded: it cannot be read.*network.*of another origin than the page/,
    ],
  ])(
    'whose worker is the %s and cannot be fetched is refused with all that may be the reason',
    async (_whose, assets, words) => {
      const workers = new FakeWorkers(() => ({ isStuck: true }));
      vi.stubGlobal('location', new URL(PAGE.address));
      vi.stubGlobal('origin', PAGE.origin);
      vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
      await expect(BodyAnalysisClient.create({ assets })).rejects.toMatchObject({
        code: 'worker-load',
        message: expect.stringMatching(words),
      });
      expect(workers).toMatchObject({ started: 1, running: 0 });
    },
  );

  test('in Node is refused, with what is missing and where to make it', async () => {
    const refused = {
      name: 'BodyAnalysisError',
      code: 'unsupported-environment',
      message: expect.stringMatching(/^body21 needs Worker, which Node\.js .*in the page/),
    };
    await expect(BodyAnalysisClient.create({ assets: '/body21/' })).rejects.toMatchObject(refused);
    // As who comes from the cloud API's SDK may try first; '/9j/' is how a JPEG begins.
    for (const options of [{}, { assets: '/body21/' }, { workerUrl: 'worker.js' }]) {
      const client = new AipBodyAnalysisClient('', '', '', options);
      await expect(client.bodyAnalysis('/9j/')).rejects.toMatchObject(refused);
    }
    expect(() => new AipBodyAnalysisClient('', '', '', { assets: 'http://' })).toThrow(
      /options\.assets must be a URL/,
    );
  });

  test.each([
    [
      'in a service worker',
      { ServiceWorkerGlobalScope: 'a class', WebAssembly },
      /needs Worker, which service workers .*offscreen document/,
    ],
    [
      'in Lockdown Mode',
      { document: {}, Worker: 'a class' },
      /needs WebAssembly, which is not there.*Lockdown Mode/,
    ],
  ])('%s is refused, with what is missing', (_where, scope, words) => {
    expect(() => checkEnvironment(scope)).toThrow(words);
  });
});

test('an app’s own class that extends the client’s is disposed of in its own way by `using`', () => {
  const disposed: string[] = [];
  class Base {
    constructor() {
      letUsingDispose(this);
    }

    dispose(): void {
      disposed.push(this.constructor.name);
    }
  }
  class Plain extends Base {}
  class WithMethod extends Base {
    [Symbol.dispose](): void {
      disposed.push('its own method');
    }
  }
  class WithField extends Base {
    readonly [Symbol.dispose] = () => disposed.push('its own field');
  }
  for (const Client of [Plain, WithMethod, WithField]) {
    // As `using` does at the end of a block.
    (new Client() as unknown as Disposable)[Symbol.dispose]();
  }
  expect(disposed).toEqual(['Plain', 'its own method', 'its own field']);
});

describe('platforms', () => {
  test.each([
    ['iPhone', 'Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15', 5, true],
    ['iPad that asks for desktop pages', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)', 5, true],
    ['Macintosh', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)', 0, false],
    ['Windows with a touch screen', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)', 10, false],
    ['Android', 'Mozilla/5.0 (Linux; Android 16; Pixel 10)', 5, false],
  ])('%s', (_name, userAgent, maxTouchPoints, avoids) => {
    expect(webgpuToAvoid({ userAgent, maxTouchPoints })).toHaveLength(avoids ? 1 : 0);
  });
});
