/**
 * `npm run docs -- pictures`: the pictures of the front page, of the site that was built last, by its own demo and
 * with the library's own drawing. Those of the gallery are taken by `PICTURES=1 npm test -- consumers`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright';
import type { Page } from 'playwright';
import type * as Library from '../src/index.ts';
import { BROWSER_ARGS, ensureBrowser } from './find-browser.ts';
import { ROOT } from './root.ts';
import { serveSite } from './site-server.ts';

/** What links to the site show where they are shared: pixels, and the size that all who show it take. */
const SOCIAL = { width: 1200, height: 630 };

/** Takes all of them anew. */
export async function takePictures(): Promise<void> {
  const server = await serveSite();
  const browser = await chromium.launch({ executablePath: ensureBrowser(), args: BROWSER_ARGS });
  try {
    const page = await browser.newPage({ viewport: { width: 1152, height: 660 } });
    // tsx has functions keep their names by a helper of its own, which functions in the page refer to as well.
    await page.addInitScript('globalThis.__name = (named) => named');
    await page.goto(`${server.url}demo/index.html?photo=group.webp&lang=en`);
    await page.locator('#status').filter({ hasText: 'Found' }).waitFor();
    write('docs/images/stage.webp', await packed(page, await page.screenshot()));
    await page.goto(`${server.url}demo/video.html?lang=en`);
    // What the clip shows while it plays is as good as the machine is quick: look at the picture.
    await page.getByRole('button', { name: 'Try the sample clip' }).click();
    await page
      .locator('#frame-number')
      .filter({ hasText: /^Frame [3-9]\d of/ })
      .waitFor();
    await page.locator('#play').click();
    write(
      'docs/images/followed.webp',
      await packed(page, await page.locator('.viewer').first().screenshot()),
    );
    await page.goto(`${server.url}live/html/index.html`);
    write('docs/public/social.jpg', await social(page));
  } finally {
    await browser.close();
    await server.close();
  }
}

/** A screenshot as WebP, in base64. */
function packed(page: Page, png: Buffer): Promise<string> {
  return page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes]));
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [picture.width, picture.height];
    canvas.getContext('2d')?.drawImage(picture, 0, 0);
    return canvas.toDataURL('image/webp', 0.8).replace(/^.*,/, '');
  }, png.toString('base64'));
}

/** A sample with everyone's skeleton, and the name, as JPEG in base64. */
function social(page: Page): Promise<string> {
  return page.evaluate(async ({ width, height }) => {
    // By the import map of the example that has no bundler.
    const url = new URL('body21/index.js', location.href).href;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the built file has no types of its own
    const library = (await import(url)) as typeof Library;
    const photo = await (await fetch('../../demo/samples/group.webp')).blob();
    const client = await library.BodyAnalysisClient.create({ model: 'lite' });
    const people = library.filterValidPersons(await client.bodyAnalysis(photo));
    const picture = await createImageBitmap(photo);
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext('2d');
    if (!context) throw new Error('no 2D canvas');
    const scale = Math.max(width / picture.width, height / picture.height);
    context.translate((width - picture.width * scale) / 2, (height - picture.height * scale) / 2);
    context.scale(scale, scale);
    context.drawImage(picture, 0, 0);
    library.drawPersons(context, people);
    context.resetTransform();
    context.fillStyle = '#0f1415d9';
    context.fillRect(0, height - 110, width, 110);
    context.fillStyle = '#fff';
    context.font = '700 52px system-ui, sans-serif';
    context.fillText('body21', 40, height - 38);
    context.font = '27px system-ui, sans-serif';
    context.fillText('Every person in a picture, in the browser: nothing is uploaded', 285, height - 42);
    client.dispose();
    return canvas.toDataURL('image/jpeg', 0.82).replace(/^.*,/, '');
  }, SOCIAL);
}

function write(file: string, base64: string): void {
  const path = join(ROOT, file);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, base64, 'base64');
}
