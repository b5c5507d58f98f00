import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { ENTRIES } from './scripts/entries.ts';
import { engineKernels } from './scripts/kernels.ts';
import { libraryAssets } from './scripts/library-assets.ts';
import { ROOT } from './scripts/root.ts';
import { slimWorker } from './scripts/slim-worker.ts';
import { brokenAssets } from './test/support/broken-assets.ts';
import { bundledWorkers } from './test/support/bundled-workers.ts';
import { BROWSER_ARGS, findBrowser, WEBGPU_ARGS } from './scripts/find-browser.ts';

/** Without these two headers a page has no SharedArrayBuffer, and so no threads for WASM. */
export const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** What is built apart from the page's part, by mode. */
const APART: Readonly<Record<string, Record<string, string>>> = {
  worker: { worker: 'src/worker/entry.ts' },
  own: { 'assets/own-networks': 'src/worker/own-networks.ts' },
  cli: { cli: 'src/cli/main.ts' },
};

/** The files that the page's entries share: one of each room, with the packages that it imports. */
const SHARED = [
  { name: 'schema', test: /\/src\/schema\//, priority: 1 },
  { name: 'draw', test: /\/src\/draw\// },
  { name: 'export', test: /\/src\/export\// },
  { name: 'measure', test: /\/src\/measure\// },
  { name: 'client', test: /\/src\/(?:client|source|worker)\// },
];

const executablePath = findBrowser();

/** How long anything in a test may take, in milliseconds: it only ends what hangs, on a slow machine too. */
const PATIENCE_MS = 300_000;
/** What holds for every test. */
export const everyTest = {
  setupFiles: [join(ROOT, 'test/support/equality.ts')],
  testTimeout: PATIENCE_MS,
  hookTimeout: PATIENCE_MS,
  expect: { poll: { timeout: PATIENCE_MS / 3 } },
};

/** How many files are tested at a time, in Node and in pages; both run side by side. */
const AT_ONCE = Math.min(Math.max(availableParallelism(), 2), 4);

/**
 * Settings of tests that run in Chromium.
 * @param turn projects of one turn run side by side, and then come those of the next
 */
export const inBrowser = (pages: number, turn: number, args: readonly string[] = []) => ({
  ...everyTest,
  sequence: { groupOrder: turn },
  fileParallelism: pages > 1,
  maxWorkers: pages,
  browser: {
    enabled: true,
    headless: true,
    screenshotFailures: false,
    provider: playwright({
      launchOptions: { args: [...BROWSER_ARGS, ...args], ...(executablePath ? { executablePath } : {}) },
    }),
    instances: [{ browser: 'chromium' as const }],
  },
});

/**
 * Builds the library and holds the settings of the tests. The page's part has an entry for each
 * of the package's, which share files; with `--mode worker` comes the worker's, one file that
 * stands alone, so that an app can host it elsewhere; with `--mode own` the script that it loads for an app's
 * own networks; with `--mode cli` the command's. The demo has its own file, `demo/vite.config.ts`.
 */
export default defineConfig(({ mode }) => ({
  plugins: [engineKernels(), libraryAssets(), slimWorker(), bundledWorkers(), brokenAssets()],
  // For tests: ONNX Runtime's other entry carries a script for its WASM inside.
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', 'module', 'browser', 'development|production'] },
  publicDir: 'public',
  server: { headers: isolation },
  // Found late, in the worker, they would make the dev server reload the page in the middle of a test.
  optimizeDeps: {
    include: ['onnxruntime-web/webgpu', 'comlink', 'image-size'],
  },
  build: {
    target: 'es2023',
    copyPublicDir: false,
    emptyOutDir: !(mode in APART),
    // What lies among the assets is copied by those who host them.
    sourcemap: mode !== 'cli' && mode !== 'own',
    // Apps minify what they bundle; until then names tell a stack's reader where they are.
    minify: mode === 'worker' || mode === 'own',
    lib: { entry: APART[mode] ?? ENTRIES, formats: ['es'] },
    rolldownOptions: {
      // That a slow machine is slow is no warning to whoever builds.
      checks: { bundlerTimings: false },
      output: {
        // Beside the entries: the worker's address is relative to the file that it is spelled out in.
        chunkFileNames: '[name]-shared.js',
        minifyInternalExports: false,
        ...(mode in APART ? {} : { codeSplitting: { groups: SHARED } }),
        // Vite leaves white space to apps, whose bundlers take the worker as it is.
        ...((mode === 'worker' || mode === 'own') && { minify: true }),
      },
      external: /^node:/,
    },
  },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          environment: 'node',
          include: ['test/unit/**/*.test.ts'],
          maxWorkers: AT_ONCE,
          ...everyTest,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          ...inBrowser(AT_ONCE, 0),
        },
      },
      {
        extends: true,
        test: { name: 'webgpu', include: ['test/webgpu/**/*.test.ts'], ...inBrowser(1, 1, WEBGPU_ARGS) },
      },
    ],
  },
}));
