import { at, same, transpose } from './arrays.ts';
import { expectAttributes } from './tfjs.ts';
import type { TfjsNode } from './tfjs.ts';
import type { Operand, TfjsContext } from './tfjs-context.ts';
import { placeWindow } from './window.ts';

/** Writes the ONNX nodes of one TensorFlow node. */
export type TfjsHandler = (node: TfjsNode, context: TfjsContext) => void;

/** What every node says of its numbers. */
const FLOAT = { T: 'DT_FLOAT' };
const INDICES = { Tidx: 'DT_INT32' };

/** One handler per operator, under TensorFlow's names. */
export const TFJS_HANDLERS: ReadonlyMap<string, TfjsHandler> = new Map([
  ['Add', add],
  ['AddV2', add],
  ['ConcatV2', concatenate],
  ['Conv2D', convolve],
  ['DepthwiseConv2dNative', convolve],
  ['FusedDepthwiseConv2dNative', convolve],
  ['Identity', pass],
  ['LeakyRelu', leakyRelu],
  ['MaxPool', maxPool],
  ['Pad', pad],
  ['PadV2', pad],
  ['Placeholder', placeholder],
  ['ResizeBilinear', resize],
  ['Sigmoid', sigmoid],
  ['SplitV', splitChannels],
  ['Transpose', reorder],
  ['_FusedConv2D', convolve],
]);

/** Operators whose result has in each place what became of one number of the input. */
export const ELEMENTWISE: ReadonlySet<string> = new Set(['Identity', 'Sigmoid']);

/** The operator that can leave out all but one of the channels of its first value. */
export const SELECTABLE = 'SplitV';

function placeholder(node: TfjsNode, context: TfjsContext): void {
  expectAttributes(node, { dtype: 'DT_FLOAT' }, ['shape', 'order']);
  const order = node.attributes.get('order') === 'NCHW' ? 'NCHW' : 'NHWC';
  const shape = node.attributes.get('shape');
  const sizes = Array.isArray(shape) ? shape.map(Number) : [];
  if (sizes.length !== 4 || !sizes.every((size) => size > 0))
    throw new Error(`expected an input of four dimensions: ${String(shape)}`);
  context.define(
    node,
    AXES[order].map((axis) => at(sizes, axis)),
    order,
  );
}

/** Where an order has batch, channels, height and width. */
const AXES = { NHWC: [0, 3, 1, 2], NCHW: [0, 1, 2, 3] } as const;

function pass(node: TfjsNode, context: TfjsContext): void {
  expectAttributes(node, FLOAT);
  context.alias(node, context.value(context.input(node, 0)));
}

/** From one order of the dimensions to the other. */
function reorder(node: TfjsNode, context: TfjsContext): void {
  expectAttributes(node, { ...FLOAT, Tperm: 'DT_INT32' });
  const value = context.bordered(context.input(node, 0));
  const axes = context.integers(context.input(node, 1));
  const [expected, order] =
    value.order === 'NHWC' ? ([[0, 3, 1, 2], 'NCHW'] as const) : ([[0, 2, 3, 1], 'NHWC'] as const);
  if (!same(axes, expected)) throw new Error(`unknown kind of transpose: ${value.order} by ${axes.join()}`);
  context.alias(node, { ...value, order });
}

function pad(node: TfjsNode, context: TfjsContext): void {
  expectAttributes(node, { ...FLOAT, Tpaddings: 'DT_INT32' });
  const picture = context.value(context.input(node, 0));
  const amounts = context.integers(context.input(node, 1));
  const [batch, channels, height, width] = AXES[picture.order];
  const around = (axis: number): number[] => amounts.slice(2 * axis, 2 * axis + 2);
  if (amounts.length !== 8 || [...around(batch), ...around(channels)].some((amount) => amount !== 0))
    throw new Error('unknown kind of padding: not of four dimensions, or of more than height and width');
  const pads = [0, 1].flatMap((end) => [height, width].map((axis) => at(around(axis), end)));
  const value = node.operator === 'PadV2' ? context.single(context.input(node, 2)) : 0;
  context.alias(node, { ...picture, border: { pads, value } });
}

function sigmoid(node: TfjsNode, context: TfjsContext): void {
  expectAttributes(node, FLOAT);
  const value = context.value(context.input(node, 0));
  context.write('Sigmoid', [value.name], node, value);
}

