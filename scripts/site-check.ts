/** What `npm run docs -- check` asks of the built site, in Chromium: every link, every page's width, and axe. */
import { readdirSync, readFileSync, existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { chromium } from 'playwright';
import type { Browser, Page } from 'playwright';
import { BROWSER_ARGS, ensureBrowser } from './find-browser.ts';
import { ROOT } from './root.ts';
import { serveSite } from './site-server.ts';

const SITE = join(ROOT, 'dist-docs');

/** How pages are looked at: as on a phone and as on a desk, one in each of the two colour schemes. */
const SCREENS = [
  { viewport: { width: 390, height: 844 }, colorScheme: 'light' },
  { viewport: { width: 1366, height: 850 }, colorScheme: 'dark' },
] as const;

/** The pages that the generated reference is made of are alike: so many of them are enough for axe. */
const REFERENCE_PAGES = 6;

/**
 * Looks at every page, and prints what is wrong.
 * @returns whether nothing is
 */
export async function checkSite(): Promise<boolean> {
  const start = performance.now();
  const pages = readdirSync(SITE, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.html') && file !== '404.html')
    .map((file) => file.replaceAll('\\', '/'))
    .toSorted();
  // The demo has tests of its own, which ask more.
  const written = pages.filter((page) => !page.startsWith('demo/'));
  const complaints = pages.flatMap(deadLinks);
  const server = await serveSite();
  const browser = await chromium.launch({ executablePath: ensureBrowser(), args: BROWSER_ARGS });
  try {
    const seen = await Promise.all(SCREENS.map((screen) => lookAt(browser, server.url, written, screen)));
    complaints.push(...seen.flat());
  } finally {
    await browser.close();
    await server.close();
  }
  for (const complaint of complaints) console.error(complaint);
  const took = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`${written.length} pages checked in ${took} s: ${complaints.length} complaints.`);
  return complaints.length === 0;
}

/** Links and pictures of a page that lead to no file of the site, or to no place in it. */
function deadLinks(page: string): string[] {
  const html = readFileSync(join(SITE, page), 'utf8');
  const links = [...html.matchAll(/<[^>]*?\s(?:href|src)="([^"]*)"/g)].map(([, link = '']) => link);
  return [...new Set(links)].flatMap((link) => {
    if (/^(?:[a-z]+:|\/\/)/.test(link)) return [];
    const [path = '', fragment] = link.replaceAll('&amp;', '&').split('#');
    const target = pathOf(page, path.replace(/\?.*/, ''));
    if (target === undefined) return [`${page}: ${link} leads nowhere.`];
    if (fragment === undefined || fragment === '' || !target.endsWith('.html')) return [];
    const wanted = decodeURIComponent(fragment);
    const isThere = readFileSync(join(SITE, target), 'utf8').includes(` id="${wanted}"`);
    return isThere ? [] : [`${page}: ${link} leads to no heading.`];
  });
}

/** The site's file that a page's link leads to. */
function pathOf(page: string, link: string): string | undefined {
  const base = process.env['DOCS_BASE'] ?? '/';
  const whole = link.startsWith('/')
    ? join(SITE, decodeURIComponent(link).replace(base, '/'))
    : join(SITE, link === '' ? page : join(dirname(page), decodeURIComponent(link)));
  if (!existsSync(whole)) return undefined;
  const file = statSync(whole).isDirectory() ? join(whole, 'index.html') : whole;
  return existsSync(file) ? relative(SITE, file).replaceAll('\\', '/') : undefined;
}

/** What is wrong with pages on one screen. */
async function lookAt(
  browser: Browser,
  site: string,
  pages: readonly string[],
  screen: (typeof SCREENS)[number],
): Promise<string[]> {
  const complaints: string[] = [];
  const context = await browser.newContext(screen);
  const page = await context.newPage();
  page.on('pageerror', ({ message }) => complaints.push(`${page.url()}: ${message}`));
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  const reference = pages.filter((each) => each.startsWith('api/'));
  const every = Math.ceil(reference.length / REFERENCE_PAGES);
  const sampled = new Set(reference.filter((_each, index) => index % every === 0));
  const { width } = screen.viewport;
  for (const each of pages) {
    const isReference = each.startsWith('api/');
    // Where there is room, a page of the reference is as wide as all are.
    if (isReference && !sampled.has(each) && width > SCREENS[0].viewport.width) continue;
    await page.goto(site + each);
    const found = await tooWide(page);
    if (!isReference || sampled.has(each)) found.push(...(await violations(page, axe)));
    complaints.push(...found.map((what) => `${each}, ${width} px: ${what}`));
  }
  await context.close();
  return complaints;
}

/** Whether the page can be pushed to the side, and by what. */
function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    const wide = [...document.querySelectorAll('main *')].filter(
      (element) => element.getBoundingClientRect().right > room + 1,
    );
    const names = wide.slice(0, 3).map((element) => element.outerHTML.slice(0, 80));
    return [`it is wider than the screen: ${names.join(' ')}`];
  });
}

/** What axe-core finds. */
async function violations(page: Page, axe: string): Promise<string[]> {
  await page.evaluate(axe);
  const found: unknown = await page.evaluate('axe.run(document, { resultTypes: ["violations"] })');
  if (!isReport(found)) throw new Error('axe has no report.');
  return found.violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .slice(0, 3)
        .map(({ html }) => html.slice(0, 120))
        .join(' ')}`,
  );
}

interface AxeReport {
  violations: { id: string; nodes: { html: string }[] }[];
}

function isReport(value: unknown): value is AxeReport {
  return typeof value === 'object' && value !== null && 'violations' in value;
}
