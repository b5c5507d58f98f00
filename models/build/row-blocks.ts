import { at, product } from './arrays.ts';
import type { Constant, Graph, Node } from './graph.ts';
import { pictureShapes } from './shapes.ts';

type Shape = readonly number[];

/** A depthwise convolution that is written in blocks. */
interface Blocks {
  /** How many rows of the result are computed at a time. */
  rows: number;
  /** The shape of the result. */
  shape: Shape;
  kernel: readonly [number, number];
  /** By how many rows the window of each next row of a block is lower. */
  step: number;
  /** How many of the kernel's rows lie above the picture in the first row of a block that is the whole picture. */
  above: number;
}

/**
 * Has 5×5 depthwise convolutions of small pictures compute several rows at a time.
 *
 * ONNX Runtime's WASM kernels copy the window of every pixel, then multiply these copies with a single row of
 * weights: most of the time goes into copying. With as many filters as a block has rows, each with the weights one
 * row further down in a window that is higher by as much, there are fewer windows and more rows of weights. Of each
 * channel that gives first the rows 0, 4, 8 … of the picture, then 1, 5, 9 … and so on. Most of what follows does not
 * mind in which order pixels lie: they are put in order where it does, or where there are fewer channels of them.
 *
 * The filters are put together from the ones that the file has while a runtime loads the model.
 */
export function blockRows(graph: Graph): Graph {
  return new RowBlocks(graph).rewrite();
}

/** Larger pictures have rows long enough for copying to be fast. */
const LARGEST = 32;

/** How many rows to compute at a time; measured. */
function rowsAtATime(height: number, stride: number): number {
  if (height > LARGEST) return 1;
  if (height <= 8 && stride === 1) return height;
  return [4, 7].find((rows) => height % rows === 0 && height > rows) ?? 1;
}

/** Operators that treat all pixels alike, and give a picture of the same size. */
const PIXELWISE = new Set(['Add', 'Clip', 'HardSigmoid', 'Mul', 'Relu', 'Sigmoid']);

