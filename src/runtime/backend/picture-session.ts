import type { Region } from '../../networks/geometry.ts';
import type { NetworkInput } from '../../networks/network.ts';
import { BodyAnalysisError } from '../../schema/errors.ts';
import { GpuCropper } from '../pictures/gpu-crop.ts';
import { GpuPicture } from '../pictures/gpu-picture.ts';
import type { PictureSurface } from '../pictures/picture.ts';
import { sampleSquare } from '../pictures/sample-square.ts';
import type { Gpu } from './gpu.ts';
import type { Session, SessionOptions, SessionRuntime, Tensor, Tensors, WrittenTensor } from './session.ts';
import { startSession } from './start-session.ts';

/** A session that is run on squares of a picture, with an input that every run fills anew. */
export class PictureSession {
  /** The most squares in one run. */
  readonly batch: number;
  readonly #session: Session;
  readonly #description: NetworkInput;
  readonly #gpu: Gpu | undefined;
  #cropper: GpuCropper | undefined;

  private constructor(session: Session, description: NetworkInput, { gpu, batch = 1 }: SessionOptions) {
    this.#session = session;
    this.#description = description;
    this.#gpu = gpu;
    this.batch = batch;
  }

  /** @throws BodyAnalysisError `backend-failed`, or on a GPU `gpu-failed` */
  static async start(
    file: string,
    bytes: Uint8Array<ArrayBuffer>,
    description: NetworkInput,
    options: SessionOptions,
  ): Promise<PictureSession> {
    return new PictureSession(await startSession(file, bytes, options), description, options);
  }

  /**
   * @param squares at most {@link batch}
   * @param outputs which outputs to give
   * @returns the outputs, the squares' one after the other in each
   * @throws BodyAnalysisError `inference-failed`, or `gpu-failed` where the GPU is to blame
   */
  async run(
    surface: PictureSurface,
    squares: readonly Region[],
    outputs: readonly string[],
  ): Promise<Tensors> {
    const image =
      surface instanceof GpuPicture ? this.#cropOnGpu(surface, squares) : this.#crop(surface, squares);
    return this.#session.run({ [this.#description.name ?? 'image']: image }, outputs);
  }

  /** What runs it. */
  get runtime(): SessionRuntime {
    return this.#session.runtime;
  }

  /** Frees its memory. */
  async release(): Promise<void> {
    await this.#session.release();
    this.#cropper?.destroy();
  }

  #cropOnGpu(picture: GpuPicture, squares: readonly Region[]): Tensor {
    if (!this.#gpu) throw new BodyAnalysisError('internal', 'A picture on the GPU met a model on WASM.');
    this.#cropper ??= new GpuCropper(this.#gpu.device, this.#description, this.batch);
    return { buffer: this.#cropper.crop(picture, squares), dims: this.#dims(squares.length) };
  }

  #crop(pixels: Exclude<PictureSurface, GpuPicture>, squares: readonly Region[]): WrittenTensor {
    const size = 3 * this.#description.side ** 2;
    return {
      dims: this.#dims(squares.length),
      write: (target) => {
        for (const [index, square] of squares.entries()) {
          sampleSquare(pixels, square, this.#description, target.subarray(index * size, (index + 1) * size));
        }
      },
    };
  }

  #dims(count: number): number[] {
    return [count, 3, this.#description.side, this.#description.side];
  }
}
