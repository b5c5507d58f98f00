import { readFile } from 'node:fs/promises';
import { expect, test } from 'playwright/test';
import type { BrowserContext, Download, JSHandle, Page } from 'playwright/test';
import type { AnalysisDebug, DebugCorner } from '../../src/index.ts';
import type { BodyAnalysisResult } from '../../src/schema/result.ts';

/** The page with the lightest model and the quickest quality, for all that is not about these. */
export const QUICK = '/?model=lite&quality=fast';

/** A sample picture's path. */
export function sample(name: string): string {
  return `public/samples/${name}`;
}

/**
 * A test whose page is opened where it is open already: its models are there, and its code is compiled,
 * since both pages are of one process (`playwright.config.ts`).
 */
export const returning = test.extend<object, { visited: BrowserContext }>({
  visited: [
    async ({ browser }, use, { project }) => {
      const { baseURL, viewport } = project.use;
      const context = await browser.newContext({
        ...(baseURL !== undefined && { baseURL }),
        ...(viewport !== undefined && { viewport }),
      });
      await new PhotoPage(await context.newPage()).open();
      await use(context);
      await context.close();
    },
    { scope: 'worker' },
  ],
  page: async ({ visited }, use) => {
    const page = await visited.newPage();
    await use(page);
    await page.close();
  },
});

/** What the page said while it worked. */
export interface Work {
  /** Beside the picture. */
  texts: string[];
  /** In the live region. */
  announced: string[];
  /** Of the bar, `0 … 1`. */
  fractions: number[];
}

