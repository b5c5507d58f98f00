import { readFile } from 'node:fs/promises';
import { expect, test } from 'playwright/test';
import type { Browser, BrowserContext, Request } from 'playwright/test';
import type * as Library from '../../src/index.ts';
import { BODY_PARTS } from '../../src/schema/body-parts.ts';
import { beginningOfClip } from './clips.ts';
import { PhotoPage, QUICK, returning, sample } from './photo-page.ts';
import { serveDemo, serveDemoPlain, serveLibrary } from './serve.ts';

/** Every request of the context: of pages, workers and service workers. */
function record(context: BrowserContext): Request[] {
  const requests: Request[] = [];
  context.on('request', (request) => requests.push(request));
  return requests;
}

/** How long the page's main thread computes in one task at most while something is done, in milliseconds. */
async function longestTask(browser: Browser, work: () => Promise<unknown>): Promise<number> {
  await browser.startTracing(undefined, { categories: ['toplevel', '__metadata'] });
  await work();
  const { traceEvents }: { traceEvents: TraceEvent[] } = JSON.parse((await browser.stopTracing()).toString());
  const main = new Set(
    traceEvents.filter(({ args }) => args?.name === 'CrRendererMain').map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const tasks = traceEvents.filter(({ ph, pid, tid }) => ph === 'X' && main.has(`${pid} ${tid}`));
  expect(tasks).not.toEqual([]);
  return tasks.reduce((most, { tdur = 0 }) => Math.max(most, tdur), 0) / 1000;
}

/** What is needed of an event of Chromium's traces. */
interface TraceEvent {
  ph: string;
  pid: number;
  tid: number;
  /** In microseconds of the thread's own time. */
  tdur?: number;
  args?: { name?: string };
}

/** Every error of the context's pages, among them what the content policy refused. */
function recordErrors(context: BrowserContext): string[] {
  const errors: string[] = [];
  context.on('weberror', (error) => errors.push(error.error().message));
  context.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return errors;
}

/** A model as the demo's build names it. */
const MODEL_FILE = /\.onnx\.planes-[\w-]+\.gz$/;

function isModel(request: Request): boolean {
  return MODEL_FILE.test(request.url());
}

test('opens with a sample analysed, sends nothing, and asks its own origin only', async ({
  page,
  context,
  baseURL,
}) => {
  const requests = record(context);
  const errors = recordErrors(context);
  // What analyses starts before what shows it is loaded.
  const worker = context.waitForEvent('request', (request) => /\/worker-[^/]*\.js$/.test(request.url()));
  await page.route(/\/assets\/page-(?!address-)[^/]*\.js$/, async (route) => {
    await worker;
    await route.continue();
  });
  const photo = new PhotoPage(page);
  await photo.open('/');
  await expect(photo.persons).toHaveCount(2);
  await expect(photo.persons.first()).toContainText('Valid');
  expect(await photo.drawnPixels()).toBeGreaterThan(1000);
  await expect(page.getByRole('region', { name: 'This analysis' })).toContainText(
    /\d (ms|s)[\s\S]*WebAssembly, \d threads?/,
  );

  const result = await photo.json();
  expect(result).toEqual({
    person_num: 2,
    log_id: expect.stringMatching(/^\d{1,20}$/),
    person_info: [personShape(), personShape()],
  });

  await photo.drop(sample('jump.jpg'), 'dropped.jpg');
  await photo.isFoundInAll(3);
  await page.evaluate(() => navigator.serviceWorker.ready);

  const network = requests.filter((request) => /^(https?|wss?):/.test(request.url()));
  // Workers and the service worker must be among what was recorded, or the rest would prove little.
  // Two detectors, MoveNet, BlazePose, and the one that makes its masks.
  expect(network.filter(isModel)).toHaveLength(5);
  expect(network.some((request) => request.serviceWorker() !== null)).toBe(true);
  // Nothing is asked for twice, but the worker's script by its threads.
  const asked = network.filter((request) => request.serviceWorker() === null).map((request) => request.url());
  const once = asked.filter((url) => !/\/worker-[^/]*\.js$/.test(url));
  expect(once.toSorted()).toEqual([...new Set(once)].toSorted());
  const origin = new URL(baseURL ?? '').origin;
  expect(network.map((request) => new URL(request.url()).origin).filter((other) => other !== origin)).toEqual(
    [],
  );
  expect(
    network.filter((request) => request.method() !== 'GET' || request.postDataBuffer() !== null),
  ).toEqual([]);
  // A request that the content policy refuses is no request, but an error.
  expect(errors).toEqual([]);
});

function personShape() {
  const number: unknown = expect.any(Number);
  const keypoint = { x: number, y: number, score: number };
  return {
    body_parts: Object.fromEntries(BODY_PARTS.map((part) => [part, keypoint])),
    location: { left: number, top: number, width: number, height: number, score: number },
  };
}

returning(
  'analyses a dropped file, a pasted one and chosen ones; says what is wrong with one, and keeps the others',
  async ({ page }) => {
    const photo = new PhotoPage(page);
    await photo.open();
    await photo.drop(sample('jump.jpg'), 'dropped.jpg');
    await photo.isFoundInAll(3);
    await expect(page.getByRole('img', { name: 'dropped.jpg' })).toBeVisible();
    await expect(photo.persons).toHaveCount(1);
    expect(await photo.drawnPixels()).toBeGreaterThan(1000);

    await photo.fileInput.setInputFiles([sample('sit.jpg'), sample('stand.jpg')]);
    await photo.isFoundInAll(5);
    await expect(page.getByRole('img', { name: 'sit.jpg' })).toBeVisible();
    await expect(photo.photos).toHaveCount(4);
    await expect(photo.photos.last()).toHaveAccessibleName('stand.jpg: 1 person');

    await page.evaluate(async () => {
      const blob = await (await fetch('samples/yoga.jpg')).blob();
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File([blob], 'pasted.jpg', { type: 'image/jpeg' }));
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
    });
    await photo.isFoundInAll(6);

    await expect(page.getByRole('alert')).toBeHidden();
    await photo.dropBytes(Buffer.from('Not a picture.'), 'notes.txt', 'text/plain');
    await expect(page.getByRole('alert')).toContainText('notes.txt: The file is not a picture');
    await expect(photo.persons).toHaveCount(0);
    await photo.isFound(
      'Photo 6 of 6: could not be analysed. 6 people in all. 1 photo could not be analysed.',
    );
    await photo.photos.first().click();
    await expect(page.getByRole('alert')).toBeHidden();
    await expect(photo.persons).toHaveCount(2);
  },
);

