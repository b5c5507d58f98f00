import { env } from 'onnxruntime-web/webgpu';
import { chooseThreads, whyNoWebgpu } from '../schema/backend-choice.ts';
import type { BackendWish } from '../schema/backend-choice.ts';
import type { BackendInfo, SkippedBackend } from '../schema/loading.ts';
import { assetUrl, RUNTIME_FILES } from './assets.ts';
import type { AssetFile } from './assets.ts';
import { findGpu } from './gpu.ts';
import type { Gpu, GpuSearch } from './gpu.ts';
import { sendPacked } from './program.ts';

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
  runtime: BackendInfo['runtime'];
  /** The address of the runtime's script, from which its threads are started as well. */
  script: string;
  threads: number;
  threadsReason?: string;
  skipped: SkippedBackend[];
}

/**
 * Chooses how to run, and points ONNX Runtime at its files. The runtime's script drives the plain, the JSPI and the
 * Asyncify WASM file alike. They must be chosen before anything is loaded: a failed start poisons the runtime for the
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
  const chosen = chooseThreads(options.threads, {
    cores: globalThis.navigator.hardwareConcurrency,
    isIsolated: globalThis.crossOriginIsolated,
  });
  const { mjs, wasm, packed } = RUNTIME_FILES[runtime];
  const urlOf = (file: AssetFile) => assetUrl(file, options.baseUrl);
  const program = urlOf(wasm ?? packed);
  const script = urlOf(mjs);
  env.wasm.wasmPaths = { mjs: script, wasm: program };
  sendPacked(program, urlOf(packed), onPiece);
  env.wasm.numThreads = chosen.threads;
  // The runtime's own warnings are about choices made here on purpose.
  env.logLevel = 'error';
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

/** Whether WASM can wait for a promise by itself (JSPI); the Asyncify file does without, at the price of its size. */
function canSuspend(): boolean {
  return 'Suspending' in WebAssembly;
}
