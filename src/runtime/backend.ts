import { env } from 'onnxruntime-web/webgpu';
import type { InferenceSession } from 'onnxruntime-web/webgpu';
import type { BackendInfo } from '../schema/loading.ts';
import { assetUrl } from './assets.ts';

/** A backend that was chosen: what to report, and what every session is made with. */
export interface Backend {
  info: BackendInfo;
  sessionOptions: InferenceSession.SessionOptions;
}

/** More threads than this gain nothing on graphs this small, and cost the page its cores. */
const MAX_THREADS = 4;

/**
 * Points ONNX Runtime at its files and chooses how to run. The runtime's script drives the plain, the JSPI and
 * the Asyncify WASM file alike, so a backend is a WASM file, an execution provider and a reason. It must be
 * chosen before anything is loaded: a failed start poisons the runtime for the worker's life.
 */
export function chooseBackend(options: {
  baseUrl: string | undefined;
  threads: number | undefined;
}): Backend {
  const cores = globalThis.navigator.hardwareConcurrency;
  const isolated = globalThis.crossOriginIsolated;
  const threads = isolated ? (options.threads ?? Math.min(cores, MAX_THREADS)) : 1;
  env.wasm.wasmPaths = {
    mjs: assetUrl('ort-wasm-simd-threaded.mjs', options.baseUrl),
    wasm: assetUrl('ort-wasm-simd-threaded.wasm', options.baseUrl),
  };
  env.wasm.numThreads = threads;
  // The runtime's own warnings are about choices made here on purpose.
  env.logLevel = 'error';
  return {
    info: {
      name: 'wasm',
      threads,
      ...(isolated
        ? {}
        : {
            threadsReason:
              'The page is not cross-origin isolated: send Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp for more than one thread.',
          }),
      skipped: [{ name: 'webgpu', reason: 'This version of body21 runs its models on WASM only.' }],
    },
    sessionOptions: { executionProviders: ['wasm'], graphOptimizationLevel: 'all' },
  };
}
