import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { chromium, expect, test as base } from 'playwright/test';
import type { Page } from 'playwright/test';
import manifest from '../../models/manifest.json' with { type: 'json' };
import { BROWSER_ARGS, findBrowser, WEBGPU_ARGS } from '../../scripts/find-browser.ts';
import type * as Library from '../../src/index.ts';
import { Hosts } from './hosts.ts';

/*
 * The built package under the policies of docs/security.md and the headers of docs/guide/self-hosting.md, and
 * what it asks the network for.
 */

declare global {
  // oxlint-disable-next-line no-var -- only `var` declares a property of globalThis
  var body21: typeof Library;
  // oxlint-disable-next-line no-var -- as above
  var lastWorker: Worker | undefined;
}

const APP = 'http://app.localhost';
const CDN = 'http://cdn.localhost';

/** The strictest policy of docs/security.md, for WASM. */
const STRICT =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";
/** The same where the files come from a CDN: worker and threads start from a `blob:` that imports the script. */
const STRICT_WITH_CDN = `default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src blob: ${CDN}; connect-src 'self' ${CDN}`;
const TRUSTED_TYPES = "require-trusted-types-for 'script'; trusted-types body21";

interface Visit {
  page: Page;
  /** What pages and workers wrote to the console as an error. */
  errors: string[];
}

const test = base.extend<{ visit: Visit }, { hosts: Hosts }>({
  hosts: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright wants to see what a fixture needs
    async ({}, use) => {
      const hosts = await Hosts.start();
      await use(hosts);
      await hosts.close();
    },
    { scope: 'worker' },
  ],
  visit: async ({ browser, hosts }, use) => {
    hosts.reset();
    const context = await browser.newContext({ proxy: { server: hosts.proxy } });
    const errors: string[] = [];
    context.on('weberror', (error) => errors.push(error.error().message));
    context.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await use({ page: await context.newPage(), errors });
    await context.close();
  },
});

/** What came of a client that was made and asked about a photo of one person. */
type Outcome =
  | { people: number; backend: Library.BackendInfo }
  | { code: string; message: string; cause: string };

/** Opens the app's page, which has the library then. */
async function open(page: Page): Promise<void> {
  await page.goto(APP);
  await page.waitForFunction(() => 'body21' in globalThis);
}

/** Opens the app's page, makes a client and has it look at a photo. */
async function analyse(page: Page, options: Library.BodyAnalysisClientOptions = {}): Promise<Outcome> {
  await open(page);
  return page.evaluate(async (given): Promise<Outcome> => {
    const { BodyAnalysisClient, BodyAnalysisError } = globalThis.body21;
    try {
      const client = await BodyAnalysisClient.create({
        model: 'lite',
        quality: 'fast',
        warmUp: false,
        ...given,
      });
      const photo = await (await fetch('/samples/stand.jpg')).blob();
      const { person_num: people } = await client.bodyAnalysis(photo);
      client.dispose();
      return { people, backend: client.backend };
    } catch (error) {
      if (!(error instanceof BodyAnalysisError)) throw error;
      return { code: error.code, message: error.message, cause: String(error.cause) };
    }
  }, options);
}

test('the strictest policy, with Trusted Types, on every response: WASM with several threads, and nothing refused', async ({
  visit,
  hosts,
}) => {
  hosts.serve(APP, { policy: `${STRICT}; ${TRUSTED_TYPES}` });
  expect(await analyse(visit.page, { backend: 'wasm', threads: 2 })).toMatchObject({
    people: 1,
    backend: { name: 'wasm', threads: 2 },
  });
  expect(hosts.violations).toEqual([]);
  expect(visit.errors).toEqual([]);
  // Required they were: whoever vouches for nothing is refused.
  await expect(visit.page.evaluate(() => new Worker('/worker.js').terminate())).rejects.toThrow(
    /TrustedScriptURL/,
  );
  await expect
    .poll(() => hosts.violations)
    .toEqual([{ directive: 'require-trusted-types-for', blocked: 'trusted-types-sink' }]);
});

