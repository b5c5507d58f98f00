import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { expect, test } from 'playwright/test';
import type { Page } from 'playwright/test';
import { beginningOfClip } from './clips.ts';
import { PhotoPage, QUICK, sample } from './photo-page.ts';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const DESK = { width: 1366, height: 850 };
const PHONE = { width: 390, height: 844 };

/** What axe-core puts into a page. */
interface Axe {
  run(options: object): Promise<AxeResults>;
}

/** What is wrong with the page as it is, by axe-core, as lines to read. */
async function faults(page: Page, rules?: readonly string[]): Promise<string[]> {
  const isThere = await page.evaluate(() => 'axe' in globalThis);
  if (!isThere) await page.evaluate(AXE);
  return page.evaluate(async (only) => {
    const { axe } = globalThis as unknown as { axe: Axe };
    const { violations } = await axe.run({
      resultTypes: ['violations'],
      // Styles are not fetched again for rules that are not asked for.
      preload: false,
      ...(only ? { runOnly: only } : { rules: { 'target-size': { enabled: true } } }),
    });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary = '' }) => `${id}: ${html} ${failureSummary.replaceAll('\n', ' ')}`),
    );
  }, rules);
}

/** What is too small for a finger: less than 44 pixels of CSS high or wide. What lies in a line of text is not meant. */
function small(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const controls = document.querySelectorAll<HTMLElement>('a, button, select, summary, input');
    return [...controls].flatMap((control) => {
      if (!control.checkVisibility({ visibilityProperty: true })) return [];
      const target = control.closest('label') ?? control;
      const { width, height } = target.getBoundingClientRect();
      const isLarge = Math.min(width, height) > 43.5 || control.closest('p') !== null;
      return isLarge || width * height === 0
        ? []
        : [`${control.outerHTML.slice(0, 120)} is ${width} × ${height}`];
    });
  });
}

/** A window and a scheme, and the rules that are looked at there; all of them where none are named. */
interface Look {
  size: { width: number; height: number };
  colorScheme: 'light' | 'dark';
  rules?: readonly string[];
}

/**
 * All that a scheme changes are the colours, and all that a language does are the words: every rule is looked at
 * in either window, and contrast in either window by day and by night.
 */
const LOOKS: Readonly<Record<'en' | 'zh', readonly Look[]>> = {
  en: [
    { size: DESK, colorScheme: 'dark', rules: ['color-contrast'] },
    { size: PHONE, colorScheme: 'dark', rules: ['color-contrast'] },
    { size: DESK, colorScheme: 'light' },
  ],
  zh: [{ size: PHONE, colorScheme: 'light' }],
};

/** Goes through all that the Tab key reaches: that is everything that can be used, and it is seen where one is. */
async function isReached(page: Page, state: string): Promise<void> {
  const reaching = await page.evaluateHandle(() => {
    // Of a group of radio buttons, and of a strip of photos, one is reached, and arrows go on from there.
    const usable = [
      ...document.querySelectorAll<HTMLElement>('a[href], button, select, summary, input, [tabindex="0"]'),
    ].filter(
      (element) =>
        element.tabIndex >= 0 &&
        !element.matches('[type=radio]:not(:checked), :disabled') &&
        element.checkVisibility({ visibilityProperty: true }),
    );
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
    const [reached, unmarked] = [new Set<Element>(), new Set<Element>()];
    document.addEventListener('focusin', ({ target }) => {
      if (!(target instanceof HTMLElement)) return;
      reached.add(target);
      const isMarked = [target, target.closest('label') ?? target].some((each) => {
        const { outlineStyle, boxShadow } = getComputedStyle(each);
        return outlineStyle !== 'none' || boxShadow !== 'none';
      });
      // The ring of the video's slider is around its thumb, of which a script is told nothing.
      if (!isMarked && !target.matches('.scrub input')) unmarked.add(target);
    });
    return { usable, reached, unmarked };
  });
  const count = await reaching.evaluate(({ usable }) => usable.length);
  // Boxes that scroll are stops as well.
  for (let presses = 0; presses <= count + 6; presses++) await page.keyboard.press('Tab');
  const { missed, unseen } = await reaching.evaluate(({ usable, reached, unmarked }) => {
    const inWords = (element: Element) => element.outerHTML.slice(0, 120);
    return {
      missed: usable.filter((element) => !reached.has(element)).map(inWords),
      unseen: [...unmarked].map(inWords),
    };
  });
  expect.soft(missed, `${state}: not reached`).toEqual([]);
  expect.soft(unseen, `${state}: reached, and not to be seen`).toEqual([]);
}

test.use({ contextOptions: { reducedMotion: 'reduce' } });

