import { at, same, transpose } from './arrays.ts';
import { nchw } from './context.ts';
import type { Context, Padding } from './context.ts';
import { byte, expectNoOptions, int, readOptions } from './tflite.ts';
import type { Operator, OperatorName } from './tflite.ts';
import { placeWindow } from './window.ts';
import type { Window } from './window.ts';

/** Writes the ONNX nodes of one TFLite operator. */
export type Handler = (operator: Operator, context: Context) => void;

/**
 * One handler per operator; options are described next to their reader, in the numbers of the TFLite schema.
 */
export const HANDLERS: Readonly<Record<OperatorName, Handler>> = {
  ADD: add,
  CONCATENATION: concatenate,
  CONV_2D: convolve,
  DEPTHWISE_CONV_2D: convolveDepthwise,
  DEPTH_TO_SPACE: depthToSpace,
  DEQUANTIZE: foldConstant,
  LOGISTIC: logistic,
  MAX_POOL_2D: maxPool,
  RESHAPE: reshape,
  RESIZE_BILINEAR: resize,
  PAD: pad,
  DENSIFY: foldConstant,
};

/**
 * Both unpack a constant, float16 to float32 or sparse to dense, and `constant` gives all constants unpacked.
 */
function foldConstant(operator: Operator, context: Context): void {
  expectNoOptions(operator);
  context.fold(context.output(operator), context.constant(context.input(operator, 0)));
}

function add(operator: Operator, context: Context): void {
  const option = readOptions(operator, 11, { activation: byte(0), powerOfTwoScale: byte(1) });
  const inputs = [context.input(operator, 0), context.input(operator, 1)];
  const output = context.output(operator);
  for (const index of inputs) {
    if (!same(context.shape(index), context.shape(output)))
      throw new Error('unknown kind of addition: shapes differ');
  }
  const values = inputs.map((index) => context.value(index));
  context.activated(output, option('activation'), (name) => context.node('Add', values, name));
}

function concatenate(operator: Operator, context: Context): void {
  const option = readOptions(operator, 10, { axis: int(0), activation: byte(1) });
  const output = context.output(operator);
  const rank = context.shape(output).length;
  const axis = option('axis');
  const position = axis < 0 ? axis + rank : axis;
  const values = operator.inputs.map((index) => context.value(index));
  context.activated(output, option('activation'), (name) =>
    context.node('Concat', values, name, { axis: rank === 4 ? at([0, 2, 3, 1], position) : position }),
  );
}

function logistic(operator: Operator, context: Context): void {
  expectNoOptions(operator);
  context.write('Sigmoid', [context.value(context.input(operator, 0))], context.output(operator));
}

function depthToSpace(operator: Operator, context: Context): void {
  const option = readOptions(operator, 94, { block: int(0) });
  // TFLite takes the block's row and column from the slow end of the channels: ONNX's mode DCR.
  const attributes = { blocksize: option('block'), mode: 'DCR' };
  context.write(
    'DepthToSpace',
    [context.value(context.input(operator, 0))],
    context.output(operator),
    attributes,
  );
}

/** TFLite reshapes the NHWC order, so the values are put back into it first, where that moves anything. */
function reshape(operator: Operator, context: Context): void {
  if (operator.optionsType !== 0) readOptions(operator, 17, { shape: int(0) });
  const input = context.input(operator, 0);
  const output = context.output(operator);
  const shape = context.shape(output);
  if (shape.length === 4) throw new Error('unknown kind of reshape: to four dimensions');
  const [batch, ...others] = shape;
  if (batch !== 1) throw new Error('unknown kind of reshape: of the batch');
  let value = context.value(input);
  const { shape: from } = context.tensor(input);
  if (from.length === 4) {
    const [, channels = 1, height = 1, width = 1] = nchw(from);
    if (channels > 1 && height * width > 1) {
      context.node('Transpose', [value], `${context.name(output)}_nhwc`, { perm: [0, 2, 3, 1] });
      value = `${context.name(output)}_nhwc`;
    }
  }
  // 0 keeps the size that the dimension has, for any number of pictures.
  const target = context.wholeNumbers(`${context.name(output)}_shape`, [0, ...others]);
  context.write('Reshape', [value, target], output);
}

function pad(operator: Operator, context: Context): void {
  readOptions(operator, 22, {});
  const source = context.input(operator, 0);
  const output = context.output(operator);
  const amounts = context.integers(context.input(operator, 1));
  const [front = 0, back = 0, top = 0, bottom = 0, left = 0, right = 0, first = 0, last = 0] = amounts;
  if (amounts.length !== 8 || front || back)
    throw new Error('unknown kind of padding: not of four dimensions, or of the batch');
  if (!first && !last) {
    context.defer(output, { kind: 'pad', source, padding: [top, left, bottom, right] });
    return;
  }
  context.writePadding(context.value(source), output, [top, left, bottom, right], [first, last]);
}

function resize(operator: Operator, context: Context): void {
  const option = readOptions(operator, 15, {
    alignCorners: byte(2),
    halfPixel: byte(3),
  });
  if (option('alignCorners') || !option('halfPixel'))
    throw new Error('unknown kind of resize: not by half-pixel centres');
  const source = context.input(operator, 0);
  const output = context.output(operator);
  const [, , fromHeight, fromWidth] = context.shape(source);
  const [, , height, width] = context.shape(output);
  if (!fromHeight || !fromWidth || !height || !width) throw new Error('expected tensors of four dimensions');
  context.defer(output, {
    kind: 'resize',
    source,
    write: (input, name) => context.writeResize(input, name, [height / fromHeight, width / fromWidth]),
  });
}