test('assets of another origin under a policy that names it: nothing refused, nobody else asked', async ({
  visit,
  hosts,
}) => {
  hosts.serve(APP, { policy: `${STRICT_WITH_CDN}; ${TRUSTED_TYPES}` });
  hosts.serve(CDN, {
    headers: { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' },
  });
  expect(await analyse(visit.page, { backend: 'wasm', threads: 2, assets: CDN })).toMatchObject({
    people: 1,
    backend: { name: 'wasm', threads: 2 },
  });
  expect(hosts.violations).toEqual([]);
  expect(visit.errors).toEqual([]);
  expectNothingSent(hosts, [APP, CDN]);
  const own = hosts.requests.filter(({ origin }) => origin === APP).map(({ path }) => path);
  expect(own.filter((path) => /worker|assets/.test(path))).toEqual([]);
  // The cache is the page's, whoever sends the files.
  expect(
    await visit.page.evaluate(async () => (await (await caches.open('body21-models')).keys()).length),
  ).toBe(3);
});

/** Every request went to one of these origins, each was asked, and none had anything to say. */
function expectNothingSent(hosts: Hosts, origins: readonly string[]): void {
  expect([...new Set(hosts.requests.map(({ origin }) => origin))].toSorted()).toEqual(origins);
  expect(hosts.requests.filter(({ method, bytes }) => !/^(?:GET|HEAD)$/.test(method) || bytes > 0)).toEqual(
    [],
  );
}

/** A worker's script of the app's own that dies when it is told to. */
const MORTAL_WORKER = `import './worker.js';
addEventListener('message', ({ data }) => { if (data === 'die') throw new Error('made to die'); });`;

test('a photo, a video and a recovery ask the own origin only, and send it nothing', async ({
  visit: { page },
  hosts,
}) => {
  hosts.serve(APP, { files: { '/mortal-worker.js': MORTAL_WORKER } });
  await open(page);
  const seen = await page.evaluate(async () => {
    globalThis.Worker = class extends Worker {
      constructor(...given: ConstructorParameters<typeof Worker>) {
        super(...given);
        globalThis.lastWorker = this;
      }
    };
    const client = await globalThis.body21.BodyAnalysisClient.create({
      model: 'lite',
      quality: 'fast',
      workerUrl: '/mortal-worker.js',
    });
    const codes: string[] = [];
    client.addEventListener('recovered', ({ error }) => codes.push(error.code));
    const photo = await (await fetch('/samples/stand.jpg')).blob();
    const { person_num: before } = await client.bodyAnalysis(photo);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
    globalThis.lastWorker?.postMessage('die');
    await new Promise((resolve) => globalThis.lastWorker?.addEventListener('error', resolve));
    const { person_num: after } = await client.bodyAnalysis(photo);

    const picture = await createImageBitmap(photo);
    let made = 0;
    const frames = new ReadableStream<VideoFrame>(
      {
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, 16));
          controller.enqueue(new VideoFrame(picture, { timestamp: made++ * 16_667 }));
        },
      },
      { highWaterMark: 0 },
    );
    let followed = 0;
    // The lighter models that this may ask for are files as well.
    for await (const { result } of client.track(frames, { targetFps: 30 })) {
      followed = result.person_num;
      if (made > 10 && followed > 0) break;
    }
    client.dispose();
    return { before, after, followed, codes };
  });
  expect(seen).toEqual({ before: 1, after: 1, followed: 1, codes: ['worker-crash'] });
  expectNothingSent(hosts, [APP]);
  const paths = hosts.requests.map(({ path }) => path);
  for (const path of ['/worker.js', '/assets/pose_landmark_lite.onnx.planes.gz'])
    expect(paths).toContain(path);
});

test('what a worker and a worker’s worker send elsewhere would be seen', async ({
  visit: { page },
  hosts,
}) => {
  const leak = (host: string) => `fetch('${host}', { method: 'POST', body: 'a photo', mode: 'no-cors' });`;
  hosts.serve(APP, {
    files: {
      '/leak.js': `${leak('http://one.localhost')} new Worker('/deeper-leak.js');`,
      '/deeper-leak.js': leak('https://two.localhost'),
    },
  });
  await open(page);
  await page.evaluate(() => {
    globalThis.lastWorker = new Worker('/leak.js');
  });
  await expect
    .poll(() => hosts.requests.filter(({ origin }) => origin !== APP))
    .toEqual(
      expect.arrayContaining([
        { origin: 'http://one.localhost', method: 'POST', path: '/', bytes: 7 },
        { origin: 'https://two.localhost', method: 'CONNECT', path: '', bytes: 0 },
      ]),
    );
});