returning('keeps the main thread free while it analyses', async ({ page, browser }) => {
  const photo = new PhotoPage(page);
  await photo.open();
  // A photo as a camera makes it, 12 megapixels.
  const file = await page.evaluateHandle(async () => {
    const bitmap = await createImageBitmap(await (await fetch('samples/two.jpg')).blob());
    const canvas = new OffscreenCanvas(4000, 3000);
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0, 4000, 3000);
    return new File([await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 })], 'large.jpg', {
      type: 'image/jpeg',
    });
  });

  // What a task computes, not how long it takes: where other programs have
  // the cores, any takes long now and then.
  const longest = await longestTask(browser, async () => {
    await photo.dropFile(file);
    await photo.fileInput.setInputFiles([sample('yoga.jpg'), sample('jump.jpg'), sample('two2.jpg')]);
    await photo.isFoundInAll(8);
  });
  // On a slow machine every task takes longer; one that reads the photo's pixels would take longest.
  const toRead = await longestTask(browser, () =>
    page.evaluate(async (given) => {
      const bitmap = await createImageBitmap(given);
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d', {
        willReadFrequently: true,
      });
      context?.drawImage(bitmap, 0, 0);
      context?.getImageData(0, 0, bitmap.width, bitmap.height);
    }, file),
  );
  expect(longest, `against ${toRead} ms to read the photo's pixels`).toBeLessThan(Math.max(50, toRead / 2));
});

test('a second visit fetches no model, and works with the network cut', async ({ context }) => {
  const site = await serveDemo();
  try {
    // A name of this machine as good as `localhost`, which other tests are on.
    const url = new URL(QUICK, site.url.replace('localhost', 'body21.localhost')).href;
    const first = new PhotoPage(await context.newPage());
    await first.open(url);
    await first.page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      while (!navigator.serviceWorker.controller) await new Promise((resolve) => setTimeout(resolve, 20));
    });
    await first.page.close();

    const requests = record(context);
    const second = new PhotoPage(await context.newPage());
    await second.open(url);
    expect(requests.map((request) => request.url())).toContain(url);
    expect(requests.filter(isModel)).toEqual([]);

    await site.stop();
    await context.setOffline(true);
    await second.page.reload();
    await second.isFound('Found 2 people.');
    // The network is really cut, and threads still work: the headers were kept too.
    expect(await second.page.evaluate(() => fetch('samples/walk.jpg').catch(() => 'refused'))).toBe(
      'refused',
    );
    expect(await second.page.evaluate(() => crossOriginIsolated)).toBe(true);
    await second.drop(sample('jump.jpg'), 'offline.jpg');
    await second.isFoundInAll(3);
    // A video goes to the page for videos, which is kept as well.
    await second.dropBytes(await beginningOfClip(1), 'gehen äß.webm', 'video/webm');
    await second.page.waitForURL(/\/video\.html$/);
    await expect(second.page.locator('#file-name')).toHaveText('gehen äß.webm');
    await expect(second.page.locator('#status')).toHaveText('Following everyone in view.');
    // Once: it is not kept.
    await second.page.reload();
    await expect(second.page.getByLabel('Choose a video')).toBeVisible();
    expect(await second.page.evaluate(() => caches.has('body21-handover'))).toBe(false);
  } finally {
    await site.stop();
  }
});