function leakyRelu(node: TfjsNode, context: TfjsContext): void {
  expectAttributes(node, FLOAT, ['alpha']);
  const value = context.value(context.input(node, 0));
  context.write('LeakyRelu', [value.name], node, value, {
    alpha: { float: Number(node.attributes.get('alpha')) },
  });
}

/** A sum of two pictures, or what a convolution adds to its result. */
function add(node: TfjsNode, context: TfjsContext): void {
  if (!context.isConstant(node, 1) || context.constant(context.input(node, 1)).shape.length !== 1) {
    addPictures(node, context);
    return;
  }
  expectAttributes(node, FLOAT);
  const picture = context.value(context.input(node, 0));
  const name = context.input(node, 1);
  const { shape, values } = context.constant(name);
  // TensorFlow repeats a list along the last dimension.
  if (picture.order !== 'NHWC' || !same(shape, picture.shape.slice(1, 2)))
    throw new Error(
      `unknown kind of bias: [${shape.join()}] for [${picture.shape.join()}], ${picture.order}`,
    );
  const convolution = context.takeBack(picture);
  if (convolution.operator !== 'Conv' || convolution.inputs.length !== 2)
    throw new Error(`unknown kind of bias: after ${convolution.operator}`);
  const bias = context.weights(name, shape, () => values);
  context.write('Conv', [...convolution.inputs, bias], node, picture, convolution.attributes);
}

/** Two pictures of one shape. */
function addPictures(node: TfjsNode, context: TfjsContext): void {
  expectAttributes(node, FLOAT);
  const pictures = node.inputs.map((_, position) => context.value(context.input(node, position)));
  const [first, second, ...others] = pictures;
  const fits = first && second && same(first.shape, second.shape) && first.order === second.order;
  if (!fits || others.length > 0) {
    const shapes = pictures.map(({ shape }) => shape);
    throw new Error(`unknown kind of sum: of the shapes ${JSON.stringify(shapes)}`);
  }
  context.write('Add', [first.name, second.name], node, first);
}

function concatenate(node: TfjsNode, context: TfjsContext): void {
  const count = node.inputs.length - 1;
  expectAttributes(node, { ...FLOAT, ...INDICES, N: count });
  const pictures = node.inputs.slice(0, count).map((_, k) => context.value(context.input(node, k)));
  const [{ shape, order } = { shape: [], order: 'NHWC' as const }] = pictures;
  const axis = context.integers(context.input(node, count));
  if (!same(axis, [AXES[order][1]]))
    throw new Error(`unknown kind of concatenation: along dimension ${axis.join()}`);
  const [batch = 0, , height = 0, width = 0] = shape;
  const fits = (picture: Operand): boolean =>
    picture.order === order && [0, 2, 3].every((k) => picture.shape[k] === shape[k]);
  if (!pictures.every(fits)) throw new Error('damaged concatenation: sizes differ');
  const channels = pictures.reduce((total, picture) => total + at(picture.shape, 1), 0);
  context.write(
    'Concat',
    pictures.map(({ name }) => name),
    node,
    { shape: [batch, channels, height, width], order },
    { axis: 1 },
  );
}

/**
 * What a convolution gives, in parts: each gets a convolution of its own, and so nothing has to be copied.
 */
function splitChannels(node: TfjsNode, context: TfjsContext): void {
  const sizes = context.integers(context.input(node, 1));
  expectAttributes(node, { ...FLOAT, Tlen: 'DT_INT32', num_split: sizes.length });
  const picture = context.value(context.input(node, 0));
  const axis = context.integers(context.input(node, 2));
  if (!same(axis, [AXES[picture.order][1]]))
    throw new Error(`unknown kind of split: along dimension ${axis.join()}`);
  if (sizes.reduce((one, other) => one + other, 0) !== picture.shape[1])
    throw new Error(`damaged split: of ${picture.shape[1]} channels into ${sizes.join()}`);
  const convolution = context.takeBack(picture);
  if (convolution.operator !== 'Conv')
    throw new Error(`unknown kind of split: of what is no convolution but ${convolution.operator}`);
  let start = 0;
  for (const [k, size] of sizes.entries()) {
    const only = k === 0 ? context.onlyChannel(node) : undefined;
    if (only !== undefined && only >= size) throw new Error(`there is no channel ${only} among ${size}`);
    const [from, count] = only === undefined ? [start, size] : [start + only, 1];
    const part = { name: k === 0 ? node.name : `${node.name}:${k}` };
    const parameters = convolution.inputs.slice(1).map((name) => context.rows(name, from, count));
    context.node(
      'Conv',
      [...convolution.inputs.slice(0, 1), ...parameters],
      context.name(part),
      convolution.attributes,
    );
    context.define(part, [1, count, ...picture.shape.slice(2)], picture.order);
    start += size;
  }
}

