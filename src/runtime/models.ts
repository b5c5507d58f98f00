import type { Region } from '../networks/geometry.ts';
import type { DimsOf, Network, OutputsWithHead } from '../networks/network.ts';
import type { PictureLimits } from '../schema/limits.ts';
import type { BackendInfo, BackendName, LoadProgress, ThreadsInfo } from '../schema/loading.ts';
import type { Frame } from '../source/frame.ts';
import { chooseBackend } from './backend/backend.ts';
import type { BackendOptions } from './backend/backend.ts';
import type { SessionRuntime } from './backend/session.ts';
import { Downloads } from './files/network-files.ts';
import type { NetworkBytes } from './files/network-files.ts';
import { tidyCache } from './files/model-store.ts';
import { withHeartbeat } from './heartbeat.ts';
import { Loader } from './loader.ts';
import type { Readiness, ReadyNetwork } from './loader.ts';
import { readPicture } from './pictures/picture.ts';
import type { Picture, PictureSurface } from './pictures/picture.ts';
import { PixelMemory } from './pictures/pixel-memory.ts';
import { startNetworks, startOneMore } from './starting.ts';
import type { Started } from './starting.ts';

/** Which networks there are to load. */
export interface LoadedNetworks {
  /** Those that are needed at once, in the order in which they are needed. */
  first: readonly Network[];
  /**
   * Those that are needed after them: fetched as soon as the first are there, one after the other, and
   * started when they are asked for. All others come when they are asked for.
   */
  soon?: readonly Network[];
  /** The one by whose speed a GPU is judged, and of which {@link BackendInfo} tells. */
  main: Network;
}

/** How to load the networks. */
export interface LoadOptions extends BackendOptions {
  networks: LoadedNetworks;
}

/** Who wants to know how loading goes. */
export interface LoadListeners {
  /** Told when more of the first networks is there, until they are ready. */
  onProgress: (progress: LoadProgress) => void;
  /** Told the same from then on of each that a call waits for. */
  onLateProgress?: (progress: LoadProgress) => void;
  /**
   * Told before each step, with what the networks run on or are tried on, for as long as they live; and when
   * there are more or fewer threads than before, how many.
   */
  onHeartbeat: (backend: BackendName, threads?: ThreadsInfo) => void;
}

/** How to run a network. */
export interface NetworkRunOptions {
  /** Whether the network's head is to run as well. Default `false`. */
  withHead?: boolean;
}

/** How to wait for a network. */
export interface WaitOptions {
  /** Ends the waiting for a download, which goes on by itself. */
  signal?: AbortSignal;
  /** Whether no call waits for it: then nobody is told how far it has come. Default `false`. */
  inBackground?: boolean;
}

/** Networks that are ready to run, whichever they are. One at a time. */
export class Models {
  readonly backend: BackendInfo;
  /**
   * The longest that a network's first run took on a GPU, in milliseconds; 0 on WASM, where nothing was run.
   */
  readonly slowestRunMs: number;
  /** Of the files of the first networks, as {@link LoadProgress} counts. */
  readonly totalBytes: number;
  readonly #gpu: Started['backend']['gpu'];
  readonly #loader: Loader;
  readonly #downloads: Downloads;
  readonly #memory = new PixelMemory();
  readonly #onHeartbeat: () => void;

  private constructor(
    { backend: { gpu }, slowestRunMs }: Started,
    backend: BackendInfo,
    parts: { loader: Loader; downloads: Downloads; totalBytes: number; onHeartbeat: () => void },
  ) {
    this.#gpu = gpu;
    this.#loader = parts.loader;
    this.#downloads = parts.downloads;
    this.#onHeartbeat = parts.onHeartbeat;
    this.backend = backend;
    this.slowestRunMs = slowestRunMs;
    this.totalBytes = parts.totalBytes;
  }

  /**
   * Fetches the networks side by side and makes them ready on the backend that is best here.
   * @throws BodyAnalysisError `model-fetch`, `model-integrity`, `backend-failed` or `gpu-failed`
   */
  static async load(options: LoadOptions, listeners: LoadListeners): Promise<Models> {
    const { networks, backend: choice, baseUrl } = options;
    const { soon = [] } = networks;
    const { onHeartbeat, onProgress, onLateProgress = () => {} } = listeners;
    const downloads = new Downloads(baseUrl, onProgress);
    for (const network of networks.first) downloads.tellOf(network);
    const { totalBytes } = downloads;
    const fetched = new Map(networks.first.map((network) => [network, downloads.fetch(network)]));
    // When what is needed at once has had the network for itself.
    let fetchedAt = performance.now();
    const all = Promise.all(fetched.values()).then(() => (fetchedAt = performance.now()));
    const coming = inTurn(all, soon, (network) => downloads.fetch(network));
    const tidied = all.then(tidyCache);
    // What fails is thrown where it is waited for.
    all.catch(() => {});
    tidied.catch(() => {});
    const onStep = () => onHeartbeat('wasm');
    onStep();
    const chosen = await chooseBackend(options, onStep);
    try {
      // While the networks are on their way.
      if (chosen.gpu) await chosen.runtimes.ort.start();
    } catch (error) {
      // Where these cannot be had either, that is what has to be put right first.
      await Promise.all(fetched.values());
      throw error;
    }
    onStep();
    const started = await startNetworks(chosen, fetched, { choice, main: networks.main, onHeartbeat });
    await all;
    // What else is run on WASM then is a trial now and again.
    if (started.backend.gpu) started.backend.threads.end();
    const info = await describe(started, networks.main, performance.now() - fetchedAt);
    started.backend.threads.onChange = (threads) => onHeartbeat(info.name, threads);
    await tidied;
    const onLateStep = () => onHeartbeat(info.name);
    const loader = new Loader({
      fetch: (network) => downloads.fetch(network),
      start: (network, bytes) =>
        startOneMore(started.backend, network, bytes, { choice, onHeartbeat: onLateStep }),
    });
    for (const [network, ready] of started.ready) loader.add(network, ready);
    for (const [network, fetching] of coming) loader.expect(network, fetching);
    // That these are ready is told by whoever has waited for this.
    downloads.onProgress = () => {};
    downloads.tellReady();
    downloads.onProgress = onLateProgress;
    return new Models(started, info, { loader, downloads, totalBytes, onHeartbeat: onLateStep });
  }

