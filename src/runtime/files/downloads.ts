import type { Network } from '../../networks/network.ts';
import type { LoadProgress } from '../../schema/loading.ts';
import { fileOf } from './assets.ts';
import { loadModel, modelEntry } from './model-store.ts';

/** A network's files. */
export interface NetworkBytes {
  body: Uint8Array<ArrayBuffer>;
  /** There where the network has one. */
  head?: Uint8Array<ArrayBuffer>;
}

/** Fetches networks, and tells how far all that were asked for have come together. */
export class Downloads {
  readonly #baseUrl: string | undefined;
  readonly #onProgress: (progress: LoadProgress) => void;
  /** What is to come and what has come of each file, in bytes. */
  readonly #files = new Map<string, { total: number; loaded: number }>();

  /**
   * @param baseUrl the folder that hosts the files; the package itself where `undefined`
   * @param onProgress told each time that more is there
   */
  constructor(baseUrl: string | undefined, onProgress: (progress: LoadProgress) => void = () => {}) {
    this.#baseUrl = baseUrl;
    this.#onProgress = onProgress;
  }

  /** Of all that was asked for so far, in bytes, as {@link LoadProgress} counts them. */
  get totalBytes(): number {
    return this.#sum(({ total }) => total);
  }

  /** Tells that what has come is started, where nothing else is on its way. */
  tellReady(): void {
    const total = this.totalBytes;
    if (this.#sum(({ loaded }) => loaded) === total)
      this.#onProgress({ phase: 'ready', loaded: total, total });
  }

  /**
   * Fetches a network's files side by side, from the cache where they are.
   * @throws BodyAnalysisError `model-fetch` or `model-integrity`
   */
  async fetch({ file, head }: Network): Promise<NetworkBytes> {
    const [ofBody, ofHead] = await Promise.all([this.#fetchFile(file), head && this.#fetchFile(head.file)]);
    return { body: ofBody, ...(ofHead && { head: ofHead }) };
  }

  async #fetchFile(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const asset = fileOf(name);
    const state = { total: modelEntry(asset).packedBytes, loaded: 0 };
    this.#files.set(asset, state);
    try {
      return await loadModel(asset, this.#baseUrl, (loaded) => {
        // A download that broke off begins anew.
        state.loaded = Math.max(loaded, state.loaded);
        this.#tell(asset);
      });
    } catch (error) {
      // Nothing more is to come of it.
      this.#files.delete(asset);
      throw error;
    }
  }

  #tell(file: string): void {
    const [loaded, total] = [this.#sum((each) => each.loaded), this.totalBytes];
    this.#onProgress({ phase: loaded < total ? 'download' : 'start', file, loaded, total });
  }

  #sum(bytesOf: (file: { total: number; loaded: number }) => number): number {
    return [...this.#files.values()].reduce((sum, file) => sum + bytesOf(file), 0);
  }
}