function resize(node: TfjsNode, context: TfjsContext): void {
  expectAttributes(node, { ...FLOAT, align_corners: false, half_pixel_centers: true });
  const picture = context.picture(node, 0);
  const [height, width] = context.integers(context.input(node, 1));
  if (!height || !width) throw new Error('unknown kind of resize: not to a height and a width');
  const scales = [height / picture.height, width / picture.width] as const;
  context.writeResize(picture.name, context.name(node), scales);
  context.define(node, [1, picture.channels, height, width]);
}

/** What a convolution does to its own result, in this order. */
const FUSED = [[], ['BiasAdd'], ['BiasAdd', 'Relu'], ['BiasAdd', 'Relu6']];

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

  const picture = context.pictureWithBorder(node, 0, 0);
  const filters = readFilters(node, context, picture.channels);
  const { pads, strides, results } = readWindow(node, picture, filters.kernel);
  const parameters = [filters.weights];
  if (bias) {
    const name = context.input(node, 2);
    const { shape, values } = context.constant(name);
    if (!same(shape, [filters.count])) throw new Error(`damaged bias: of the shape [${shape.join()}]`);
    parameters.push(context.weights(name, shape, () => values));
  }

  const output = activation ? `${context.name(node)}_linear` : context.name(node);
  context.node('Conv', [picture.name, ...parameters], output, {
    kernel_shape: filters.kernel,
    strides,
    dilations: [1, 1],
    pads,
    group: filters.group,
  });
  if (activation === 'Relu6') context.writeRelu6(output, context.name(node));
  else if (activation) context.node(activation, [output], context.name(node));
  context.define(node, [1, filters.count, ...results]);
}

interface Filters {
  weights: string;
  kernel: readonly number[];
  group: number;
  count: number;
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
    return { weights, kernel, group: channels, count: all };
  }
  const weights = context.weights(name, [count, channels, ...kernel], () =>
    transpose(values, shape, [3, 2, 0, 1]),
  );
  return { weights, kernel, group: 1, count };
}

function maxPool(node: TfjsNode, context: TfjsContext): void {
  expectAttributes(node, { ...FLOAT, data_format: 'NHWC', explicit_paddings: [] }, [
    'ksize',
    'strides',
    'padding',
  ]);
  // Around the picture there is nothing that could be the largest, which is how ONNX pads for this.
  const picture = context.pictureWithBorder(node, 0, -Infinity);
  const kernel = readSizes(node, 'ksize');
  const { pads, strides, results } = readWindow(node, picture, kernel);
  const shape = [1, picture.channels, ...results];
  context.write(
    'MaxPool',
    [picture.name],
    node,
    { shape, order: 'NHWC' },
    { kernel_shape: kernel, strides, pads },
  );
}

/** Where a window lies on a picture with a border around it. */
function readWindow(
  node: TfjsNode,
  picture: { pads: readonly number[]; bordered: readonly number[] },
  kernel: readonly number[],
): { pads: number[]; strides: number[]; results: number[] } {
  const strides = readSizes(node, 'strides');
  const padding = node.attributes.get('padding');
  if (padding !== 'SAME' && padding !== 'VALID')
    throw new Error(`unknown attribute: padding = ${String(padding)}`);
  const { pads, results } = placeWindow(picture.bordered, { kernel, strides, dilations: [1, 1] }, padding);
  return { pads: pads.map((amount, side) => amount + at(picture.pads, side)), strides, results };
}

/** Height and width of what TensorFlow says for four dimensions. */
function readSizes(node: TfjsNode, attribute: string): number[] {
  const sizes = node.attributes.get(attribute);
  const [batch, vertical, horizontal, channel] = Array.isArray(sizes) ? sizes.map(Number) : [];
  if (batch !== 1 || !vertical || !horizontal || channel !== 1)
    throw new Error(`unknown attribute: ${attribute} = ${String(sizes)}`);
  return [vertical, horizontal];
}
