import { readFile } from 'node:fs/promises';
import { expect } from 'playwright/test';
import type { JSHandle, Page } from 'playwright/test';

/** A sample picture's path. */
export function sample(name: string): string {
  return `public/samples/${name}`;
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
    return this.page.getByRole('button', { name: /^Person \d/ });
  }

  get progress() {
    return this.page.getByRole('progressbar');
  }

  get fileInput() {
    return this.page.getByLabel('Choose photos');
  }

  get photos() {
    return this.page.getByRole('region', { name: /^Photos/ }).getByRole('button');
  }

  /** Opens the page and waits until its sample is analysed. */
  async open(url = '/'): Promise<void> {
    await this.page.goto(url);
    await this.isFound('Found 2 people.');
  }

  async isFound(text: string | RegExp): Promise<void> {
    await expect(this.status).toHaveText(text);
    await expect(this.progress).toBeHidden();
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
      // oxlint-disable-next-line no-await-in-loop -- one follows the other
      await this.page.locator('#frame').dispatchEvent(event, { dataTransfer });
    }
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

  async json(): Promise<unknown> {
    return JSON.parse(
      (await this.page.getByRole('region', { name: 'JSON' }).locator('pre').textContent()) ?? '',
    );
  }
}
