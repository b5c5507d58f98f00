import { defineConfig } from 'playwright/test';
import { BROWSER_ARGS, findBrowser } from '../../scripts/find-browser.ts';
import { CAMERA } from './workspace.ts';

const executablePath = findBrowser();

/**
 * The package's tarball in the apps of `examples/`, built by their own
 * commands. The library is built first (`dist/`).
 */
export default defineConfig({
  testDir: '.',
  testMatch: '*.test.ts',
  outputDir: '../../test-results/consumers',
  globalSetup: './setup.ts',
  // Two cores: one bundler or one page at a time.
  workers: 1,
  retries: 0,
  timeout: 240_000,
  expect: { timeout: 90_000 },
  forbidOnly: true,
  reporter: 'list',
  use: {
    launchOptions: {
      args: [
        ...BROWSER_ARGS,
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream',
        `--use-file-for-fake-video-capture=${CAMERA}`,
      ],
      ...(executablePath ? { executablePath } : {}),
    },
  },
});
