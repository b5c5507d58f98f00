import type { Region } from '../networks/geometry.ts';
import type { Network, OutputsWithHead } from '../networks/network.ts';
import { DEFAULT_LIMITS } from '../schema/limits.ts';
import type { PictureLimits } from '../schema/limits.ts';
import type { BackendInfo, BackendName, LoadProgress } from '../schema/loading.ts';
import type { Frame } from '../source/frame.ts';
import { fileOf } from './assets.ts';
import { beating } from './beating.ts';
import { chooseBackend, withoutGpu } from './backend.ts';
import type { Backend, BackendOptions } from './backend.ts';
import { drawFigure, FIGURE_SQUARE } from './figure.ts';
import type { Gpu } from './gpu.ts';
import { startRuntime } from './model.ts';
import { modelEntry, tidyCache } from './model-store.ts';
import { OtherNetworks } from './other-networks.ts';
import type { ReadyNetwork } from './other-networks.ts';
import { readPicture } from './picture.ts';
import type { Picture, PictureSurface } from './picture.ts';
import { PixelMemory } from './pixel-memory.ts';
import { loadNetwork, RunningNetwork } from './running-network.ts';
import type { NetworkBytes } from './running-network.ts';
import { isJudge, tryGpu } from './trial.ts';
import type { Figures } from './trial.ts';

/** Which networks there are to load. */
export interface LoadedNetworks {
  /** Those that are needed at once, in the order in which they are needed. All others come when they are first run. */
  first: readonly Network[];
}

/** How to load the networks. */
export interface LoadOptions extends BackendOptions {
  networks: LoadedNetworks;
}

/** Who wants to know how loading goes. */
export interface LoadListeners {
  onProgress: (progress: LoadProgress) => void;
  /** Told before each step, with what the networks run on or are tried on. */
  onBeat: (backend: BackendName) => void;
}

/** How to run a network. */
export interface NetworkRunOptions {
  /** Whether the network's head is to run as well. Default `false`. */
  withHead?: boolean;
}

/** Networks on their way. */
type Fetched = ReadonlyMap<Network, Promise<NetworkBytes>>;

/** Networks that are ready, by their files. */
type Ready = Map<string, ReadyNetwork>;

