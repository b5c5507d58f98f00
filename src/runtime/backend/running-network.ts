import type { Region } from '../../networks/geometry.ts';
import type { Network, Outputs, OutputsWithHead } from '../../networks/network.ts';
import { fileOf } from '../files/assets.ts';
import { Model, numbers, PictureModel } from './ort-session.ts';
import type { RunOptions } from './ort-session.ts';
import { loadModel } from '../files/model-store.ts';
import type { PictureSurface } from '../pictures/picture.ts';

/** A network's files. */
export interface NetworkBytes {
  body: Uint8Array<ArrayBuffer>;
  /** There where the network has one. */
  head?: Uint8Array<ArrayBuffer>;
}

/**
 * Fetches a network's files side by side, from the cache where they are.
 * @param onBytes told how many bytes of a file are there, each time more are
 * @throws BodyAnalysisError `model-fetch` or `model-integrity`
 */
export async function loadNetwork(
  { file, head }: Network,
  baseUrl: string | undefined,
  onBytes: (file: string, loaded: number) => void = () => {},
): Promise<NetworkBytes> {
  const load = (name: string) => {
    const asset = fileOf(name);
    return loadModel(asset, baseUrl, (loaded) => onBytes(asset, loaded));
  };
  const [ofBody, ofHead] = await Promise.all([load(file), head && load(head.file)]);
  return { body: ofBody, ...(ofHead && { head: ofHead }) };
}

/** A network's second file, ready to run. */
interface RunningHead {
  model: Model;
  start: () => Promise<Model>;
}

/** A network that is ready to look at squares of a picture. */
export class RunningNetwork<Output extends string = string, HeadOutput extends string = string> {
  /** The most squares in one run. */
  readonly batch: number;
  readonly #network: Network<Output, HeadOutput>;
  readonly #body: PictureModel;
  readonly #head: RunningHead | undefined;

  private constructor(
    network: Network<Output, HeadOutput>,
    body: PictureModel,
    head: RunningHead | undefined,
  ) {
    this.#network = network;
    this.#body = body;
    this.#head = head;
    this.batch = body.batch;
  }

  /** @throws BodyAnalysisError `backend-failed`, or on a GPU `gpu-failed` */
  static async start<Output extends string, HeadOutput extends string>(
    network: Network<Output, HeadOutput>,
    // Two variables, since the head's is kept.
    { body, head }: NetworkBytes,
    options: RunOptions,
  ): Promise<RunningNetwork<Output, HeadOutput>> {
    const { file, input, head: about } = network;
    const model = await PictureModel.start(fileOf(file), body, input, {
      ...options,
      ...(about && { keep: about.reads }),
    });
    if (!about || !head) return new RunningNetwork(network, model, undefined);
    // A few kilobytes of weights: nothing to gain from half precision.
    const start = () => Model.start(fileOf(about.file), head, { ...options, precision: 'float32' });
    return new RunningNetwork(network, model, { model: await start(), start });
  }

  /** Whether there is something small to start again. */
  get hasHead(): boolean {
    return this.#head !== undefined;
  }

  /**
   * Starts the head once more and lets it go.
   * @throws BodyAnalysisError `backend-failed`, or on a GPU `gpu-failed`
   */
  async startHeadAgain(): Promise<void> {
    const again = await this.#head?.start();
    await again?.release();
  }

  /**
   * @param squares at most {@link batch}
   * @param withHead whether the head is to run as well
   * @returns the outputs for each square
   * @throws BodyAnalysisError `inference-failed`, or `gpu-failed` where the GPU is to blame
   */
  async run(
    surface: PictureSurface,
    squares: readonly Region[],
    withHead = false,
  ): Promise<OutputsWithHead<Output, HeadOutput>[]> {
    const { outputs, head: about } = this.#network;
    // What the head reads is computed in any case, and copied only for the head.
    const features = withHead && about ? about.reads : [];
    const values = await this.#body.run(surface, squares, [...outputs, ...features]);
    const all = new Map<string, Float32Array>(outputs.map((name) => [name, numbers(values, name)]));
    if (withHead && about && this.#head) {
      const more = await this.#head.model.run(values, about.outputs);
      for (const name of about.outputs) all.set(name, numbers(more, name));
      for (const name of features) values[name]?.dispose();
    }
    return squares.map((_, index) => {
      const parts = [...all].map(([name, numbersOfAll]) => {
        const size = numbersOfAll.length / squares.length;
        return [name, numbersOfAll.subarray(index * size, (index + 1) * size)] as const;
      });
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the names are those of the description
      const named: Outputs<string> = Object.fromEntries(parts);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the names are those of the description
      return named as OutputsWithHead<Output, HeadOutput>;
    });
  }

  /** Frees its memory. */
  async release(): Promise<void> {
    await this.#body.release();
    await this.#head?.model.release();
  }
}