class RowBlocks {
  readonly #graph: Graph;
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #constants: Map<string, Constant>;
  readonly #kept: ReadonlySet<string>;
  readonly #nodes: Node[] = [];
  /** Values that are computed with the rows of a block as channels, under another name, and not written down yet. */
  readonly #blocked = new Map<string, Blocks>();
  /** Values whose rows lie in the order of the blocks: how many rows a block has. */
  readonly #shuffled = new Map<string, number>();
  readonly #written = new Set<string>();

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#shapes = pictureShapes(graph);
    this.#constants = new Map(graph.constants.map((constant) => [constant.name, constant]));
    this.#kept = new Set(graph.outputs.map(({ name }) => name));
  }

  rewrite(): Graph {
    for (const node of this.#graph.nodes) this.#rewrite(node);
    const read = new Set(this.#nodes.flatMap(({ inputs }) => inputs));
    const constants = [...this.#constants.values()].filter(({ name }) => read.has(name));
    return { ...this.#graph, nodes: this.#nodes, constants };
  }

  #rewrite(node: Node): void {
    const [output = ''] = node.outputs;
    const blocks = this.#blocksOf(node);
    if (blocks) {
      this.#convolve(node, blocks);
      this.#blocked.set(output, blocks);
      return;
    }
    const free = !this.#kept.has(output);
    const same = free && PIXELWISE.has(node.operator) ? this.#sameBlocks(node) : undefined;
    if (same) {
      this.#write(
        node.operator,
        node.inputs.map((name) => (this.#blocked.has(name) ? inBlocks(name) : name)),
        inBlocks(output),
        node.attributes,
      );
      this.#blocked.set(output, same);
      return;
    }
    for (const name of node.inputs) this.#unblock(name);
    const rows = this.#rowsThatMayStay(node);
    if (rows !== undefined && (free || node.operator === 'GlobalAveragePool')) {
      this.#nodes.push(node);
      if (node.operator !== 'GlobalAveragePool') this.#shuffled.set(output, rows);
      return;
    }
    this.#nodes.push({ ...node, inputs: node.inputs.map((name) => this.#inOrder(name)) });
  }

  /** How to write a node in blocks, if it is worth it. */
  #blocksOf({ operator, inputs, outputs, attributes }: Node): Blocks | undefined {
    const [picture = '', weights = ''] = inputs;
    const [output = ''] = outputs;
    const filters = this.#constants.get(weights)?.shape ?? [];
    const shape = this.#shapes.get(output);
    const from = this.#shapes.get(picture);
    if (operator !== 'Conv' || this.#kept.has(output) || !shape || !from) return undefined;
    const [count, depth, ...kernel] = filters;
    const depthwise = depth === 1 && count === from[1] && count === attributes['group'];
    if (!depthwise || kernel.some((size) => size !== 5)) return undefined;
    const step = at(numbersOf(attributes['strides']), 0);
    const rows = rowsAtATime(at(shape, 2), step);
    if (rows === 1) return undefined;
    const whole = rows === shape[2];
    const [top = 0] = numbersOf(attributes['pads']);
    return { rows, shape, kernel: [5, 5], step, above: whole ? top : 0 };
  }

  #convolve(node: Node, { rows, shape, kernel: [height, width], step, above }: Blocks): void {
    const [picture = '', weights = '', bias] = node.inputs;
    const [output = ''] = node.outputs;
    const channels = at(shape, 1);
    const whole = rows === shape[2];
    const high = height + (rows - 1) * step - (whole ? 2 * above : 0);
    const [top = 0, left = 0, bottom = 0, right = 0] = numbersOf(node.attributes['pads']);

    // In each row of a block the kernel, at its place; all else is the zero that is put behind the weights.
    const places = Array.from({ length: rows * high * width }, (_, place) => {
      const row = Math.floor(place / (high * width));
      const y = (Math.floor(place / width) % high) - row * step + above;
      return y >= 0 && y < height ? y * width + (place % width) : height * width;
    });
    const zero = this.#constant('zero', [], Float32Array.of(0));
    const zeros = this.#write('Expand', [zero, this.#sizes([channels, 1])], `${weights}_zeros`);
    const flat = this.#reshape(weights, `${weights}_flat`, [channels, height * width]);
    const padded = this.#write('Concat', [flat, zeros], `${weights}_padded`, { axis: 1 });
    const index = this.#wholeNumbers(`places_${rows}_${step}_${high}_${above}`, places);
    const placed = this.#write('Gather', [padded, index], `${weights}_placed`, { axis: 1 });
    const parameters = [this.#reshape(placed, `${weights}_rows`, [channels * rows, 1, high, width])];
    if (bias !== undefined) {
      const column = this.#reshape(bias, `${bias}_column`, [channels, 1]);
      const repeated = this.#write('Expand', [column, this.#sizes([channels, rows])], `${bias}_repeated`);
      parameters.push(this.#reshape(repeated, `${bias}_rows`, [-1]));
    }
    this.#write('Conv', [this.#inOrder(picture), ...parameters], inBlocks(output), {
      ...node.attributes,
      kernel_shape: [high, width],
      strides: [whole ? 1 : rows * step, at(numbersOf(node.attributes['strides']), 1)],
      pads: whole ? [0, left, 0, right] : [top, left, bottom, right],
    });
  }

  /** The blocks that all pictures that a node reads are in, if all are in the same. */
  #sameBlocks({ inputs }: Node): Blocks | undefined {
    const pictures = inputs.filter((name) => this.#shapes.has(name));
    const [first, ...others] = pictures.map((name) => this.#blocked.get(name));
    const same = others.every(
      (blocks) => blocks && blocks.rows === first?.rows && blocks.shape === first.shape,
    );
    return first && same ? first : undefined;
  }

  /** Writes down a value that is in blocks: the same numbers in the shape that it has in the graph. */
  #unblock(name: string): void {
    const blocks = this.#blocked.get(name);
    if (!blocks || this.#written.has(name)) return;
    this.#written.add(name);
    this.#reshape(inBlocks(name), name, [-1, ...blocks.shape.slice(1)]);
    if (blocks.rows < at(blocks.shape, 2)) this.#shuffled.set(name, blocks.rows);
  }

  /** The rows of the blocks in whose order a node may leave what it reads. */
  #rowsThatMayStay({ operator, inputs, outputs, attributes }: Node): number | undefined {
    const pictures = inputs.flatMap((name) => {
      const shape = this.#shapes.get(name);
      return shape && product(shape.slice(2)) > 1 ? [name] : [];
    });
    const [rows, ...others] = pictures.map((name) => this.#shuffled.get(name));
    if (rows === undefined || others.some((other) => other !== rows)) return undefined;
    if (PIXELWISE.has(operator) || operator === 'GlobalAveragePool') return rows;
    if (operator !== 'Conv') return undefined;
    const pointwise = ['kernel_shape', 'strides'].every((name) =>
      numbersOf(attributes[name]).every((size) => size === 1),
    );
    const channels = [inputs[0], outputs[0]].map((name) => at(this.#shapes.get(name ?? '') ?? [], 1));
    return pointwise && at(channels, 1) <= at(channels, 0) ? rows : undefined;
  }

  /** The name of a value with its rows in order. */
  #inOrder(name: string): string {
    this.#unblock(name);
    const rows = this.#shuffled.get(name);
    if (rows === undefined) return name;
    const ordered = `${name}_ordered`;
    if (this.#written.has(ordered)) return ordered;
    this.#written.add(ordered);
    const [, channels = 0, height = 0, width = 0] = this.#shapes.get(name) ?? [];
    const split = this.#reshape(name, `${name}_split`, [-1, rows, height / rows, width]);
    const turned = this.#write('Transpose', [split], `${name}_turned`, { perm: [0, 2, 1, 3] });
    return this.#reshape(turned, ordered, [-1, channels, height, width]);
  }

  #reshape(input: string, output: string, sizes: Shape): string {
    return this.#write('Reshape', [input, this.#sizes(sizes)], output);
  }

  #write(
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: Node['attributes'] = {},
  ): string {
    this.#nodes.push({ operator, inputs, outputs: [output], attributes });
    return output;
  }

  #sizes(sizes: readonly number[]): string {
    return this.#wholeNumbers(`sizes_${sizes.join('_')}`, sizes);
  }

  #wholeNumbers(name: string, values: readonly number[]): string {
    return this.#constant(name, [values.length], BigInt64Array.from(values, BigInt));
  }

  #constant(name: string, shape: Shape, values: Constant['values']): string {
    this.#constants.set(name, { name, shape, values, weights: false });
    return name;
  }
}

function inBlocks(name: string): string {
  return `${name}_blocks`;
}

function numbersOf(attribute: Node['attributes'][string] | undefined): number[] {
  if (!Array.isArray(attribute)) throw new Error('expected an attribute with several numbers');
  return attribute.map(Number);
}
