import { join } from 'node:path';
import { expect, test } from 'playwright/test';
import { expectGoldenAnswer } from './example-page.ts';
import { expectLeanOutput } from './output.ts';
import { build, exampleFolder, runServer } from './workspace.ts';

for (const bundler of ['turbopack', 'webpack'] as const) {
  test(`next: built by ${bundler}, rendered on the server`, async ({ page }) => {
    test.setTimeout(480_000);
    build('next', { options: [`--${bundler}`] });
    expectLeanOutput(join(exampleFolder('next'), '.next/static'));
    const server = await runServer(exampleFolder('next'), 'start', ['--port', '0']);
    try {
      const html = await (await fetch(server.url)).text();
      expect(html).toContain('<h1>body21 with Next.js</h1>');
      expect(html).toMatch(/<input type="file"/);
      await expectGoldenAnswer(page, server.url, 2);
    } finally {
      await server.stop();
    }
    expect(server.output()).not.toMatch(/error|⨯/i);
  });
}
