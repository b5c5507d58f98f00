import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, expect, test } from 'playwright/test';
import { transformWithOxc } from 'vite';
import { BROWSER_ARGS, findBrowser } from '../../scripts/find-browser.ts';
import { ROOT } from '../../scripts/root.ts';
import { samplesOf } from '../support/doc-samples.ts';
import { INSTALLED, WORKSPACE } from './workspace.ts';

/** The guide's lines as an extension, with the package's files beside them as the guide asks. */
async function writeExtension(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'body21'), { recursive: true });
  const guide = readFileSync(join(ROOT, 'docs/guide/desktop-and-extensions.md'), 'utf8');
  for (const { language, code } of samplesOf(guide)) {
    const [, name] = /^\/\/ (\w+)\.js$/m.exec(code) ?? [];
    if (language === 'json') writeFileSync(join(folder, 'manifest.json'), code);
    if (name === undefined) continue;
    const script = await transformWithOxc(code, `${name}.ts`);
    // What a bundler makes of the import.
    writeFileSync(join(folder, `${name}.js`), script.code.replace(/(['"])body21\1/, "'./body21/index.js'"));
  }
  const [, page = ''] = /`offscreen\.html` has nothing but `([^`]*)`/.exec(guide) ?? [];
  writeFileSync(join(folder, 'offscreen.html'), page);
  for (const file of readdirSync(join(INSTALLED, 'dist')).filter((each) => each.endsWith('.js')))
    copyFileSync(join(INSTALLED, 'dist', file), join(folder, 'body21', file));
  cpSync(join(INSTALLED, 'dist/assets'), join(folder, 'body21/assets'), { recursive: true });
  copyFileSync(join(ROOT, 'public/samples/two.jpg'), join(folder, 'sample.jpg'));
}

test('extension: its service worker has a picture analysed, by the guide’s lines', async () => {
  const folder = join(WORKSPACE, 'extension');
  await writeExtension(folder);
  const executablePath = findBrowser();
  const context = await chromium.launchPersistentContext('', {
    // Playwright's own default, under which no extension runs.
    ignoreDefaultArgs: ['--disable-extensions'],
    args: [...BROWSER_ARGS, `--disable-extensions-except=${folder}`, `--load-extension=${folder}`],
    ...(executablePath ? { executablePath } : {}),
  });
  try {
    const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
    const answer: unknown = await worker.evaluate(
      'fetch("sample.jpg").then((file) => file.blob()).then(analyse)',
    );
    expect(answer).toMatchObject({ person_num: 2 });
  } finally {
    await context.close();
  }
});
