import type { AssetFile } from '../files/assets.ts';
import { OrtSession } from './ort-session.ts';
import type { Session, SessionOptions } from './session.ts';

/**
 * Starts a model file on what runs models there: ONNX Runtime, on a GPU and on WASM alike. Who adds another
 * engine chooses here between the two; nobody else knows which it is.
 * @throws BodyAnalysisError `backend-failed`, or on a GPU `gpu-failed`
 */
export function startSession(
  file: AssetFile,
  bytes: Uint8Array<ArrayBuffer>,
  options: SessionOptions,
): Promise<Session> {
  return OrtSession.start(file, bytes, options);
}
