import type { Engine } from '../../engine/engine.ts';
import type { BackendInfo } from '../../schema/loading.ts';
import type { Gpu } from './gpu.ts';
import type { OrtRuntime } from './ort-runtime.ts';

/** Numbers in memory. */
export interface MemoryTensor {
  readonly dims: readonly number[];
  readonly data: Float32Array;
  /** Gives the memory back to the session that it came from, whose next run writes into it. */
  readonly release?: () => void;
}

/** Numbers in a buffer of the GPU that a session runs on. */
export interface GpuTensor {
  readonly dims: readonly number[];
  readonly buffer: GPUBuffer;
  /** Gives the buffer back to the session that it came from; there where it came from one. */
  readonly release?: () => void;
}

/** Numbers that are written by whoever gives them, where the session reads them. */
export interface WrittenTensor {
  readonly dims: readonly number[];
  /** Writes all of them; again where a run has to begin anew. */
  readonly write: (target: Float32Array) => void;
}

/** What comes out of a session, or goes into it: float32. */
export type Tensor = MemoryTensor | GpuTensor;

/** What goes into a session, by the names in the model file. */
export type InputTensors = Readonly<Record<string, Tensor | WrittenTensor>>;

/** Tensors by their names in the model file. */
export type Tensors = Readonly<Record<string, Tensor>>;

/**
 * One model file, ready to run, whatever runs it. One run at a time, and none while
 * another session of the worker runs or starts.
 */
export interface Session {
  /** What runs it. */
  readonly runtime: SessionRuntime;
  /**
   * @param inputs the model's inputs. Others are left alone, so that one
   * session's outputs can be the next one's inputs
   * @param outputs which outputs to give
   * @returns tensors that are the caller's
   * @throws BodyAnalysisError `inference-failed`, or `gpu-failed` where the GPU is to blame
   */
  run(inputs: InputTensors, outputs: readonly string[]): Promise<Tensors>;
  /** Frees its memory. */
  release(): Promise<void>;
}

/** What runs a session, as it is told of. */
export type SessionRuntime = Pick<BackendInfo, 'runtime' | 'build' | 'runtimeReason'>;

/** What there is to run sessions with, for the worker's life. */
export interface Runtimes {
  /** On WASM. */
  engine: Engine;
  /** On a GPU, and on WASM for what the engine does not know. */
  ort: OrtRuntime;
}

/** How a session runs. */
export interface SessionOptions {
  runtimes: Runtimes;
  /** The GPU to run on; WASM where `undefined`. */
  gpu: Gpu | undefined;
  /** The most inputs in one run. With 1 the runtime can plan its memory once and for all. Default 1. */
  batch?: number;
  /**
   * What to compute in. `float16` needs a GPU that has it, and a file that is made for it. Default `float32`.
   */
  precision?: 'float32' | 'float16';
  /** Outputs that stay on the GPU, for the next session to read. */
  keep?: readonly string[];
  /** Whether the file is none of the package's: ONNX Runtime runs it, as it is. Default `false`. */
  isOwn?: boolean;
}

/** Gives back what a tensor holds, where its session wants it back. */
export function release(tensor: Tensor | undefined): void {
  tensor?.release?.();
}

/** The numbers of one output. */
export function numbers(tensor: Tensor | undefined, name: string): Float32Array {
  if (!tensor || !('data' in tensor)) throw new TypeError(`the model gave no numbers ${name}`);
  return tensor.data;
}
