import { frozen } from './frozen.ts';
import type { OwnNetworkInfo } from './own-networks.ts';

/**
 * The landmark models: accuracy rises with size and time, `lite` 1.6 MB,
 * `full` 3.3 MB, `heavy` 13.0 MB to load.
 */
export const LANDMARK_MODELS = /* #__PURE__ */ frozen(['lite', 'full', 'heavy']);

/** Which landmark model to use. */
export type LandmarkModel = (typeof LANDMARK_MODELS)[number];

/** How much is done to find everyone and to place their points: see the table in `docs/quality.md`. */
export const QUALITIES = /* #__PURE__ */ frozen(['fast', 'balanced', 'best']);

/** One of {@link QUALITIES}. */
export type Quality = (typeof QUALITIES)[number];

/**
 * The landmark model of each quality where none is asked for: MoveNet places the points in `fast` and
 * `balanced`, and a larger model beside it gains .01 of AP at most there; in `best` `heavy` gains .03.
 */
export const DEFAULT_MODELS: Readonly<Record<Quality, LandmarkModel>> = /* #__PURE__ */ frozen({
  fast: 'lite',
  balanced: 'lite',
  best: 'heavy',
});

/** What the models may be asked to run on. */
export const BACKENDS = /* #__PURE__ */ frozen(['auto', 'webgpu', 'wasm']);

/**
 * One of {@link BACKENDS}. `auto` takes WebGPU where there is a real GPU and it measures faster
 * than WASM; `webgpu` takes any adapter, however slow; `wasm` takes none. Whatever is asked
 * for, WASM is there when WebGPU is not.
 */
export type BackendChoice = (typeof BACKENDS)[number];

/** The ways a model can be run. */
export type BackendName = Exclude<BackendChoice, 'auto'>;

/** A way that was not chosen, and why. */
export interface SkippedBackend {
  name: BackendName;
  /** A sentence for people. */
  reason: string;
}

/** The GPU, as far as the browser tells; names may be empty. */
export interface GpuAdapter {
  vendor: string;
  architecture: string;
  description: string;
  /** Whether it is a program that only acts as a GPU. */
  isSoftware: boolean;
}

/** What the models run on, and why not on something else. */
export interface BackendInfo {
  name: BackendName;
  /**
   * WASM threads: more than 1 only where the page is cross-origin isolated, and no GPU does the work. Threads
   * that fail are replaced, and done without where that helps nothing: this is how many there are now.
   */
  threads: number;
  /** Why there are no more threads: where the page could do something about it, or they have failed. */
  threadsReason?: string;
  /**
   * What runs the landmark model: `engine` is body21's own, for WASM; `onnxruntime` is for WebGPU, and for
   * WASM where a model has something in it that the engine does not know.
   */
  runtime: 'engine' | 'onnxruntime';
  /**
   * Which build of that: of the engine `simd`, or `relaxed` for relaxed SIMD; of ONNX Runtime `jspi` where
   * the browser can suspend WASM, else `asyncify`.
   */
  build: 'simd' | 'relaxed' | 'jspi' | 'asyncify';
  /** Why it is not the engine that runs on WASM, where that is so. */
  runtimeReason?: string;
  /** The GPU in use; none with `wasm`. */
  adapter?: GpuAdapter;
  /**
   * What the landmark model computes in. `float16` only where the GPU has it and gives the same landmarks.
   */
  precision: 'float32' | 'float16';
  /** How many people the landmark model looks at in one run; more than 1 where that measures faster. */
  batch: number;
  /** How long making the models ready took once they were there, in milliseconds; 0 where it is less. */
  warmupMs: number;
  /**
   * The app's own network that looks at photos, by ONNX Runtime on the same backend; none where there is
   * none.
   */
  landmarks?: OwnNetworkInfo;
  /** What was not chosen, with the reason in a sentence. */
  skipped: SkippedBackend[];
}

/** How many threads a worker has, and why no more: this may change while it lives. */
export type ThreadsInfo = Pick<BackendInfo, 'threads' | 'threadsReason'>;

/**
 * How far loading has come of what is waited for: by `create`, and anew by each call that needs more. What is
 * fetched while nobody waits for it is not told of.
 */
export interface LoadProgress {
  /**
   * `download`: model files arrive; `start`: all are there, and are made ready to run; `ready`: over, which
   * is told in any case, for a call even where a file cannot be had.
   */
  phase: 'download' | 'start' | 'ready';
  /** The model file that has just grown; none when `ready`. */
  file?: string;
  /**
   * Bytes of the model files waited for that are there, from the network or the cache, as
   * unpacked from gzip: a fifth more than is sent.
   */
  loaded: number;
  /** Bytes of all model files that are waited for, as unpacked from gzip. Never 0. */
  total: number;
}
