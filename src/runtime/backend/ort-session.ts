import type * as Ort from 'onnxruntime-web/webgpu';
import { BodyAnalysisError } from '../../schema/errors.ts';
import { halfCastsOf } from '../files/model-store.ts';
import { toHalfPrecision } from '../onnx/precision.ts';
import { widenWeights } from '../onnx/weights.ts';
import type { Gpu } from './gpu.ts';
import { GpuReader } from './gpu-reader.ts';
import type { FloatBuffer } from './gpu-reader.ts';
import { notStarted } from './ort-runtime.ts';
import type {
  InputTensors,
  Session,
  SessionOptions,
  SessionRuntime,
  Tensor,
  Tensors,
  WrittenTensor,
} from './session.ts';

/** A session of ONNX Runtime. */
export class OrtSession implements Session {
  readonly runtime: SessionRuntime;
  readonly #session: Ort.InferenceSession;
  readonly #Tensor: typeof Ort.Tensor;
  readonly #gpu: Gpu | undefined;
  readonly #reader: GpuReader | undefined;
  /** Outputs that stay on the GPU. */
  readonly #kept: readonly string[];
  /** Memory for an input that is written by whoever gives it. */
  #input: Float32Array | undefined;

  private constructor(
    session: Ort.InferenceSession,
    { Tensor: OrtTensor }: typeof Ort,
    { gpu, keep = [] }: Pick<SessionOptions, 'gpu' | 'keep'>,
    runtime: SessionRuntime,
  ) {
    this.runtime = runtime;
    this.#session = session;
    this.#Tensor = OrtTensor;
    this.#gpu = gpu;
    this.#reader = gpu && new GpuReader(gpu.device);
    this.#kept = keep;
  }

  /**
   * @param reason why it is not the engine that runs it, on WASM
   * @throws BodyAnalysisError `backend-failed`, or on a GPU `gpu-failed`
   */
  static async start(
    file: string,
    bytes: Uint8Array<ArrayBuffer>,
    { runtimes: { ort }, gpu, batch = 1, precision = 'float32', keep = [], isOwn = false }: SessionOptions,
    reason?: string,
  ): Promise<OrtSession> {
    const module = await ort.start();
    const prepared = () => {
      if (isOwn) return bytes;
      const wide = widenWeights(bytes);
      if (precision === 'float16') toHalfPrecision(wide, halfCastsOf(file));
      return wide;
    };
    const create = () =>
      module.InferenceSession.create(prepared(), {
        // As an object, since only that form takes a device.
        executionProviders: [gpu ? { name: 'webgpu', device: gpu.device } : 'wasm'],
        graphOptimizationLevel: 'all',
        ...(batch === 1 && { freeDimensionOverrides: { batch: 1 } }),
        // What is to be read is read from there: the runtime would take its time.
        ...(gpu && { preferredOutputLocation: 'gpu-buffer' }),
      });
    try {
      return new OrtSession(
        await (gpu ? gpu.run(create) : create()),
        module,
        { gpu, keep },
        {
          runtime: 'onnxruntime',
          build: ort.build,
          ...(reason !== undefined && { runtimeReason: reason }),
        },
      );
    } catch (cause) {
      if (cause instanceof BodyAnalysisError) throw cause;
      if (isOwn && !gpu) throw notRunnable(file, cause);
      throw gpu
        ? new BodyAnalysisError('gpu-failed', 'The inference runtime could not be started on WebGPU.', cause)
        : notStarted(cause);
    }
  }

  async run(inputs: InputTensors, outputs: readonly string[]): Promise<Tensors> {
    const own = Object.entries(inputs).filter(([name]) => this.#session.inputNames.includes(name));
    const given = Object.fromEntries(own.map(([name, tensor]) => [name, this.#toOrt(tensor)]));
    const run = async () => this.#fromOrt(await this.#session.run(given, outputs), outputs);
    try {
      return await (this.#gpu ? this.#gpu.run(run) : run());
    } catch (cause) {
      if (cause instanceof BodyAnalysisError) throw cause;
      throw new BodyAnalysisError('inference-failed', 'The model failed on this picture.', cause);
    }
  }

  #toOrt(tensor: Tensor | WrittenTensor): Ort.Tensor {
    const OrtTensor = this.#Tensor;
    if ('buffer' in tensor)
      return OrtTensor.fromGpuBuffer(tensor.buffer, { dataType: 'float32', dims: tensor.dims });
    return new OrtTensor('float32', 'data' in tensor ? tensor.data : this.#written(tensor), tensor.dims);
  }

  #written({ dims, write }: WrittenTensor): Float32Array {
    const size = dims.reduce((product, length) => product * length, 1);
    if (this.#input?.length !== size) this.#input = new Float32Array(size);
    write(this.#input);
    return this.#input;
  }

  /** The outputs as they are, but for what is on the GPU and not to stay there. */
  async #fromOrt(values: Ort.InferenceSession.ReturnType, outputs: readonly string[]): Promise<Tensors> {
    const tensors = outputs.map((name) => [name, fromOrt(name, values[name])] as const);
    const there = tensors.flatMap(([name, tensor]) =>
      'buffer' in tensor && !this.#kept.includes(name) ? [{ name, tensor }] : [],
    );
    if (!this.#reader || there.length === 0) return Object.fromEntries(tensors);
    const buffers = there.map(({ tensor: { buffer, dims } }): FloatBuffer => ({
      buffer,
      length: dims.reduce((product, size) => product * size, 1),
    }));
    const read = await this.#reader.read(buffers, () => {
      for (const { tensor } of there) tensor.release?.();
    });
    const inMemory = there.map(
      ({ name, tensor: { dims } }, at) => [name, { dims, data: read[at] ?? new Float32Array() }] as const,
    );
    return Object.fromEntries([...tensors, ...inMemory]);
  }

  async release(): Promise<void> {
    await this.#session.release();
    this.#reader?.destroy();
  }
}

/** The error of a file of an app's own, of which the runtime itself is up. */
function notRunnable(file: string, cause: unknown): BodyAnalysisError {
  return new BodyAnalysisError(
    'model-format',
    `ONNX Runtime does not take ${file}: the cause says why. Export it again, in one file.`,
    cause,
  );
}

function fromOrt(name: string, tensor: Ort.InferenceSession.OnnxValueMapType[string] | undefined): Tensor {
  if (tensor?.location === 'gpu-buffer') {
    return { dims: tensor.dims, buffer: tensor.gpuBuffer, release: () => tensor.dispose() };
  }
  if (!(tensor?.data instanceof Float32Array)) throw new TypeError(`the model has no float32 output ${name}`);
  return { dims: tensor.dims, data: tensor.data };
}