test('on a host without headers it tells why there is one thread, and brings its own from the second visit', async ({
  page,
}) => {
  const site = await serveDemoPlain();
  try {
    const photo = new PhotoPage(page);
    const run = page.getByRole('region', { name: 'This analysis' });
    await photo.open(new URL(QUICK, site.url).href);
    await expect(run).toContainText('1 thread');
    await run.getByText('Why this backend?').click();
    await expect(run).toContainText('Limited threads: The page is not cross-origin isolated');
    await page.evaluate(() => navigator.serviceWorker.ready);
    // Another tab, since this one would show the answer that it has.
    const second = new PhotoPage(await page.context().newPage());
    await second.open(new URL(QUICK, site.url).href);
    expect(await second.page.evaluate(() => crossOriginIsolated)).toBe(true);
    const secondRun = second.page.getByRole('region', { name: 'This analysis' });
    await expect(secondRun).toContainText(/\d threads?/);
    await expect(secondRun).not.toContainText('Limited threads');
  } finally {
    await site.stop();
  }
});

test('a new deploy replaces what an old one kept, but not the models', async ({ page }) => {
  const photo = new PhotoPage(page);
  await page.goto('/samples/two.jpg');
  await page.evaluate(() => Promise.all([caches.open('body21-demo-old'), caches.open('another-app')]));
  await photo.open();
  await page.evaluate(() => navigator.serviceWorker.ready);
  await expect.poll(() => page.evaluate(() => caches.keys())).not.toContain('body21-demo-old');
  const names = await page.evaluate(() => caches.keys());
  expect(names).toEqual(
    expect.arrayContaining(['body21-models', 'another-app', expect.stringMatching(/^body21-demo-/)]),
  );
  const kept = await page.evaluate(async () => {
    const name = (await caches.keys()).find((key) => key.startsWith('body21-demo-')) ?? '';
    return (await (await caches.open(name)).keys()).map(({ url }) => url);
  });
  // Nor is anything there that only a GPU needs.
  expect(kept.filter((url) => MODEL_FILE.test(url) || url.includes('ort-wasm'))).toEqual([]);
  // The pages have their styles within.
  const once = [/index\.html$/, /video\.html$/, /live\.html$/];
  for (const ending of [...once, /worker-.*\.js$/, /two\.jpg$/]) {
    expect(
      kept.filter((url) => ending.test(url)),
      String(ending),
    ).toHaveLength(1);
  }
});

returning('the Cancel button stops within 100 ms, and the next photo is answered', async ({ page }) => {
  const photo = new PhotoPage(page);
  await photo.open();
  const names = ['yoga.jpg', 'jump.jpg', 'sit.jpg', 'wave.jpg', 'walk.jpg', 'side.jpg'];
  const cancelled = page.evaluate(async () => {
    const [activity, button] = [document.querySelector('#activity'), document.querySelector('#cancel')];
    if (!activity || !(button instanceof HTMLElement)) throw new Error('no Cancel button');
    const change = (node: Node) =>
      new Promise((resolve) => {
        new MutationObserver(resolve).observe(node, { attributes: true, childList: true });
      });
    // It may be through with the first before it has been handed the last.
    while (!activity.textContent.startsWith('Analysing…')) await change(activity);
    const begin = performance.now();
    // In the middle of the second photo's work.
    while (!/^Analysing… photo 2 of \d+: /.test(activity.textContent)) await change(activity);
    const start = performance.now();
    button.focus();
    button.click();
    while (!button.hidden) await change(button);
    return { milliseconds: performance.now() - start, aPhoto: start - begin };
  });
  await photo.fileInput.setInputFiles(names.map(sample));
  const { milliseconds, aPhoto } = await cancelled;
  // On a slow machine everything takes its time, but not as long as the work that is stopped.
  expect(milliseconds).toBeLessThan(Math.max(100, aPhoto / 4));
  await photo.isFound(/^Cancelled/);
  // The button is gone; whoever has a keyboard is not sent back to the top.
  await expect(photo.fileInput).toBeFocused();
  // The opening sample and the one photo that was done.
  const counts = await photo.photos.locator('.badge').allTextContents();
  expect(counts.slice(0, 2)).toEqual(['2', '1']);
  expect(counts.slice(2)).toEqual(['–', '–', '–', '–', '–']);

  await photo.drop(sample('sit.jpg'), 'next.jpg');
  await photo.isFoundInAll(4);
  await photo.photos.nth(2).click();
  await page.getByRole('button', { name: 'Analyse', exact: true }).click();
  await photo.isFoundInAll(9);
});

