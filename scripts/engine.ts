/**
 * `npm run build -- engine`: compiles the kernels of `src/engine/kernels/` and `src/runtime/pictures/kernels/`,
 * where they changed since the last time.
 */
import { ensureKernels } from './kernels.ts';

await ensureKernels();
