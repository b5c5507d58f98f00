import { expect, test } from 'playwright/test';
import type { Locator, Page } from 'playwright/test';
import type { BodyAnalysisResult } from '../../src/schema/result.ts';
import { PhotoPage, returning } from './photo-page.ts';

type Spot = readonly [x: number, y: number];

/**
 * In place of the photo one of its size that is black but for a green spot where a keypoint is, so that a
 * screenshot tells where the picture has it, and what is drawn over it.
 */
async function showSpot(page: Page, { x, y }: { x: number; y: number }): Promise<void> {
  await page.evaluate(
    async ([left, top]) => {
      const picture = document.querySelector('img#picture');
      if (!(picture instanceof HTMLImageElement)) throw new Error('no picture');
      const canvas = new OffscreenCanvas(picture.naturalWidth, picture.naturalHeight);
      const context = canvas.getContext('2d');
      context?.fillRect(0, 0, canvas.width, canvas.height);
      if (context) context.fillStyle = '#0f0';
      context?.fillRect(left - 4, top - 4, 8, 8);
      picture.src = URL.createObjectURL(await canvas.convertToBlob());
      await picture.decode();
    },
    [x, y] as const,
  );
}

/** The middle of the stage's green pixels in a screenshot, and the colour that another has there. */
async function compare(page: Page, bare: Buffer, drawn: Buffer): Promise<{ spot: Spot; color: number[] }> {
  return page.evaluate(
    async (shots) => {
      const read = async (base64: string) => {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
        if (!context) throw new Error('no canvas');
        context.drawImage(bitmap, 0, 0);
        return context.getImageData(0, 0, bitmap.width, bitmap.height);
      };
      const [without, over] = [await read(shots[0]), await read(shots[1])];
      let [count, across, down] = [0, 0, 0];
      for (let at = 0; at < without.data.length; at += 4) {
        const [red = 0, green = 0, blue = 0] = without.data.subarray(at, at + 3);
        if (green < 120 || red > 90 || blue > 90) continue;
        count++;
        across += (at / 4) % without.width;
        down += Math.floor(at / 4 / without.width);
      }
      const [x, y] = [across / count, down / count];
      const pixel = 4 * (Math.round(y) * over.width + Math.round(x));
      return { spot: [x, y] as const, color: [...over.data.subarray(pixel, pixel + 3)] };
    },
    [bare.toString('base64'), drawn.toString('base64')] as const,
  );
}

// The second is no whole number, as where the browser's own zoom is in it.
for (const deviceScaleFactor of [1, 2.5, 3]) {
  test(`points stay on joints however near one looks, at ${deviceScaleFactor} pixels to one of CSS`, async ({
    browser,
    baseURL,
  }) => {
    const context = await browser.newContext({
      deviceScaleFactor,
      viewport: { width: 1000, height: 600 },
      ...(baseURL === undefined ? {} : { baseURL }),
    });
    const page = await context.newPage();
    const photo = new PhotoPage(page);
    await photo.open();
    const { person_info }: BodyAnalysisResult = Object(await photo.json());
    const joint = person_info[0]?.body_parts.left_elbow;
    if (!joint) throw new Error('There is nobody.');
    await showSpot(page, joint);
    const stage = page.locator('#stage');
    const draw = (opacity: string) =>
      page.locator('#overlay').evaluate((canvas, value) => {
        if (canvas instanceof HTMLElement) canvas.style.opacity = value;
      }, opacity);
    const seen: number[] = [];
    for (let zoom = 0; zoom < 5; zoom++) {
      await draw('0');
      const bare = await stage.screenshot();
      await draw('1');
      const { spot, color } = await compare(page, bare, await stage.screenshot());
      // A joint's centre is white.
      expect(Math.min(...color), `${zoom}: ${color.join()} at ${spot.join()}`).toBeGreaterThan(200);
      seen.push((await page.locator('#picture').boundingBox())?.width ?? 0);
      const box = await stage.boundingBox();
      await page.mouse.move(
        (box?.x ?? 0) + spot[0] / deviceScaleFactor,
        (box?.y ?? 0) + spot[1] / deviceScaleFactor,
      );
      // A wheel's step is less at more pixels to one of CSS.
      await expect
        .poll(async () => {
          await page.mouse.wheel(0, -100);
          return (await page.locator('#picture').boundingBox())?.width;
        })
        .toBeGreaterThan(1.3 * (seen.at(-1) ?? 0));
      await page.mouse.move(2, 2);
    }
    await context.close();
  });
}

