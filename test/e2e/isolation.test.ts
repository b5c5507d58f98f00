import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'playwright/test';
import { serveFolder } from './serve.ts';

test('the service worker of docs/backends.md isolates a page whose host sends no headers', async ({
  page,
}) => {
  const docs = await readFile('docs/backends.md', 'utf8');
  const section = docs.split('### A service worker that adds them')[1] ?? '';
  const [worker = '', script = ''] = [...section.matchAll(/```js[^\n]*\n([\s\S]*?)```/g)].map(
    ([, code]) => code,
  );
  expect([worker, script].map((code) => code?.length ?? 0)).not.toContain(0);
  const folder = await mkdtemp(join(tmpdir(), 'body21-isolation-'));
  await writeFile(join(folder, 'isolation.js'), worker);
  await writeFile(
    join(folder, 'index.html'),
    `<!doctype html><title>A page</title><p>Here.</p><script type="module">${script}</script>`,
  );
  const site = await serveFolder(folder);
  try {
    await page.goto(site.url);
    // Asked anew after the reload, whenever that comes.
    await page.waitForFunction(() => crossOriginIsolated);
    await expect(page.getByText('Here.')).toBeVisible();
    expect(await page.evaluate(() => typeof SharedArrayBuffer)).toBe('function');
  } finally {
    await site.stop();
    await rm(folder, { recursive: true });
  }
});