function maxPool(operator: Operator, context: Context): void {
  const option = readOptions(operator, 5, {
    padding: byte(0),
    strideWidth: int(1),
    strideHeight: int(2),
    width: int(3),
    height: int(4),
    activation: byte(5),
  });
  const input = context.input(operator, 0);
  const output = context.output(operator);
  const window = {
    kernel: [option('height'), option('width')],
    strides: [option('strideHeight'), option('strideWidth')],
    dilations: [1, 1],
  };
  const pads = windowPads(context, input, output, window, option('padding'));
  const value = context.value(input);
  context.activated(output, option('activation'), (name) =>
    context.node('MaxPool', [value], name, { kernel_shape: window.kernel, strides: window.strides, pads }),
  );
}

function convolve(operator: Operator, context: Context): void {
  const option = readOptions(operator, 1, {
    padding: byte(0),
    strideWidth: int(1),
    strideHeight: int(2),
    activation: byte(3),
    dilationWidth: int(4, 1),
    dilationHeight: int(5, 1),
  });
  const filter = context.input(operator, 1);
  const [count = 0, height = 0, width = 0, depth = 0] = context.tensor(filter).shape;
  const channels = context.shape(context.input(operator, 0))[1];
  if (depth !== channels) throw new Error('unknown kind of convolution: in groups');
  const weights = context.weights(`t${filter}`, [count, depth, height, width], () =>
    transpose(context.constant(filter), [count, height, width, depth], [0, 3, 1, 2]),
  );
  writeConvolution(operator, context, { weights, kernel: [height, width], group: 1, option });
}

function convolveDepthwise(operator: Operator, context: Context): void {
  const option = readOptions(operator, 2, {
    padding: byte(0),
    strideWidth: int(1),
    strideHeight: int(2),
    multiplier: int(3),
    activation: byte(4),
    dilationWidth: int(5, 1),
    dilationHeight: int(6, 1),
  });
  const filter = context.input(operator, 1);
  const [, height = 0, width = 0, count = 0] = context.tensor(filter).shape;
  const group = context.shape(context.input(operator, 0))[1];
  if (group === undefined || count !== group * option('multiplier')) {
    throw new Error(`damaged depthwise convolution: ${count} filters for ${group} channels`);
  }
  const weights = context.weights(`t${filter}`, [count, 1, height, width], () =>
    transpose(context.constant(filter), [1, height, width, count], [3, 0, 1, 2]),
  );
  writeConvolution(operator, context, { weights, kernel: [height, width], group, option });
}

interface Convolution {
  weights: string;
  kernel: readonly number[];
  group: number;
  /** The options that both kinds have. */
  option: (
    name: 'padding' | 'strideWidth' | 'strideHeight' | 'dilationWidth' | 'dilationHeight' | 'activation',
  ) => number;
}

function writeConvolution(
  operator: Operator,
  context: Context,
  { weights, kernel, group, option }: Convolution,
): void {
  const input = context.input(operator, 0);
  const output = context.output(operator);
  const window = {
    kernel,
    strides: [option('strideHeight'), option('strideWidth')],
    dilations: [option('dilationHeight'), option('dilationWidth')],
  };
  const pads = windowPads(context, input, output, window, option('padding'));
  const parameters = [weights];
  const bias = operator.inputs[2] ?? -1;
  if (bias >= 0)
    parameters.push(context.weights(`t${bias}`, context.tensor(bias).shape, () => context.constant(bias)));

  const write = (source: string, name: string, padding: Padding): void => {
    const inner = padding.map((amount, k) => amount + at(pads, k));
    context.node('Conv', [source, ...parameters], name, {
      kernel_shape: window.kernel,
      strides: window.strides,
      dilations: window.dilations,
      pads: inner,
      group,
    });
  };

  const deferred = context.deferred(input);
  const pointwise = [...window.kernel, ...window.strides].every((size) => size === 1);
  if (deferred?.kind === 'pad') {
    const source = context.value(deferred.source);
    context.activated(output, option('activation'), (name) => write(source, name, deferred.padding));
  } else if (
    deferred?.kind === 'resize' &&
    pointwise &&
    at(context.shape(output), 1) <= at(context.shape(input), 1)
  ) {
    // Each enlarged pixel is a weighted mean of pixels and a 1×1 convolution is linear, so the order is free
    // but for rounding; on the small picture it costs a quarter, and fewer channels are left to enlarge. The
    // activation is not linear and stays last.
    const source = context.value(deferred.source);
    context.activated(output, option('activation'), (name) => {
      write(source, `${context.name(output)}_small`, [0, 0, 0, 0]);
      deferred.write(`${context.name(output)}_small`, name);
    });
  } else {
    const source = context.value(input);
    context.activated(output, option('activation'), (name) => write(source, name, [0, 0, 0, 0]));
  }
}

/** TFLite's `Padding`. */
const PADDINGS = ['SAME', 'VALID'] as const;

/** Top, left, bottom, right. */
function windowPads(
  context: Context,
  input: number,
  output: number,
  window: Window,
  padding: number,
): number[] {
  const kind = PADDINGS[padding];
  if (!kind) throw new Error(`unknown padding: Padding ${padding}`);
  const { pads, results } = placeWindow(context.shape(input).slice(2), window, kind);
  const expected = context.shape(output).slice(2);
  if (!same(results, expected))
    throw new Error(`damaged window: gives ${results.join('×')}, the file says ${expected.join('×')}`);
  return pads;
}
