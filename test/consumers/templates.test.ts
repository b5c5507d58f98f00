import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'playwright/test';
import { TEMPLATES } from '../../src/cli/init.ts';
import { expectGoldenAnswer } from './example-page.ts';
import { serveFolder } from './serve-folder.ts';
import { run, runServer, tarball } from './workspace.ts';

/*
 * What `npx body21 init` writes, as a newcomer has it: in an empty folder far from this repository, with its
 * packages from the registry and body21 from the tarball.
 */

let folder = '';
test.beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'body21-templates-'));
  // By npm, as somebody does: an app then takes the package from the same file.
  run('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder, tarball()], folder);
});
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

for (const template of TEMPLATES) {
  test(`init --template ${template}: installs, builds, and finds two people`, async ({ page }) => {
    test.setTimeout(480_000);
    const app = join(folder, template);
    run(
      process.execPath,
      [join(folder, 'node_modules/body21/dist/cli.js'), 'init', app, '--template', template],
      folder,
    );
    run('npm', ['install', '--no-audit', '--no-fund'], app);
    run('npm', ['run', 'build'], app);
    const server =
      template === 'next'
        ? await runServer(app, 'start', ['--port', '0'])
        : await serveFolder(join(app, template === 'html' ? 'public' : 'dist'), true);
    try {
      await expectGoldenAnswer(page, server.url, 2);
    } finally {
      await server.stop();
    }
  });
}
