import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { engineKernels } from '../../scripts/kernels.ts';
import { ROOT } from '../../scripts/root.ts';
import { everyTest, inBrowser, isolation } from '../../vite.config.ts';
import { exactModels } from './exact-models.ts';
import { ownModels } from './own-models.ts';

/** The networks in the runtimes that they were made for, and as ONNX files, on the same numbers. */
export default defineConfig({
  root: ROOT,
  // Not the folder that the other tests use, who have other packages.
  cacheDir: join(ROOT, 'test/parity/node_modules/.vite'),
  plugins: [engineKernels(), exactModels(), ownModels()],
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', 'module', 'browser', 'development|production'] },
  // What the worker has, which would be found in the middle of the tests.
  optimizeDeps: { include: ['onnxruntime-web/webgpu', 'comlink', 'image-size'] },
  publicDir: 'public',
  server: { headers: isolation },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'graph',
          environment: 'node',
          include: ['test/parity/movenet.test.ts'],
          maxWorkers: 2,
          ...everyTest,
        },
      },
      {
        extends: true,
        test: {
          name: 'parity',
          include: ['tflite', 'tfjs', 'own-networks'].map((name) => `test/parity/${name}.test.ts`),
          ...inBrowser(2, 0),
        },
      },
    ],
  },
});
