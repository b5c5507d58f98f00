import { MASK_FILES, LANDMARK_FILES } from './assets.ts';
import { Model, numbers, PictureModel } from './model.ts';
import type { RunOptions } from './model.ts';
import type { PictureSurface } from './picture.ts';
import type { InputFormat, Square } from './pixels.ts';
import type { LandmarkModel } from '../schema/loading.ts';

/** Input side 256, 0 … 1 (`pose_landmark_cpu.pbtxt`); the edge's last pixel goes on, which measures best on people cut off by it. */
const INPUT: InputFormat = { side: 256, range: [0, 1], border: 'replicate' };

/** What every look at a person needs; the features that a mask is made of are computed for the mask model alone. */
const OUTPUTS = ['landmarks', 'flag', 'heatmap', 'world'] as const;
const MASK_FEATURES = ['mask_features_0', 'mask_features_1'];

/** One look's output, as the pipeline takes it. */
export interface LandmarkData {
  landmarks: Float32Array;
  flag: number;
  heatmap: Float32Array;
  world: Float32Array;
  mask?: Float32Array;
}

/** The files of a landmark model. */
export interface LandmarkBytes {
  landmarks: Uint8Array<ArrayBuffer>;
  mask: Uint8Array<ArrayBuffer>;
}

/** A landmark model, ready to look at squares of a picture. */
export class LandmarkLooks {
  readonly #model: PictureModel;
  readonly #mask: Model;
  readonly #startMask: () => Promise<Model>;

  private constructor(model: PictureModel, mask: Model, startMask: () => Promise<Model>) {
    this.#model = model;
    this.#mask = mask;
    this.#startMask = startMask;
  }

  /** @throws BodyAnalysisError `backend-failed`, or on a GPU `gpu-failed` */
  static async start(
    name: LandmarkModel,
    // Two variables, since the mask's is kept.
    { landmarks, mask }: LandmarkBytes,
    options: RunOptions,
  ): Promise<LandmarkLooks> {
    const model = await PictureModel.start(LANDMARK_FILES[name], landmarks, INPUT, {
      ...options,
      keep: MASK_FEATURES,
    });
    // Eight kilobytes of weights: nothing to gain from half precision.
    const startMask = () => Model.start(MASK_FILES[name], mask, { ...options, precision: 'float32' });
    return new LandmarkLooks(model, await startMask(), startMask);
  }

  /**
   * Starts the mask model once more and lets it go.
   * @throws BodyAnalysisError `backend-failed`, or on a GPU `gpu-failed`
   */
  async startAgain(): Promise<void> {
    const mask = await this.#startMask();
    await mask.release();
  }

  /**
   * A look at each square.
   * @param squares at most as many as the batch that it was started with
   * @throws BodyAnalysisError `inference-failed`, or `gpu-failed` where the GPU is to blame
   */
  async look(
    surface: PictureSurface,
    squares: readonly Square[],
    withMask: boolean,
  ): Promise<LandmarkData[]> {
    const values = await this.#model.run(surface, squares, withMask ? undefined : OUTPUTS);
    let mask: Float32Array | undefined;
    if (withMask) {
      mask = numbers(await this.#mask.run(values), 'mask');
      for (const name of MASK_FEATURES) values[name]?.dispose();
    }
    const [landmarks, flag, heatmap, world] = OUTPUTS.map((name) => numbers(values, name));
    const part = (all: Float32Array | undefined, index: number) => {
      if (!all) throw new TypeError('the landmark model lacks an output');
      const size = all.length / squares.length;
      return all.subarray(index * size, (index + 1) * size);
    };
    return squares.map((_, index) => ({
      landmarks: part(landmarks, index),
      flag: part(flag, index)[0] ?? 0,
      heatmap: part(heatmap, index),
      world: part(world, index),
      ...(mask && { mask: part(mask, index) }),
    }));
  }

  /** Frees its memory. */
  async release(): Promise<void> {
    await this.#model.release();
    await this.#mask.release();
  }
}
