import { InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import type { Region } from '../../networks/geometry.ts';
import type { NetworkInput } from '../../networks/network.ts';
import { BodyAnalysisError } from '../../schema/errors.ts';
import { scriptTrouble } from '../../schema/script-trouble.ts';
import type { ScriptTrouble } from '../../schema/script-trouble.ts';
import type { AssetFile } from '../files/assets.ts';
import type { Backend } from './backend.ts';
import { FIRST_MODEL } from './first-model.ts';
import type { Gpu } from './gpu.ts';
import { GpuCropper } from '../pictures/gpu-crop.ts';
import { GpuPicture } from '../pictures/gpu-picture.ts';
import { modelEntry } from '../files/model-store.ts';
import type { PictureSurface } from '../pictures/picture.ts';
import { sampleSquare } from '../pictures/pixels.ts';
import { plainModel } from '../onnx/constant-folding.ts';
import { toHalfPrecision } from '../onnx/precision.ts';
import { wideModel } from '../onnx/weights.ts';

/** Values by their names in the model file. */
export type Values = InferenceSession.OnnxValueMapType;

/** How a model runs. */
export interface RunOptions {
  /** The GPU to run on; WASM where `undefined`. */
  gpu: Gpu | undefined;
  /** The most inputs in one run. With 1 the runtime can plan its memory once and for all. Default 1. */
  batch?: number;
  /** What to compute in. `float16` needs a GPU that has it, and a file that is made for it. Default `float32`. */
  precision?: 'float32' | 'float16';
  /** Outputs that stay on the GPU, for the next model to read. */
  keep?: readonly string[];
}

/** One model file, ready to run. */
export class Model {
  readonly #session: InferenceSession;
  readonly #gpu: Gpu | undefined;

  private constructor(session: InferenceSession, gpu: Gpu | undefined) {
    this.#session = session;
    this.#gpu = gpu;
  }

  /** @throws BodyAnalysisError `backend-failed`, or on a GPU `gpu-failed` */
  static async start(
    file: AssetFile,
    bytes: Uint8Array<ArrayBuffer>,
    { gpu, batch = 1, precision = 'float32', keep = [] }: RunOptions,
  ): Promise<Model> {
    const { halfCasts = 0 } = modelEntry(file);
    const prepared = () => {
      if (!gpu) return plainModel(bytes);
      const wide = wideModel(bytes);
      return precision === 'float16' ? toHalfPrecision(wide, halfCasts) : wide;
    };
    const create = () =>
      InferenceSession.create(prepared(), {
        // As an object, since only that form takes a device.
        executionProviders: [gpu ? { name: 'webgpu', device: gpu.device } : 'wasm'],
        // On WASM nothing is left to optimise, and to look for it takes a fifth of a first visit.
        graphOptimizationLevel: gpu ? 'all' : 'disabled',
        ...(batch === 1 && { freeDimensionOverrides: { batch: 1 } }),
        ...(gpu &&
          keep.length > 0 && {
            preferredOutputLocation: Object.fromEntries(keep.map((name) => [name, 'gpu-buffer' as const])),
          }),
      });
    try {
      return new Model(await (gpu ? gpu.run(create) : create()), gpu);
    } catch (cause) {
      if (cause instanceof BodyAnalysisError) throw cause;
      throw gpu
        ? new BodyAnalysisError('gpu-failed', 'The inference runtime could not be started on WebGPU.', cause)
        : notStarted(cause);
    }
  }

  /**
   * @param values the model's inputs. Others are left alone, so that one model's outputs can be the next one's inputs
   * @param outputs which outputs to copy out of the runtime; all of them when absent
   * @throws BodyAnalysisError `inference-failed`, or `gpu-failed` where the GPU is to blame
   */
  async run(values: Values, outputs: readonly string[] = this.#session.outputNames): Promise<Values> {
    const inputs = Object.entries(values).filter(([name]) => this.#session.inputNames.includes(name));
    const run = () => this.#session.run(Object.fromEntries(inputs), outputs);
    try {
      return await (this.#gpu ? this.#gpu.run(run) : run());
    } catch (cause) {
      if (cause instanceof BodyAnalysisError) throw cause;
      throw new BodyAnalysisError('inference-failed', 'The model failed on this picture.', cause);
    }
  }

  /** Frees its memory. */
  async release(): Promise<void> {
    await this.#session.release();
  }
}

/**
 * After so long it is looked whether the runtime's threads may start at all, in milliseconds: where they may not, browsers say
 * nothing and the runtime waits for ever.
 */
const THREADS_MS = 2000;

/**
 * Fetches, compiles and starts the runtime.
 * @throws BodyAnalysisError `backend-failed`
 */
export async function startRuntime({ script, threads }: Pick<Backend, 'script' | 'threads'>): Promise<void> {
  const trouble = () =>
    scriptTrouble({
      url: script,
      isForeign: new URL(script).origin !== globalThis.origin,
      starter:
        threads > 1
          ? { href: globalThis.location.href, isIsolated: globalThis.crossOriginIsolated }
          : undefined,
      ask: (url) => fetch(url),
    });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stuck = new Promise<never>((_resolve, reject) => {
    if (threads === 1) return;
    timer = setTimeout(() => {
      // What only may be the matter may pass; and where it does not, the runtime says so itself.
      void trouble().then((found) => found?.isCertain && reject(new Error('The threads do not start.')));
    }, THREADS_MS);
  });
  try {
    const starting = InferenceSession.create(FIRST_MODEL, { executionProviders: ['wasm'] });
    const first = await Promise.race([starting, stuck]);
    await first.release();
  } catch (cause) {
    const found = await trouble();
    throw notStarted(cause, found && { ...found, words: `its script ${script} ${found.words}` });
  } finally {
    clearTimeout(timer);
  }
}

function notStarted(cause: unknown, trouble?: ScriptTrouble): BodyAnalysisError {
  const general =
    "Check that its .wasm and .mjs files are deployed beside the models, and that the page's Content-Security-Policy allows `wasm-unsafe-eval`, for files of another origin also `blob:`.";
  return new BodyAnalysisError(
    'backend-failed',
    `The inference runtime could not be started${trouble ? `: ${trouble.words}` : '.'}${trouble?.isCertain ? '' : ` ${general}`}`,
    cause,
  );
}

/** A model that looks at squares of a picture, with an input that every run fills anew. */
export class PictureModel {
  /** The most squares in one run. */
  readonly batch: number;
  readonly #model: Model;
  readonly #description: NetworkInput;
  readonly #gpu: Gpu | undefined;
  #cropper: GpuCropper | undefined;
  #input: Float32Array<ArrayBuffer> | undefined;

  private constructor(model: Model, description: NetworkInput, { gpu, batch = 1 }: RunOptions) {
    this.#model = model;
    this.#description = description;
    this.#gpu = gpu;
    this.batch = batch;
  }

  /** @throws BodyAnalysisError `backend-failed`, or on a GPU `gpu-failed` */
  static async start(
    file: AssetFile,
    bytes: Uint8Array<ArrayBuffer>,
    description: NetworkInput,
    options: RunOptions,
  ): Promise<PictureModel> {
    return new PictureModel(await Model.start(file, bytes, options), description, options);
  }

  /**
   * @param squares at most {@link batch}
   * @param outputs which outputs to copy out of the runtime; all of them when absent
   * @returns the outputs, the squares' one after the other in each
   * @throws BodyAnalysisError `inference-failed`, or `gpu-failed` where the GPU is to blame
   */
  async run(
    surface: PictureSurface,
    squares: readonly Region[],
    outputs?: readonly string[],
  ): Promise<Values> {
    const image =
      surface instanceof GpuPicture ? this.#cropOnGpu(surface, squares) : this.#crop(surface, squares);
    return this.#model.run({ image }, outputs);
  }

  /** Frees its memory. */
  async release(): Promise<void> {
    await this.#model.release();
    this.#cropper?.destroy();
  }

  #cropOnGpu(picture: GpuPicture, squares: readonly Region[]): Tensor {
    if (!this.#gpu) throw new BodyAnalysisError('internal', 'A picture on the GPU met a model on WASM.');
    this.#cropper ??= new GpuCropper(this.#gpu.device, this.#description, this.batch);
    const dims = this.#dims(squares.length);
    return Tensor.fromGpuBuffer(this.#cropper.crop(picture, squares), { dataType: 'float32', dims });
  }

  #crop(pixels: Exclude<PictureSurface, GpuPicture>, squares: readonly Region[]): Tensor {
    const size = 3 * this.#description.side ** 2;
    this.#input ??= new Float32Array(size * this.batch);
    for (const [index, square] of squares.entries()) {
      sampleSquare(pixels, square, this.#description, this.#input.subarray(index * size, (index + 1) * size));
    }
    const input = this.#input.subarray(0, size * squares.length);
    return new Tensor('float32', input, this.#dims(squares.length));
  }

  #dims(count: number): number[] {
    return [count, 3, this.#description.side, this.#description.side];
  }
}

/** The numbers of one output. */
export function numbers(values: Values, name: string): Float32Array {
  const data = values[name]?.data;
  if (!(data instanceof Float32Array)) throw new TypeError(`the model has no float32 output ${name}`);
  return data;
}