/** How much larger the picture is shown than when it is shown whole. */
function zoomOf(page: Page): Promise<number> {
  return page.locator('#picture').evaluate((image) => {
    return image instanceof HTMLElement ? image.getBoundingClientRect().width / image.offsetWidth : NaN;
  });
}

returning('the picture is enlarged and moved by keys, buttons, wheel and double click', async ({ page }) => {
  const photo = new PhotoPage(page);
  await photo.open();
  const whole = page.getByRole('button', { name: 'Whole picture' });
  await expect(whole).toBeHidden();
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  expect(await zoomOf(page)).toBeCloseTo(2.25, 1);
  await page.keyboard.press('-');
  expect(await zoomOf(page)).toBeCloseTo(1.5, 1);
  const before = await photo.rectangles();
  expect(before.overlay).toEqual(before.stage);
  await page.keyboard.press('ArrowUp');
  const { picture } = await photo.rectangles();
  expect(picture.top).toBeGreaterThan(before.picture.top);
  // No further than to its edge.
  for (let press = 0; press < 9; press++) await page.keyboard.press('ArrowUp');
  const edge = await photo.rectangles();
  expect(edge.picture.top).toBeCloseTo(edge.stage.top, 0);
  await page.keyboard.press('0');
  expect(await zoomOf(page)).toBeCloseTo(1, 2);

  await page.getByRole('button', { name: 'Zoom in' }).click();
  expect(await zoomOf(page)).toBeCloseTo(1.5, 1);
  await page.getByRole('button', { name: 'Zoom out' }).click();
  expect(await zoomOf(page)).toBeCloseTo(1, 2);
  await page.getByRole('button', { name: 'Zoom in' }).click();
  await whole.click();
  expect(await zoomOf(page)).toBeCloseTo(1, 2);
  await expect(page.getByRole('button', { name: 'Zoom in' })).toBeFocused();

  const box = await page.locator('#picture').boundingBox();
  if (!box) throw new Error('There is no picture.');
  const onSecond = [box.x + 0.35 * box.width, box.y + 0.5 * box.height] as const;
  await page.mouse.move(...onSecond);
  // Nothing is larger than the whole picture: the wheel is the page's.
  await page.mouse.wheel(0, 60);
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(0);
  expect(await zoomOf(page)).toBeCloseTo(1, 2);
  await page.mouse.wheel(0, -600);
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(0);
  await page.keyboard.press('0');
  await page.mouse.dblclick(...onSecond);
  expect(await zoomOf(page)).toBeGreaterThan(1);
  await expect(photo.persons.nth(1)).toHaveAttribute('aria-pressed', 'true');
  await page.mouse.dblclick(...onSecond);
  expect(await zoomOf(page)).toBeCloseTo(1, 2);

  // Another photo is seen whole.
  await page.keyboard.press('+');
  await page.getByRole('button', { name: 'Sample: In the air' }).click();
  await photo.isFoundInAll(3);
  expect(await zoomOf(page)).toBeCloseTo(1, 2);
});

