import { InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import { BodyAnalysisError } from '../schema/errors.ts';
import type { AssetFile } from './assets.ts';
import { modelEntry } from './model-store.ts';
import { sampleSquare } from './pixels.ts';
import type { InputFormat, PixelPyramid, Square } from './pixels.ts';

/** Values by their names in the model file. */
export type Values = InferenceSession.OnnxValueMapType;

/** One model file, ready to run. */
export class Model {
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  /**
   * Makes a session and runs it once on zeros, so that the first picture does not pay for the runtime's allocations.
   * @throws BodyAnalysisError `backend-failed`
   */
  static async start(
    file: AssetFile,
    bytes: Uint8Array,
    options: InferenceSession.SessionOptions,
  ): Promise<Model> {
    try {
      const session = await InferenceSession.create(bytes, options);
      const zeros = modelEntry(file).inputs.map(({ name, shape }): [string, Tensor] => {
        const size = shape.reduce((product, length) => product * length, 1);
        return [name, new Tensor('float32', new Float32Array(size), shape)];
      });
      await session.run(Object.fromEntries(zeros));
      return new Model(session);
    } catch (cause) {
      throw new BodyAnalysisError(
        'backend-failed',
        "The inference runtime could not be started. Check that its .wasm and .mjs files are deployed beside the models, and that the page's Content-Security-Policy allows `wasm-unsafe-eval`.",
        cause,
      );
    }
  }

  /**
   * @param values the model's inputs. Others are left alone, so that one model's outputs can be the next one's inputs
   * @param outputs which outputs to copy out of the runtime; all of them when absent
   * @throws BodyAnalysisError `inference-failed`
   */
  async run(values: Values, outputs: readonly string[] = this.#session.outputNames): Promise<Values> {
    const inputs = Object.entries(values).filter(([name]) => this.#session.inputNames.includes(name));
    try {
      return await this.#session.run(Object.fromEntries(inputs), outputs);
    } catch (cause) {
      throw new BodyAnalysisError(
        'inference-failed',
        'The model failed on this picture. Try again, or another picture.',
        cause,
      );
    }
  }
}

/** A model that looks at a square of a picture, with the input tensor that every run fills anew. */
export class PictureModel {
  readonly #model: Model;
  readonly #format: InputFormat;
  readonly #input: Float32Array<ArrayBuffer>;
  readonly #values: Values;

  constructor(model: Model, format: InputFormat) {
    this.#model = model;
    this.#format = format;
    this.#input = new Float32Array(3 * format.side ** 2);
    this.#values = { image: new Tensor('float32', this.#input, [1, 3, format.side, format.side]) };
  }

  /**
   * @param outputs which outputs to copy out of the runtime; all of them when absent
   * @throws BodyAnalysisError `inference-failed`
   */
  async run(pixels: PixelPyramid, square: Square, outputs?: readonly string[]): Promise<Values> {
    sampleSquare(pixels, square, this.#format, this.#input);
    return this.#model.run(this.#values, outputs);
  }
}

/** The numbers of one output. */
export function numbers(values: Values, name: string): Float32Array {
  const data = values[name]?.data;
  if (!(data instanceof Float32Array)) throw new TypeError(`the model has no float32 output ${name}`);
  return data;
}
