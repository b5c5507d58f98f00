import { readFile } from 'node:fs/promises';
import { expect, test } from 'playwright/test';
import type { Page } from 'playwright/test';
import { BROWSER_ARGS, findBrowser } from '../../scripts/find-browser.ts';

const executablePath = findBrowser();

test.use({
  launchOptions: {
    args: [...BROWSER_ARGS, '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
    ...(executablePath ? { executablePath } : {}),
  },
});

/** How many of the overlay's pixels are drawn on. */
function drawnPixels(page: Page): Promise<number> {
  return page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('#video + canvas');
    const { data } = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {};
    return data?.filter((value, index) => index % 4 === 3 && value > 0).length ?? 0;
  });
}

async function save(page: Page, name: string): Promise<{ file: string; text: string }> {
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name }).click();
  const download = await downloading;
  return { file: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
}

test('the sample clip: two people are followed; a snapshot and results can be kept', async ({ page }) => {
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto('/');
  await page.getByRole('link', { name: 'Live' }).click();
  await page.getByLabel('Model').selectOption('lite');
  await page.getByLabel('Frames a second to hold').selectOption('10');
  await page.getByRole('button', { name: 'Play the sample clip' }).click();
  await expect(page.getByRole('status')).toHaveText('Following everyone.');
  await expect(page.locator('#people')).toHaveText('2 people');
  await expect.poll(() => drawnPixels(page)).toBeGreaterThan(500);
  await expect(page.locator('#latency')).toHaveText(/\d (ms|s)$/);
  await expect(page.locator('#fps')).toHaveText(/^\d/);
  await expect(page.locator('#backend')).toHaveText(/^WebAssembly, \d/);
  await expect(page.locator('#used')).toHaveText('lite');

  await page.getByRole('button', { name: 'Record results' }).click();
  await expect(page.locator('#recorded')).toHaveText(/^([6-9]|\d{2,}) frames recorded\./);
  // Not while the clip has just jumped back to its start, before anyone is found anew.
  await expect(page.locator('#people')).toHaveText('2 people');
  await page.getByRole('button', { name: 'Stop recording' }).click();
  const lines = await save(page, 'Save as JSON lines');
  expect(lines.file).toBe('body21.jsonl');
  const frames = lines.text
    .trim()
    .split('\n')
    .map((line): { timestamp: number; result: { person_info: { track_id: number }[] } } => JSON.parse(line));
  expect(frames.length).toBeGreaterThan(5);
  expect(
    frames.flatMap(({ result }) => result.person_info.map(({ track_id }) => track_id)).length,
  ).toBeGreaterThan(0);
  const csv = await save(page, 'Save as CSV');
  expect(csv.file).toBe('body21.csv');
  expect(csv.text.split('\r\n').length).toBeGreaterThan(21);

  await page.getByRole('button', { name: 'Take a snapshot' }).click();
  await expect(page.getByRole('img', { name: 'The snapshot with its skeletons' })).toBeVisible();
  expect(JSON.parse((await save(page, 'Save the JSON')).text)).toHaveProperty('person_num');

  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(page.getByRole('status')).toHaveText('Stopped.');
  await expect(page.getByRole('button', { name: 'Start the camera' })).toBeFocused();
  expect(await drawnPixels(page)).toBe(0);
  expect(errors).toEqual([]);
});

test('a camera: started, mirrored, paused in a hidden tab, unplugged', async ({ page }) => {
  await page.goto('/live.html');
  await page.getByLabel('Model').selectOption('lite');
  await page.getByRole('button', { name: 'Start the camera' }).click();
  await expect(page.locator('#fps')).toHaveText(/^\d/);
  await expect(page.locator('#people')).toHaveText('nobody');
  await expect(page.getByLabel('Camera').locator('option').first()).toHaveText(/fake/);
  const video = page.locator('#video');
  await expect(video).toHaveCSS('transform', /^matrix\(-1/);
  await page.getByLabel('Mirror').uncheck();
  await expect(video).toHaveCSS('transform', 'none');

  const setHidden = (hidden: boolean) =>
    page.evaluate((isHidden) => {
      Object.defineProperty(document, 'hidden', { configurable: true, value: isHidden });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await setHidden(true);
  await expect(page.getByRole('status')).toHaveText('Paused while the tab is hidden.');
  await setHidden(false);
  await expect.poll(() => video.evaluate((element: HTMLVideoElement) => element.paused)).toBe(false);

  await video.evaluate((element: HTMLVideoElement) => {
    const stream = element.srcObject;
    if (!(stream instanceof MediaStream)) throw new Error('no camera');
    // What the browser does when the cable is pulled.
    for (const track of stream.getTracks()) track.dispatchEvent(new Event('ended'));
  });
  await expect(page.getByRole('alert')).toContainText('The camera was unplugged');
  await expect(page.getByRole('button', { name: 'Start the camera' })).toBeVisible();
});

test('a camera that is allowed after Stop does not stay on', async ({ page }) => {
  await page.addInitScript(() => {
    const { mediaDevices } = navigator;
    const ask = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (wanted) => {
      const stream = await ask(wanted);
      await new Promise((allow) => addEventListener('allow', allow, { once: true }));
      Object.assign(globalThis, { cameraStream: stream });
      return stream;
    };
  });
  await page.goto('/live.html');
  await page.getByRole('button', { name: 'Start the camera' }).click();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await page.waitForTimeout(500);
  await page.evaluate(() => dispatchEvent(new Event('allow')));
  const state = () =>
    page.evaluate(() => {
      const stream: unknown = Reflect.get(globalThis, 'cameraStream');
      return stream instanceof MediaStream ? stream.getVideoTracks()[0]?.readyState : undefined;
    });
  await expect.poll(state).toBe('ended');
});

for (const [name, words] of [
  ['NotFoundError', 'No camera was found'],
  ['NotAllowedError', 'The browser may not use the camera'],
  ['NotReadableError', 'Another app is using the camera'],
  ['OverconstrainedError', 'The chosen camera is not there any more'],
] as const) {
  test(`a camera that fails with ${name} is explained`, async ({ page }) => {
    await page.addInitScript((errorName) => {
      navigator.mediaDevices.getUserMedia = async () => {
        throw new DOMException('made to fail', errorName);
      };
    }, name);
    await page.goto('/live.html');
    await page.getByRole('button', { name: 'Start the camera' }).click();
    await expect(page.getByRole('alert')).toContainText(words);
    await expect(page.getByRole('button', { name: 'Play the sample clip' })).toBeVisible();
  });
}

test('a page that is not secure says where cameras work', async ({ page }) => {
  await page.addInitScript(() => Object.defineProperty(globalThis, 'isSecureContext', { value: false }));
  await page.goto('/live.html');
  await page.getByRole('button', { name: 'Start the camera' }).click();
  await expect(page.getByRole('alert')).toContainText('over https or on localhost');
});
