import { expose } from 'comlink';
import { fileOf } from '../../../src/runtime/files/assets.ts';
import { env, InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import { loadModel } from '../../../src/runtime/files/model-store.ts';
import { widenWeights } from '../../../src/runtime/onnx/weights.ts';
import { timeCalls } from './contender.ts';
import type { Call } from './contender.ts';
import { BENCH_MODELS, makeInput } from './model-inputs.ts';

const RUNTIME = '/node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded';

/** Bare runs of the model files by ONNX Runtime's build for WASM alone: numbers in, numbers out. */
export class OrtRuns {
  readonly #models = new Map<string, InferenceSession>();
  readonly #inputs = new Map<string, Tensor>();

  async open(threads: number): Promise<void> {
    env.wasm.wasmPaths = { mjs: `${RUNTIME}.mjs`, wasm: `${RUNTIME}.wasm` };
    env.wasm.numThreads = threads;
    for (const [name, { network }] of Object.entries(BENCH_MODELS)) {
      const file = fileOf(network.file);
      const bytes = await loadModel(file, undefined, () => {});
      this.#models.set(name, await start(bytes));
      const planes = channelsFirst(await makeInput(network));
      const { side } = network.input;
      this.#inputs.set(name, new Tensor('float32', planes, [1, 3, side, side]));
    }
  }

  async call(name: string, count: number): Promise<Call[]> {
    const [model, image, outputs] = [
      this.#models.get(name),
      this.#inputs.get(name),
      BENCH_MODELS[name]?.network.outputs,
    ];
    if (!model || !image || !outputs) throw new Error(`no model ${name}`);
    return timeCalls(
      count,
      () => image,
      async (input) => {
        const values = await model.run({ image: input }, outputs);
        return outputs.every((output) => (values[output]?.size ?? 0) > 0);
      },
    );
  }
}

function start(bytes: Uint8Array<ArrayBuffer>): Promise<InferenceSession> {
  return InferenceSession.create(widenWeights(bytes), {
    executionProviders: ['wasm'],
    freeDimensionOverrides: { batch: 1 },
  });
}

function channelsFirst(pixels: Float32Array): Float32Array {
  const area = pixels.length / 3;
  return pixels.map((_, at) => pixels[3 * (at % area) + Math.floor(at / area)] ?? Number.NaN);
}

expose(new OrtRuns());
