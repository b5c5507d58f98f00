import { chooseThreads, whyNoWebgpu } from '../../schema/backend-choice.ts';
import type { BackendWish } from '../../schema/backend-choice.ts';
import { Engine } from '../../engine/engine.ts';
import { BodyAnalysisError } from '../../schema/errors.ts';
import type { SkippedBackend } from '../../schema/loading.ts';
import { startThreads } from './engine-threads.ts';
import type { Threads } from './engine-threads.ts';
import { findGpu } from './gpu.ts';
import type { Gpu, GpuSearch } from './gpu.ts';
import { OrtRuntime } from './ort-runtime.ts';
import type { Runtimes } from './session.ts';

/** What a caller says about the backend. */
export interface BackendOptions extends BackendWish {
  /** The folder that hosts models and runtime; the package itself where `undefined`. */
  baseUrl: string | undefined;
  /** WASM threads asked for; chosen from the cores where `undefined`. */
  threads: number | undefined;
}

/** A backend that was chosen. */
export interface Backend {
  /** The GPU to run on; WASM where there is none. */
  gpu: Gpu | undefined;
  runtimes: Runtimes;
  /** Of the engine. */
  threads: Threads;
  /** Why no more were asked for. */
  threadsReason?: string;
  skipped: SkippedBackend[];
}

/**
 * Chooses how to run.
 * @param onPiece told, later, that more of ONNX Runtime has come, where that is needed
 * @throws BodyAnalysisError `backend-failed`
 */
export async function chooseBackend(
  options: BackendOptions,
  onPiece: () => void = () => {},
): Promise<Backend> {
  const search = await searchGpu(options);
  const gpu = 'gpu' in search ? search.gpu : undefined;
  const { threads: count, ...why } = chooseThreads(options.threads, {
    cores: globalThis.navigator.hardwareConcurrency,
    isIsolated: globalThis.crossOriginIsolated,
  });
  const ort = new OrtRuntime({
    build: canSuspend() ? 'jspi' : 'asyncify',
    baseUrl: options.baseUrl,
    // Those of a GPU's runtime would have nothing to do.
    threads: gpu ? 1 : count,
    onPiece,
  });
  const threads = startThreads(count - 1);
  return {
    gpu,
    runtimes: { engine: startEngine(threads), ort },
    threads,
    ...why,
    skipped: 'gpu' in search ? [] : [{ name: 'webgpu', reason: search.reason }],
  };
}

/** The same backend without its GPU. */
export function withoutGpu(backend: Backend, reason: string): Backend {
  return { ...backend, gpu: undefined, skipped: [...backend.skipped, { name: 'webgpu', reason }] };
}

function startEngine(threads: Threads): Engine {
  try {
    return new Engine({ helpers: threads.helpers, others: () => threads.others() });
  } catch (cause) {
    throw new BodyAnalysisError(
      'backend-failed',
      "The inference engine could not be started. Check that the page's Content-Security-Policy allows `wasm-unsafe-eval`, and that the browser has WebAssembly with SIMD: Chrome 91, Firefox 89 and Safari 16.4 do.",
      cause,
    );
  }
}

async function searchGpu(options: BackendOptions): Promise<GpuSearch> {
  const reason = whyNoWebgpu(options);
  return reason === undefined ? findGpu(options.backend) : { reason };
}

/**
 * Whether WASM can wait for a promise by itself (JSPI); the Asyncify file
 * does without, at the price of its size.
 */
function canSuspend(): boolean {
  return 'Suspending' in WebAssembly;
}
