/**
 * What a live page takes of the machine's memory: what its process has for itself once the library has
 * followed someone for a while, beyond what it had before the library was loaded. That has everything in it:
 * WASM's memory and code, the script's heaps, threads. In a browser of its own each time.
 */
import { existsSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright';
import type { Browser } from 'playwright';
import { BROWSER_ARGS, ensureBrowser } from '../../scripts/find-browser.ts';
import type { MemoryEntrant } from './entrants.ts';
import { median } from './figures.ts';
import { openContender } from './heat.ts';
import type * as ClipModule from './pages/clip.ts';

/** Frames to follow before memory is read. */
const FRAMES = 150;

/** Bytes that a library has in use. */
export interface MemoryUse {
  /** All of it. */
  all: number;
  /** Of that, WASM's memory. */
  wasm: number;
}

/**
 * Measures each so many times, in turns.
 * @returns medians by figure; none where the system does not tell
 */
export async function measureMemory(
  origin: string,
  entrants: readonly MemoryEntrant[],
  repetitions: number,
): Promise<Record<string, MemoryUse>> {
  if (!existsSync('/proc/self/smaps_rollup')) {
    console.error('memory: only Linux tells what a process has for itself');
    return {};
  }
  const uses = new Map<string, MemoryUse[]>();
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const entrant of entrants) {
      console.error(`${entrant.figure}: ${repetition + 1} of ${repetitions}`);
      const use = await useOf(origin, entrant);
      uses.set(entrant.figure, [...(uses.get(entrant.figure) ?? []), use]);
    }
  }
  return Object.fromEntries(
    [...uses].map(([figure, all]) => [
      figure,
      { all: median(all.map((use) => use.all)), wasm: median(all.map((use) => use.wasm)) },
    ]),
  );
}

async function useOf(origin: string, { page: wanted }: MemoryEntrant): Promise<MemoryUse> {
  const browser = await chromium.launch({
    executablePath: ensureBrowser(),
    args: [...BROWSER_ARGS, '--js-flags=--expose-gc'],
  });
  try {
    const context = await browser.newContext();
    await context.addInitScript('globalThis.__name = (named) => named');
    const page = await context.newPage();
    await page.goto(`${origin}/empty`);
    // The clip is not the library's.
    await page.evaluate(async (url) => {
      const { CameraClip } = (await import(url)) as typeof ClipModule;
      await CameraClip.open();
      const collect: unknown = Reflect.get(globalThis, 'gc');
      if (typeof collect === 'function') collect();
    }, `${origin}/test/bench/pages/clip.ts`);
    const before = await privateBytes(browser);
    await openContender(page, origin, wanted);
    const wasm = await page.evaluate(async (frames) => {
      const contender = globalThis.benchContender;
      if (!contender?.collect) throw new Error('it does not tell of its memory');
      await contender.call('track', frames);
      return contender.collect();
    }, FRAMES);
    return { all: (await privateBytes(browser)) - before, wasm };
  } finally {
    await browser.close();
  }
}

/** What the processes of all pages have for themselves. */
async function privateBytes(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo
    .filter(({ type }) => type === 'renderer')
    .reduce((sum, { id }) => sum + privateBytesIn(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8')), 0);
}

/**
 * The memory that a process alone has written.
 * @param rollup Linux' `smaps_rollup` of it
 */
export function privateBytesIn(rollup: string): number {
  const kB = /^Private_Dirty:\s+(\d+) kB$/m.exec(rollup)?.[1];
  if (kB === undefined) throw new Error('Linux does not tell what the process has for itself.');
  return Number(kB) * 1024;
}
