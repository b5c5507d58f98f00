import { decodeHalves } from '../../src/runtime/onnx/halves.ts';
import { densify } from './densify.ts';
import type { Attribute } from './graph.ts';
import type { Operator, Tensor, TfliteModel } from './tflite.ts';
import { GraphWriter } from './writer.ts';

/** `ActivationFunctionType`: what an operator may apply to its own result. */
const ACTIVATIONS = { NONE: 0, RELU: 1, RELU6: 3 };

/** Top, left, bottom, right. */
export type Padding = readonly [number, number, number, number];

/**
 * An operator that is not written down at once, because the one that reads its result may do better: a
 * convolution pads by itself, and a 1×1 convolution is cheaper before its input is enlarged than after.
 */
export type Deferred =
  | { kind: 'pad'; source: number; padding: Padding }
  | { kind: 'resize'; source: number; write: (input: string, output: string) => void };

export function nchw([batch, height, width, channels]: readonly number[]): number[] {
  if (batch === undefined || height === undefined || width === undefined || channels === undefined) {
    throw new Error('expected a tensor of four dimensions');
  }
  return [batch, channels, height, width];
}

/**
 * What the operators' handlers write into. Tensors of four dimensions are NCHW in the ONNX graph and NHWC in
 * TFLite; all others have the same order in both.
 *
 * A value is named after its tensor, `t12` being tensor 12 of the TFLite file, so that
 * a node can be looked up in the source.
 */
export class Context extends GraphWriter {
  readonly #model: TfliteModel;
  /** Graph inputs and outputs, which have names of their own. */
  readonly #names: ReadonlyMap<number, string>;
  /** Values of tensors that an operator computes from constants only, in TFLite's order. */
  readonly #folded = new Map<number, Float32Array>();
  readonly #deferred = new Map<number, Deferred>();
  readonly #written: Set<number>;

  constructor(model: TfliteModel, names: ReadonlyMap<number, string>) {
    super();
    this.#model = model;
    this.#names = names;
    this.#written = new Set(model.inputs);
  }

  tensor(index: number): Tensor {
    const tensor = this.#model.tensors[index];
    if (!tensor) throw new Error(`there is no tensor ${index}`);
    return tensor;
  }

  /** The shape that a tensor has in the ONNX graph. */
  shape(index: number): readonly number[] {
    const { shape } = this.tensor(index);
    return shape.length === 4 ? nchw(shape) : shape;
  }

  /** The shape of the tensor that has this name in the ONNX graph. */
  shapeOf(name: string): readonly number[] {
    const index = [...this.#written].find((written) => this.name(written) === name);
    if (index === undefined) throw new Error(`“${name}” is no tensor of the file`);
    return this.shape(index);
  }

  input(operator: Operator, position: number): number {
    const index = operator.inputs[position];
    if (index === undefined || index < 0) throw new Error(`input ${position} is missing`);
    return index;
  }

  output(operator: Operator): number {
    const [index] = operator.outputs;
    if (index === undefined || operator.outputs.length !== 1) throw new Error('expected one output');
    return index;
  }

  /** The name under which other nodes can read a tensor, after whatever was put off is written down. */
  value(index: number): string {
    const deferred = this.#deferred.get(index);
    if (deferred && !this.#written.has(index)) {
      const source = this.value(deferred.source);
      if (deferred.kind === 'pad') this.writePadding(source, index, deferred.padding);
      else {
        deferred.write(source, this.name(index));
        this.#written.add(index);
      }
    }
    if (!this.#written.has(index)) throw new Error(`tensor ${index} is read but nothing computes it`);
    return this.name(index);
  }

  name(index: number): string {
    return this.#names.get(index) ?? `t${index}`;
  }

  defer(index: number, deferred: Deferred): void {
    this.#deferred.set(index, deferred);
  }

  deferred(index: number): Deferred | undefined {
    return this.#written.has(index) ? undefined : this.#deferred.get(index);
  }

  /** Adds the node whose result is tensor `index`. */
  write(
    operator: string,
    inputs: readonly string[],
    index: number,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): void {
    this.node(operator, inputs, this.name(index), attributes);
    this.#written.add(index);
  }

  /**
   * Adds the node that surrounds a picture with zeros, and puts channels of zeros before and behind its own.
   */
  writePadding(
    source: string,
    index: number,
    [top, left, bottom, right]: Padding,
    [before, behind]: readonly [number, number] = [0, 0],
  ): void {
    const amounts = [0, before, top, left, 0, behind, bottom, right];
    const pads = this.wholeNumbers(`${this.name(index)}_pads`, amounts);
    this.write('Pad', [source, pads], index, { mode: 'constant' });
  }

  /**
   * For an operator with a fused activation: `add` gets the name of the result before the activation, and the
   * activation's own node, if any, follows.
   */
  activated(index: number, activation: number, add: (output: string) => void): void {
    if (activation === ACTIVATIONS.NONE) {
      add(this.name(index));
      this.#written.add(index);
      return;
    }
    const linear = `${this.name(index)}_linear`;
    add(linear);
    if (activation === ACTIVATIONS.RELU) this.write('Relu', [linear], index);
    else if (activation === ACTIVATIONS.RELU6) {
      this.writeRelu6(linear, this.name(index));
      this.#written.add(index);
    } else throw new Error(`unknown activation: ActivationFunctionType ${activation}`);
  }

  /** The result of an operator on constants: it becomes a constant itself. */
  fold(index: number, values: Float32Array): void {
    this.#folded.set(index, values);
  }

  /** The numbers of a constant tensor, dense, in TFLite's order. */
  constant(index: number): Float32Array {
    const folded = this.#folded.get(index);
    if (folded) return folded;
    const { name, type, data, shape, sparsity } = this.tensor(index);
    if (data.length === 0) throw new Error(`tensor “${name}” is not a constant`);
    if (type === 'INT32') throw new Error(`tensor “${name}” holds whole numbers, expected weights`);
    const values = type === 'FLOAT16' ? decodeHalves(data) : new Float32Array(aligned(data));
    return sparsity ? densify(values, shape, sparsity) : values;
  }

  /** The numbers of a constant INT32 tensor. */
  integers(index: number): number[] {
    const { name, type, data } = this.tensor(index);
    if (type !== 'INT32' || data.length === 0)
      throw new Error(`tensor “${name}” is not a list of whole numbers`);
    return Array.from(new Int32Array(aligned(data)));
  }
}

/** A copy, since a typed array of wider numbers cannot begin at any byte of the file. */
function aligned(data: Uint8Array): ArrayBuffer {
  return Uint8Array.from(data).buffer;
}
