/**
 * A page that is really hidden and shown, as a tab is behind another. In a browser that
 * Playwright starts pages never are: it has each of them believe that it is in front. In one that
 * it finds running it can leave that be.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { chromium } from 'playwright';
import type { Page } from 'playwright';
import { BROWSER_ARGS, ensureBrowser } from '../../scripts/find-browser.ts';

/** A tab, and another one that can be before it. */
export interface HideablePage {
  page: Page;
  hide(): Promise<void>;
  show(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a browser of its own.
 * @param proxy through which all of its requests go
 */
export async function openHideablePage(proxy: string, args: readonly string[] = []): Promise<HideablePage> {
  const profile = mkdtempSync(join(tmpdir(), 'body21-hideable-'));
  const own = [
    '--headless',
    '--remote-debugging-port=0',
    `--user-data-dir=${profile}`,
    // Of this machine's own addresses as well.
    `--proxy-server=${proxy}`,
    '--proxy-bypass-list=<-loopback>',
  ];
  const child = spawn(ensureBrowser(), [...BROWSER_ARGS, ...args, ...own, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill();
    await exited;
    try {
      rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
    } catch {
      // Processes of the browser's may outlive it, and write there still: a folder for the system to clear away.
    }
  };
  try {
    const address = await Promise.race([debuggerOf(child.stderr), exited.then(() => undefined)]);
    if (address === undefined) throw new Error('Chromium has ended before it could be driven.');
    const browser = await chromium.connectOverCDP(address, { noDefaults: true });
    const [context] = browser.contexts();
    if (!context) throw new Error('Chromium has no profile open.');
    const page = context.pages()[0] ?? (await context.newPage());
    const other = await context.newPage();
    const bring = async (front: Page, state: DocumentVisibilityState) => {
      await front.bringToFront();
      for (let attempt = 0; (await page.evaluate(() => document.visibilityState)) !== state; attempt++) {
        if (attempt === 50) throw new Error(`The page does not become ${state}.`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    await page.bringToFront();
    return {
      page,
      hide: () => bring(other, 'hidden'),
      show: () => bring(page, 'visible'),
      async close() {
        await browser.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Where Chromium says that it can be driven. What it prints besides is read as
 * well, so that it never waits for that.
 */
function debuggerOf(output: Readable): Promise<string> {
  return new Promise((resolve) => {
    createInterface({ input: output }).on('line', (line) => {
      const [, address] = /^DevTools listening on (ws:\S+)/.exec(line) ?? [];
      if (address !== undefined) resolve(address);
    });
  });
}