for (const language of ['en', 'zh'] as const) {
  test(`all pages in ${language}, in every state: nothing for axe-core to find, and keys reach everything`, async ({
    page,
  }) => {
    const photo = new PhotoPage(page);
    /** Sees to it that nothing is wrong with the page as it is, however it is looked at. */
    const isSound = async (state: string, keys: 'keys' | 'no keys' = 'no keys') => {
      for (const { size, colorScheme, rules } of LOOKS[language]) {
        await page.setViewportSize(size);
        await page.emulateMedia({ colorScheme });
        const name = `${state}, ${size.width} pixels wide, ${colorScheme}`;
        expect.soft(await faults(page, rules), name).toEqual([]);
        if (size === PHONE) expect.soft(await small(page), name).toEqual([]);
      }
      await page.setViewportSize(DESK);
      if (language === 'en' && keys === 'keys') await isReached(page, state);
    };
    await page.goto('/video.html');
    // As a visitor chooses it, and all pages know it from then on.
    if (language === 'zh') await page.getByRole('link', { name: '中文' }).click();
    await expect(page.locator('html')).toHaveAttribute('lang', language === 'zh' ? 'zh-CN' : 'en');
    await isSound('the video page, empty', 'keys');
    await page
      .locator('#files')
      .setInputFiles({ name: 'me.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('') });
    await expect(page.getByRole('alert')).toBeVisible();
    await isSound('the video page, given a picture');
    const clip = { name: 'walk.webm', mimeType: 'video/webm', buffer: await beginningOfClip(0.4) };
    await page.locator('#files').setInputFiles(clip);
    await expect(page.locator('#play')).toBeFocused();
    await page.locator('#analyse').click();
    await expect(page.locator('.lane')).toHaveCount(2);
    await expect(page.locator('#save-csv')).toBeEnabled();
    await isSound('the video page with an analysed video', 'keys');
    await page.locator('[name=view][value="3d"]').check();
    await expect(page.locator('#solid')).toBeVisible();
    await isSound('the video page in 3D', 'keys');
    await page.locator('[name=view][value="cut-out"]').check();
    await expect(page.locator('.moving-cut-out')).toBeVisible();
    await isSound('the video page, cut out', 'keys');

    // Else its clip plays at once, where there is no camera.
    await page.emulateMedia({ reducedMotion: 'reduce' });
    // The page's title says what comes of asking for a camera.
    await page.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = () => {
        throw new DOMException('made to fail', document.title);
      };
    });
    await page.goto('/live.html');
    // Few frames, so that what is looked at meanwhile has the machine.
    await page.locator('#target-fps').selectOption('10');
    const title = await page.title();
    const startsCamera = async (error: string) => {
      await page.evaluate((name) => (document.title = name), error);
      await page.locator('#start').click();
      await page.evaluate((before) => (document.title = before), title);
    };
    await startsCamera('NotAllowedError');
    await expect(page.getByRole('alert')).toBeVisible();
    await isSound('the live page, refused the camera', 'keys');
    await startsCamera('NotFoundError');
    await expect(page.locator('#note')).toBeVisible();
    await expect(page.locator('#fps')).toHaveText(/^\d/);
    await page.locator('#video').evaluate((video: HTMLVideoElement) => (video.playbackRate = 0.25));
    await page.locator('#snapshot').click();
    // Someone's JSON is far longer than its field.
    await expect
      .poll(() =>
        page.locator('#shot pre').evaluate(({ clientHeight, scrollHeight }) => scrollHeight / clientHeight),
      )
      .toBeGreaterThan(2);
    await isSound('the live page without a camera, with its clip and a snapshot');
    await page.locator('[name=view][value="3d"]').check();
    await expect(page.locator('#solid')).toBeVisible();
    await isSound('the live page in 3D', 'keys');
    await page.locator('[name=view][value="cut-out"]').check();
    await isSound('the live page, cut out');

    let go: (() => void) | undefined;
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    await page.route(/\.onnx/, async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(QUICK);
    await expect(photo.progress).toBeVisible();
    await isSound('the photo page while models load');
    go?.();
    await expect(photo.persons).toHaveCount(2);
    await isSound('the photo page');
    await page.locator('#explain').check();
    await expect(page.locator('#explanation table')).toHaveCount(2);
    await isSound('how people were found', 'keys');
    await page.locator('#explain').uncheck();
    for (const view of ['3d', 'cut-out']) {
      await page.locator(`[name=view][value="${view}"]`).check();
      await expect(page.locator(view === '3d' ? '#solid' : '#save-cut-out:enabled')).toBeVisible();
      await expect(photo.progress).toBeHidden();
      await isSound(`people in the view ${view}`, 'keys');
    }
    await page.locator('[name=view][value=photo]').check();
    await page.locator('#files').setInputFiles([sample('group.webp'), sample('jump.jpg')]);
    await expect(photo.progress).toBeHidden();
    await page.locator('.person').first().click();
    await isSound('several photos, and a person of many', 'keys');
    await page.setViewportSize(PHONE);
    await page.locator('#sheet-handle').click();
    await isSound('the results, drawn up on a phone');
    await page.locator('#answer-as input[value=code]').check();
    await expect(page.locator('#code')).toBeVisible();
    await page.locator('#save').click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await isSound('what can be saved, over the code');
    await page.keyboard.press('Escape');
    await expect(page.locator('#save')).toBeFocused();
    await photo.dropBytes(Buffer.from('Not a picture.'), 'notes.txt', 'text/plain');
    await expect(page.getByRole('alert')).toBeVisible();
    await isSound('a file that is no photo');
  });
}
