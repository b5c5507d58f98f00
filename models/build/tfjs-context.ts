import { decodeHalves } from '../../src/runtime/onnx/halves.ts';
import { at } from './arrays.ts';
import type { Attribute, Node } from './graph.ts';
import type { TfjsModel, TfjsNode, TfjsWeights } from './tfjs.ts';
import { GraphWriter } from './writer.ts';

/** The orders in which TensorFlow may have a picture's dimensions. */
export type Order = 'NHWC' | 'NCHW';

/** A value that nodes can read. */
export interface Operand {
  name: string;
  /** Batch, channels, height, width. */
  shape: readonly number[];
  /** In TensorFlow. */
  order: Order;
  /**
   * What is to be put around it: a Pad is no node of its own, since those who read it can pad by themselves.
   */
  border?: Border;
}

export interface Border {
  /** Top, left, bottom, right. */
  pads: readonly number[];
  value: number;
}

/**
 * What the operators' handlers write into. Every computed value has four dimensions, in the ONNX graph always
 * NCHW, and the name of its node in the source, so that it can be looked up there. In TensorFlow it has
 * either order: what a Transpose gives is the same value under another name.
 */
export class TfjsContext extends GraphWriter {
  readonly #model: TfjsModel;
  /** Nodes whose values have names of their own: the graph's inputs and outputs. */
  readonly #names: ReadonlyMap<string, string>;
  /** The one channel to keep of a split's first value. */
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
    const value = this.bordered(node);
    if (value.border) throw new Error(`“${node}” is a padded picture, which only a window can be laid over`);
    return value;
  }

  /** The same, with a border around it that is still to be made. */
  bordered(node: string): Operand {
    const value = this.#values.get(node);
    if (!value) throw new Error(`“${node}” is read but nothing computes it`);
    return value;
  }

  /**
   * Takes the node back that gives a value, which then nobody can read,
   * for another to be written in its place.
   */
  takeBack(value: Operand): Node {
    const place = this.nodes.findIndex(({ outputs }) => outputs.includes(value.name));
    const [node] = place < 0 ? [] : this.nodes.splice(place, 1);
    if (!node || this.nodes.some(({ inputs }) => inputs.includes(value.name)))
      throw new Error(`“${value.name}” is computed by no node, or read by others as well`);
    for (const [name, other] of this.#values) if (other.name === value.name) this.#values.delete(name);
    return node;
  }

  /** A picture, or many channels of one, that a node reads, with the channels last in TensorFlow. */
  picture(node: TfjsNode, position: number): Picture {
    return readPicture(this.value(this.input(node, position)));
  }

  /** The same for a node that lays a window over it and can put a border of this value around it. */
  pictureWithBorder(
    node: TfjsNode,
    position: number,
    value: number,
  ): Picture & { pads: readonly number[]; bordered: readonly number[] } {
    const operand = this.bordered(this.input(node, position));
    if (operand.border && operand.border.value !== value)
      throw new Error(`unknown kind of padding: with ${operand.border.value}, expected ${value}`);
    const picture = readPicture(operand);
    const { pads } = operand.border ?? { pads: [0, 0, 0, 0] };
    const bordered = [picture.height, picture.width].map((size, k) => size + at(pads, k) + at(pads, k + 2));
    return { ...picture, pads, bordered };
  }

  input(node: TfjsNode, position: number): string {
    const input = node.inputs[position];
    if (input === undefined) throw new Error(`input ${position} is missing`);
    // The order of two nodes that share nothing, which is not needed here.
    if (input.startsWith('^')) throw new Error(`unknown kind of input: “${input}”`);
    return input;
  }

  /** The numbers of a constant, with the shape they have in TensorFlow. */
  constant(name: string): { shape: readonly number[]; values: Float32Array } {
    const { type, shape, data } = this.#weights(name);
    if (type !== 'float16') throw new Error(`constant “${name}” holds whole numbers, expected weights`);
    return { shape, values: decodeHalves(data) };
  }

  /** A constant that is one number. */
  single(name: string): number {
    const [number, ...others] = this.constant(name).values;
    if (number === undefined || others.length > 0)
      throw new Error(`constant “${name}” is not a single number`);
    return number;
  }

  /** Whether a node reads a constant there. */
  isConstant(node: TfjsNode, position: number): boolean {
    return this.#model.weights.has(this.input(node, position));
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

  /** The channel of a split's first value that the outputs need, where they need only one. */
  onlyChannel(node: TfjsNode): number | undefined {
    return this.#channels.get(node.name);
  }

  /** The name in the ONNX graph of what a node gives, `node:1` being its second value. */
  name({ name }: Pick<TfjsNode, 'name'>): string {
    return this.#names.get(name) ?? name;
  }

  /** Notes what a node gives, for those that read it. */
  define(node: Pick<TfjsNode, 'name'>, shape: readonly number[], order: Order = 'NHWC'): void {
    this.#values.set(node.name, { name: this.name(node), shape, order });
  }

  /** Notes that a node gives what is there already. */
  alias(node: TfjsNode, value: Operand): void {
    this.#values.set(node.name, value);
  }

  /** Adds the ONNX node that does what a node does. */
  write(
    operator: string,
    inputs: readonly string[],
    node: TfjsNode,
    { shape, order }: Pick<Operand, 'shape' | 'order'>,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): void {
    this.node(operator, inputs, this.name(node), attributes);
    this.define(node, shape, order);
  }
}

interface Picture {
  name: string;
  channels: number;
  height: number;
  width: number;
}

function readPicture({ name, shape, order }: Operand): Picture {
  const [batch, channels, height, width] = shape;
  if (batch !== 1 || !channels || !height || !width)
    throw new Error(`expected one picture, found the shape [${shape.join()}]`);
  if (order !== 'NHWC') throw new Error('expected a picture with the channels last');
  return { name, channels, height, width };
}
