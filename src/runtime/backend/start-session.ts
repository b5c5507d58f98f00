import { UnsupportedError } from '../../engine/graph.ts';
import { EngineSession } from './engine-session.ts';
import { OrtSession } from './ort-session.ts';
import type { Session, SessionOptions } from './session.ts';

/**
 * Starts a model file on what runs it best: on a GPU ONNX Runtime, on WASM the engine, and ONNX Runtime where
 * the file has something in it that the engine does not know. Nobody else knows which it is.
 * @throws BodyAnalysisError `backend-failed`, or on a GPU `gpu-failed`
 */
export async function startSession(
  file: string,
  bytes: Uint8Array<ArrayBuffer>,
  options: SessionOptions,
): Promise<Session> {
  if (options.gpu || options.isOwn) return OrtSession.start(file, bytes, options);
  try {
    return EngineSession.start(options.runtimes.engine, bytes);
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    return OrtSession.start(file, bytes, options, `${file}: ${error.message}`);
  }
}
