import { chooseThreads, whyNoWebgpu } from '../../schema/backend-choice.ts';
import type { BackendWish } from '../../schema/backend-choice.ts';
import type { BackendInfo, SkippedBackend } from '../../schema/loading.ts';
import { assetUrl, RUNTIME_FILES } from '../files/assets.ts';
import type { AssetFile } from '../files/assets.ts';
import { findGpu } from './gpu.ts';
import type { Gpu, GpuSearch } from './gpu.ts';
import { configureRuntime } from './ort-runtime.ts';
import type { OrtRuntime } from './ort-runtime.ts';
import { sendPacked } from '../files/wasm-binary.ts';

/** What a caller says about the backend. */
export interface BackendOptions extends BackendWish {
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

/**
 * Chooses how to run, and points ONNX Runtime at its files: before anything is loaded, since it loads one
 * WASM file in a worker's life.
 * @param onPiece told, later, that more of the runtime has come
 */
export async function chooseBackend(
  options: BackendOptions,
  onPiece: () => void = () => {},
): Promise<Backend> {
  const search = await searchGpu(options);
  const gpu = 'gpu' in search ? search.gpu : undefined;
  const runtime = gpu ? (canSuspend() ? 'jspi' : 'asyncify') : 'plain';
  const chosen = chooseThreads(options.threads, {
    cores: globalThis.navigator.hardwareConcurrency,
    isIsolated: globalThis.crossOriginIsolated,
  });
  const { mjs, wasm, packed } = RUNTIME_FILES[runtime];
  const urlOf = (file: AssetFile) => assetUrl(file, options.baseUrl);
  const binary = urlOf(wasm ?? packed);
  const script = urlOf(mjs);
  configureRuntime({ script, binary, threads: chosen.threads });
  sendPacked(binary, urlOf(packed), onPiece);
  return {
    gpu,
    runtime,
    script,
    ...chosen,
    skipped: 'gpu' in search ? [] : [{ name: 'webgpu', reason: search.reason }],
  };
}

/** The same backend without its GPU: the runtime's file for WebGPU runs models on WASM as well. */
export function withoutGpu(backend: Backend, reason: string): Backend {
  return { ...backend, gpu: undefined, skipped: [...backend.skipped, { name: 'webgpu', reason }] };
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
