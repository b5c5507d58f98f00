import type { AnalysisStage, BackendName } from 'body21';

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

/** What an analysis does in each of its stages. */
export const STAGES: Readonly<Record<AnalysisStage, string>> = {
  decode: 'reading the picture',
  detect: 'looking for people',
  landmarks: 'placing keypoints',
  refine: 'looking again',
};

/** The backends in visitors' words. */
export const BACKEND_NAMES: Record<BackendName, string> = { webgpu: 'WebGPU', wasm: 'WebAssembly' };
