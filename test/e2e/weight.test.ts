import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { lookup } from 'mrmime';
import { chromium, expect, test } from 'playwright/test';
import { build } from 'vite';
import { BROWSER_ARGS, findBrowser } from '../../scripts/find-browser.ts';
import { filesOfVisit, sizeOf } from '../../scripts/glance.ts';
import type * as Library from '../../src/index.ts';

/*
 * What an app that uses the built library weighs. Sizes are budgets: a
 * change that goes over one says so here.
 */

/** The name of the host in these tests: from `localhost` more may come unpacked, since there it costs nothing. */
const HOST = 'photos.example';

/**
 * The most bytes that a first visit with `lite` and `fast`, on WASM, may load until its first photo is
 * answered, or as long as one person is followed.
 */
const LITE_BUDGET = 3_200_000;
/** The most bytes that one with `lite` may load until its first photo is answered. */
const BUDGETS = [
  { quality: 'fast', budget: LITE_BUDGET },
  { quality: 'balanced', budget: 12_300_000 },
] as const;

/** An app that has one statement to make, bundled as its own build would. */
async function bundleApp(folder: string): Promise<void> {
  await writeFile(join(folder, 'index.html'), '<!doctype html><script type="module" src="app.js"></script>');
  await writeFile(
    join(folder, 'app.js'),
    `import { BodyAnalysisClient } from ${JSON.stringify(join(process.cwd(), 'dist/index.js'))};
     globalThis.BodyAnalysisClient = BodyAnalysisClient;`,
  );
  await build({
    configFile: false,
    root: folder,
    logLevel: 'error',
    build: { target: 'es2023', modulePreload: { polyfill: false } },
  });
}

