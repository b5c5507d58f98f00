import { defineConfig } from 'playwright/test';
import { BROWSER_ARGS, findBrowser } from './scripts/find-browser.ts';

const executablePath = findBrowser();
const url = 'http://localhost:4179/';

/** All pages of a context in one process: they share what is translated of the runtime. */
const ONE_PROCESS = ['--renderer-process-limit=1'];

/** End-to-end tests of the built demo. The library is built first (`dist/`); the demo is built here. */
export default defineConfig({
  testDir: 'test/e2e',
  testMatch: '*.test.ts',
  // Two files at a time: no case hangs on how fast it is.
  workers: 2,
  retries: 0,
  // Only to end what hangs, on a slow machine too.
  timeout: 300_000,
  expect: { timeout: 100_000 },
  forbidOnly: true,
  reporter: 'list',
  use: {
    baseURL: url,
    viewport: { width: 1280, height: 900 },
    launchOptions: { args: [...BROWSER_ARGS, ...ONE_PROCESS], ...(executablePath ? { executablePath } : {}) },
  },
  webServer: {
    command:
      'npx vite build -c demo/vite.config.ts && npx vite preview -c demo/vite.config.ts --port 4179 --strictPort',
    url,
    timeout: 300_000,
    reuseExistingServer: false,
  },
});
