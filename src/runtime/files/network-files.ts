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

/** What is to come and what has come of a file, in bytes. */
interface Arrival {
  total: number;
  loaded: number;
}

/** Fetches networks, and tells how far those have come that somebody waits for. */
export class Downloads {
  /** Told each time that more is there of what {@link tellOf} names. */
  onProgress: (progress: LoadProgress) => void;
  readonly #baseUrl: string | undefined;
  readonly #arrivals = new Map<string, Arrival>();
  /** Those that are told of, until {@link tellReady}. */
  readonly #told = new Set<Arrival>();

  /** @param baseUrl the folder that hosts the files; the package itself where `undefined` */
  constructor(baseUrl: string | undefined, onProgress: (progress: LoadProgress) => void = () => {}) {
    this.#baseUrl = baseUrl;
    this.onProgress = onProgress;
  }

  /** Of all that is told of, in bytes, as {@link LoadProgress} counts them. */
  get totalBytes(): number {
    return this.#sum(({ total }) => total);
  }

  /** From now on tells how far a network has come, where that is not all there yet. */
  tellOf({ file, head, load }: Network): void {
    for (const name of head ? [file, head.file] : [file]) {
      const arrival = load ? this.#expectOwn(name) : this.#expect(fileOf(name));
      if (arrival.loaded < arrival.total) this.#told.add(arrival);
    }
  }

  /** Tells that what was told of is ready, or is not to be had; and nothing more of it. */
  tellReady(): void {
    if (this.#told.size === 0) return;
    const progress = this.#sums('ready');
    this.#told.clear();
    this.onProgress(progress);
  }

  /**
   * Fetches a network's files side by side, from the cache where they are.
   * @throws BodyAnalysisError `model-fetch` or `model-integrity`; what the network's own loading throws
   */
  async fetch({ file, head, load }: Network): Promise<NetworkBytes> {
    if (load) return { body: await this.#loadOwn(file, load) };
    const [ofBody, ofHead] = await Promise.all([this.#fetchFile(file), head && this.#fetchFile(head.file)]);
    return { body: ofBody, ...(ofHead && { head: ofHead }) };
  }

  async #fetchFile(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const asset = fileOf(name);
    const arrival = this.#expect(asset);
    try {
      return await loadModel(asset, this.#baseUrl, (loaded) => {
        // A download that broke off begins anew.
        arrival.loaded = Math.max(loaded, arrival.loaded);
        if (this.#told.has(arrival)) this.onProgress({ ...this.#sums(), file: asset });
      });
    } catch (error) {
      // Nothing more is to come of it.
      this.#arrivals.delete(asset);
      throw error;
    }
  }

  /** Has a network fetch its own file, of whose size only its host knows. */
  async #loadOwn(file: string, load: NonNullable<Network['load']>): Promise<Uint8Array<ArrayBuffer>> {
    const arrival = this.#expectOwn(file);
    try {
      const bytes = await load((loaded, total) => {
        arrival.loaded = loaded;
        arrival.total = total;
        if (this.#told.has(arrival)) this.onProgress({ ...this.#sums(), file });
      });
      arrival.loaded = arrival.total;
      return bytes;
    } catch (error) {
      this.#arrivals.delete(file);
      throw error;
    }
  }

  #expectOwn(file: string): Arrival {
    const arrival = this.#arrivals.get(file) ?? { total: 1, loaded: 0 };
    this.#arrivals.set(file, arrival);
    return arrival;
  }

  #expect(asset: AssetFile): Arrival {
    const arrival = this.#arrivals.get(asset) ?? { total: modelEntry(asset).packedBytes, loaded: 0 };
    this.#arrivals.set(asset, arrival);
    return arrival;
  }

  #sums(phase?: 'ready'): LoadProgress {
    const { totalBytes: total } = this;
    const loaded = this.#sum((arrival) => arrival.loaded);
    return { phase: phase ?? (loaded < total ? 'download' : 'start'), loaded, total };
  }

  #sum(bytesOf: (arrival: Arrival) => number): number {
    return [...this.#told].reduce((sum, arrival) => sum + bytesOf(arrival), 0);
  }
}
