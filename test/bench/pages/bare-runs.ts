/** Bare runs of our model files, numbers in and numbers out, by whatever runs them. */
import { loadModel } from '../../../src/runtime/files/model-store.ts';
import { fileOf } from '../../../src/runtime/files/assets.ts';
import { timeCalls } from './contender.ts';
import type { Call } from './contender.ts';
import { BENCH_MODELS, makeInput } from './model-inputs.ts';

/** An input in ONNX's order, channels first. */
interface Planes {
  data: Float32Array;
  dims: readonly number[];
}

/** Runs a model once, and gives the sizes of its outputs. */
export type Run = () => Promise<number[]>;

/** What is to be run. */
export interface BareModel {
  bytes: Uint8Array<ArrayBuffer>;
  image: Planes;
  /** Which outputs to give: those that the library reads. */
  outputs: readonly string[];
  threads: number;
}

/** Makes a model ready. */
export type StartModel = (model: BareModel) => Promise<Run>;

/** What a worker of bare runs serves. */
export class BareRuns {
  readonly #start: StartModel;
  #run: Run | undefined;

  constructor(start: StartModel) {
    this.#start = start;
  }

  /** @param name which of the {@link BENCH_MODELS} */
  async open(name: string, threads: number): Promise<void> {
    const model = BENCH_MODELS[name];
    if (!model) throw new Error(`no model ${name}`);
    const { network } = model;
    const bytes = await loadModel(fileOf(network.file), undefined, () => {});
    const { side } = network.input;
    const image = { data: channelsFirst(await makeInput(network)), dims: [1, 3, side, side] };
    this.#run = await this.#start({ bytes, image, outputs: network.outputs, threads });
  }

  async call(count: number): Promise<Call[]> {
    const run = this.#run;
    if (!run) throw new Error('no model was opened');
    return timeCalls(
      count,
      () => {},
      async () => (await run()).every((size) => size > 0),
    );
  }
}

function channelsFirst(pixels: Float32Array): Float32Array {
  const area = pixels.length / 3;
  return pixels.map((_, at) => pixels[3 * (at % area) + Math.floor(at / area)] ?? Number.NaN);
}
