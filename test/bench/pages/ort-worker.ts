import { expose } from 'comlink';
import { fileOf } from '../../../src/runtime/files/assets.ts';
import { chooseBackend } from '../../../src/runtime/backend/backend.ts';
import { loadModel } from '../../../src/runtime/files/model-store.ts';
import { numbers } from '../../../src/runtime/backend/session.ts';
import type { Session, Tensor } from '../../../src/runtime/backend/session.ts';
import { startSession } from '../../../src/runtime/backend/start-session.ts';
import { timeCalls } from './contender.ts';
import type { Call } from './contender.ts';
import { BENCH_MODELS, makeInput } from './model-inputs.ts';

/**
 * Bare runs of the model files: numbers in, numbers out, by the
 * library's own class and with its own settings.
 */
export class OrtRuns {
  readonly #models = new Map<string, Session>();
  readonly #inputs = new Map<string, Tensor>();

  async open(threads: number): Promise<void> {
    await chooseBackend({ backend: 'wasm', skipped: [], baseUrl: undefined, threads });
    for (const [name, { network }] of Object.entries(BENCH_MODELS)) {
      const file = fileOf(network.file);
      const bytes = await loadModel(file, undefined, () => {});
      this.#models.set(name, await startSession(file, bytes, { gpu: undefined }));
      const planes = channelsFirst(await makeInput(network));
      const { side } = network.input;
      this.#inputs.set(name, { data: planes, dims: [1, 3, side, side] });
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
        return outputs.every((output) => numbers(values, output).length > 0);
      },
    );
  }
}

function channelsFirst(pixels: Float32Array): Float32Array {
  const area = pixels.length / 3;
  return pixels.map((_, at) => pixels[3 * (at % area) + Math.floor(at / area)] ?? Number.NaN);
}

expose(new OrtRuns());
