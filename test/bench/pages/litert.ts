/**
 * The TFLite files that our models were made from, in LiteRT.js with XNNPACK: what there is to reach. Numbers
 * in, numbers out, as with ours; it computes the mask besides, which cannot be left out. On the page's main
 * thread, the only place where it loads its script in a module's company.
 */
import { loadLiteRt, Tensor } from '@litertjs/core';
import type { CompiledModel } from '@litertjs/core';
import { timeCalls } from './contender.ts';
import type { Contender } from './contender.ts';
import { BENCH_MODELS, makeInput } from './model-inputs.ts';

const WASM = '/node_modules/@litertjs/core/wasm/';
const SOURCES = '/node_modules/@mediapipe/pose/';

/** Starts the runtime. Its tasks are the models. */
export async function open({ threads }: { threads: number }): Promise<Contender> {
  const litert = await loadLiteRt(WASM, { threads: threads > 1 });
  const models = new Map<string, { compiled: CompiledModel; input: Float32Array }>();
  for (const [name, { network, tflite }] of Object.entries(BENCH_MODELS)) {
    if (!tflite) continue;
    const bytes = new Uint8Array(await (await fetch(SOURCES + tflite.file)).arrayBuffer());
    const compiled = await litert.loadAndCompile(bytes, {
      accelerator: 'wasm',
      cpuOptions: { numThreads: threads },
    });
    models.set(name, { compiled, input: await makeInput(network) });
  }
  return {
    async call(name, count) {
      const model = models.get(name);
      const { network, tflite } = BENCH_MODELS[name] ?? {};
      if (!model || !network || !tflite) throw new Error(`no model ${name}`);
      return timeCalls(
        count,
        () => model.input,
        async (input) => {
          const { side } = network.input;
          const tensor = new Tensor(input, [1, side, side, 3]);
          const results = await model.compiled.run(tensor);
          const wanted = tflite.outputs.map((at) => Float32Array.from(results[at]?.toTypedArray() ?? []));
          for (const used of [tensor, ...results]) used.delete();
          return wanted.every(({ length }) => length > 0);
        },
      );
    },
  };
}
