import type { BackendChoice, BackendInfo, SkippedBackend } from '../../schema/loading.ts';
import { assetUrl, RUNTIME_FILES } from '../files/assets.ts';
import type { AssetFile } from '../files/assets.ts';
import { findGpu } from './gpu.ts';
import type { Gpu, GpuSearch } from './gpu.ts';
import { configureRuntime } from './ort-runtime.ts';
import type { OrtRuntime } from './ort-runtime.ts';
import { sendPacked } from '../files/wasm-binary.ts';

/** What a caller says about the backend. */
export interface BackendOptions {
  backend: BackendChoice;
  /** What is not to be tried, and why. */
  skipped: readonly SkippedBackend[];
  /** The folder that hosts models and runtime; the package itself where `undefined`. */
  baseUrl: string | undefined;
  /** WASM threads asked for; chosen from the cores where `undefined`. */
  threads: number | undefined;
}

/** A backend that was chosen. */
export interface Backend extends Pick<OrtRuntime, 'script' | 'threads'> {
  /** The GPU to run on; WASM where there is none. */
  gpu: Gpu | undefined;
  runtime: BackendInfo['runtime'];
  threadsReason?: string;
  skipped: SkippedBackend[];
}

/** More threads than this gain nothing on graphs this small, and cost the page its cores. */
const MAX_THREADS = 4;

/**
 * Chooses how to run, and points ONNX Runtime at its files: before anything is loaded, since it loads one WASM file in a
 * worker's life.
 * @param onPiece told, later, that more of the runtime has come
 */
export async function chooseBackend(
  options: BackendOptions,
  onPiece: () => void = () => {},
): Promise<Backend> {
  const search = await searchGpu(options);
  const gpu = 'gpu' in search ? search.gpu : undefined;
  const runtime = gpu ? (canSuspend() ? 'jspi' : 'asyncify') : 'plain';
  const cores = globalThis.navigator.hardwareConcurrency;
  const isolated = globalThis.crossOriginIsolated;
  const threads = isolated ? (options.threads ?? Math.min(cores, MAX_THREADS)) : 1;
  const { mjs, wasm, packed } = RUNTIME_FILES[runtime];
  const urlOf = (file: AssetFile) => assetUrl(file, options.baseUrl);
  const binary = urlOf(wasm ?? packed);
  const script = urlOf(mjs);
  configureRuntime({ script, binary, threads });
  sendPacked(binary, urlOf(packed), onPiece);
  return {
    gpu,
    runtime,
    script,
    threads,
    ...(isolated
      ? {}
      : {
          threadsReason:
            'The page is not cross-origin isolated: send Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp with it, and the latter with the scripts of worker and runtime, for more than one thread.',
        }),
    skipped: 'gpu' in search ? [] : [{ name: 'webgpu', reason: search.reason }],
  };
}

/** The same backend without its GPU: the runtime's file for WebGPU runs models on WASM as well. */
export function withoutGpu(backend: Backend, reason: string): Backend {
  return { ...backend, gpu: undefined, skipped: [...backend.skipped, { name: 'webgpu', reason }] };
}

async function searchGpu({ backend, skipped }: BackendOptions): Promise<GpuSearch> {
  if (backend === 'wasm') return { reason: "It was not asked for: the option backend is 'wasm'." };
  const known = skipped.find(({ name }) => name === 'webgpu');
  return known ? { reason: known.reason } : findGpu(backend);
}

/** Whether WASM can wait for a promise by itself (JSPI); the Asyncify file does without, at the price of its size. */
function canSuspend(): boolean {
  return 'Suspending' in WebAssembly;
}
