/**
 * A page that is really hidden and shown, as a tab is behind another. Playwright's pages never are: it has each of them
 * believe that it is in front.
 */
import { launch } from 'puppeteer-core';
import type { Page } from 'puppeteer-core';
import { BROWSER_ARGS, ensureBrowser } from '../../scripts/find-browser.ts';

/** What spares hidden pages the browser's restraints, if its driver has its way. */
const SPARING = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

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
  const browser = await launch({
    executablePath: ensureBrowser(),
    // Of this machine's own addresses as well.
    args: [...BROWSER_ARGS, ...args, `--proxy-server=${proxy}`, '--proxy-bypass-list=<-loopback>'],
    ignoreDefaultArgs: SPARING,
    protocolTimeout: 600_000,
  });
  const [page = await browser.newPage()] = await browser.pages();
  const other = await browser.newPage();
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
    close: () => browser.close(),
  };
}