for (const { name, policy, code, remedy, refused } of [
  {
    name: 'no wasm-unsafe-eval',
    policy: STRICT.replace(" 'wasm-unsafe-eval'", ''),
    code: 'backend-failed',
    remedy: '`wasm-unsafe-eval`',
    refused: { directive: 'script-src', blocked: 'wasm-eval' },
  },
  {
    name: "worker-src 'none'",
    policy: STRICT.replace("worker-src 'self'", "worker-src 'none'"),
    code: 'worker-load',
    remedy: '`worker-src`',
    refused: { directive: 'worker-src', blocked: `${APP}/worker.js` },
  },
  {
    name: "connect-src 'none'",
    policy: STRICT.replace("connect-src 'self'", "connect-src 'none'"),
    code: 'model-fetch',
    remedy: '`connect-src`',
    refused: { directive: 'connect-src', blocked: `${APP}/assets/pose_mask_lite.onnx.planes.gz` },
  },
  {
    name: 'Trusted Types of another name',
    policy: `${STRICT}; ${TRUSTED_TYPES.replace('body21', 'app')}`,
    code: 'worker-load',
    remedy: '`trusted-types body21`',
    refused: { directive: 'require-trusted-types-for', blocked: 'trusted-types-sink' },
  },
]) {
  test(`${name}: ${code}, with what to allow`, async ({ visit, hosts }) => {
    hosts.serve(APP, { policy });
    expect(await analyse(visit.page, { backend: 'wasm' })).toMatchObject({
      code,
      message: expect.stringContaining(remedy),
    });
    await expect.poll(() => hosts.violations).toContainEqual(refused);
  });
}

/** A model of the manifest, as it is hosted. */
function hostedModel(file: string): { path: string; length: number } {
  const entry = manifest.models.find((model) => model.file === file);
  if (!entry) throw new Error(`The manifest has no ${file}.`);
  return { path: `/assets/${file}.planes.gz`, length: entry.packedBytes };
}

for (const { name, make } of [
  { name: 'random bytes', make: (length: number) => randomBytes(length) },
  // A few kilobytes that unpack to four megabytes more than there should be.
  { name: 'a bomb', make: (length: number) => gzipSync(Buffer.alloc(length + 4_000_000)) },
]) {
  test(`a model of ${name} is refused before anything reads it`, async ({ visit, hosts }) => {
    const { path, length } = hostedModel('pose_landmark_lite.onnx');
    hosts.serve(APP, { policy: STRICT, files: { [path]: make(length) } });
    expect(await analyse(visit.page, { backend: 'wasm', threads: 1 })).toMatchObject({
      code: 'model-integrity',
      message: expect.stringContaining(path),
    });
    const kept = await visit.page.evaluate(
      async () => (await (await caches.open('body21-models')).keys()).length,
    );
    expect(kept).toBeLessThan(3);
  });
}

test('a worker of another version is refused, with what to do', async ({ visit, hosts }) => {
  hosts.serve(APP, {
    files: {
      '/older-worker.js': "import '/older.js'; import '/worker.js';",
      // What the worker hears is what a page of another version would say.
      '/older.js': `addEventListener('message', ({ data }) => {
        const options = data?.argumentList?.[0]?.value;
        if (options?.version) options.version = '0.0.1';
      });`,
    },
  });
  expect(await analyse(visit.page, { workerUrl: '/older-worker.js' })).toMatchObject({
    code: 'worker-load',
    message: expect.stringMatching(/The page has body21 0\.0\.1, the worker is of .*copy-assets/),
  });
});

/** What another origin must send. */
const CORS = { 'Access-Control-Allow-Origin': '*' };

test('two threads need the headers with the page and the worker’s script alone', async ({ visit, hosts }) => {
  hosts.serve(APP, { plain: /^\/(?!$|worker\.js$)/ });
  expect(await analyse(visit.page, { backend: 'wasm', threads: 2 })).toMatchObject({
    people: 1,
    backend: { name: 'wasm', threads: 2 },
  });
});

test('a worker whose own policy forbids it workers has one thread, and says why', async ({
  visit,
  hosts,
}) => {
  hosts.serve(APP, { childless: /^\/worker\.js$/ });
  const outcome = await analyse(visit.page, { backend: 'wasm', threads: 2 });
  expect(outcome).toMatchObject({ people: 1, backend: { name: 'wasm', threads: 1 } });
  expect(outcome).toHaveProperty('backend.threadsReason', expect.stringContaining(`${APP}/worker.js`));
  expect(outcome).toHaveProperty('backend.threadsReason', expect.stringContaining('worker-src'));
});

test('two threads from another origin need CORS headers alone, with library and worker from there', async ({
  visit,
  hosts,
}) => {
  hosts.serve(APP, { files: { '/page.js': `globalThis.body21 = await import('${CDN}/index.js');` } });
  hosts.serve(CDN, { headers: CORS, plain: /./ });
  expect(await analyse(visit.page, { backend: 'wasm', threads: 2 })).toMatchObject({
    people: 1,
    backend: { name: 'wasm', threads: 2 },
  });
});

