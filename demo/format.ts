import type { BackendInfo, BackendName, GpuAdapter } from 'body21';
import { words } from './words/words.ts';

/** Bytes as `12.3 MB`. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** `412 ms`, `1.24 s`. */
export function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
}

/** Milliseconds of a video as `0:03.20`. */
export function clock(milliseconds: number): string {
  // Down, as a frame's number is: what is not over yet is not said to be.
  const hundredths = Math.floor(milliseconds / 10 + 1e-6);
  const minutes = Math.floor(hundredths / 6000);
  return `${minutes}:${((hundredths % 6000) / 100).toFixed(2).padStart(5, '0')}`;
}

/** How long something will take: `about 40 seconds`, `about 3 minutes`. */
export function roughly(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 5) return words.roughly.moment;
  // In steps that do not flicker.
  if (seconds < 55) return words.roughly.seconds(5 * Math.ceil(seconds / 5));
  return words.roughly.minutes(Math.max(1, Math.round(seconds / 60)));
}

/** The backends in visitors' words. */
export const BACKEND_NAMES: Record<BackendName, string> = { webgpu: 'WebGPU', wasm: 'WebAssembly' };

/** `WebAssembly, 4 threads`, or `WebGPU` and the GPU. */
export function powerOf({
  name,
  threads,
  adapter,
}: Pick<BackendInfo, 'name' | 'threads' | 'adapter'>): string {
  return `${BACKEND_NAMES[name]}, ${adapter ? gpuName(adapter) : words.backend.threads(threads)}`;
}

/** What a browser tells of the GPU; some tell nothing. */
function gpuName({ vendor, architecture, description, isSoftware }: GpuAdapter): string {
  const name = description || `${vendor} ${architecture}`.trim() || words.backend.unknownGpu;
  return isSoftware ? words.backend.software(name) : name;
}
