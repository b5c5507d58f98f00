import { join } from 'node:path';
import { test } from 'playwright/test';
import { expectGoldenAnswer } from './example-page.ts';
import { expectLeanOutput } from './output.ts';
import { serveFolder } from './serve-folder.ts';
import { build, exampleFolder, INSTALLED, runServer } from './workspace.ts';

/** Each example that is built into a folder for any host, by that folder. */
const BUNDLED = { vite: 'dist', webpack: 'public', rspack: 'dist' } as const;

for (const [name, folder] of Object.entries(BUNDLED)) {
  test(`${name}: built and hosted, with headers for threads and without`, async ({ page, context }) => {
    build(name);
    const output = join(exampleFolder(name), folder);
    expectLeanOutput(output);
    for (const isIsolated of [false, true]) {
      const site = await serveFolder(output, isIsolated);
      const visitor = isIsolated ? await context.newPage() : page;
      await expectGoldenAnswer(visitor, site.url, isIsolated ? 2 : 1);
      await visitor.close();
      await site.stop();
    }
  });
}

test('vite: its dev server', async ({ page }) => {
  const server = await runServer(exampleFolder('vite'), 'dev', ['--port', '0']);
  try {
    await expectGoldenAnswer(page, server.url, 1);
  } finally {
    await server.stop();
  }
});

test('html: no bundler, the files beside the page', async ({ page }) => {
  build('html');
  const site = await serveFolder(join(exampleFolder('html'), 'public'), true);
  await expectGoldenAnswer(page, site.url, 2);
  await site.stop();
});

for (const isIsolated of [false, true]) {
  test(`cdn: the package on another origin, the page ${isIsolated ? '' : 'not '}isolated`, async ({
    page,
  }) => {
    const cdn = await serveFolder(join(INSTALLED, 'dist'), false);
    build('cdn', { env: { CDN: cdn.url } });
    const site = await serveFolder(join(exampleFolder('cdn'), 'dist'), isIsolated);
    await expectGoldenAnswer(page, site.url, isIsolated ? 2 : 1);
    await site.stop();
    await cdn.stop();
  });
}
