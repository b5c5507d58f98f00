/**
 * From opening a page to the first photo's answer: on a first visit, with a profile of the browser
 * that is new, and on a second one with the same. Profiles in files, since the caches of a private
 * window are smaller and forget compiled code.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium } from 'playwright';
import type { BrowserContext } from 'playwright';
import { BROWSER_ARGS, ensureBrowser } from '../../scripts/find-browser.ts';
import type { LandmarkModel } from '../../src/schema/loading.ts';
import type { BenchServer } from './server.ts';
import { startPage } from './start-pages.ts';

/** What the page that is driven keeps. */
declare global {
  // oxlint-disable-next-line no-var -- only `var` declares a property of globalThis
  var answer: Promise<{ ms: number; found: boolean }> | undefined;
}

/** Time for the browser to put away what it has loaded and compiled, in milliseconds. */
const SETTLING_MS = 2500;

/**
 * How long a visitor looks at the answer, in milliseconds: what a page loads then is its visitors' to pay as
 * well, and what it has translated then is theirs the next time.
 */
const LINGER_MS = 3000;

/** One page's opening. */
export interface Visit {
  /** From navigation to answer, in milliseconds. */
  ms: number;
  /** Sent by the server, as bodies. */
  bytes: number;
}

/** The visits, by figure. */
export type Visits = Map<string, Visit[]>;

const LIBRARIES = [
  ['body21', ''],
  ['mediapipe', '.mediapipe'],
] as const;

/** Has each page of one model visited twice with so many new profiles, in turns. */
export async function measureStart(
  server: BenchServer,
  model: LandmarkModel,
  repetitions: number,
): Promise<Visits> {
  const visits: Visits = new Map();
  // Once more than told, unmeasured: the server compresses then, and the machine reads its disk.
  for (let repetition = 0; repetition <= repetitions; repetition++) {
    console.error(
      repetition === 0 ? `start.${model}: getting ready` : `start.${model}: ${repetition} of ${repetitions}`,
    );
    for (const [library, variant] of LIBRARIES) {
      const [cold, warm] = await visitTwice(server, startPage(library, model));
      if (repetition === 0) continue;
      note(visits, `start.cold.${model}${variant}`, cold);
      note(visits, `start.warm.${model}${variant}`, warm);
    }
  }
  return visits;
}

function note(visits: Visits, figure: string, made: Visit): void {
  visits.set(figure, [...(visits.get(figure) ?? []), made]);
}

async function visitTwice(server: BenchServer, path: string): Promise<[cold: Visit, warm: Visit]> {
  const profile = mkdtempSync(join(tmpdir(), 'body21-profile-'));
  try {
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: ensureBrowser(),
      args: BROWSER_ARGS,
    });
    try {
      // The browser itself is not to be on the clock.
      const page = await context.newPage();
      await page.goto(`${server.origin}/empty`);
      await delay(500);
      const cold = await visit(context, server, path);
      await delay(SETTLING_MS);
      return [cold, await visit(context, server, path)];
    } finally {
      await context.close();
    }
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
}

async function visit(context: BrowserContext, server: BenchServer, path: string): Promise<Visit> {
  const before = server.bytesSent;
  const page = await context.newPage();
  try {
    await page.goto(server.origin + path, { waitUntil: 'commit' });
    const answer = await page.evaluate(() => globalThis.answer);
    if (!answer?.found) throw new Error(`${path} has found nobody`);
    await delay(LINGER_MS);
    return { ms: answer.ms, bytes: server.bytesSent - before };
  } finally {
    await page.close();
  }
}
