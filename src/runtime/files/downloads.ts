import type { Network } from '../../networks/network.ts';
import type { LoadProgress } from '../../schema/loading.ts';
import { fileOf } from './assets.ts';
import type { AssetFile } from './assets.ts';
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
  /** Whether something was told since {@link tellReady}. */
  #hasNews = false;

  /**
   * @param baseUrl the folder that hosts the files; the package itself where `undefined`
   * @param onProgress told each time that more is there
   */
  constructor(baseUrl: string | undefined, onProgress: (progress: LoadProgress) => void = () => {}) {
    this.#baseUrl = baseUrl;
    this.#onProgress = onProgress;
  }

  /** Of all that was announced or asked for so far, in bytes, as {@link LoadProgress} counts them. */
  get totalBytes(): number {
    return this.#sum(({ total }) => total);
  }

  /** Of {@link totalBytes}, what is there. */
  get loadedBytes(): number {
    return this.#sum(({ loaded }) => loaded);
  }

  /** Counts networks that will be fetched, so that what there is to load does not grow when they are. */
  announce(networks: readonly Network[]): void {
    for (const { file, head } of networks) {
      for (const name of head ? [file, head.file] : [file]) this.#expect(fileOf(name));
    }
  }

  /** Tells that what has come is ready, where that is news and nothing else is on its way. */
  tellReady(): void {
    const { loadedBytes: loaded, totalBytes: total } = this;
    if (!this.#hasNews || loaded < total) return;
    this.#hasNews = false;
    this.#onProgress({ phase: 'ready', loaded, total });
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
    const state = this.#expect(asset);
    try {
      return await loadModel(asset, this.#baseUrl, (loaded) => {
        // A download that broke off begins anew.
        state.loaded = Math.max(loaded, state.loaded);
        this.#tell(asset);
      });
    } catch (error) {
      // Nothing more is to come of it.
      this.#files.delete(asset);
      this.#hasNews = true;
      throw error;
    }
  }

  #expect(asset: AssetFile): { total: number; loaded: number } {
    const state = this.#files.get(asset) ?? { total: modelEntry(asset).packedBytes, loaded: 0 };
    this.#files.set(asset, state);
    return state;
  }

  #tell(file: string): void {
    const { loadedBytes: loaded, totalBytes: total } = this;
    this.#hasNews = true;
    this.#onProgress({ phase: loaded < total ? 'download' : 'start', file, loaded, total });
  }

  #sum(bytesOf: (file: { total: number; loaded: number }) => number): number {
    return [...this.#files.values()].reduce((sum, file) => sum + bytesOf(file), 0);
  }
}