/** Networks that are ready to run. One at a time: the runtime has one queue. */
export class Models {
  readonly backend: BackendInfo;
  /** The longest that a network's first run took on a GPU, in milliseconds; 0 on WASM, where nothing was run. */
  readonly slowestRunMs: number;
  readonly #gpu: Backend['gpu'];
  readonly #ready: Ready;
  readonly #options: LoadOptions;
  readonly #memory = new PixelMemory();
  readonly #onBeat: () => void;
  readonly #others = new OtherNetworks({
    fetch: (network) => loadNetwork(network, this.#options.baseUrl),
    start: (network, bytes) => this.#startOther(network, bytes),
  });

  private constructor(
    { backend, ready, slowestRunMs }: Started,
    info: BackendInfo,
    options: LoadOptions,
    onBeat: LoadListeners['onBeat'],
  ) {
    this.#gpu = backend.gpu;
    this.#ready = ready;
    this.#options = options;
    this.#onBeat = () => onBeat(info.name);
    this.backend = info;
    this.slowestRunMs = slowestRunMs;
  }

  /**
   * Fetches the networks side by side and makes them ready on the backend that is best here.
   * @throws BodyAnalysisError `model-fetch`, `model-integrity`, `backend-failed` or `gpu-failed`
   */
  static async load(options: LoadOptions, { onProgress, onBeat }: LoadListeners): Promise<Models> {
    const fetched = fetchNetworks(options, onProgress);
    let fetchedAt = performance.now();
    // What fails is thrown where it is waited for.
    const all = Promise.all(fetched.values()).then(
      () => (fetchedAt = performance.now()),
      () => {},
    );
    const beat = () => onBeat('wasm');
    beat();
    const chosen = await chooseBackend(options, beat);
    try {
      // While the networks are on their way.
      await startRuntime(chosen);
    } catch (error) {
      // Where these cannot be had either, that is what has to be put right first.
      await Promise.all(fetched.values());
      throw error;
    }
    beat();
    const started = await startNetworks(chosen, fetched, options, onBeat);
    await all;
    const { backend, precision, batch } = started;
    const { gpu, runtime, threads, threadsReason, skipped } = backend;
    const info: BackendInfo = {
      name: gpu ? 'webgpu' : 'wasm',
      threads,
      ...(threadsReason !== undefined && { threadsReason }),
      runtime,
      ...(gpu && { adapter: gpu.adapter }),
      precision,
      batch,
      warmupMs: Math.round(performance.now() - fetchedAt),
      skipped,
    };
    await tidyCache();
    return new Models(started, info, options, onBeat);
  }

  /**
   * Reads a frame's pixels to where the networks run. The picture holds memory until it is released.
   * @throws BodyAnalysisError `empty-image`, `image-format` or `image-size`
   */
  read(frame: Frame, limits: Readonly<PictureLimits>): Promise<Picture> {
    return readPicture(frame, limits, { device: this.#gpu?.device, memory: this.#memory });
  }

  /**
   * Looks at squares of a picture. A network that is not there yet is fetched and started first, as by {@link have}.
   * @param squares at most {@link batchOf} of them
   * @returns the network's own numbers for each square
   * @throws BodyAnalysisError what {@link have} throws; `inference-failed` or `gpu-failed`
   */
  async run<Output extends string, HeadOutput extends string = never>(
    surface: PictureSurface,
    network: Network<Output, HeadOutput>,
    squares: readonly Region[],
    { withHead = false }: NetworkRunOptions = {},
  ): Promise<OutputsWithHead<Output, HeadOutput>[]> {
    const { running } = this.#find(network) ?? (await this.#add(network));
    return running.run(surface, squares, withHead);
  }

  /**
   * Fetches and starts a network that is not there yet, with signs of life until it is.
   * @throws BodyAnalysisError what {@link Models.load} throws, and the next call tries again
   */
  async have(network: Network): Promise<void> {
    if (!this.#find(network)) await this.#add(network);
  }

  /** How many squares {@link run} looks at in one run of that network. */
  batchOf(network: Network): number {
    return this.#find(network)?.batch ?? 1;
  }

  /** Sees to a network without waiting for it: see {@link OtherNetworks.prepare}. */
  async prepare(network: Network): Promise<'ready' | 'fetching' | 'failed'> {
    return this.#ready.has(network.file) ? 'ready' : this.#others.prepare(network);
  }

  /**
   * Starts a small part of a network once more and lets it go: what the runtime goes through then is the same for all.
   * @throws BodyAnalysisError `backend-failed`, or on a GPU `gpu-failed`
   */
  async startAgain(): Promise<void> {
    for (const { running } of this.#ready.values()) if (running.hasHead) return running.startHeadAgain();
  }

  #find(network: Network): ReadyNetwork | undefined {
    return this.#ready.get(network.file) ?? this.#others.get(network);
  }

  async #add(network: Network): Promise<ReadyNetwork> {
    // A server may be slow to its first byte, and to each after it; the download has its own limit for that.
    const bytes = await beating(this.#onBeat, () => loadNetwork(network, this.#options.baseUrl));
    this.#onBeat();
    const ready = { running: await RunningNetwork.start(network, bytes, { gpu: this.#gpu }), batch: 1 };
    this.#ready.set(network.file, ready);
    return ready;
  }

  async #startOther(network: Network, bytes: NetworkBytes): Promise<ReadyNetwork | undefined> {
    const gpu = this.#gpu;
    if (!gpu || !isJudge(network)) {
      return { running: await RunningNetwork.start(network, bytes, { gpu }), batch: 1 };
    }
    // What one network computes right in half precision, and how many at once are quickest, need not be so with another.
    const { backend: choice } = this.#options;
    const trial = await withFigures(gpu, (figures) =>
      tryGpu(gpu, { network, bytes, choice, figures, hasRival: false }, this.#onBeat),
    );
    return 'reason' in trial ? undefined : trial;
  }
}

/** What there is to load at first, in bytes. */
export function totalBytes({ first }: LoadedNetworks): number {
  return first
    .flatMap(({ file, head }) => [file, ...(head ? [head.file] : [])])
    .reduce((sum, file) => sum + modelEntry(fileOf(file)).packedBytes, 0);
}

function fetchNetworks(
  { networks, baseUrl }: LoadOptions,
  onProgress: (progress: LoadProgress) => void,
): Fetched {
  const total = totalBytes(networks);
  const loadedOf = new Map<string, number>();
  const onBytes = (file: string, bytes: number) => {
    // A download that broke off begins anew.
    loadedOf.set(file, Math.max(bytes, loadedOf.get(file) ?? 0));
    const loaded = [...loadedOf.values()].reduce((sum, each) => sum + each, 0);
    onProgress({ phase: loaded < total ? 'download' : 'start', file, loaded, total });
  };
  return new Map(networks.first.map((network) => [network, loadNetwork(network, baseUrl, onBytes)]));
}

interface Started {
  backend: Backend;
  ready: Ready;
  /** Of the network that the GPU was tried by. */
  precision: BackendInfo['precision'];
  batch: number;
  slowestRunMs: number;
}

/**
 * Makes sessions: on the GPU where there is one and it proves its worth, with each run once, since a first run compiles
 * a GPU's programs; else on WASM.
 */
async function startNetworks(
  backend: Backend,
  fetched: Fetched,
  { backend: choice }: Pick<LoadOptions, 'backend'>,
  onBeat: LoadListeners['onBeat'],
): Promise<Started> {
  const { gpu } = backend;
  const ready: Ready = new Map();
  if (!gpu) {
    await startEach(fetched, ready, { gpu, onBeat: () => onBeat('wasm') });
    return { backend, ready, precision: 'float32', batch: 1, slowestRunMs: 0 };
  }
  const beat = () => onBeat('webgpu');
  beat();
  return withFigures(gpu, async (figures) => {
    const judge = [...fetched.keys()].find(isJudge);
    const bytes = judge && (await fetched.get(judge));
    const trial =
      judge && bytes && (await tryGpu(gpu, { network: judge, bytes, choice, figures, hasRival: true }, beat));
    if (trial && 'reason' in trial) {
      gpu.device.destroy();
      const without = withoutGpu(backend, trial.reason);
      return startNetworks(without, fetched, { backend: choice }, onBeat);
    }
    if (judge && trial) ready.set(judge.file, trial);
    const started = await startEach(fetched, ready, { gpu, onBeat: beat });
    const slowestRunMs = await runOnce(started, figures.gpu, beat);
    const { precision = 'float32', batch = 1, slowestRunMs: slowestOfTrialMs = 0 } = trial ?? {};
    return { backend, ready, precision, batch, slowestRunMs: Math.max(slowestRunMs, slowestOfTrialMs) };
  });
}

/** Has work done with the drawn figure, as each backend sees it. */
async function withFigures<Done>(gpu: Gpu, work: (figures: Figures) => Promise<Done>): Promise<Done> {
  const figure: Frame = { kind: 'pixels', pixels: drawFigure() };
  const onWasm = await readPicture(figure, DEFAULT_LIMITS);
  const onGpu = await gpu.run(() => readPicture(figure, DEFAULT_LIMITS, { device: gpu.device }));
  try {
    return await work({ gpu: onGpu.pixels, wasm: onWasm.pixels });
  } finally {
    onGpu.release();
  }
}

/**
 * Starts those that are not ready yet, one after the other: the runtime makes one session at a time.
 * @returns the networks that were started
 */
async function startEach(
  fetched: Fetched,
  ready: Ready,
  { gpu, onBeat }: { gpu: Backend['gpu']; onBeat: () => void },
): Promise<RunningNetwork[]> {
  const started: RunningNetwork[] = [];
  for (const [network, coming] of fetched) {
    if (ready.has(network.file)) continue;
    onBeat();
    const running = await RunningNetwork.start(network, await coming, { gpu });
    ready.set(network.file, { running, batch: 1 });
    started.push(running);
  }
  return started;
}

/**
 * Runs each network once on the figure.
 * @returns the longest run in milliseconds
 */
async function runOnce(
  networks: readonly RunningNetwork[],
  surface: PictureSurface,
  onBeat: () => void,
): Promise<number> {
  let slowest = 0;
  for (const running of networks) {
    onBeat();
    const start = performance.now();
    await running.run(surface, [FIGURE_SQUARE]);
    slowest = Math.max(slowest, performance.now() - start);
  }
  return slowest;
}
