import { at, same, transpose } from './arrays.ts';
import { expectAttributes } from './tfjs.ts';
import type { TfjsNode } from './tfjs.ts';
import type { TfjsContext } from './tfjs-context.ts';
import { placeWindow } from './window.ts';

/** Writes the ONNX nodes of one TensorFlow node. */
export type TfjsHandler = (node: TfjsNode, context: TfjsContext) => void;

/** What every node says of its numbers. */
const FLOAT = { T: 'DT_FLOAT' };
const INDICES = { Tidx: 'DT_INT32' };

/** One handler per operator, under TensorFlow's names. */
export const TFJS_HANDLERS: ReadonlyMap<string, TfjsHandler> = new Map([
  ['Add', combine('Add')],
  ['ConcatV2', concatenate],
  ['Conv2D', convolve],
  ['DepthwiseConv2dNative', convolve],
  ['FusedDepthwiseConv2dNative', convolve],
  ['Identity', pass],
  ['Mean', mean],
  ['Mul', combine('Mul')],
  ['Placeholder', placeholder],
  ['Relu', apply('Relu')],
  ['Relu6', relu6],
  ['ResizeBilinear', resize],
  ['Sigmoid', apply('Sigmoid')],
  ['_FusedConv2D', convolve],
]);

/** Operators whose result has in each place what became of one number of the input. */
export const ELEMENTWISE: ReadonlySet<string> = new Set(['Identity', 'Relu', 'Relu6', 'Sigmoid']);
export const CONVOLUTIONS: ReadonlySet<string> = new Set(['Conv2D', '_FusedConv2D']);

function placeholder(node: TfjsNode, context: TfjsContext): void {
  expectAttributes(node, { dtype: 'DT_FLOAT' }, ['shape']);
  const shape = node.attributes.get('shape');
  const [batch, height, width, channels] = Array.isArray(shape) ? shape.map(Number) : [];
  if (!batch || !height || !width || !channels)
    throw new Error(`expected an input of four dimensions: ${String(shape)}`);
  context.define(node, [batch, channels, height, width]);
}

function pass(node: TfjsNode, context: TfjsContext): void {
  expectAttributes(node, FLOAT);
  const { name, shape } = context.value(context.input(node, 0));
  context.define(node, shape, name);
}

function apply(operator: string): TfjsHandler {
  return (node, context) => {
    expectAttributes(node, FLOAT);
    const { name, shape } = context.value(context.input(node, 0));
    context.write(operator, [name], node, shape);
  };
}

function relu6(node: TfjsNode, context: TfjsContext): void {
  expectAttributes(node, FLOAT);
  const { name, shape } = context.value(context.input(node, 0));
  context.writeRelu6(name, context.name(node));
  context.define(node, shape);
}

/** Two operands of one shape, or where one has single numbers for whole planes, or is a single number. */
function combine(operator: string): TfjsHandler {
  return (node, context) => {
    // A note that the optimiser left for itself.
    expectAttributes(node, FLOAT, ['_grappler_ArithmeticOptimizer_MinimizeBroadcasts']);
    const operands = node.inputs.map((_, position) => context.operand(node, position));
    const shapes = operands.map(({ shape }) => shape).filter((shape) => shape.length > 0);
    const [first = []] = shapes;
    const shape = first.map((_, k) => Math.max(...shapes.map((sizes) => at(sizes, k))));
    const fits = shapes.every((sizes) => sizes.every((size, k) => size === 1 || size === shape[k]));
    if (operands.length !== 2 || shapes.length === 0 || !fits)
      throw new Error(`unknown kind of ${operator}: of the shapes ${JSON.stringify(shapes)}`);
    context.write(
      operator,
      operands.map(({ name }) => name),
      node,
      shape,
    );
  };
}

function concatenate(node: TfjsNode, context: TfjsContext): void {
  const count = node.inputs.length - 1;
  expectAttributes(node, { ...FLOAT, ...INDICES, N: count });
  const axis = context.integers(context.input(node, count));
  // The last one of TensorFlow's four.
  if (!same(axis, [3])) throw new Error(`unknown kind of concatenation: along dimension ${axis.join()}`);
  const pictures = Array.from({ length: count }, (_, position) => context.picture(node, position));
  const { height = 0, width = 0 } = pictures[0] ?? {};
  if (pictures.some((picture) => picture.height !== height || picture.width !== width))
    throw new Error('damaged concatenation: sizes differ');
  const channels = pictures.reduce((total, picture) => total + picture.channels, 0);
  context.write(
    'Concat',
    pictures.map(({ name }) => name),
    node,
    [1, channels, height, width],
    { axis: 1 },
  );
}

function mean(node: TfjsNode, context: TfjsContext): void {
  expectAttributes(node, { ...FLOAT, ...INDICES, keep_dims: true });
  const axes = context.integers(context.input(node, 1));
  // Height and width.
  if (!same(axes, [1, 2])) throw new Error(`unknown kind of mean: over the dimensions ${axes.join()}`);
  const { name, channels } = context.picture(node, 0);
  context.write('GlobalAveragePool', [name], node, [1, channels, 1, 1]);
}