for (const { name, app, cdn, code, remedy } of [
  {
    name: 'a worker’s script without the page’s header',
    app: { plain: /\./ },
    code: 'worker-load',
    remedy: /worker\.js could not be loaded: it is sent without the header `Cross-Origin-Embedder-Policy/,
  },
  {
    // It is not isolated then, and browsers ask for the header all the same.
    name: 'a worker’s script without the header of a page that has it alone',
    app: { plain: /\./, headers: { 'Cross-Origin-Opener-Policy': 'unsafe-none' } },
    code: 'worker-load',
    remedy: /worker\.js could not be loaded: it is sent without the header `Cross-Origin-Embedder-Policy/,
  },
  {
    name: 'a worker’s script of a wrong type',
    app: { mistyped: /worker\.js$/ },
    code: 'worker-load',
    remedy: /worker\.js could not be loaded: it is sent as application\/octet-stream.*text\/javascript/,
  },
  {
    name: 'a worker of another origin that sends no CORS header',
    cdn: {},
    code: 'worker-load',
    remedy: /`Access-Control-Allow-Origin`/,
  },
]) {
  test(`${name}: ${code}, with the header to send`, async ({ visit, hosts }) => {
    hosts.serve(APP, app);
    if (cdn) hosts.serve(CDN, cdn);
    const options = { backend: 'wasm', threads: 2, ...(cdn && { assets: CDN }) } as const;
    expect(await analyse(visit.page, options)).toMatchObject({
      code,
      message: expect.stringMatching(remedy),
    });
  });
}

test('a library of another origin under a policy that forbids its worker, as in a content script: worker-load, with what to allow', async ({
  visit,
  hosts,
}) => {
  hosts.serve(APP, {
    policy: `default-src 'self'; script-src 'self' ${CDN} 'wasm-unsafe-eval'; connect-src 'self' ${CDN}; worker-src 'self'`,
    files: { '/page.js': `globalThis.body21 = await import('${CDN}/index.js');` },
  });
  hosts.serve(CDN, { headers: CORS, plain: /./ });
  expect(await analyse(visit.page, { backend: 'wasm' })).toMatchObject({
    code: 'worker-load',
    message: expect.stringMatching(
      /http:\/\/cdn\.localhost\/worker\.js could not be loaded\. It is of another origin than the page.*`blob:`.*`worker-src`/,
    ),
  });
});

test('in a service worker, as an extension has one: imported without harm, and refused with what is missing', async ({
  visit: { page },
  hosts,
}) => {
  const script = `import { BodyAnalysisClient } from '/index.js';
    addEventListener('message', async ({ source }) => {
      const { name, code, message } = await BodyAnalysisClient.create().catch((error) => error);
      source.postMessage({ name, code, message });
    });`;
  hosts.serve(APP, { files: { '/service-worker.js': script } });
  await open(page);
  const error = await page.evaluate(async () => {
    const { serviceWorker } = navigator;
    await serviceWorker.register('/service-worker.js', { type: 'module' });
    const { active } = await serviceWorker.ready;
    const answer = new Promise((resolve) => {
      serviceWorker.addEventListener('message', ({ data }) => resolve(data));
    });
    serviceWorker.startMessages();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
    active?.postMessage('make a client');
    return answer;
  });
  expect(error).toEqual({
    name: 'BodyAnalysisError',
    code: 'unsupported-environment',
    message: expect.stringMatching(
      /^body21 needs Worker, which service workers do not have\..*offscreen document/,
    ),
  });
});

test.describe('WebGPU', () => {
  // A minute each on a software GPU: `BODY21_WEBGPU=1 npx playwright test security` runs them.
  test.skip(!process.env['BODY21_WEBGPU'], 'takes a minute each');
  test.setTimeout(300_000);

  for (const build of ['jspi', 'asyncify'] as const) {
    test(`needs no more than WASM does: ${build}`, async ({ hosts }) => {
      hosts.reset();
      hosts.serve(APP, {
        policy: `${STRICT}; ${TRUSTED_TYPES}`,
        files: {
          '/chosen-worker.js': `import '/before.js'; import '/worker.js';`,
          '/before.js': build === 'jspi' ? '' : 'delete WebAssembly.Suspending;',
        },
      });
      const executablePath = findBrowser();
      const browser = await chromium.launch({
        args: [...BROWSER_ARGS, ...WEBGPU_ARGS],
        proxy: { server: hosts.proxy },
        ...(executablePath ? { executablePath } : {}),
      });
      try {
        const outcome = await analyse(await browser.newPage(), {
          backend: 'webgpu',
          workerUrl: '/chosen-worker.js',
        });
        expect(outcome).toMatchObject({ people: 1, backend: { name: 'webgpu', build } });
        expect(hosts.violations).toEqual([]);
      } finally {
        await browser.close();
      }
    });
  }
});
