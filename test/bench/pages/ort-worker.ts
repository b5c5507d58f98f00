/** Bare runs by ONNX Runtime's build for WASM alone. */
import { expose } from 'comlink';
import { env, InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import { widenWeights } from '../../../src/runtime/onnx/weights.ts';
import { BareRuns } from './bare-runs.ts';

const RUNTIME = '/node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded';

expose(
  new BareRuns(async ({ bytes, image, outputs, threads }) => {
    env.wasm.wasmPaths = { mjs: `${RUNTIME}.mjs`, wasm: `${RUNTIME}.wasm` };
    env.wasm.numThreads = threads;
    const session = await InferenceSession.create(widenWeights(bytes), {
      executionProviders: ['wasm'],
      freeDimensionOverrides: { batch: 1 },
    });
    const input = new Tensor('float32', image.data, image.dims);
    return async () => {
      const values = await session.run({ image: input }, outputs);
      return outputs.map((name) => values[name]?.size ?? 0);
    };
  }),
);
