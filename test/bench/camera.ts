/** A file for Chromium's fake camera: a person of the samples, moving a little. */
import { readFile, writeFile } from 'node:fs/promises';
import { chromium } from 'playwright';
import { BROWSER_ARGS, ensureBrowser } from '../../scripts/find-browser.ts';

/** As most webcams give it. */
const SIZE = { width: 640, height: 480 };
/** Frames until the movement begins anew. */
const FRAMES = 60;

/** Writes the file, and says with which flags Chromium takes it for a camera that everyone may use. */
export async function makeCamera(path: string, photo = 'public/samples/stand.jpg'): Promise<string[]> {
  const browser = await chromium.launch({ executablePath: ensureBrowser(), args: BROWSER_ARGS });
  try {
    const page = await browser.newPage();
    const source = `data:image/jpeg;base64,${(await readFile(photo)).toString('base64')}`;
    const jpegs = await page.evaluate(
      async ({ url, size, frames }) => {
        const picture = await createImageBitmap(await (await fetch(url)).blob());
        const canvas = new OffscreenCanvas(size.width, size.height);
        const context = canvas.getContext('2d');
        const scale = size.height / picture.height;
        const encoded: string[] = [];
        for (let frame = 0; frame < frames; frame++) {
          const shift = 60 * Math.sin((2 * Math.PI * frame) / frames);
          context?.clearRect(0, 0, size.width, size.height);
          const width = picture.width * scale;
          context?.drawImage(picture, (size.width - width) / 2 + shift, 0, width, size.height);
          const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
          const bytes = new Uint8Array(await blob.arrayBuffer());
          encoded.push(btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')));
        }
        return encoded;
      },
      { url: source, size: SIZE, frames: FRAMES },
    );
    await writeFile(path, Buffer.concat(jpegs.map((jpeg) => Buffer.from(jpeg, 'base64'))));
  } finally {
    await browser.close();
  }
  return [
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-video-capture=${path}`,
  ];
}
