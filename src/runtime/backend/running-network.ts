import type { Region } from '../../networks/geometry.ts';
import type { DimsOf, Network, Outputs, OutputsWithHead } from '../../networks/network.ts';
import { fileOf } from '../files/assets.ts';
import type { NetworkBytes } from '../files/network-files.ts';
import type { PictureSurface } from '../pictures/picture.ts';
import { PictureSession } from './picture-session.ts';
import { numbers, release } from './session.ts';
import type { Session, SessionOptions, SessionRuntime, Tensor } from './session.ts';
import { startSession } from './start-session.ts';

/** A network that is ready to run on squares of a picture. */
export class RunningNetwork<Output extends string = string, HeadOutput extends string = string> {
  /** The most squares in one run. */
  readonly batch: number;
  readonly #network: Network<Output, HeadOutput>;
  readonly #body: PictureSession;
  /** Starts the head, which is seldom wanted, and takes megabytes of memory while it is there. */
  readonly #startHead: (() => Promise<Session>) | undefined;
  #head: Promise<Session> | undefined;

  private constructor(
    network: Network<Output, HeadOutput>,
    body: PictureSession,
    startHead: (() => Promise<Session>) | undefined,
  ) {
    this.#network = network;
    this.#body = body;
    this.#startHead = startHead;
    this.batch = body.batch;
  }

  /** @throws BodyAnalysisError `backend-failed`, or on a GPU `gpu-failed` */
  static async start<Output extends string, HeadOutput extends string>(
    network: Network<Output, HeadOutput>,
    // Two variables, since the head's is kept.
    { body, head }: NetworkBytes,
    options: SessionOptions,
  ): Promise<RunningNetwork<Output, HeadOutput>> {
    const { file, input, head: about } = network;
    const isOwn = network.load !== undefined;
    const session = await PictureSession.start(isOwn ? file : fileOf(file), body, input, {
      ...options,
      isOwn,
      ...(about && { keep: about.reads }),
    });
    if (!about || !head) return new RunningNetwork(network, session, undefined);
    // A few kilobytes of weights: nothing to gain from half precision.
    const small = { ...options, precision: 'float32' } as const;
    return new RunningNetwork(network, session, () => startSession(fileOf(about.file), head, small));
  }

  /** What runs it. */
  get runtime(): SessionRuntime {
    return this.#body.runtime;
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
    const tensors = await this.#run(surface, squares, withHead);
    return squares.map((_, index) => this.#outputsOf(tensors, index, squares.length));
  }

  /**
   * Like {@link run}, for those who keep nothing of the outputs: their memory is the next run's.
   * @param read makes of a square's outputs what is wanted of them
   * @returns what it has made for each square
   */
  async read<Read>(
    surface: PictureSurface,
    squares: readonly Region[],
    read: (outputs: OutputsWithHead<Output, HeadOutput>, square: Region, dimsOf: DimsOf<Output>) => Read,
    withHead = false,
  ): Promise<Read[]> {
    const tensors = await this.#run(surface, squares, withHead);
    const made = squares.map((square, index) =>
      read(this.#outputsOf(tensors, index, squares.length), square, (name) => tensors.get(name)?.dims ?? []),
    );
    for (const tensor of tensors.values()) release(tensor);
    return made;
  }

  async #run(
    surface: PictureSurface,
    squares: readonly Region[],
    withHead: boolean,
  ): Promise<Map<string, Tensor | undefined>> {
    const { outputs, head: about } = this.#network;
    // What the head reads is computed in any case, and copied only for the head.
    const features = withHead && about ? about.reads : [];
    const tensors = await this.#body.run(surface, squares, [...outputs, ...features]);
    const all = new Map<string, Tensor | undefined>(outputs.map((name) => [name, tensors[name]]));
    if (withHead && about && this.#startHead) {
      this.#head ??= this.#startHead();
      const more = await (await this.#head).run(tensors, about.outputs);
      for (const name of about.outputs) all.set(name, more[name]);
      for (const name of features) release(tensors[name]);
    }
    return all;
  }

  /** What one of so many squares has of the outputs of all. */
  #outputsOf(
    tensors: ReadonlyMap<string, Tensor | undefined>,
    index: number,
    count: number,
  ): OutputsWithHead<Output, HeadOutput> {
    const parts = [...tensors].map(([name, tensor]) => {
      const all = numbers(tensor, name);
      const size = all.length / count;
      return [name, all.subarray(index * size, (index + 1) * size)] as const;
    });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the names are those of the description
    const named: Outputs<string> = Object.fromEntries(parts);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the names are those of the description
    return named as OutputsWithHead<Output, HeadOutput>;
  }

  /** Frees its memory. */
  async release(): Promise<void> {
    await this.#body.release();
    await (await this.#head)?.release();
  }
}
