import { expect, onTestFinished, test, vi } from 'vitest';
import fromTheCloud from '../../docs/guide/from-the-cloud-api.md?raw';
import gettingStarted from '../../docs/guide/getting-started.md?raw';
import readme from '../../README.md?raw';
import * as aip from '../../src/client/aip.ts';
import * as body21 from '../../src/index.ts';
import { samplesOf, withoutImports } from '../support/doc-samples.ts';

/* Samples of the pages, run as they stand. That the others compile is held by test/unit/docs.test.ts. */

const PHOTO = '/samples/two.jpg';

/** Runs a sample as a module that has these free names. */
async function run(code: string, free: Record<string, unknown>): Promise<void> {
  const modules = { body21, 'body21/aip': aip };
  const body = `return (async () => {${withoutImports(code)}})();`;
  // oxlint-disable-next-line typescript/no-implied-eval -- the code of the repository's own pages
  const sample = new Function('modules', ...Object.keys(free), body) as (
    ...values: unknown[]
  ) => Promise<void>;
  await sample(modules, ...Object.values(free));
}

function firstSample(page: string, language: string): string {
  const found = samplesOf(page).find((sample) => sample.language === language);
  if (!found) throw new Error(`The page has no ${language} sample.`);
  return found.code;
}

/** How many of the canvas's pixels differ from the photo's, where it is drawn alone. */
function differences(context: CanvasRenderingContext2D, photo: CanvasImageSource): number {
  const { width, height } = context.canvas;
  const plain = new OffscreenCanvas(width, height).getContext('2d');
  if (!plain) throw new Error('no 2D canvas');
  plain.drawImage(photo, 0, 0);
  const [a, b] = [context, plain].map((each) => each.getImageData(0, 0, width, height).data);
  return a?.filter((value, index) => Math.abs(value - (b?.[index] ?? 0)) > 40).length ?? 0;
}

test('the first sample of the README finds people and draws them', async () => {
  const photo = await (await fetch(PHOTO)).blob();
  const picture = await createImageBitmap(photo);
  const canvas = document.createElement('canvas');
  canvas.width = picture.width;
  canvas.height = picture.height;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no 2D canvas');
  context.drawImage(picture, 0, 0);
  const bar = document.createElement('progress');
  const log = vi.fn();
  await run(firstSample(readme, 'ts'), { photo, context, bar, console: { log } });
  expect(bar.value).toBe(1);
  expect(log).toHaveBeenCalledWith(2, {
    x: expect.any(Number),
    y: expect.any(Number),
    score: expect.any(Number),
  });
  expect(differences(context, picture)).toBeGreaterThan(1000);
});

test('the page that getting-started builds shows a skeleton on the photo', async () => {
  const html = firstSample(gettingStarted, 'html');
  expect(html).toContain('src="main.js"');
  // The page's own photo, under the name that this server has it by.
  const code = firstSample(gettingStarted, 'js').replace("'photo.jpg'", JSON.stringify(PHOTO));
  const children = [...document.body.childNodes];
  onTestFinished(() => document.body.replaceChildren(...children));
  await run(code, {});
  expect(document.body.textContent).toContain('Found 2.');
  const context = document.querySelector('canvas')?.getContext('2d');
  if (!context) throw new Error('no canvas');
  const picture = await createImageBitmap(await (await fetch(PHOTO)).blob());
  expect(differences(context, picture)).toBeGreaterThan(1000);
});

test('the cloud API’s call runs as the guide to leaving it has it', async () => {
  const photo = await (await fetch(PHOTO)).blob();
  const headline = firstSample(fromTheCloud, 'diff');
  const code = headline
    .split('\n')
    .filter((line) => !line.startsWith('-'))
    .map((line) => line.slice(2))
    .join('\n');
  const [helper] = /^function base64Of[^]*?^}/m.exec(fromTheCloud) ?? [];
  // JavaScript, as the guide's reader has it.
  const base64Of = (helper ?? '').replace('file: Blob): Promise<string>', 'file)');
  const said = await new Promise<string>((log, fail) => {
    const free = { photo, console: { log } };
    run(`${code}\n${base64Of}`, free).catch(fail);
  });
  expect(JSON.parse(said)).toMatchObject({ person_num: 2 });
});
