/**
 * What stays behind: memory over thousands of photos and many clients, the cache where two tabs fill it at
 * once, and answers where storage is full or refused. With the built library in headless Chromium.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import type { Browser, CDPSession, Page } from 'playwright';
import { BROWSER_ARGS, ensureBrowser } from '../../scripts/find-browser.ts';
import { LANDMARK_MODELS } from '../../src/schema/loading.ts';
import { requireBuild } from '../../scripts/headless.ts';
import { Hosts } from '../e2e/hosts.ts';
import { openHideablePage } from '../support/hideable-page.ts';
import { makeCamera } from './camera.ts';
import { writeEnduranceTable } from './endurance-table.ts';
import type { EnduranceRow } from './endurance-table.ts';
import { median } from './figures.ts';
import { canMeasureMemory, readMemory } from './memory.ts';
import { prepare } from './pages/endurance.ts';
import type { Memory } from './pages/endurance.ts';
import { serve } from './server.ts';

const USAGE = `usage: npm run bench -- endurance [options]
  --frames N     frames of a video in a row (default 10000)
  --model NAME   what they are followed with (default full)
  --photos N     photos in a row (default 2000)
  --cycles N     clients that are made and disposed of (default 50)
  --clients N    clients that are asked for at once (default 20)
  --only NAMES   of frames, photos, cycles, clients, tabs, hidden, storage (default: all)
  --json FILE    writes the figures
  --docs         writes the table of docs/backends.md anew
Exit code 1 where memory grew by more than 5 %, or anything was answered wrongly.`;

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '10000' },
    model: { type: 'string', default: 'full' },
    photos: { type: 'string', default: '2000' },
    cycles: { type: 'string', default: '50' },
    clients: { type: 'string', default: '20' },
    only: { type: 'string', default: 'frames,photos,cycles,clients,tabs,hidden,storage' },
    json: { type: 'string' },
    docs: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
});
const frames = Number(values.frames);
const model = LANDMARK_MODELS.find((name) => name === values.model);
const photos = Number(values.photos);
const cycles = Number(values.cycles);
const clients = Number(values.clients);
if (values.help || !model || !(frames >= 400 && photos >= 10 && cycles >= 10 && clients >= 1)) {
  console.error(USAGE);
  process.exit(values.help ? 0 : 2);
}

const APP = 'http://app.localhost';
/** Memory may end so much larger than it was when it had settled. */
const FLAT = 0.05;
/** How often memory is read while photos are analysed. */
const READINGS = 40;
/** How often memory is read while a video is followed. */
const FRAME_READINGS = 20;
/** How often a page is hidden and shown. */
const HIDINGS = 40;
/** How often many clients are asked for at once. */
const ROUNDS = 8;

/**
 * Runs in pages before their scripts. tsx has functions keep their names by a helper of its own, which
 * functions that run in a page refer to as well.
 */
const AT_START = `globalThis.__name = (named) => named; (${prepare.toString()})();`;

/** The library's worker, which can be asked how much WASM memory it has. */
const OBSERVED_WORKER = "import '/observer.js'; import '/worker.js';";
const OBSERVER = `const memories = [];
WebAssembly.Memory = class extends WebAssembly.Memory {
  constructor(...given) { super(...given); memories.push(this); }
};
addEventListener('message', ({ data }) => {
  if (data?.report) postMessage({ wasm: memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0) });
});`;
/** Workers to which the browser refuses storage, as private windows of some do, or has none to offer. */
const storageless = (value: string) => `Object.defineProperty(globalThis, 'caches', { value: ${value} });`;
const REFUSING = storageless("{ open: () => Promise.reject(new DOMException('refused', 'SecurityError')) }");

requireBuild();
const hosts = await Hosts.start();
hosts.serve(APP, {
  files: {
    '/observed-worker.js': OBSERVED_WORKER,
    '/observer.js': OBSERVER,
    '/refused-worker.js': "import '/refused.js'; import '/worker.js';",
    '/refused.js': REFUSING,
    '/cacheless-worker.js': "import '/cacheless.js'; import '/worker.js';",
    '/cacheless.js': storageless('undefined'),
  },
});
const browser = await chromium.launch({
  executablePath: ensureBrowser(),
  args: BROWSER_ARGS,
});
const rows: EnduranceRow[] = [];

