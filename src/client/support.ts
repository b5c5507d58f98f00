import {
  ADAPTER_OPTIONS,
  chooseThreads,
  GPU_PATIENCE_MS,
  judgeAdapter,
  whyItFailed,
  whyNotOffered,
  whyNoWebgpu,
} from '../schema/backend-choice.ts';
import type { BackendWish } from '../schema/backend-choice.ts';
import { asBodyAnalysisError } from '../schema/errors.ts';
import type { BackendInfo, BackendName, GpuAdapter } from '../schema/loading.ts';
import { checkEnvironment } from './environment.ts';
import { checkOptions } from './options.ts';
import type { BodyAnalysisClientOptions } from './options.ts';
import { webgpuToAvoid } from './platform.ts';
import { abortable } from './session/abortable.ts';

/** What the answer of {@link isSupported} hangs on: the options of `create` by these names. */
export type SupportOptions = Pick<BodyAnalysisClientOptions, 'backend' | 'threads'>;

/** What body21 would run on here, or why it cannot. */
export type BodyAnalysisSupport =
  | (Pick<BackendInfo, 'threads' | 'threadsReason' | 'adapter' | 'skipped'> & {
      supported: true;
      /**
       * What the models would run on. That a GPU computes the right numbers, and with `auto` sooner than
       * WASM, is seen when a client is made: where it does not, WASM takes its place.
       */
      backend: BackendName;
    })
  | {
      supported: false;
      /** What is missing, and what to do about it. */
      reason: string;
    };

/**
 * What a client would run on here, before anything is loaded: with SIMD, without which there is
 * none, on WebGPU or WASM and with how many threads, and why not otherwise. It loads nothing,
 * and asks the browser for its GPU at most.
 *
 * ```ts
 * const support = await isSupported();
 * if (!support.supported) showHint(support.reason);
 * ```
 * @param options those that are meant for `create`
 * @returns an object, which is truthy in either case: look at its `supported`
 * @throws BodyAnalysisError `invalid-option`
 */
export async function isSupported(options: SupportOptions = {}): Promise<BodyAnalysisSupport> {
  const { backend, threads } = checkOptions(options).open;
  try {
    checkEnvironment();
  } catch (error) {
    return { supported: false, reason: asBodyAnalysisError(error).message };
  }
  const gpu = await findAdapter({ backend, skipped: backend === 'auto' ? webgpuToAvoid(navigator) : [] });
  return {
    supported: true,
    backend: 'info' in gpu ? 'webgpu' : 'wasm',
    ...chooseThreads(threads, {
      cores: navigator.hardwareConcurrency,
      isIsolated: globalThis.crossOriginIsolated,
    }),
    ...('info' in gpu && { adapter: gpu.info }),
    skipped: 'info' in gpu ? [] : [{ name: 'webgpu', reason: gpu.reason }],
  };
}

/** As the worker does, but for the device. */
async function findAdapter(wish: BackendWish): Promise<{ info: GpuAdapter } | { reason: string }> {
  const reason = whyNoWebgpu(wish);
  if (reason !== undefined) return { reason };
  const { gpu } = navigator as { gpu?: GPU };
  if (!gpu) return { reason: whyNotOffered(globalThis.isSecureContext, 'pages') };
  try {
    const asked = gpu.requestAdapter(ADAPTER_OPTIONS);
    return judgeAdapter(await abortable(asked, AbortSignal.timeout(GPU_PATIENCE_MS)), wish.backend);
  } catch (error) {
    return { reason: whyItFailed(error) };
  }
}
