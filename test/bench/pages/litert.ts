/**
 * The TFLite files that our models were made from, in LiteRT.js with XNNPACK: what there is to reach. Numbers
 * in, numbers out, as with ours; it computes the mask besides, which cannot be left out. On the page's main
 * thread, the only place where it loads its script in a module's company.
 */
import { loadLiteRt, Tensor } from '@litertjs/core';
import { timeCalls } from './contender.ts';
import type { Contender, LiteRtOptions } from './contender.ts';
import { BENCH_MODELS, makeInput } from './model-inputs.ts';

const WASM = '/node_modules/@litertjs/core/wasm/';
const SOURCES = '/node_modules/@mediapipe/pose/';

/** Starts the runtime. Its only task is a run. */
export async function open({ model, threads }: LiteRtOptions): Promise<Contender> {
  const { network, tflite } = BENCH_MODELS[model] ?? {};
  if (!network || !tflite) throw new Error(`no TFLite model ${model}`);
  const litert = await loadLiteRt(WASM, { threads: threads > 1 });
  const bytes = new Uint8Array(await (await fetch(SOURCES + tflite.file)).arrayBuffer());
  const compiled = await litert.loadAndCompile(bytes, {
    accelerator: 'wasm',
    cpuOptions: { numThreads: threads },
  });
  const input = await makeInput(network);
  const { side } = network.input;
  return {
    call: (_task, count) =>
      timeCalls(
        count,
        () => {},
        async () => {
          const tensor = new Tensor(input, [1, side, side, 3]);
          const results = await compiled.run(tensor);
          const wanted = tflite.outputs.map((at) => Float32Array.from(results[at]?.toTypedArray() ?? []));
          for (const used of [tensor, ...results]) used.delete();
          return wanted.every(({ length }) => length > 0);
        },
      ),
  };
}
