import type { AnalysisStage, BackendInfo, BackendName, BodyPart, GpuAdapter } from 'body21';

/** `1 person`, `2 people`. */
export function count(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** `2 people`, `nobody`. */
export function people(n: number): string {
  return n === 0 ? 'nobody' : count(n, 'person', 'people');
}

/** Bytes as `12.3 MB`. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** `412 ms`, `1.24 s`. */
export function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
}

/** `Left mouth corner`, `Top of the head`. */
export function partName(part: BodyPart): string {
  if (part === 'top_head') return 'Top of the head';
  return part.charAt(0).toUpperCase() + part.slice(1).replaceAll('_', ' ');
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
  if (seconds < 5) return 'a few seconds';
  // In steps that do not flicker.
  if (seconds < 55) return `about ${5 * Math.ceil(seconds / 5)} seconds`;
  return `about ${count(Math.max(1, Math.round(seconds / 60)), 'minute', 'minutes')}`;
}

/** What an analysis does in each of its stages. */
export const STAGES: Readonly<Record<AnalysisStage, string>> = {
  decode: 'reading the picture',
  detect: 'looking for people',
  landmarks: 'placing keypoints',
  refine: 'looking again',
};

/** The backends in visitors' words. */
export const BACKEND_NAMES: Record<BackendName, string> = { webgpu: 'WebGPU', wasm: 'WebAssembly' };

/** `WebAssembly, 4 threads`, or `WebGPU` and the GPU. */
export function powerOf({
  name,
  threads,
  adapter,
}: Pick<BackendInfo, 'name' | 'threads' | 'adapter'>): string {
  return `${BACKEND_NAMES[name]}, ${adapter ? gpuName(adapter) : count(threads, 'thread', 'threads')}`;
}

/** What a browser tells of the GPU; some tell nothing. */
function gpuName({ vendor, architecture, description, isSoftware }: GpuAdapter): string {
  const name = description || `${vendor} ${architecture}`.trim() || 'GPU of unknown make';
  return isSoftware ? `${name} (software)` : name;
}
