import { join } from 'node:path';
import { expect, test } from 'playwright/test';
import type { Page } from 'playwright/test';
import { expectGoldenAnswer, listenForComplaints } from './example-page.ts';
import { expectLeanOutput } from './output.ts';
import { serveFolder } from './serve-folder.ts';
import { build, exampleFolder, runServer } from './workspace.ts';

/** How many frames in a row must have the same person in them. */
const FRAMES = 12;

/** What the page says of the next frames. */
function nextFrames(page: Page, count: number): Promise<string[]> {
  return page.locator('#people').evaluate((line, wanted) => {
    const seen: string[] = [];
    return new Promise<string[]>((resolve) => {
      const observer = new MutationObserver(() => {
        seen.push(line.textContent ?? '');
        if (seen.length < wanted) return;
        observer.disconnect();
        resolve(seen);
      });
      observer.observe(line, { childList: true, characterData: true, subtree: true });
    });
  }, count);
}

/** How many of the overlay's pixels are drawn on. */
function drawnPixels(page: Page): Promise<number> {
  return page.locator('video + canvas').evaluate((canvas) => {
    if (!(canvas instanceof HTMLCanvasElement)) throw new Error('no canvas');
    const { data = [] } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {};
    let count = 0;
    for (let alpha = 3; alpha < data.length; alpha += 4) if (data[alpha] !== 0) count += 1;
    return count;
  });
}

/** What the page says of the sample. */
const SAMPLE_SHOWN = /^People: 2\./;

/**
 * Expects the sample's answer, starts the camera, expects the person before it to be followed, and the sample and
 * nothing else after Stop.
 */
async function expectFollowed(page: Page, url: string, threads: number): Promise<void> {
  const complaints = listenForComplaints(page);
  await page.addInitScript(() => {
    const { mediaDevices } = navigator;
    const ask = mediaDevices.getUserMedia.bind(mediaDevices);
    const opened: MediaStream[] = [];
    Object.assign(globalThis, { openedCameras: opened });
    mediaDevices.getUserMedia = async (wanted) => {
      const stream = await ask(wanted);
      opened.push(stream);
      return stream;
    };
  });
  await expectGoldenAnswer(page, url, threads);
  const workers = page.workers().length;
  await page.getByRole('button', { name: 'Start the camera' }).click();
  await expect(page.getByRole('status')).toHaveText('Following whoever is in view.');
  await expect(page.locator('#people')).toHaveText(/^Frame \d+: no\. \d+$/);
  const frames = await nextFrames(page, FRAMES);
  const numbers = frames.map((text) => /^Frame \d+: no\. (\d+)$/.exec(text)?.[1] ?? text);
  expect(new Set(numbers).size, numbers.join()).toBe(1);
  expect(new Set(frames).size, frames.join()).toBeGreaterThan(FRAMES / 2);
  expect(await drawnPixels(page)).toBeGreaterThan(1000);
  expect(page.workers()).toHaveLength(workers);

  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByRole('status')).toHaveText(SAMPLE_SHOWN);
  await expect(page.locator('video')).toHaveCount(0);
  expect(page.workers()).toHaveLength(workers);
  const states = await page.evaluate(() => {
    const opened: MediaStream[] = Reflect.get(globalThis, 'openedCameras');
    return opened.flatMap((stream) => stream.getTracks().map(({ readyState }) => readyState));
  });
  expect(new Set(states)).toEqual(new Set(['ended']));
  expect(complaints).toEqual([]);
}

for (const name of ['react', 'vue', 'svelte']) {
  test(`${name}: built, with the camera`, async ({ page }) => {
    build(name);
    const output = join(exampleFolder(name), 'dist');
    expectLeanOutput(output);
    const site = await serveFolder(output, true);
    await expectFollowed(page, site.url, 2);
    await site.stop();
  });

  // StrictMode starts everything twice here, and only here.
  test(`${name}: its dev server, with the camera`, async ({ page }) => {
    const server = await runServer(exampleFolder(name), 'dev', ['--port', '0']);
    try {
      await expectFollowed(page, server.url, 1);
    } finally {
      await server.stop();
    }
  });
}