/** The photo page as a visitor uses it. */
export class PhotoPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get status() {
    return this.page.getByRole('status');
  }

  get persons() {
    return this.page.getByRole('button', { name: /^(?:Person|人物) \d/ });
  }

  get progress() {
    return this.page.getByRole('progressbar');
  }

  get fileInput() {
    return this.page.getByLabel('Choose photos');
  }

  /** The strip's photos; each has a button of its own that removes it. */
  get photos() {
    return this.page.getByRole('region', { name: /^Photos/ }).getByRole('button', { name: /^(?!Remove )/ });
  }

  get explanation() {
    return this.page.getByRole('region', { name: 'How it was found' });
  }

  /** Opens the page, with what takes least unless the address says otherwise, and waits until its sample is analysed. */
  async open(url = QUICK): Promise<void> {
    await this.page.goto(url);
    await this.isFound('Found 2 people.');
  }

  async isFound(text: string | RegExp): Promise<void> {
    await expect(this.status).toHaveText(text);
    await expect(this.progress).toBeHidden();
  }

  /** Waits until everything is analysed, and this many people are found on all photos together. */
  async isFoundInAll(people: number): Promise<void> {
    await this.isFound(new RegExp(`\\. ${people} (?:person|people) in all\\.$`));
  }

  /** Drops a JPEG from a path, under another name. */
  async drop(path: string, name: string): Promise<void> {
    await this.dropBytes(await readFile(path), name, 'image/jpeg');
  }

  async dropBytes(content: Buffer, name: string, type: string): Promise<void> {
    const file = await this.page.evaluateHandle(
      (given) => {
        const bytes = Uint8Array.from(atob(given.base64), (character) => character.charCodeAt(0));
        return new File([bytes], given.name, { type: given.type });
      },
      { base64: content.toString('base64'), name, type },
    );
    await this.dropFile(file);
  }

  /** Drops a file as a file manager would. */
  async dropFile(file: JSHandle<File>): Promise<void> {
    const dataTransfer = await this.page.evaluateHandle((given) => {
      const data = new DataTransfer();
      data.items.add(given);
      return data;
    }, file);
    for (const event of ['dragenter', 'dragover', 'drop']) {
      await this.page.locator('#frame').dispatchEvent(event, { dataTransfer });
    }
  }

  /** Where the picture, what is drawn on it and the field around them lie in the window. */
  rectangles() {
    return this.page.evaluate(async () => {
      // Sizes that a script gives follow within a frame.
      for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
      const of = (selector: string) => {
        const { left, top, width, height } = document.querySelector(selector)?.getBoundingClientRect() ?? {};
        return { left: left ?? NaN, top: top ?? NaN, width: width ?? NaN, height: height ?? NaN };
      };
      return { picture: of('#picture'), overlay: of('#overlay'), stage: of('.stage') };
    });
  }

  /** How many of the overlay's pixels are drawn on. */
  drawnPixels(): Promise<number> {
    return this.page.evaluate(() => {
      const canvas = document.querySelector('canvas#overlay');
      if (!(canvas instanceof HTMLCanvasElement)) throw new Error('no overlay');
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {};
      return data?.filter((value, index) => index % 4 === 3 && value > 0).length ?? 0;
    });
  }

  /** How opaque the overlay is along a line around these corners, `0 … 1`; parts beyond it do not count. */
  opacityAlong(corners: readonly DebugCorner[]): Promise<number> {
    return this.page.evaluate((around) => {
      const canvas = document.querySelector('canvas#overlay');
      const picture = document.querySelector('img#picture');
      if (!(canvas instanceof HTMLCanvasElement) || !(picture instanceof HTMLImageElement)) {
        throw new Error('no picture');
      }
      const context = canvas.getContext('2d');
      const [on, of] = [canvas.getBoundingClientRect(), picture.getBoundingClientRect()];
      const pixel = canvas.width / on.width;
      const scale = (pixel * of.width) / picture.naturalWidth;
      const [left, top] = [pixel * (of.left - on.left), pixel * (of.top - on.top)];
      const opacities: number[] = [];
      for (const [at, [x1, y1]] of around.entries()) {
        const [x2, y2] = around[(at + 1) % around.length] ?? [x1, y1];
        for (let part = 0.02; part < 1; part += 0.02) {
          const x = Math.floor(left + scale * (x1 + part * (x2 - x1)));
          const y = Math.floor(top + scale * (y1 + part * (y2 - y1)));
          if (x < 0 || y < 0 || x >= canvas.width || y >= canvas.height) continue;
          opacities.push((context?.getImageData(x, y, 1, 1).data[3] ?? 0) / 255);
        }
      }
      return opacities.reduce((sum, opacity) => sum + opacity, 0) / opacities.length;
    }, corners);
  }

  /** Writes down what the page says from now on while it works. */
  recordWork(): Promise<JSHandle<Work>> {
    return this.page.evaluateHandle(() => {
      const work: Work = { texts: [], announced: [], fractions: [] };
      const find = (selector: string) => {
        const element = document.querySelector(selector);
        if (!element) throw new Error(`no ${selector}`);
        return element;
      };
      const [activity, status, progress] = [find('#activity'), find('#status'), find('#progress')];
      const options = { childList: true, characterData: true, subtree: true };
      new MutationObserver(() => work.texts.push(activity.textContent)).observe(activity, options);
      new MutationObserver(() => work.announced.push(status.textContent)).observe(status, options);
      new MutationObserver(() => {
        if (!(progress instanceof HTMLProgressElement) || progress.hidden) return;
        if (progress.position >= 0) work.fractions.push(progress.position);
      }).observe(progress, { attributes: true });
      return work;
    });
  }

  /** How the answer on show came about; `undefined` where it does not say. */
  async debug(): Promise<AnalysisDebug | undefined> {
    const { debug }: BodyAnalysisResult = Object(await this.json());
    return debug;
  }

  async json(): Promise<unknown> {
    return JSON.parse((await this.page.locator('#json').textContent()) ?? '');
  }

  /** Chooses from the menu of what can be saved. */
  async save(name: string | RegExp): Promise<Download> {
    await this.page.getByRole('button', { name: 'Save', exact: true }).click();
    const downloading = this.page.waitForEvent('download');
    await this.page.getByRole('dialog').getByRole('button', { name }).click();
    return downloading;
  }
}
