import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Failures, isRecoverable } from '../../src/client/session/failures.ts';
import type { Failure } from '../../src/client/session/failures.ts';
import { webgpuToAvoid } from '../../src/client/platform.ts';
import { Watchdog } from '../../src/client/watchdog.ts';
import { AipBodyAnalysisClient } from '../../src/client/aip.ts';
import { BodyAnalysisClient } from '../../src/client/client.ts';
import { checkEnvironment } from '../../src/client/environment.ts';
import { letUsingDispose } from '../../src/schema/using.ts';
import { BodyAnalysisError, ERROR_CODES } from '../../src/schema/errors.ts';
import type { BodyAnalysisErrorCode } from '../../src/schema/errors.ts';
import type { LoadProgress } from '../../src/schema/loading.ts';
import type { BodyAnalysisResult } from '../../src/schema/result.ts';
import { FakeWorkers, OPENED } from '../support/fake-worker.ts';

describe('failures', () => {
  let now = 0;
  let failures: Failures;
  const fail = (code: BodyAnalysisErrorCode, details: Partial<Failure> = {}) =>
    failures.note({
      error: new BodyAnalysisError(code, `It was ${code}.`),
      backend: 'wasm',
      atStart: false,
      ...details,
    });

  beforeEach(() => {
    now = 1000;
    failures = new Failures(() => now);
  });

  test('three are one too many, and then the count begins anew', () => {
    fail('worker-crash');
    fail('inference-failed');
    expect(() => fail('worker-hung')).toThrow(
      expect.objectContaining({
        code: 'recovery-failed',
        cause: expect.objectContaining({ code: 'worker-hung' }),
      }),
    );
    fail('worker-crash');
    fail('worker-crash');
    expect(() => fail('worker-crash')).toThrow(/three|3 times/i);
  });

  test.each([
    [true, /could not be started: 3 tries/],
    [false, /failed 3 times in a row/],
  ])('three without an answer are one too many, however far apart (at start: %s)', (atStart, words) => {
    for (let time = 0; time < 2; time++) {
      fail('worker-hung', { atStart });
      now += 3_600_000;
    }
    expect(() => fail('worker-hung', { atStart })).toThrow(words);
  });

  test('count no longer after an answer, and those at start after a start', () => {
    for (let round = 0; round < 50; round++) {
      fail('worker-crash');
      fail('worker-crash');
      failures.overcome();
      fail('worker-crash', { atStart: true });
      fail('worker-crash', { atStart: true });
      failures.started();
    }
    expect(failures.skipped).toEqual([]);
  });

  test('two on the GPU within a minute, answers between them or not, and it is left alone for good', () => {
    fail('inference-failed', { backend: 'webgpu' });
    expect(failures.skipped).toEqual([]);
    failures.overcome();
    now += 59_000;
    fail('worker-crash', { backend: 'webgpu' });
    expect(failures.skipped).toEqual([{ name: 'webgpu', reason: 'It failed 2 times: It was worker-crash.' }]);
    now += 1e9;
    expect(failures.skipped).toHaveLength(1);
  });

  test('two on the GPU without an answer between them, however far apart, and the third try is without it', () => {
    failures.overcome();
    now += 1000;
    fail('worker-hung', { backend: 'webgpu' });
    // A GPU whose runs take 20 seconds is given 100.
    now += 100_000;
    fail('worker-hung', { backend: 'webgpu' });
    expect(failures.skipped).toHaveLength(1);
  });

  test('on the GPU now and then, or on WASM, leave it in use', () => {
    for (let time = 0; time < 10; time++) {
      fail('gpu-failed', { backend: 'webgpu' });
      failures.overcome();
      now += 60_001;
    }
    fail('worker-crash');
    fail('worker-crash');
    expect(failures.skipped).toEqual([]);
  });

  test('a GPU that does not start is not tried again', () => {
    fail('gpu-failed', { backend: 'webgpu', atStart: true });
    expect(failures.skipped).toEqual([
      { name: 'webgpu', reason: 'It could not be started: It was gpu-failed.' },
    ]);
  });

  test('make a worker pass for slow until there is an answer', () => {
    fail('worker-crash');
    expect(failures.maybeSlow).toBe(false);
    fail('worker-hung');
    expect(failures.maybeSlow).toBe(true);
    failures.overcome();
    expect(failures.maybeSlow).toBe(false);
  });

  test('of pictures, options and files are not tried again', () => {
    const recoverable = Object.keys(ERROR_CODES).filter((code) =>
      isRecoverable(new BodyAnalysisError(code as BodyAnalysisErrorCode, '')),
    );
    expect(recoverable.toSorted()).toEqual(['gpu-failed', 'inference-failed', 'worker-crash', 'worker-hung']);
  });
});

describe('the watchdog', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('tells once of silence, and of none while there are signs of life', () => {
    const onSilence = vi.fn<(ms: number) => void>();
    const watchdog = new Watchdog(onSilence);
    watchdog.watch(5000);
    for (let time = 0; time < 20; time++) {
      vi.advanceTimersByTime(3000);
      watchdog.beat();
    }
    expect(onSilence).not.toHaveBeenCalled();
    vi.advanceTimersByTime(30_000);
    expect(onSilence).toHaveBeenCalledExactlyOnceWith(5000);
  });

  test('says nothing at rest', () => {
    const onSilence = vi.fn<(ms: number) => void>();
    const watchdog = new Watchdog(onSilence);
    watchdog.watch(5000);
    watchdog.rest();
    vi.advanceTimersByTime(30_000);
    expect(onSilence).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('does not count the time in which the page itself stood still', () => {
    const onSilence = vi.fn<(ms: number) => void>();
    const watchdog = new Watchdog(onSilence);
    watchdog.watch(5000);
    let sleptMs = 0;
    const now = performance.now.bind(performance);
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + sleptMs);
    for (let time = 0; time < 3; time++) {
      sleptMs += 3_600_000;
      vi.advanceTimersByTime(1000);
    }
    expect(onSilence).not.toHaveBeenCalled();
    clock.mockRestore();
  });
});

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