returning('picture, list and JSON tell of the same person and joint', async ({ page }) => {
  const photo = new PhotoPage(page);
  await photo.open();
  const { person_info }: BodyAnalysisResult = Object(await photo.json());
  const wrist = person_info[1]?.body_parts.right_wrist;
  const box = await page.locator('#picture').boundingBox();
  if (!wrist || !box) throw new Error('There is nobody.');
  const scale = box.width / 1080;
  const joint = page.locator('#joint');
  const told = `Right wrist ${wrist.score.toFixed(2)}`;

  await page.mouse.move(box.x + scale * wrist.x + 3, box.y + scale * wrist.y + 3);
  await expect(joint).toHaveText(told);
  await expect(photo.persons.nth(1)).toHaveClass(/is-pointed/);
  await expect(page.locator('#json .is-pointed')).toContainText(`"right_wrist": { "x": ${wrist.x}`);
  await page.mouse.down();
  await page.mouse.up();
  await expect(photo.persons.nth(1)).toHaveAttribute('aria-pressed', 'true');
  const parts = page.getByRole('listbox', { name: 'Keypoints of person 2' });
  await expect(parts.getByRole('option', { selected: true })).toHaveText(
    new RegExp(`Right wrist\\s*${wrist.score.toFixed(2)}`),
  );
  await page.mouse.move(2, 2);
  await expect(joint).toBeHidden();

  // From the list, by the keyboard.
  await parts.focus();
  await expect(joint).toContainText('Top of the head');
  await page.keyboard.press('ArrowDown');
  await expect(joint).toContainText('Nose');
  await expect(page.locator('#json .is-pointed')).toContainText('"nose"');
  await page.keyboard.press('End');
  await expect(joint).toContainText('Left ankle');

  // From the JSON.
  await page.locator('#json span', { hasText: '"left_knee"' }).first().hover();
  await expect(joint).toContainText('Left knee');
  await expect(photo.persons.first()).toHaveClass(/is-pointed/);
  await page.locator('#json span', { hasText: '"left_knee"' }).first().click();
  await expect(photo.persons.first()).toHaveAttribute('aria-pressed', 'true');
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 3 });

  test('the picture stays in sight, over the page and over the results; two fingers enlarge it', async ({
    page,
    context,
  }) => {
    const photo = new PhotoPage(page);
    await photo.open();
    const devtools = await context.newCDPSession(page);
    /** Draws something down with a finger, and holds still before letting go. */
    const draw = async (drawn: Locator, by: number) => {
      const { x, y, width } = (await drawn.boundingBox()) ?? { x: NaN, y: NaN, width: NaN };
      const finger = (moved: number) => [{ x: x + width / 2, y: y + 20 + moved, id: 0 }];
      await devtools.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: finger(0) });
      for (const moved of [by / 3, (2 * by) / 3, by, by, by]) {
        await devtools.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: finger(moved) });
      }
      await devtools.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    };
    const isInSight = () => expect(page.locator('#picture')).toBeInViewport({ ratio: 0.99 });
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await isInSight();
    expect((await page.locator('#stage').boundingBox())?.height).toBeLessThan(0.5 * 844);

    // The results come up from the bottom, by a tap,
    await page.evaluate(() => scrollTo(0, 0));
    await page.getByRole('button', { name: 'Raise the results', exact: true }).tap();
    await expect(photo.persons.last()).toBeInViewport({ ratio: 0.99 });
    await isInSight();
    const sheet = page.getByRole('region', { name: 'Results' });
    await sheet.getByText('JSON').first().tap();
    await expect(page.locator('#json')).toBeInViewport();
    // by keys,
    await page.keyboard.press('Escape');
    const handle = sheet.getByRole('button', { name: 'Raise the results', exact: true });
    await expect(handle).toBeFocused();
    await expect(page.locator('#json')).not.toBeInViewport();
    await page.keyboard.press('End');
    await expect(sheet).toHaveAttribute('data-height', 'full');
    await page.keyboard.press('Home');
    // where one looks for something in them,
    await sheet.getByRole('button', { name: 'Copy' }).focus();
    await expect(page.locator('#json')).toBeInViewport();
    // and as far as they are drawn.
    const lower = page.getByRole('button', { name: 'Raise the results to full height' });
    await expect.poll(async () => (await lower.boundingBox())?.y).toBeLessThan(430);
    await draw(lower, 300);
    await expect(sheet).toHaveAttribute('data-height', 'low');

    const box = await page.locator('#stage').boundingBox();
    if (!box) throw new Error('There is no stage.');
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const fingers = (apart: number) => [
      { x: x - apart, y, id: 0 },
      { x: x + apart, y, id: 1 },
    ];
    await devtools.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: fingers(30) });
    for (const apart of [40, 60, 90]) {
      await devtools.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: fingers(apart) });
    }
    await devtools.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    expect(await zoomOf(page)).toBeGreaterThan(2);
    await page.getByRole('button', { name: 'Whole picture' }).tap();
    expect(await zoomOf(page)).toBeCloseTo(1, 2);
    // A finger names the joint that it touches.
    const { person_info }: BodyAnalysisResult = Object(await photo.json());
    const nose = person_info[0]?.body_parts.nose;
    const picture = await page.locator('#picture').boundingBox();
    if (!nose || !picture) throw new Error('There is nobody.');
    await page.touchscreen.tap(
      picture.x + (picture.width * nose.x) / 1080,
      picture.y + (picture.width * nose.y) / 1080,
    );
    await expect(page.locator('#joint')).toContainText('Nose');
  });
});