const PARTS: Readonly<Record<string, () => Promise<void>>> = {
  frames: followed,
  photos: inARow,
  cycles: againAndAgain,
  clients: atOnce,
  tabs: twoTabs,
  hidden: hiddenAndShown,
  storage: withoutStorage,
};

try {
  for (const name of values.only.split(',')) {
    const part = PARTS[name];
    if (!part) throw new Error(`There is no part ${name}.`);
    await part();
  }
} finally {
  await browser.close();
  await hosts.close();
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
if (values.docs) writeEnduranceTable(rows, browser.version());
process.exit(rows.every(({ ok }) => ok !== false) ? 0 : 1);

/** Says what came of something, and keeps it. */
function note(row: EnduranceRow): void {
  rows.push(row);
  const memory =
    row.before === undefined || row.after === undefined
      ? ''
      : `, ${mb(row.before)} before, ${mb(row.after)} after`;
  const judged = row.ok === undefined ? 'told' : row.ok ? 'ok  ' : 'FAIL';
  console.log(`${judged} ${row.what}: ${row.found}${memory}`);
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/**
 * Says how memory grew, one row for each kind: from the second quarter of the readings, when all is there
 * that has to be, to the last. By their medians, since one reading is some percent off: code that a page has
 * not run for a while is thrown away, and made anew.
 */
function noteGrowth(what: string, readings: readonly Memory[], kinds: readonly (keyof Memory)[]): void {
  for (const kind of kinds) {
    const name = kind === 'heap' ? 'JavaScript heap of the page' : 'WASM memory';
    noteGrowthOf(
      what,
      name,
      readings.map((memory) => memory[kind]),
    );
  }
}

/** @param isJudged whether it may not grow, or is only told */
function noteGrowthOf(what: string, name: string, readings: readonly number[], isJudged = true): void {
  const quarter = Math.floor(readings.length / 4);
  const from = (first: number) => median(readings.slice(first, first + quarter));
  const before = from(quarter);
  const after = from(readings.length - quarter);
  const growth = after / before - 1;
  const found = `${name} ${growth < 0 ? '−' : '+'}${Math.abs(100 * growth).toFixed(1)} %`;
  note({ what, found, before, after, ...(isJudged && { ok: growth <= FLAT }) });
}

/** A page in a browser that was never there. */
async function visit(inBrowser: Browser = browser): Promise<Page> {
  const context = await inBrowser.newContext({ proxy: { server: hosts.proxy } });
  return open(await context.newPage());
}

async function open(page: Page): Promise<Page> {
  await page.addInitScript(AT_START);
  const session = await page.context().newCDPSession(page);
  await page.exposeFunction('usedHeap', () => usedHeap(session));
  await page.goto(APP);
  await page.waitForFunction(() => 'body21' in globalThis);
  return page;
}

/**
 * Not by performance.measureUserAgentSpecificMemory(), which was seen not
 * to answer while this page has workers.
 */
async function usedHeap(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  return (await session.send('Runtime.getHeapUsage')).usedSize;
}

/** How many workers of the page have not ended: the browser tells of their ends a little later. */
async function workersLeft(page: Page): Promise<number> {
  for (let wait = 0; wait < 20 && page.workers().length > 0; wait++) await page.waitForTimeout(500);
  return page.workers().length;
}

/**
 * All that the page's process has for itself, beyond what it had before. In a browser of its own each time:
 * once with all collected before each reading, since what grows then is kept by somebody; and once as it is
 * for a user, where V8 has the more room for new objects, the longer there are many of them.
 */
async function followed(): Promise<void> {
  if (!canMeasureMemory()) return;
  const server = await serve();
  try {
    // From the source, whose worker collects when it is asked.
    const library = { model, quality: 'fast', observed: true, runtime: 'engine' } as const;
    const every = Math.floor(frames / FRAME_READINGS);
    const readings = Array.from({ length: FRAME_READINGS }, (_, index) => every * (index + 1));
    const what = `${frames} frames of a video, \`${model}\``;
    for (const [collection, name] of [
      ['all', 'what the process keeps for itself'],
      ['nothing', 'the same with garbage and room for new objects'],
    ] as const) {
      let index = 0;
      const uses = await readMemory(server.origin, { library, readings, collection }, ({ all }) =>
        console.error(`${readings[index++]} frames, ${collection} collected: ${mb(all)}`),
      );
      noteGrowthOf(
        what,
        name,
        uses.map(({ all }) => all),
        collection === 'all',
      );
    }
  } finally {
    await server.close();
  }
}

async function inARow(): Promise<void> {
  const page = await visit();
  const start = performance.now();
  const every = Math.ceil(photos / READINGS);
  const seen = await page.evaluate(
    async ([count, step]) => {
      const { create, samples, memory } = globalThis.endurance;
      const client = await create({ workerUrl: '/observed-worker.js' });
      const pictures = await samples();
      let wrong = 0;
      const readings = [];
      for (let index = 0; index < count; index++) {
        const picture = pictures[index % pictures.length];
        if (!picture) throw new Error('no picture');
        const { person_num } = await client.bodyAnalysis(picture.blob);
        if (person_num < picture.people) wrong++;
        if ((index + 1) % step === 0) readings.push(await memory());
      }
      client.dispose();
      return { readings, wrong };
    },
    [photos, every] as const,
  );
  const ms = (performance.now() - start) / photos;
  const what = `${photos} photos in a row`;
  note({
    what,
    found: `${seen.wrong} with somebody missing, ${ms.toFixed(0)} ms each`,
    ok: seen.wrong === 0,
  });
  noteGrowth(what, seen.readings, ['heap', 'wasm']);
  await page.context().close();
}

async function againAndAgain(): Promise<void> {
  const page = await visit();
  const seen = await page.evaluate(async (count) => {
    const { create, samples, memory } = globalThis.endurance;
    const [picture] = await samples();
    if (!picture) throw new Error('no picture');
    let answered = 0;
    const readings = [];
    for (let cycle = 0; cycle < count; cycle++) {
      const client = await create({});
      answered += (await client.bodyAnalysis(picture.blob)).person_num;
      client.dispose();
      readings.push(await memory());
    }
    return { readings, answered };
  }, cycles);
  const what = `${cycles} clients, one after the other`;
  const left = await workersLeft(page);
  note({
    what,
    found: `${seen.answered} right answers, ${left} workers left`,
    ok: seen.answered === cycles && left === 0,
  });
  noteGrowth(what, seen.readings, ['heap']);
  await page.context().close();
}

async function atOnce(): Promise<void> {
  const page = await visit();
  const seen = await page.evaluate(
    async ([count, rounds]) => {
      const { create, samples, memory, wait } = globalThis.endurance;
      const [picture] = await samples();
      if (!picture) throw new Error('no picture');
      const ask = async (asked: Awaited<ReturnType<typeof create>>[]) => {
        const answers = await Promise.all(asked.map((client) => client.bodyAnalysis(picture.blob)));
        return answers.filter(({ person_num }) => person_num === picture.people).length;
      };
      const round = async () => {
        const settled = await Promise.allSettled(Array.from({ length: count }, () => create({ threads: 1 })));
        const alive = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
        const refused = settled.filter(
          (each) =>
            each.status === 'rejected' && Reflect.get(Object(each.reason), 'code') === 'too-many-clients',
        ).length;
        const right = await ask(alive);
        alive[0]?.dispose();
        const rightLater = await ask(alive.slice(1));
        for (const client of alive) client.dispose();
        await wait(500);
        return { made: alive.length, refused, right, rightLater };
      };
      const seenIn = [];
      const readings = [];
      for (let number = 0; number < rounds; number++) {
        seenIn.push(await round());
        readings.push(await memory());
      }
      return { seenIn, readings };
    },
    [clients, ROUNDS] as const,
  );
  const what = `${clients} clients at once`;
  const left = await workersLeft(page);
  const wrong = seen.seenIn.find(
    ({ made, refused, right, rightLater }) =>
      made !== Math.min(clients, 8) ||
      made + refused !== clients ||
      right !== made ||
      rightLater !== made - 1,
  );
  const shown = wrong ?? seen.seenIn[0];
  note({
    what,
    found: `${shown?.made} made, ${shown?.right} right, ${shown?.refused} refused; with one disposed of, ${shown?.rightLater} right; ${ROUNDS} times; ${left} workers left`,
    ok: left === 0 && wrong === undefined,
  });
  noteGrowth(what, seen.readings, ['heap']);
  await page.context().close();
}

async function twoTabs(): Promise<void> {
  const context = await browser.newContext({ proxy: { server: hosts.proxy } });
  const pages = [await open(await context.newPage()), await open(await context.newPage())];
  const answers = await Promise.all(pages.map((page) => page.evaluate(() => globalThis.endurance.once({}))));
  const kept = await pages[0]?.evaluate(() => globalThis.endurance.kept());
  const whole = (kept ?? []).filter(
    ({ key, base64 }) => createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex') === key,
  );
  note({
    what: 'two tabs at once, on the first visit',
    found: `${answers.join(' and ')} people found of 1 each; ${whole.length} of ${kept?.length} models in the cache whole`,
    ok: answers.every((people) => people === 1) && whole.length === 3 && kept?.length === 3,
  });
  await context.close();
}

/** A page behind another one is given no frames to show, and its timers seldom run. */
async function hiddenAndShown(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'body21-camera-'));
  const camera = await makeCamera(join(folder, 'camera.mjpeg'));
  const tab = await openHideablePage(hosts.proxy, camera);
  try {
    const page = await open(tab.page);
    const what = `${HIDINGS} times hidden and shown`;
    await page.evaluate(() => globalThis.endurance.followCamera());
    let [answered, followedHidden, goneOn] = [0, 0, 0];
    const readings: Memory[] = [];
    for (let hiding = 0; hiding < HIDINGS; hiding++) {
      await tab.hide();
      answered += await page.evaluate(() => globalThis.endurance.once({}));
      if (await page.evaluate(() => globalThis.endurance.goesOn())) followedHidden++;
      await tab.show();
      if (await page.evaluate(() => globalThis.endurance.goesOn())) goneOn++;
      readings.push(await page.evaluate(() => globalThis.endurance.memory()));
    }
    note({
      what,
      found: `${answered} photos answered while hidden; someone followed while hidden ${followedHidden} times, and after it ${goneOn} times`,
      ok: answered === HIDINGS && followedHidden === HIDINGS && goneOn === HIDINGS,
    });
    noteGrowth(what, readings, ['heap']);
  } finally {
    await tab.close();
    rmSync(folder, { recursive: true });
  }
}

async function withoutStorage(): Promise<void> {
  const full = await visit();
  const session = await full.context().newCDPSession(full);
  await session.send('Storage.overrideQuotaForOrigin', { origin: APP, quotaSize: 1_000_000 });
  const people = await full.evaluate(() => globalThis.endurance.once({}));
  const kept = await full.evaluate(async () => (await globalThis.endurance.kept()).length);
  note({
    what: 'storage for 1 MB',
    found: `${people} person found of 1, ${kept} of 3 models kept`,
    // The mask's model is small enough.
    ok: people === 1 && kept < 3,
  });
  await full.context().close();
  for (const [what, workerUrl] of [
    ['storage refused', '/refused-worker.js'],
    ['no Cache API', '/cacheless-worker.js'],
  ] as const) {
    const page = await visit();
    const found = await page.evaluate((url) => globalThis.endurance.once({ workerUrl: url }), workerUrl);
    const stored = await page.evaluate(async () => (await globalThis.endurance.kept()).length);
    note({
      what,
      found: `${found} person found of 1, ${stored} models kept`,
      ok: found === 1 && stored === 0,
    });
    await page.context().close();
  }
}