/** Sends files as they are, as the plainest of hosts does, and counts. */
function serve(folder: string, sent: Map<string, number>): Promise<Server> {
  const answer = async ({ url = '/', method }: IncomingMessage, response: ServerResponse) => {
    const file = url === '/' ? '/index.html' : url;
    const content = await readFile(join(folder, file));
    if (method === 'GET') sent.set(file, (sent.get(file) ?? 0) + content.length);
    response.setHeader('Content-Type', lookup(file) ?? 'application/octet-stream');
    response.end(method === 'GET' ? content : undefined);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.writeHead(404).end());
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

test.describe('an app of one import', () => {
  let folder: string;
  const sent = new Map<string, number>();
  const list = () => [...sent].map(([file, bytes]) => `${file} ${bytes}`).join('\n');

  test.beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'body21-weight-'));
    await bundleApp(folder);
  });
  test.afterAll(() => rm(folder, { recursive: true }));

  /**
   * Visits the app in a browser that was never there, until it has answered a photo, or followed it through so
   * many frames.
   * @param isAgain has the same browser come again, and counts what that visit loads
   * @returns how many people there were in the last answer
   */
  async function visit(
    options: Library.BodyAnalysisClientOptions,
    { frames = 0, isAgain = false } = {},
  ): Promise<number> {
    sent.clear();
    const server = await serve(join(folder, 'dist'), sent);
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new Error('The server has no address.');
    const origin = `http://${HOST}:${address.port}`;
    const executablePath = findBrowser();
    const browser = await chromium.launch({
      args: [
        ...BROWSER_ARGS,
        `--host-resolver-rules=MAP ${HOST} 127.0.0.1`,
        `--unsafely-treat-insecure-origin-as-secure=${origin}`,
      ],
      ...(executablePath ? { executablePath } : {}),
    });
    try {
      const page = await browser.newPage();
      await page.goto(origin);
      const photo = (await readFile('public/samples/stand.jpg')).toString('base64');
      const answer = () =>
        page.evaluate(
          async ({ chosen, base64, wanted }) => {
            // What the app's one statement has put there.
            const { BodyAnalysisClient } = globalThis as unknown as typeof Library;
            const client = await BodyAnalysisClient.create({ ...chosen, warmUp: false });
            if (wanted === 0) {
              const { person_num: count } = await client.bodyAnalysis(base64);
              client.dispose();
              return count;
            }
            const picture = await createImageBitmap(
              await (await fetch(`data:image/jpeg;base64,${base64}`)).blob(),
            );
            const camera = new ReadableStream<VideoFrame>(
              {
                async pull(controller) {
                  await new Promise((resolve) => setTimeout(resolve, 20));
                  controller.enqueue(new VideoFrame(picture, { timestamp: 1000 * performance.now() }));
                },
              },
              { highWaterMark: 0 },
            );
            let [answered, count] = [0, 0];
            for await (const { result } of client.track(camera)) {
              count = result.person_num;
              if (++answered === wanted) break;
            }
            client.dispose();
            return count;
          },
          { chosen: options, base64: photo, wanted: frames },
        );
      if (isAgain) {
        await answer();
        const loaded = [...sent.keys()].filter((file) => file.includes('.onnx')).length;
        const kept = () =>
          page.evaluate(async () => (await (await caches.open('body21-models')).keys()).length);
        await expect.poll(kept).toBe(loaded);
        sent.clear();
        await page.reload();
      }
      return await answer();
    } finally {
      await browser.close();
      server.close();
    }
  }

  test('loads no more than that for a live video of one person, however long it follows them', async () => {
    expect(await visit({ model: 'lite', quality: 'fast' }, { frames: 60 })).toBe(1);
    expect([...sent.keys()].filter((file) => /nanodet|movenet/.test(file))).toEqual([]);
    const all = [...sent.values()].reduce((sum, bytes) => sum + bytes, 0);
    expect(all, list()).toBeLessThanOrEqual(LITE_BUDGET);
  });

  for (const { quality, budget } of BUDGETS) {
    test(`loads at most ${budget / 1e6} MB for its first photo with lite, ${quality}, from a host that packs nothing`, async () => {
      expect(await visit({ model: 'lite', quality })).toBe(1);
      const total = [...sent.values()].reduce((sum, bytes) => sum + bytes, 0);
      expect(total, list()).toBeLessThanOrEqual(budget);
      const networks = [...sent].filter(([file]) => file.includes('.onnx'));
      const listed = filesOfVisit(quality, 'lite').filter((file) => file.includes('.onnx'));
      expect(
        networks.reduce((sum, [, bytes]) => sum + bytes, 0),
        list(),
      ).toBe(sizeOf(listed));
      const later = networks.filter(([file]) => /nanodet|movenet/.test(file));
      expect(later, list()).toHaveLength(quality === 'fast' ? 0 : 2);
      // What only a GPU needs.
      expect([...sent.keys()].filter((file) => file.includes('ort-'))).toEqual([]);
    });
  }

  test('loads no network on a second visit, from a host that says nothing of caching', async () => {
    expect(await visit({ model: 'lite', quality: 'fast' }, { isAgain: true })).toBe(1);
    expect([...sent.keys()].filter((file) => file.includes('.onnx'))).toEqual([]);
    expect(
      [...sent.keys()].some((file) => file.includes('worker')),
      list(),
    ).toBe(true);
  });

  test('has a small script, and a small worker, with the engine in it and nothing of ONNX Runtime', async () => {
    const files = await readdir(join(folder, 'dist/assets'));
    const packedSize = async (pattern: RegExp) => {
      const file = files.find((name) => pattern.test(name)) ?? '';
      return gzipSync(await readFile(join(folder, 'dist/assets', file))).length;
    };
    expect(await packedSize(/^index-.*\.js$/)).toBeLessThanOrEqual(15_750);
    expect(await packedSize(/^worker-.*\.js$/)).toBeLessThanOrEqual(71_500);
  });
});

for (const file of ['index.html', 'live.html', 'video.html']) {
  test(`${file} waits for no style sheet, and is small enough to come in a host’s first turn`, async () => {
    const page = await readFile(join('dist-demo', file), 'utf8');
    expect(page).not.toMatch(/rel="?stylesheet/);
    expect(page).toMatch(/<style>[^]{10000,}<\/style>/);
    // Ten packets (RFC 6928).
    expect(gzipSync(page).length).toBeLessThanOrEqual(14_600);
  });
}

test('the photo page has at most 120 kB of scripts, packed, before anything optional', async () => {
  const page = await readFile('dist-demo/index.html', 'utf8');
  const scripts = [...page.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].flatMap(
    ([, file]) => file ?? [],
  );
  // The page's own script, and what it imports.
  expect(scripts.length).toBeGreaterThan(2);
  let packed = 0;
  for (const file of scripts) packed += gzipSync(await readFile(join('dist-demo', file))).length;
  expect(packed, scripts.join()).toBeLessThanOrEqual(120_000);
});