function resize(node: TfjsNode, context: TfjsContext): void {
  // The pictures lie on each other at their first pixels' centres: pixel k of the result is at k / scale.
  expectAttributes(node, { ...FLOAT, align_corners: false, half_pixel_centers: false });
  const picture = context.picture(node, 0);
  const [height, width] = context.integers(context.input(node, 1));
  if (!height || !width) throw new Error('unknown kind of resize: not to a height and a width');
  const scales = [height / picture.height, width / picture.width] as const;
  context.writeResize(picture.name, context.name(node), scales, 'asymmetric');
  context.define(node, [1, picture.channels, height, width]);
}

/** What a convolution does to its own result, in this order. */
const FUSED = [[], ['BiasAdd'], ['BiasAdd', 'Relu']];

function convolve(node: TfjsNode, context: TfjsContext): void {
  const fusing = node.operator.includes('Fused');
  expectAttributes(
    node,
    {
      ...FLOAT,
      data_format: 'NHWC',
      dilations: [1, 1, 1, 1],
      explicit_paddings: [],
      ...(fusing && { num_args: 1 }),
    },
    // How to compute on one kind of GPU, and a number for a kind of fusing that is not in the list.
    ['strides', 'padding', 'use_cudnn_on_gpu', ...(fusing ? ['fused_ops', 'epsilon'] : [])],
  );
  const fused = node.attributes.get('fused_ops') ?? [];
  const [bias, activation] = FUSED.find((known) => same(known, [fused].flat())) ?? ['unknown'];
  if (bias === 'unknown') throw new Error(`unknown attribute: fused_ops = ${String(fused)}`);

  const picture = context.picture(node, 0);
  const filters = readFilters(node, context, picture.channels);
  const { pads, strides, results } = readWindow(node, [picture.height, picture.width], filters.kernel);
  const parameters = [filters.weights];
  if (bias) {
    const name = context.input(node, 2);
    const { shape, values } = context.constant(name);
    const kept = filters.only === undefined ? values : values.slice(filters.only, filters.only + 1);
    if (!same(shape, [filters.all])) throw new Error(`damaged bias: of the shape [${shape.join()}]`);
    parameters.push(context.weights(name, [kept.length], () => kept));
  }

  const output = activation ? `${context.name(node)}_linear` : context.name(node);
  context.node('Conv', [picture.name, ...parameters], output, {
    kernel_shape: filters.kernel,
    strides,
    dilations: [1, 1],
    pads,
    group: filters.group,
  });
  if (activation) context.node(activation, [output], context.name(node));
  context.define(node, [1, filters.only === undefined ? filters.all : 1, ...results]);
}

interface Filters {
  weights: string;
  kernel: readonly number[];
  group: number;
  /** How many there are in the source. */
  all: number;
  /** The one that is kept; all of them when undefined. */
  only: number | undefined;
}

function readFilters(node: TfjsNode, context: TfjsContext, channels: number): Filters {
  const name = context.input(node, 1);
  const { shape, values } = context.constant(name);
  const [height, width, depth, count] = shape;
  if (!height || !width || !count || depth !== channels)
    throw new Error(`unknown kind of convolution: filters [${shape.join()}] on ${channels} channels`);
  const kernel = [height, width];
  if (node.operator.includes('Depthwise')) {
    // `count` filters for each channel, one after the other.
    const all = channels * count;
    const weights = context.weights(name, [all, 1, ...kernel], () => transpose(values, shape, [2, 3, 0, 1]));
    return { weights, kernel, group: channels, all, only: undefined };
  }
  const only = context.onlyChannel(node);
  if (only !== undefined && only >= count) throw new Error(`there is no channel ${only} among ${count}`);
  const size = channels * height * width;
  const [from, to] = only === undefined ? [0, count] : [only, only + 1];
  const weights = context.weights(name, [to - from, channels, ...kernel], () =>
    transpose(values, shape, [3, 2, 0, 1]).slice(from * size, to * size),
  );
  return { weights, kernel, group: 1, all: count, only };
}

function readWindow(
  node: TfjsNode,
  sizes: readonly number[],
  kernel: readonly number[],
): { pads: number[]; strides: number[]; results: number[] } {
  const steps = node.attributes.get('strides');
  const [batch, vertical, horizontal, channel] = Array.isArray(steps) ? steps.map(Number) : [];
  if (batch !== 1 || !vertical || !horizontal || channel !== 1)
    throw new Error(`unknown attribute: strides = ${String(steps)}`);
  const padding = node.attributes.get('padding');
  if (padding !== 'SAME' && padding !== 'VALID')
    throw new Error(`unknown attribute: padding = ${String(padding)}`);
  const strides = [vertical, horizontal];
  return { ...placeWindow(sizes, { kernel, strides, dilations: [1, 1] }, padding), strides };
}
