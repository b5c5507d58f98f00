/**
 * `npx tsx scripts/sample-thumbnails.ts` makes the small pictures by which the photo page offers its samples: six
 * whole ones, decoded while the first photo is analysed, put off its answer by a twentieth.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { SAMPLES, sampleUrl, thumbnailUrl } from '../demo/samples.ts';
import { BROWSER_ARGS, ensureBrowser } from './find-browser.ts';
import { ROOT } from './root.ts';

/** Of a thumbnail, in pixels: what the page shows, on screens with three to one of CSS. */
const HEIGHT = 3 * 72;

const browser = await chromium.launch({ executablePath: ensureBrowser(), args: BROWSER_ARGS });
try {
  const page = await browser.newPage();
  for (const sample of SAMPLES) {
    const whole = readFileSync(join(ROOT, 'public', sampleUrl(sample)));
    const small = await page.evaluate(
      async ({ base64, height }) => {
        const blob = await (await fetch(`data:image/*;base64,${base64}`)).blob();
        const picture = await createImageBitmap(blob, { resizeHeight: height, resizeQuality: 'high' });
        const canvas = document.createElement('canvas');
        canvas.width = picture.width;
        canvas.height = picture.height;
        canvas.getContext('2d')?.drawImage(picture, 0, 0);
        return canvas.toDataURL('image/webp', 0.8);
      },
      { base64: whole.toString('base64'), height: HEIGHT },
    );
    const file = join(ROOT, 'public', thumbnailUrl(sample));
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, Buffer.from(small.slice(small.indexOf(',') + 1), 'base64'));
  }
} finally {
  await browser.close();
}
