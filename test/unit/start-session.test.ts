import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { MockInstance } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { EngineSession } from '../../src/runtime/backend/engine-session.ts';
import type { Gpu } from '../../src/runtime/backend/gpu.ts';
import { OrtSession } from '../../src/runtime/backend/ort-session.ts';
import type { Runtimes } from '../../src/runtime/backend/session.ts';
import { startSession } from '../../src/runtime/backend/start-session.ts';
import { BodyAnalysisError } from '../../src/schema/errors.ts';
import { modelBytes } from '../support/model-bytes.ts';

const FILE = 'pose_mask_lite.onnx.planes.gz';

describe('a model file', () => {
  const runtimes = { engine: new Engine({ relaxed: false }) } as Runtimes;
  const onOrt = {} as OrtSession;
  let ort: MockInstance<typeof OrtSession.start>;

  beforeEach(() => {
    ort = vi.spyOn(OrtSession, 'start').mockResolvedValue(onOrt);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test('runs on the engine, on WASM', async () => {
    const session = await startSession(FILE, modelBytes('pose_mask_lite.onnx'), { runtimes, gpu: undefined });
    expect(session).toBeInstanceOf(EngineSession);
    expect(session.runtime).toEqual({ runtime: 'engine', build: 'simd' });
    expect(ort).not.toHaveBeenCalled();
    await session.release();
  });

  test('with an operator that the engine does not know runs on ONNX Runtime, which is told why', async () => {
    const bytes = withOperator(modelBytes('pose_mask_lite.onnx'), 'Conv', 'Kite');
    const options = { runtimes, gpu: undefined };
    expect(await startSession(FILE, bytes, options)).toBe(onOrt);
    expect(ort.mock.calls).toEqual([
      [FILE, bytes, options, expect.stringMatching(/^pose_mask_lite.*: Kite “/)],
    ]);
  });

  test.each([
    ['there is no memory for', new RangeError('out of memory'), 'backend-failed'],
    ['a defect of the engine keeps from starting', new TypeError('undefined'), undefined],
  ])('that %s is an error, and not asked for twice', async (_why, failure, code) => {
    vi.spyOn(runtimes.engine, 'load').mockImplementation(() => {
      throw failure;
    });
    const starting = startSession(FILE, modelBytes('pose_mask_lite.onnx'), { runtimes, gpu: undefined });
    const error: unknown = await starting.catch((reason: unknown) => reason);
    if (code) expect(error).toMatchObject({ code, cause: failure });
    else expect(error).toBe(failure);
    expect(error instanceof BodyAnalysisError).toBe(code !== undefined);
    expect(ort).not.toHaveBeenCalled();
  });

  test('runs on ONNX Runtime where there is a GPU, whatever the engine knows', async () => {
    const load = vi.spyOn(runtimes.engine, 'load');
    const gpu = {} as Gpu;
    expect(await startSession(FILE, modelBytes('pose_mask_lite.onnx'), { runtimes, gpu })).toBe(onOrt);
    expect(ort.mock.calls[0]).toHaveLength(3);
    expect(load).not.toHaveBeenCalled();
  });
});

/** The same file with another operator in one's place, whose name is as long. */
function withOperator(
  bytes: Uint8Array<ArrayBuffer>,
  operator: string,
  other: string,
): Uint8Array<ArrayBuffer> {
  const changed = bytes.slice();
  // Length and all, so that no name of a tensor is met.
  const field = Buffer.from(`"\u0004${operator}`);
  const at = Buffer.from(changed.buffer).indexOf(field);
  if (at < 0) throw new Error(`no ${operator} in it`);
  changed.set(Buffer.from(other), at + 2);
  return changed;
}
