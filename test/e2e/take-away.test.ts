import { readFile } from 'node:fs/promises';
import { expect } from 'playwright/test';
import type { Page } from 'playwright/test';
import type { BodyAnalysisResult } from '../../src/schema/result.ts';
import { PhotoPage, returning, sample } from './photo-page.ts';
import { serveLibrary } from './serve.ts';

/** The names of what an archive holds, as its own list at the end has them. */
function namesIn(zip: Buffer): string[] {
  const names: string[] = [];
  let at = zip.indexOf('PK\u0001\u0002', 0, 'latin1');
  while (at >= 0 && zip.toString('latin1', at, at + 4) === 'PK\u0001\u0002') {
    const length = zip.readUInt16LE(at + 28);
    names.push(zip.toString('utf8', at + 46, at + 46 + length));
    at += 46 + length + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return names;
}

/** What is asked for from now on. */
function record(page: Page, address: RegExp): string[] {
  const addresses: string[] = [];
  page.on('request', (request) => {
    if (address.test(request.url())) addresses.push(request.url());
  });
  return addresses;
}

returning('the code for the settings gives the answer that is shown', async ({ page, context }) => {
  const photo = new PhotoPage(page);
  await photo.open('/?model=lite&quality=fast&box=0.05');
  const shown = await photo.json();
  const codeOf = async (choice: string, call: string) => {
    await page.getByRole('radio', { name: choice }).check();
    const code = page.locator('#code');
    await expect(code).toContainText(call);
    return (await code.textContent()) ?? '';
  };
  const library = await codeOf('Code', 'await BodyAnalysisClient.create(');
  const dropIn = await codeOf('Cloud API', 'new AipBodyAnalysisClient(');
  const svg = await codeOf('SVG', 'toSvg(');

  const site = await serveLibrary();
  const host = await context.newPage();
  const errors: string[] = [];
  host.on('pageerror', (error) => errors.push(error.message));
  try {
    let script = '';
    await host.route('**/two.jpg', async (route) =>
      route.fulfill({ body: await readFile(sample('two.jpg')) }),
    );
    await host.route('**/snippet.html', (route) =>
      route.fulfill({
        contentType: 'text/html',
        headers: {
          'Cross-Origin-Opener-Policy': 'same-origin',
          'Cross-Origin-Embedder-Policy': 'require-corp',
        },
        body: `<!doctype html>
          <script type="importmap">{"imports": {"body21": "/index.js", "body21/": "/"}}</script>
          <body><script type="module">${script}</script></body>`,
      }),
    );
    // As bundlers find what `body21/aip` is, the host finds it without an ending.
    await host.route(/\/(?:aip|schema)$/, (route) =>
      route.fulfill({ status: 302, headers: { Location: `${route.request().url()}.js` } }),
    );
    for (const code of [library, dropIn]) {
      script = code;
      const said: string[] = [];
      host.on('console', (message) => said.push(message.text()));
      await host.goto(`${site.url}snippet.html`);
      await expect.poll(() => [...said, ...errors], script).toHaveLength(1);
      expect(JSON.parse(said[0] ?? ''), script).toEqual({ ...Object(shown), log_id: expect.any(String) });
    }
    script = svg;
    await host.goto(`${site.url}snippet.html`);
    const drawing = host.getByRole('img', { name: 'Body keypoints of 2 people' });
    await expect.poll(async () => [await drawing.count(), ...errors], script).toEqual([1]);
  } finally {
    await host.close();
    await site.stop();
  }
});

returning(
  'a picture is shared, and all photos are saved in one archive; the menu is one of keys, too',
  async ({ page }) => {
    // What the system would do: it tells of the files, and ends as it is told.
    const shared: string[] = [];
    let outcome: string | undefined;
    await page.exposeFunction('systemShare', (file: string) => {
      shared.push(file);
      return outcome;
    });
    await page.addInitScript(() => {
      const share = async ({ files = [] }: ShareData) => {
        const told = files.map(({ name, type, size }) => `${name} ${type} ${size > 10_000}`).join();
        const { systemShare } = globalThis as unknown as {
          systemShare: (file: string) => Promise<string | null>;
        };
        const error = await systemShare(told);
        if (error !== null && error !== undefined) throw new DOMException('Told by the test.', error);
      };
      const canShare = ({ files = [] }: ShareData) => files.length === 1;
      Object.defineProperties(navigator, { share: { value: share }, canShare: { value: canShare } });
    });
    const photo = new PhotoPage(page);
    await photo.open();
    const alert = page.getByRole('alert');
    const shareIt = async () => {
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Share the picture…' }).click();
    };
    outcome = 'NotAllowedError';
    await shareIt();
    await expect(alert).toHaveText(
      'The picture could not be shared. Save it instead. (NotAllowedError: Told by the test.)',
    );
    // Who closes the system's own window has changed their mind: nothing is wrong, and the message before is gone.
    outcome = 'AbortError';
    await shareIt();
    await expect.poll(() => shared).toHaveLength(2);
    await expect(alert).toBeHidden();
    outcome = undefined;
    await shareIt();
    await expect
      .poll(() => shared)
      .toEqual(Array.from({ length: 3 }, () => 'two-body21.jpg image/jpeg true'));
    await expect(alert).toBeHidden();
    await expect(photo.status).toHaveText('Found 2 people.');

    await photo.drop(sample('jump.jpg'), 'two.jpg');
    await photo.isFoundInAll(3);
    const zip = await readFile(await (await photo.save(/ZIP$/)).path());
    expect(namesIn(zip).toSorted()).toEqual([
      'body21.coco.json',
      'body21.csv',
      'json/two-2.json',
      'json/two.json',
      'pictures/two-2.jpg',
      'pictures/two.jpg',
    ]);
    await expect(photo.status).toHaveText('Saved body21.zip.');

    const button = page.getByRole('button', { name: 'Save', exact: true });
    await button.focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('End');
    await expect(page.getByRole('dialog').getByRole('button', { name: /ZIP$/ })).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
    await expect(button).toBeFocused();
  },
);

returning('photos, answers and settings are there again after a visit to another page', async ({ page }) => {
  const photo = new PhotoPage(page);
  await photo.open();
  await photo.fileInput.setInputFiles([sample('yoga.jpg'), sample('jump.jpg')]);
  await photo.isFoundInAll(4);
  // Settings are in the address, and Back and Forward go through them.
  await page.getByRole('radio', { name: 'Everyone' }).check();
  await expect(page).toHaveURL(/\?model=lite&quality=fast&who=everyone$/);
  await page.getByLabel('Quality').selectOption('balanced');
  await expect(page).toHaveURL(/\?model=lite&who=everyone$/);
  await photo.isFoundInAll(4);
  await page.goBack();
  await expect(page.getByLabel('Quality')).toHaveValue('fast');
  await photo.isFoundInAll(4);
  // The photo on show alone was analysed anew, the others are when they are looked at.
  const work = await photo.recordWork();
  await photo.photos.last().click();
  await page.goForward();
  await expect(page.locator('#run-quality')).toHaveText('balanced');
  await photo.isFoundInAll(4);
  expect((await work.jsonValue()).texts.filter((text) => /photo \d of/.test(text))).toEqual([]);
  await photo.persons.first().click();
  const shown = await photo.json();

  await page.getByRole('link', { name: 'Live' }).click();
  // Where there is no camera a clip takes its place at once.
  await expect(page.locator('#start')).toBeEnabled();
  const models = record(page, /\.onnx/);
  await page.getByRole('link', { name: 'Photos' }).click();
  await photo.isFoundInAll(4);
  await expect(page).toHaveURL(/\?model=lite&who=everyone$/);
  await expect(photo.photos).toHaveCount(3);
  await expect(page.getByRole('img', { name: 'jump.jpg' })).toBeVisible();
  await expect(photo.persons.first()).toHaveAttribute('aria-pressed', 'true');
  expect(await photo.json()).toEqual(shown);
  await photo.photos.first().focus();
  await page.keyboard.press('Home');
  await photo.isFoundInAll(4);
  await expect(page.locator('#run-quality')).toHaveText('balanced');
  await expect(photo.persons).toHaveCount(2);
  expect(models).toEqual([]);
});

returning('people are shown in 3D, to be turned, and cut out, once they are asked for', async ({ page }) => {
  const photo = new PhotoPage(page);
  await photo.open();
  const loaded = record(page, /\/assets\/(?:solid|cut-out)-/);
  const shown = Object(await photo.json());
  await page.getByRole('radio', { name: '3D' }).check();
  const figure = page.getByRole('img', { name: /^Person 1 in 3D/ });
  await expect(figure).toBeVisible();
  await photo.isFound('Found 2 people.');
  // What the view needs is no part of the answer.
  expect(await photo.json()).toEqual({ ...shown, log_id: expect.any(String) });
  // Without the ring of the focus.
  const drawn = () =>
    figure.evaluate((canvas) => (canvas instanceof HTMLCanvasElement ? canvas.toDataURL() : ''));
  const before = await drawn();
  const isBefore = async () => (await drawn()) === before;
  await figure.focus();
  await page.keyboard.press('ArrowLeft');
  await expect.poll(isBefore).toBe(false);
  await page.keyboard.press('0');
  await expect.poll(isBefore).toBe(true);
  await photo.persons.last().click();
  await expect(page.getByRole('img', { name: /^Person 2 in 3D/ })).toBeVisible();
  await photo.persons.last().click();

  await page.getByRole('radio', { name: 'Cut-out' }).check();
  const save = page.getByRole('button', { name: 'Save cut-out' });
  await expect(save).toBeEnabled();
  const downloading = page.waitForEvent('download');
  await save.click();
  const png = await readFile(await (await downloading).path());
  const { person_info }: BodyAnalysisResult = shown;
  const { x, y } = person_info[0]?.body_parts.neck ?? { x: NaN, y: NaN };
  const opacities = await page.evaluate(
    async ({ base64, spots }) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
      context?.drawImage(bitmap, 0, 0);
      return spots.map(([left, top]) => context?.getImageData(left, top, 1, 1).data[3]);
    },
    {
      base64: png.toString('base64'),
      spots: [
        [Math.round(x), Math.round(y) + 8],
        [5, 5],
      ] as const,
    },
  );
  expect(opacities).toEqual([255, 0]);
  expect(loaded).toHaveLength(2);
});
