import type { Engine, Network } from '../../engine/engine.ts';
import { BodyAnalysisError } from '../../schema/errors.ts';
import { readEngineGraph } from '../onnx/engine-graph.ts';
import type { InputValues } from '../../engine/network.ts';
import type { InputTensors, Session, SessionRuntime, Tensors } from './session.ts';

/** A session of the engine, on WASM. */
export class EngineSession implements Session {
  readonly runtime: SessionRuntime;
  readonly #network: Network;
  /** Outputs that were given back. Up to 650 kB a run would be garbage otherwise. */
  readonly #spare = new Map<string, Float32Array<ArrayBuffer>>();

  private constructor(network: Network, runtime: SessionRuntime) {
    this.#network = network;
    this.runtime = runtime;
  }

  /**
   * @throws UnsupportedError where the file has something in it that the engine does not know
   * @throws BodyAnalysisError `backend-failed`
   */
  static start(engine: Engine, bytes: Uint8Array<ArrayBuffer>): EngineSession {
    try {
      const { build } = engine;
      return new EngineSession(engine.load(readEngineGraph(bytes)), { runtime: 'engine', build });
    } catch (cause) {
      // Of memory that cannot be had.
      if (!(cause instanceof RangeError)) throw cause;
      throw new BodyAnalysisError(
        'backend-failed',
        'There is not enough memory for the model. Close other pages, or take a smaller model or quality.',
        cause,
      );
    }
  }

  async run(inputs: InputTensors, outputs: readonly string[]): Promise<Tensors> {
    try {
      const given = this.#network.inputs.map(({ name }) => [name, valuesOf(inputs, name)] as const);
      const values = this.#network.run(Object.fromEntries(given), outputs, this.#spare);
      // They are the caller's until they are given back.
      this.#spare.clear();
      return Object.fromEntries(
        this.#network.outputs.flatMap(({ name, shape }) => {
          const data = values[name];
          return data ? [[name, { dims: shape, data, release: () => void this.#spare.set(name, data) }]] : [];
        }),
      );
    } catch (cause) {
      throw new BodyAnalysisError('inference-failed', 'The model failed on this picture.', cause);
    }
  }

  release(): Promise<void> {
    this.#network.release();
    this.#spare.clear();
    return Promise.resolve();
  }
}

function valuesOf(inputs: InputTensors, name: string): InputValues {
  const tensor = inputs[name];
  if (tensor && 'data' in tensor) return tensor.data;
  if (tensor && 'write' in tensor) return tensor.write;
  throw new TypeError(`the model was given no numbers ${name}`);
}
