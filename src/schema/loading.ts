/** The landmark models: accuracy rises with size and time, `lite` ≈ 3 MB, `full` ≈ 6 MB, `heavy` ≈ 28 MB. */
export const LANDMARK_MODELS = ['lite', 'full', 'heavy'] as const;

/** Which landmark model to use. */
export type LandmarkModel = (typeof LANDMARK_MODELS)[number];

/** How much is done to find everyone and to place their points: see the table in `docs/quality.md`. */
export const QUALITIES = ['fast', 'balanced', 'best'] as const;

/** One of {@link QUALITIES}. */
export type Quality = (typeof QUALITIES)[number];

/** The ways a model can be run. */
export type BackendName = 'webgpu' | 'wasm';

/** What the models run on, and why not on something else. */
export interface BackendInfo {
  name: BackendName;
  /** WASM threads. More than 1 only where the page is cross-origin isolated. */
  threads: number;
  /** Why there are no more threads, where the page could do something about it. */
  threadsReason?: string;
  /** What was not chosen, with the reason in a sentence. */
  skipped: { name: BackendName; reason: string }[];
}

/** How far loading has come. */
export interface LoadProgress {
  /** `download`: model files arrive; `start`: all are there, the runtime starts with them; `ready`: done. */
  phase: 'download' | 'start' | 'ready';
  /** The model file that has just grown; none when `ready`. */
  file?: string;
  /** Bytes of all model files that are there, from the network or the cache. */
  loaded: number;
  /** Bytes of all model files. */
  total: number;
}