test('a call cancelled through the library rejects within 100 ms, and the next is answered', async ({
  page,
}) => {
  const site = await serveLibrary();
  try {
    await page.goto(`${site.url}index.js`);
    const outcome = await page.evaluate(
      async ({ url, picture }) => {
        const library: typeof Library = await import(url);
        const client = await library.BodyAnalysisClient.create({ model: 'lite' });
        const control = new AbortController();
        let isUnderWay = () => {};
        const underWay = new Promise<void>((resolve) => (isUnderWay = resolve));
        const call = client.bodyAnalysis(picture, {
          signal: control.signal,
          onProgress: ({ stage }) => stage === 'detect' && isUnderWay(),
        });
        await underWay;
        const start = performance.now();
        control.abort();
        const reason: unknown = await call.then(
          () => 'it was answered',
          (error: unknown) => error,
        );
        const milliseconds = performance.now() - start;
        const begin = performance.now();
        const next = await client.bodyAnalysis(picture);
        const aCall = performance.now() - begin;
        client.dispose();
        return { isReason: reason === control.signal.reason, milliseconds, aCall, people: next.person_num };
      },
      { url: `${site.url}index.js`, picture: (await readFile(sample('two.jpg'))).toString('base64') },
    );
    expect(outcome).toMatchObject({ isReason: true, people: 2 });
    expect(outcome.milliseconds).toBeLessThan(Math.max(100, outcome.aCall / 4));
  } finally {
    await site.stop();
  }
});

