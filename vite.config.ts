import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { libraryAssets } from './scripts/library-assets.ts';
import { brokenAssets } from './test/support/broken-assets.ts';
import { BROWSER_ARGS, findBrowser, WEBGPU_ARGS } from './scripts/find-browser.ts';

/** Without these two headers a page has no SharedArrayBuffer, and so no threads for WASM. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

const executablePath = findBrowser();

/**
 * Tests in which something has to happen within a time, or that use every core: one page at a time, where the others run
 * two.
 */
const ALONE = ['client', 'golden', 'recovery', 'track'].map((name) => `test/browser/${name}.test.ts`);

/** Settings of tests that run in Chromium. */
const inBrowser = (pages: number, args: readonly string[] = []) => ({
  testTimeout: 120_000,
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
 * Builds the library (the page's part, and with `--mode worker` the worker's: each a file that stands alone, so
 * that an app can host the worker elsewhere), and holds the settings of the tests. The demo has its own file,
 * `demo/vite.config.ts`.
 */
export default defineConfig(({ mode }) => ({
  plugins: [libraryAssets(), brokenAssets()],
  // ORT's other entry carries its 14 MB of WASM inside the script.
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', 'module', 'browser', 'development|production'] },
  publicDir: 'public',
  server: { headers: isolation },
  // Found late, in the worker, they would make the dev server reload the page in the middle of a test.
  optimizeDeps: {
    include: [
      'onnxruntime-web/webgpu',
      'comlink',
      'image-size',
      'protobufjs',
      '@litertjs/core',
      '@tensorflow/tfjs-core',
      '@tensorflow/tfjs-converter',
      '@tensorflow/tfjs-backend-wasm',
    ],
  },
  build: {
    target: 'es2023',
    copyPublicDir: false,
    emptyOutDir: mode !== 'worker',
    sourcemap: true,
    lib: {
      entry: mode === 'worker' ? { worker: 'src/worker/entry.ts' } : { index: 'src/index.ts' },
      formats: ['es'],
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
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: { name: 'browser', include: ['test/browser/**/*.test.ts'], exclude: ALONE, ...inBrowser(2) },
      },
      {
        extends: true,
        test: { name: 'alone', include: ALONE, ...inBrowser(1) },
      },
      {
        extends: true,
        test: { name: 'webgpu', include: ['test/webgpu/**/*.test.ts'], ...inBrowser(1, WEBGPU_ARGS) },
      },
    ],
  },
}));
