import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { BROWSER_ARGS, findBrowser, WEBGPU_ARGS } from '../../scripts/find-browser.ts';
import { makeCamera } from '../bench/camera.ts';
import type { Engine, Session } from './engine.ts';

/** Chromium or Chrome, headless, with its software GPU and a file for a camera. */
export const chromiumEngine: Engine = {
  name: 'chromium',
  mayLack: [],
  find() {
    const executablePath = findBrowser();
    return executablePath === undefined
      ? { missing: 'No Chromium or Chrome was found. Run `npm test -- browser`, or set CHROME_PATH.' }
      : { launch: () => launch(executablePath) };
  },
};

async function launch(executablePath: string): Promise<Session> {
  const folder = await mkdtemp(join(tmpdir(), 'body21-chromium-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const camera = await makeCamera(join(folder, 'camera.mjpeg'));
    const browser = await chromium.launch({
      executablePath,
      args: [...BROWSER_ARGS, ...WEBGPU_ARGS, ...camera],
    });
    const page = await browser.newPage();
    return {
      version: `Chromium ${browser.version()}`,
      async open(url) {
        await page.goto(url);
      },
      async close() {
        await browser.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
