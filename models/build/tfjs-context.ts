import { decodeHalves } from '../../src/runtime/halves.ts';
import type { Attribute } from './graph.ts';
import type { TfjsModel, TfjsNode, TfjsWeights } from './tfjs.ts';
import { GraphWriter } from './writer.ts';

/** A value that nodes can read. */
export interface Operand {
  name: string;
  /** Batch, channels, height, width; empty for a single number. */
  shape: readonly number[];
}

/**
 * What the operators' handlers write into. Every computed value has four dimensions, NHWC in TensorFlow and NCHW
 * in the ONNX graph, and the name of its node there, so that it can be looked up in the source.
 */
export class TfjsContext extends GraphWriter {
  readonly #model: TfjsModel;
  /** Nodes whose values have names of their own: the graph's inputs and outputs. */
  readonly #names: ReadonlyMap<string, string>;
  /** The one channel to keep of a convolution's result. */
  readonly #channels: ReadonlyMap<string, number>;
  readonly #values = new Map<string, Operand>();

  constructor(model: TfjsModel, names: ReadonlyMap<string, string>, channels: ReadonlyMap<string, number>) {
    super();
    this.#model = model;
    this.#names = names;
    this.#channels = channels;
  }

  /** What a node gives, after it was written. */
  value(node: string): Operand {
    const value = this.#values.get(node);
    if (!value) throw new Error(`“${node}” is read but nothing computes it`);
    return value;
  }

  /** What a node reads at a position: a computed value, or a constant that is a single number. */
  operand(node: TfjsNode, position: number): Operand {
    const input = this.input(node, position);
    if (!this.#model.weights.has(input)) return this.value(input);
    const [number, ...others] = this.constant(input).values;
    if (number === undefined || others.length > 0)
      throw new Error(`constant “${input}” is not a single number`);
    return { name: this.number(`number_${number}`, number), shape: [] };
  }

  /** A picture, or many channels of one, that a node reads. */
  picture(
    node: TfjsNode,
    position: number,
  ): { name: string; channels: number; height: number; width: number } {
    const { name, shape } = this.value(this.input(node, position));
    const [batch, channels, height, width] = shape;
    if (batch !== 1 || !channels || !height || !width)
      throw new Error(`expected one picture, found the shape [${shape.join()}]`);
    return { name, channels, height, width };
  }

  input(node: TfjsNode, position: number): string {
    const input = node.inputs[position];
    if (input === undefined) throw new Error(`input ${position} is missing`);
    // A second output, or the order of two nodes that share nothing: neither is needed here.
    if (/^\^|:/.test(input)) throw new Error(`unknown kind of input: “${input}”`);
    return input;
  }

  /** The numbers of a constant, with the shape they have in TensorFlow. */
  constant(name: string): { shape: readonly number[]; values: Float32Array } {
    const { type, shape, data } = this.#weights(name);
    if (type !== 'float16') throw new Error(`constant “${name}” holds whole numbers, expected weights`);
    return { shape, values: decodeHalves(data) };
  }

  /** The numbers of an int32 constant. */
  integers(name: string): number[] {
    const { type, data } = this.#weights(name);
    if (type !== 'int32') throw new Error(`constant “${name}” holds weights, expected whole numbers`);
    // A copy, since a typed array of wider numbers cannot begin at any byte of the file.
    return Array.from(new Int32Array(Uint8Array.from(data).buffer));
  }

  #weights(name: string): TfjsWeights {
    const weights = this.#model.weights.get(name);
    if (!weights) throw new Error(`“${name}” is not a constant`);
    return weights;
  }

  /** The channel of a convolution's result that the outputs need, where they need only one. */
  onlyChannel(node: TfjsNode): number | undefined {
    return this.#channels.get(node.name);
  }

  name(node: TfjsNode): string {
    return this.#names.get(node.name) ?? node.name;
  }

  /** Notes what a node gives, for those that read it. */
  define(node: TfjsNode, shape: readonly number[], name = this.name(node)): void {
    this.#values.set(node.name, { name, shape });
  }

  /** Adds the ONNX node that does what a node does. */
  write(
    operator: string,
    inputs: readonly string[],
    node: TfjsNode,
    shape: readonly number[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): void {
    this.node(operator, inputs, this.name(node), attributes);
    this.define(node, shape);
  }
}
