import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'playwright/test';
import type { Page } from 'playwright/test';
import { PERSON_COLORS } from '../../src/draw/colors.ts';
import { ROOT } from '../../scripts/root.ts';
import { BODY_PARTS } from '../../src/schema/body-parts.ts';
import { parseBodyAnalysisResult } from '../../src/schema/parse.ts';
import golden from '../support/golden.json' with { type: 'json' };

/** What counts as the same answer: as in the tests of the backends. */
const SAME = { pixels: 0.5, score: 0.01 };

/** Collects whatever the page complains about. */
export function listenForComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('requestfailed', (request) => {
    complaints.push(`${request.url()}: ${request.failure()?.errorText ?? 'failed'}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.url()}: ${response.status()}`);
  });
  return complaints;
}

/** Opens a photo example, and expects the golden answer to its sample picture, by so many threads. */
export async function expectGoldenAnswer(page: Page, url: string, threads: number): Promise<void> {
  const complaints = listenForComplaints(page);
  await page.goto(url);
  await expect(page.getByRole('status')).toHaveText(`People: 2. Backend: wasm, threads: ${threads}.`);
  const answer = parseBodyAnalysisResult(JSON.parse((await page.locator('#answer').textContent()) ?? ''));
  const wanted = golden.two;
  expect(answer.person_num).toBe(wanted.person_num);
  for (const [index, { body_parts, location }] of wanted.person_info.entries()) {
    const person = answer.person_info[index];
    if (!person) throw new Error(`There is no person ${index}.`);
    for (const part of BODY_PARTS) {
      const [one, other] = [person.body_parts[part], body_parts[part]];
      expect(Math.hypot(one.x - other.x, one.y - other.y), part).toBeLessThanOrEqual(SAME.pixels);
      expect(Math.abs(one.score - other.score), part).toBeLessThanOrEqual(SAME.score);
    }
    expect(Math.abs(person.location.score - location.score)).toBeLessThanOrEqual(SAME.score);
  }
  expect(await drawnPixels(page)).toBeGreaterThan(1000);
  if (process.env['PICTURES'] !== undefined) await takePicture(page);
  expect(complaints).toEqual([]);
}

/** Takes the picture that the site's gallery shows of the example that the running test is named after. */
async function takePicture(page: Page): Promise<void> {
  const [name = ''] = /^\w+(?=:)/.exec(test.info().title) ?? [];
  if (name === '') return;
  await page.setViewportSize({ width: 720, height: 540 });
  const shot = (await page.screenshot()).toString('base64');
  const packed = await page.evaluate(async (png) => {
    const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes]));
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [picture.width, picture.height];
    canvas.getContext('2d')?.drawImage(picture, 0, 0);
    return canvas.toDataURL('image/webp', 0.8).replace(/^.*,/, '');
  }, shot);
  writeFileSync(join(ROOT, 'docs/images/examples', `${name}.webp`), packed, 'base64');
}

/** How many of the picture's pixels have the colour that the first person is drawn in, or nearly. */
function drawnPixels(page: Page): Promise<number> {
  return page.locator('#picture').evaluate((element, [color = '']) => {
    if (!(element instanceof HTMLCanvasElement)) throw new Error('#picture is no canvas');
    const { data = [] } = element.getContext('2d')?.getImageData(0, 0, element.width, element.height) ?? {};
    const wanted = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
    let count = 0;
    for (let pixel = 0; pixel < data.length; pixel += 4) {
      if (wanted.every((value, channel) => Math.abs((data[pixel + channel] ?? 0) - value) <= 4)) count += 1;
    }
    return count;
  }, PERSON_COLORS);
}