returning(
  'thresholds act at once, without another analysis; the answer can be copied, and saved as JSON, as a drawing, for COCO, as a table and as a picture',
  async ({ page }) => {
    const photo = new PhotoPage(page);
    await photo.open();
    const run = page.getByRole('region', { name: 'This analysis' });
    const before = await run.textContent();
    const drawn = await photo.drawnPixels();
    const { log_id } = Object(await photo.json());
    const swatches = () =>
      page
        .locator('.swatch')
        .evaluateAll((all) => all.map((swatch) => getComputedStyle(swatch).backgroundColor));
    const persons = await swatches();

    const keypoints = page.getByLabel('Keypoint score above');
    await keypoints.fill('0.95');
    await expect(page.locator('#keypoint-score-value')).toHaveText('0.95');
    await expect(photo.persons.first()).not.toContainText('21 of 21');
    expect(await photo.drawnPixels()).toBeLessThan(drawn);

    await keypoints.fill('1');
    await expect(photo.persons.first()).toContainText('Filtered out');
    expect(await photo.drawnPixels()).toBe(0);
    await expect(photo.status).toHaveText('Nobody found.');
    // A false person's colour is nobody else's.
    const doubtful = await swatches();
    expect(new Set(doubtful).size).toBe(1);
    expect(persons).not.toContain(doubtful[0]);
    expect(await photo.json()).toEqual({ person_num: 0, person_info: [], log_id });
    await page.getByRole('radio', { name: 'Everyone' }).check();
    await expect.poll(() => photo.json()).toMatchObject({ person_num: 2 });

    await page.getByRole('button', { name: 'Reset' }).click();
    await expect(photo.persons.first()).toContainText('Valid');
    expect(await photo.drawnPixels()).toBe(drawn);
    await expect(photo.status).toHaveText('Found 2 people.');
    expect(await swatches()).toEqual(persons);
    expect(await run.textContent()).toBe(before);

    await page.getByRole('radio', { name: 'Valid people' }).check();
    await expect(page).toHaveURL(/^[^#]*quality=fast$/);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const shown = await photo.json();
    await page.getByRole('button', { name: 'Copy' }).click();
    await expect(photo.status).toHaveText('JSON copied.');
    expect(JSON.parse(await page.evaluate(() => navigator.clipboard.readText()))).toEqual(shown);

    const files: Buffer[] = [];
    const names: string[] = [];
    for (const name of [/^Keypoints JSON/, /SVG$/, /COCO/, /CSV$/, /PNG$/]) {
      const download = await photo.save(name);
      names.push(download.suggestedFilename());
      files.push(await readFile(await download.path()));
    }
    expect(names).toEqual(['two.json', 'two-body21.svg', 'body21.coco.json', 'body21.csv', 'two-body21.png']);
    const [json = '', svg, coco = '', csv = ''] = files.map((file) => file.toString());
    expect(JSON.parse(json)).toEqual(shown);
    // The photo is inside, below the people.
    expect(svg).toMatch(
      /^<svg [^]*viewBox="0 0 1080 1080"[^]*<image width="1080" height="1080" href="data:image\/jpeg;base64,[^"]{10000,}" \/>\n<g /,
    );
    // In all its pixels, as its header says.
    expect([files[4]?.readUInt32BE(16), files[4]?.readUInt32BE(20)]).toEqual([1080, 1080]);
    expect(JSON.parse(coco)).toMatchObject([{ image_id: 'two.jpg' }, { image_id: 'two.jpg' }]);
    // A header, and 21 parts for each of two people.
    expect(csv.trim().split('\r\n')).toHaveLength(1 + 2 * 21);
  },
);

returning(
  'another model, and another quality, analyse again; it says how far it has come, and announces no more than its steps',
  async ({ page }) => {
    const photo = new PhotoPage(page);
    await photo.open('/?model=full');
    const run = page.getByRole('region', { name: 'This analysis' });
    await expect(run).toContainText(/Model\s*full\s*Quality\s*balanced/);
    // The library's own choice.
    await page.getByLabel('Model').selectOption('auto');
    await expect(run).toContainText(/Model\s*lite\s*Quality\s*balanced/);
    await photo.isFound('Found 2 people.');
    await expect(photo.persons).toHaveCount(2);
    const before = Object(await photo.json());

    await page.getByLabel('Model').selectOption('lite');
    await page.getByLabel('Quality').selectOption('best');
    await expect(run).toContainText(/Model\s*lite\s*Quality\s*best/);
    await photo.isFound('Found 2 people.');
    const after = Object(await photo.json());
    expect(after.log_id).not.toBe(before.log_id);
    // Three looks at each person where there was one: the points are others.
    expect(after.person_info).not.toEqual(before.person_info);

    const recording = await photo.recordWork();
    // However quick the machine, the page shows every step: not only what
    // there is when the screen is drawn anew.
    await page.evaluate(() => {
      window.requestAnimationFrame = (callback) => Number(setTimeout(() => callback(performance.now())));
    });
    await photo.fileInput.setInputFiles([sample('two2.jpg'), sample('jump.jpg')]);
    await photo.isFoundInAll(5);
    const { texts, announced, fractions } = await recording.jsonValue();
    for (const expected of [
      /^Analysing… photo 1 of 2: looking for people, \d+ of \d+$/,
      /^Analysing… photo 1 of 2: placing keypoints, \d+ of \d+$/,
      /^Analysing… photo 1 of 2: refining, \d+ of \d+$/,
      /^Analysing… photo 2 of 2: placing keypoints/,
    ]) {
      expect(texts.filter((text) => expected.test(text)).length, String(expected)).toBeGreaterThan(0);
    }
    // The bar is about both photos: it never goes back, and moves within each half.
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    for (const half of [0, 0.5]) {
      const within = new Set(fractions.filter((fraction) => fraction > half && fraction < half + 0.5));
      expect(within.size).toBeGreaterThan(2);
    }
    expect(announced).toEqual(['Analysing', 'Photo 2 of 3: 2 people. 5 people in all.']);
  },
);

returning('shows how people were found, where asked to', async ({ page }) => {
  const photo = new PhotoPage(page);
  await photo.open('/?model=lite');
  const { log_id } = Object(await photo.json());
  const legend = page.getByRole('list', { name: 'Lines on the picture' });
  await expect(photo.explanation).toBeHidden();
  await expect(legend).toBeHidden();

  const choice = page.getByLabel('Show how it was found');
  await choice.check();
  await expect(photo.explanation).toContainText('examined');
  await photo.isFound('Found 2 people.');
  await expect(legend).toContainText('Became a person');
  expect(Object(await photo.json()).log_id).not.toBe(log_id);
  const debug = await photo.debug();
  if (!debug) throw new Error('The JSON does not say how the answer came about.');

  const became = debug.regions.filter(
    ({ network, outcome }) => network === 'movenet' && outcome === 'person',
  );
  const places = photo.explanation.getByRole('listitem');
  await expect(photo.explanation.getByRole('heading', { level: 3 })).toHaveText(
    `${debug.regions.length} regions examined`,
  );
  expect(became).toHaveLength(2);
  await expect(places.first()).toHaveText('2 became people: 17 points each by MoveNet');
  await expect(places.nth(1)).toHaveText(/^2 were refined: 33 points each by BlazePose/);
  const counts = (await places.allTextContents()).map((text) => Number.parseInt(text, 10));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(debug.regions.length);
  const times = photo.explanation.getByRole('table', { name: 'Where the time went' });
  for (const [name, stage] of [
    ['reading the photo', 'decode'],
    ['looking for people', 'detect'],
    ['placing keypoints', 'landmarks'],
    ['refining', 'refine'],
  ] as const) {
    const { ms, runs } = debug.stages.find((other) => other.stage === stage) ?? { ms: NaN, runs: NaN };
    const row = times.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) });
    await expect(row.getByRole('cell')).toHaveText([
      ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`,
      String(runs),
    ]);
  }
  await expect(photo.explanation.getByRole('row', { name: /^Person 1 / })).toContainText(
    /Found by NanoDet; 17 points by MoveNet; 33 by BlazePose/,
  );
  // The page is no wider than its window.
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);

  const [first, second] = [0, 1].map((person) => became.find((region) => region.person === person)?.corners);
  if (!first || !second) throw new Error('The people came from no region.');
  await expect.poll(() => photo.opacityAlong(first)).toBeGreaterThan(0.8);
  expect(await photo.opacityAlong(second)).toBeGreaterThan(0.8);
  // Pointing at someone lets what became of them stand out.
  await photo.persons.first().focus();
  await expect.poll(() => photo.opacityAlong(second)).toBeLessThan(0.6);
  expect(await photo.opacityAlong(first)).toBeGreaterThan(0.8);
  await photo.persons.first().blur();

  await page.getByLabel('Quality').selectOption('best');
  await expect(page.locator('#run-quality')).toHaveText('best');
  await photo.isFound('Found 2 people.');
  const { persons: looked = [] } = (await photo.debug()) ?? {};
  expect(Math.min(...looked.map(({ passes }) => passes))).toBeGreaterThan(1);

  await choice.uncheck();
  await expect(photo.explanation).toBeHidden();
  await expect(legend).toBeHidden();
  expect(await photo.json()).toEqual({
    person_num: 2,
    person_info: expect.any(Array),
    log_id: expect.any(String),
  });
  // Only the people's own lines are left.
  await expect.poll(() => photo.opacityAlong(first)).toBeLessThan(0.3);
});

returning(
  'photos from before the explanation was asked for get theirs when they are looked at',
  async ({ page }) => {
    const photo = new PhotoPage(page);
    await photo.open('/?model=lite');
    await photo.drop(sample('jump.jpg'), 'jump.jpg');
    await photo.isFoundInAll(3);
    await page.getByLabel('Show how it was found').check();
    await expect(photo.explanation).toContainText('1 became a person: 17 points by MoveNet');
    await photo.isFoundInAll(3);

    const work = await photo.recordWork();
    await photo.photos.first().click();
    await expect(photo.explanation).toContainText('2 became people: 17 points each by MoveNet');
    await photo.isFoundInAll(3);
    expect((await work.jsonValue()).texts.at(0)).toMatch(/^Analysing…/);
    // Both have theirs now: there is nothing to do.
    const idle = await photo.recordWork();
    await photo.photos.last().click();
    await expect(photo.explanation).toContainText('1 became a person: 17 points by MoveNet');
    await page.getByLabel('Show how it was found').uncheck();
    await page.getByLabel('Show how it was found').check();
    await expect(photo.explanation).toContainText('1 became a person: 17 points by MoveNet');
    expect((await idle.jsonValue()).texts).toEqual([]);
  },
);

returning('photos can be removed', async ({ page }) => {
  const photo = new PhotoPage(page);
  await photo.open();
  await photo.fileInput.setInputFiles([sample('yoga.jpg'), sample('jump.jpg'), sample('sit.jpg')]);
  await photo.isFoundInAll(5);
  await photo.photos.nth(1).click();
  await expect(page.getByRole('img', { name: 'yoga.jpg' })).toBeVisible();
  const url = (await page.locator('#picture').getAttribute('src')) ?? '';
  const givenBack = await page.evaluateHandle(() => {
    const urls: string[] = [];
    const revoke = URL.revokeObjectURL.bind(URL);
    URL.revokeObjectURL = (address) => {
      urls.push(address);
      revoke(address);
    };
    return urls;
  });
  expect(url).toMatch(/^blob:/);

  // With the mouse another than the one on show: that stays.
  await page.getByRole('button', { name: 'Remove sit.jpg' }).click();
  await expect(photo.photos).toHaveCount(3);
  await expect(photo.status).toHaveText('Removed sit.jpg.');
  await expect(page.getByRole('img', { name: 'yoga.jpg' })).toBeVisible();
  // By the keyboard the one on show: its neighbour is next.
  await photo.photos.nth(1).focus();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Remove yoga.jpg' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('img', { name: 'jump.jpg' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Remove jump.jpg' })).toBeFocused();
  await expect(photo.persons).toHaveCount(1);
  expect(await givenBack.jsonValue()).toEqual([expect.stringMatching(/^blob:/), url]);
  // The last one's neighbour is before it; one photo has no strip.
  await photo.photos.last().focus();
  await page.keyboard.press('Delete');
  await expect(page.getByRole('img', { name: 'two.jpg' })).toBeVisible();
  await expect(photo.photos).toHaveCount(0);
  await expect(photo.fileInput).toBeFocused();
  // A sample that was removed can be had again.
  await page.getByRole('button', { name: 'Sample: In the air' }).click();
  await photo.isFoundInAll(3);
  await page.getByRole('button', { name: 'Remove jump.jpg' }).click();
  await page.getByRole('button', { name: 'Sample: In the air' }).click();
  await photo.isFoundInAll(3);
});

returning('removing the photo under way stops that one alone', async ({ page }) => {
  const photo = new PhotoPage(page);
  await photo.open();
  const work = await photo.recordWork();
  const removed = page.evaluate(async () => {
    const activity = document.querySelector('#activity');
    if (!activity) throw new Error('no activity');
    while (!activity.textContent.startsWith('Analysing… photo 1 of 3')) {
      await new Promise((resolve) => {
        new MutationObserver(resolve).observe(activity, { childList: true });
      });
    }
    const button = document.querySelector('[aria-label="Remove two3.jpg"]');
    if (!(button instanceof HTMLElement)) throw new Error('nothing to remove it with');
    button.click();
  });
  await photo.fileInput.setInputFiles([sample('two3.jpg'), sample('jump.jpg'), sample('sit.jpg')]);
  await removed;
  await photo.isFoundInAll(4);
  await expect(photo.photos).toHaveCount(3);
  // It was not finished first: the next is the first of two.
  const { texts } = await work.jsonValue();
  expect(texts.filter((text) => text.includes('photo 1 of 2'))).not.toEqual([]);
  expect(texts.filter((text) => /photo [23] of 3/.test(text))).toEqual([]);
});

test.describe('with a model that cannot be fetched', () => {
  // Requests that pass through a service worker cannot be made to fail here.
  test.use({ serviceWorkers: 'block' });

  test('says so, keeps the answers, and goes on when asked again', async ({ page }) => {
    const photo = new PhotoPage(page);
    await photo.open();
    await page.route('**/pose_landmark_full*.gz', (route) => route.abort());
    await page.getByLabel('Model').selectOption('full');
    await expect(page.getByRole('alert')).toContainText('pose_landmark_full');
    await expect(photo.progress).toBeHidden();
    await expect(photo.persons).toHaveCount(2);
    await page.unroute('**/pose_landmark_full*.gz');
    await page.getByRole('button', { name: 'Analyse', exact: true }).click();
    await expect(page.locator('#run-model')).toHaveText('full');
    await expect(page.getByRole('alert')).toBeHidden();
  });
});

returning('can be used with the keyboard alone', async ({ page }) => {
  const photo = new PhotoPage(page);
  await photo.open();
  for (const name of ['Photos', 'Video', 'Live', '中文']) {
    await page.keyboard.press('Tab');
    await expect(page.getByRole('link', { name })).toBeFocused();
  }
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Zoom in' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByLabel('Show how it was found')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Save', exact: true })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(photo.fileInput).toBeFocused();
  expect(await page.locator('label.primary').evaluate((label) => getComputedStyle(label).outlineStyle)).toBe(
    'solid',
  );

  await page.keyboard.press('Tab');
  await expect(page.getByRole('radio', { name: 'Photo', exact: true })).toBeFocused();
  // Two samples on.
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await photo.isFoundInAll(3);
  await expect(page.getByRole('img', { name: 'jump.jpg' })).toBeVisible();
  await page.keyboard.press('ArrowLeft');
  await expect(page.getByRole('img', { name: 'two.jpg' })).toBeVisible();
  await expect(photo.status).toHaveText('Photo 1 of 2: 2 people. 3 people in all.');
  await photo.photos.first().focus();
  await page.keyboard.press('End');
  await expect(photo.photos.last()).toBeFocused();
  await page.keyboard.press('Home');

  const before = await page.locator('#overlay').screenshot();
  await photo.persons.last().focus();
  await expect(photo.persons.last()).toHaveClass(/is-pointed/);
  expect((await page.locator('#overlay').screenshot()).equals(before)).toBe(false);
  await page.keyboard.press('Space');
  await expect(photo.persons.last()).toHaveAttribute('aria-pressed', 'true');

  await page.getByLabel('Box score above').focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('#box-score-value')).toHaveText('0.04');
  // The arrow keys were the slider's.
  await expect(page.getByRole('img', { name: 'two.jpg' })).toBeVisible();
});

returning('fits a phone', async ({ page }) => {
  await page.setViewportSize({ width: 375, height: 812 });
  const photo = new PhotoPage(page);
  await photo.open();
  await photo.fileInput.setInputFiles([sample('yoga.jpg'), sample('jump.jpg'), sample('two2.jpg')]);
  const widths = () => page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(await widths()).toEqual([375, 375]);
  await photo.isFoundInAll(6);
  await page.getByText('Why this backend?').click();
  expect(await widths()).toEqual([375, 375]);
  // Stepping through the strip moves the strip, not the page.
  await page.evaluate(() => scrollTo(0, 0));
  await page.keyboard.press('ArrowLeft');
  await expect(page.getByRole('img', { name: 'two.jpg' })).toBeVisible();
  await page.keyboard.press('ArrowLeft');
  await expect(photo.photos.last()).toBeInViewport({ ratio: 0.99 });
  expect(await page.evaluate(() => scrollY)).toBe(0);
  const frame = await page.locator('#frame').boundingBox();
  expect(frame?.width).toBeGreaterThan(300);
});

returning(
  'a photo has all the room there is, however small the file; an empty one says so',
  async ({ page }) => {
    const photo = new PhotoPage(page);
    await photo.open();
    const shapes = [
      { name: 'small.png', width: 320, height: 240 },
      { name: 'wide.png', width: 1920, height: 1080 },
      { name: 'high.png', width: 90, height: 160 },
    ];
    const sizes = [
      { width: 1440, height: 900, least: 500 },
      { width: 1366, height: 650, least: 440 },
      { width: 390, height: 844, least: 190 },
    ];
    for (const shape of shapes) {
      const file = await page.evaluateHandle(async ({ name, width, height }) => {
        const canvas = new OffscreenCanvas(width, height);
        canvas.getContext('2d')?.fillRect(0, 0, width, height);
        return new File([await canvas.convertToBlob()], name, { type: 'image/png' });
      }, shape);
      await photo.dropFile(file);
      await expect
        .poll(() => page.locator('#picture').evaluate((image: HTMLImageElement) => image.naturalWidth))
        .toBe(shape.width);
      for (const { least, ...size } of sizes) {
        await page.setViewportSize(size);
        const { picture, overlay, stage } = await photo.rectangles();
        const where = `${shape.name} at ${size.width} × ${size.height}`;
        expect(picture.width / picture.height, where).toBeCloseTo(shape.width / shape.height, 1);
        expect(overlay, where).toEqual(picture);
        for (const [first, second] of [
          [stage.left, picture.left],
          [stage.top, picture.top],
          [picture.left + picture.width, stage.left + stage.width],
          [picture.top + picture.height, stage.top + stage.height],
        ] as const) {
          expect(first, where).toBeLessThan(second + 1);
        }
        const fills = Math.max(picture.width / stage.width, picture.height / stage.height);
        expect(fills, where).toBeGreaterThan(0.98);
        expect(stage.height, where).toBeGreaterThan(least);
      }
    }
    await photo.isFound('Photo 4 of 4: nobody. 2 people in all.');
    await expect(page.locator('#no-persons')).toHaveText('Nobody in this photo.');
    // Not `0 of 0 valid`.
    await expect(page.locator('#person-count')).toBeEmpty();
    await photo.photos.first().click();
    await photo.isFound('Photo 1 of 4: 2 people. 2 people in all.');
    await expect(page.locator('#person-count')).toHaveText('2 of 2 valid');
  },
);
