/*
 * The library's worker with an engine that knows no network: ONNX Runtime
 * runs all of them on WASM, as it would one with an operator that is new.
 */
import { UnsupportedError } from '../../src/engine/graph.ts';
import { EngineSession } from '../../src/runtime/backend/engine-session.ts';
import '../../src/worker/entry.ts';

EngineSession.start = () => {
  throw new UnsupportedError('made not to know it');
};
