import { fusedActivation, LINEAR } from '../activation.ts';
import { pictureOf } from '../builder.ts';
import type { Builder } from '../builder.ts';
import { expectAttribute, listOf, numberOf, unsupported } from '../graph.ts';
import type { Node } from '../graph.ts';
import { countIfSparse, floatsOf } from '../packing.ts';
import { dense, depthwise, first, pointwise, sparse, winograd } from './convolution-calls.ts';
import type { ConvolutionCall, Geometry } from './convolution-calls.ts';
import { applyAfter, combine, sameShape } from './elementwise.ts';
import type { Operator, Values } from './operator.ts';

/** Where a smaller part of a 1×1 convolution's weights than this is not zero, the zeros are left out. */
const SPARSE = 0.5;

/**
 * Winograd's way pays where both the input and the output have so many
 * channels: below, summing up takes too long.
 */
const MANY_CHANNELS = 16;

/** `Conv`, and `FusedConv` with its activation and what it adds to the result. */
export const convolution: Operator = (node, values, builder) => {
  const geometry = geometryOf(node, values);
  const activation = fusedActivation(node);
  const added = node.inputs[3] ? values.tensor(node.inputs[3]) : undefined;
  const output = builder.tensor(geometry.shape, 'pixels');
  const kind = kindOf(geometry);
  // What their kernels cannot add is added after them.
  const isLater = added && (kind === depthwise || kind === first || !sameShape(added, output));
  const call: ConvolutionCall = {
    ...geometry,
    output,
    residual: added && !isLater ? builder.toPixels(added) : undefined,
    activation: isLater ? LINEAR : activation,
  };
  kind(call, builder);
  if (isLater) return [combine(builder, 'add', output, added, activation)];
  applyAfter(builder, output, activation);
  return [output];
};

function geometryOf(node: Node, values: Values): Geometry {
  expectAttribute(node, 'auto_pad', 'NOTSET');
  expectAttribute(node, 'dilations', [1, 1]);
  const [inputName = '', weightsName = '', biasName = ''] = node.inputs;
  const input = values.tensor(inputName);
  const { channels, height, width } = pictureOf(input);
  const weights = values.constant(weightsName);
  const [outputs = 0, depth = 0, windowHeight = 0, windowWidth = 0, ...more] = weights.shape;
  if (more.length > 0 || !windowWidth) unsupported(node, `weights of shape [${weights.shape.join()}]`);
  const group = numberOf(node, 'group', 1);
  const isDepthwise = group > 1;
  if (isDepthwise && (group !== channels || group !== outputs || depth !== 1))
    unsupported(node, `${group} groups of ${channels} channels`);
  if (!isDepthwise && depth !== channels) unsupported(node, `${depth} of ${channels} channels`);
  const [down = 1, right = 1] = listOf(node, 'strides', [1, 1]);
  if (down !== right) unsupported(node, `steps of ${down} and ${right}`);
  const [top = 0, left = 0, bottom = 0, onRight = 0] = listOf(node, 'pads', [0, 0, 0, 0]);
  const size = (length: number, pads: number, window: number) =>
    Math.floor((length + pads - window) / down) + 1;
  return {
    node,
    input,
    weights,
    bias: biasName ? values.constant(biasName) : undefined,
    isDepthwise,
    outputs,
    window: { width: windowWidth, height: windowHeight },
    step: down,
    left,
    top,
    shape: [1, outputs, size(height, top + bottom, windowHeight), size(width, left + onRight, windowWidth)],
  };
}

/** The kernel for it. */
function kindOf(geometry: Geometry): (call: ConvolutionCall, builder: Builder) => void {
  const { input, weights, isDepthwise, window, step, left, top, shape } = geometry;
  if (isDepthwise) return depthwise;
  const isSame = String(shape.slice(2)) === String(input.shape.slice(2));
  if (window.width * window.height * step === 1 && left + top === 0 && isSame) {
    const nonZero = countIfSparse(floatsOf(weights), SPARSE);
    if (nonZero === undefined) return pointwise;
    return (call, builder) => sparse(call, builder, nonZero);
  }
  const { channels } = pictureOf(input);
  if (input.layout === 'flat' && channels < 8) return first;
  const isSquare = window.width === 3 && window.height === 3;
  return isSquare && step === 1 && Math.min(channels, shape[1] ?? 0) >= MANY_CHANNELS ? winograd : dense;
}
