import type { Engine, Session } from './engine.ts';
import { findProgram } from '../../scripts/programs.ts';

/** What Firefox does not do by itself where there is neither screen, GPU nor anyone to ask. */
const PREFERENCES = {
  // WebGPU on a software adapter, which is on the block list for being one.
  'dom.webgpu.enabled': true,
  'dom.webgpu.workers.enabled': true,
  'gfx.webgpu.ignore-blocklist': true,
  'gfx.webrender.software': true,
  // A camera that shows one colour after the other, and that nobody has to allow.
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.autoplay.default': 0,
};

/** Firefox as it is installed, headless, over WebDriver BiDi. */
export const firefoxEngine: Engine = {
  name: 'firefox',
  mayLack: ['webgpu'],
  find() {
    const executablePath = findProgram(process.env['FIREFOX_PATH'], 'firefox-esr', 'firefox');
    return executablePath === undefined
      ? {
          missing:
            'No Firefox was found. On Debian: `apt-get install firefox-esr`; or set FIREFOX_PATH to its executable.',
        }
      : { launch: () => launch(executablePath) };
  },
};

async function launch(executablePath: string): Promise<Session> {
  // Only here, since `run.ts` installs it.
  const { launch: launchBrowser } = await import('puppeteer-core');
  const browser = await launchBrowser({
    browser: 'firefox',
    executablePath,
    headless: true,
    extraPrefsFirefox: PREFERENCES,
  });
  const page = await browser.newPage();
  return {
    version: (await browser.version()).replace('firefox/', 'Firefox '),
    async open(url) {
      await page.goto(url);
    },
    close: () => browser.close(),
  };
}