  /**
   * Reads a frame's pixels to where the networks run. The picture holds memory until it is released.
   * @throws BodyAnalysisError `empty-image`, `image-format` or `image-size`
   */
  read(frame: Frame, limits: Readonly<PictureLimits>): Promise<Picture> {
    return readPicture(frame, limits, { device: this.#gpu?.device, memory: this.#memory });
  }

  /**
   * Runs a network on squares of a picture. One that is not there yet is fetched
   * and started first, as by {@link have}.
   * @param squares at most {@link batchOf} of them
   * @param read makes of the network's numbers for a square what is wanted of them; what is kept of these
   * must be copied, since the next run writes into the same memory
   * @returns what it has made for each square
   * @throws BodyAnalysisError what {@link have} throws; `inference-failed` or `gpu-failed`
   */
  async run<Read, Output extends string, HeadOutput extends string = never>(
    surface: PictureSurface,
    network: Network<Output, HeadOutput>,
    squares: readonly Region[],
    read: (output: OutputsWithHead<Output, HeadOutput>, square: Region, dimsOf: DimsOf<Output>) => Read,
    { withHead = false }: NetworkRunOptions = {},
  ): Promise<Read[]> {
    const { running } = await this.#load(network);
    return running.read(surface, squares, read, withHead);
  }

  /**
   * Fetches and starts a network that is not there yet, with signs of life until it is.
   * @throws BodyAnalysisError what {@link Models.load} throws, and the next call tries again
   * @throws the signal's reason when it is aborted
   */
  async have(network: Network, options?: WaitOptions): Promise<void> {
    await this.#load(network, options);
  }

  /** Has a network fetched for who will ask for it soon; nobody is told how far it has come until then. */
  bring(network: Network): void {
    this.#loader.bring(network);
  }

  /** How many squares {@link run} takes in one run of that network. */
  batchOf(network: Network): number {
    return this.#loader.get(network)?.batch ?? 1;
  }

  /**
   * Sees to a network without waiting for its download: see {@link Loader.prepare}.
   * @throws BodyAnalysisError `gpu-failed`
   */
  prepare(network: Network, isNeeded = true): Promise<Readiness> {
    return this.#loader.prepare(network, isNeeded);
  }

  async #load(network: Network, { signal, inBackground = false }: WaitOptions = {}): Promise<ReadyNetwork> {
    const ready = this.#loader.get(network);
    if (ready) return ready;
    if (!inBackground) this.#downloads.tellOf(network);
    try {
      // A server may be slow to its first byte, and to each after it; the download has its own limit for
      // that. What starts on a GPU has none, and gives its own signs of life, step by step.
      await withHeartbeat(this.#onHeartbeat, () => this.#loader.fetch(network, signal));
      return await this.#loader.load(network);
    } finally {
      // However it ended: who shows how loading goes is not left with half of it.
      if (!inBackground) this.#downloads.tellReady();
    }
  }
}

/**
 * Fetches networks one after the other once something else is done, and none where that fails. One that fails
 * does not hold up the next.
 */
function inTurn(
  before: Promise<unknown>,
  networks: readonly Network[],
  fetch: (network: Network) => Promise<NetworkBytes>,
): Map<Network, Promise<NetworkBytes>> {
  const coming = new Map<Network, Promise<NetworkBytes>>();
  let last: Promise<unknown> = before;
  for (const network of networks) {
    const turn = last;
    const fetched = before.then(() => turn).then(() => fetch(network));
    last = fetched.catch(() => {});
    coming.set(network, fetched);
  }
  return coming;
}

async function describe(
  { backend, precision, batch, ready }: Started,
  main: Network,
  warmupMs: number,
): Promise<BackendInfo> {
  const { gpu, runtimes, threads, threadsReason, skipped } = backend;
  const expected: SessionRuntime = gpu
    ? { runtime: 'onnxruntime', build: runtimes.ort.build }
    : { runtime: 'engine', build: runtimes.engine.build };
  return {
    name: gpu ? 'webgpu' : 'wasm',
    ...(threadsReason !== undefined && !gpu && { threadsReason }),
    ...(await threads.report()),
    ...(ready.get(main)?.running.runtime ?? expected),
    ...(gpu && { adapter: gpu.adapter }),
    precision,
    batch,
    warmupMs: Math.round(warmupMs),
    skipped,
  };
}
