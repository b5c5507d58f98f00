import { expect } from 'playwright/test';
import type { Page } from 'playwright/test';
import { PERSON_COLORS } from '../../src/draw/colors.ts';
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
  expect(complaints).toEqual([]);
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
