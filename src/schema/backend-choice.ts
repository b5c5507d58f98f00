/**
 * What can be told of the backend before anything is loaded: the worker
 * chooses by it, and `isSupported` says it.
 */
import type { BackendChoice, GpuAdapter, SkippedBackend } from './loading.ts';

/** More threads than this gain nothing on graphs this small, and cost the page its cores. */
const MAX_THREADS = 4;

/**
 * How long a browser may take to give an adapter, and then a device, in milliseconds. Where its part for the
 * GPU has failed it may never answer; WASM then has to do.
 */
export const GPU_PATIENCE_MS = 15_000;

/** Which adapter is asked for. */
export const ADAPTER_OPTIONS = { powerPreference: 'high-performance' } as const;

/** Programs that act as a GPU, by what they call themselves: Chromium's, Mesa's and Windows's. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render/i;

/** The backend that is asked for, and what is known of others. */
export interface BackendWish {
  backend: BackendChoice;
  /** What is not to be tried, and why. */
  skipped: readonly SkippedBackend[];
}

/** What a page or worker is told of the machine and of itself. */
export interface Surroundings {
  /** `navigator.hardwareConcurrency`. */
  cores: number;
  /** `crossOriginIsolated`. */
  isIsolated: boolean;
}

/** How many threads WASM has, and why no more where the page could do something about it. */
export function chooseThreads(
  asked: number | undefined,
  { cores, isIsolated }: Surroundings,
): { threads: number; threadsReason?: string } {
  if (isIsolated) return { threads: asked ?? Math.min(cores, MAX_THREADS) };
  return {
    threads: 1,
    threadsReason:
      "The page is not cross-origin isolated: send Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp with it, and the latter with the library's worker.js, for more than one thread.",
  };
}

/** Why not even to ask the browser for a GPU; `undefined` where that is to be done. */
export function whyNoWebgpu({ backend, skipped }: BackendWish): string | undefined {
  if (backend === 'wasm') return "It was not asked for: the option backend is 'wasm'.";
  return skipped.find(({ name }) => name === 'webgpu')?.reason;
}

/**
 * Why there is nothing to ask.
 * @param where what the browser would offer it to
 */
export function whyNotOffered(isSecure: boolean, where: 'pages' | 'workers'): string {
  return isSecure
    ? `This browser offers no WebGPU to ${where}.`
    : 'Browsers offer WebGPU to secure pages only: serve this one over HTTPS or from localhost.';
}

/** An adapter, as far as it is looked at here. */
interface AnyAdapter {
  readonly info: Omit<GpuAdapter, 'isSoftware'> & { readonly isFallbackAdapter: boolean };
}

/** The adapter that the browser gives and what it tells of it, or why it is not to be used. */
export function judgeAdapter<Adapter extends AnyAdapter>(
  adapter: Adapter | null,
  backend: BackendChoice,
): { adapter: Adapter; info: GpuAdapter } | { reason: string } {
  if (!adapter) return { reason: 'The browser has no GPU that it lets pages use.' };
  const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
  const isSoftware = isFallbackAdapter || SOFTWARE.test(`${architecture} ${description}`);
  if (isSoftware && backend === 'auto') {
    const name = architecture || description || vendor;
    return { reason: `The only adapter, ${name}, is software: WASM is faster.` };
  }
  return { adapter, info: { vendor, architecture, description, isSoftware } };
}

/** Why the browser gave no GPU, where it threw. */
export function whyItFailed(error: unknown): string {
  return `WebGPU gave no device: ${error instanceof Error ? error.message : String(error)}`;
}
