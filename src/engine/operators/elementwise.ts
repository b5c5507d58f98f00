import { activationOfNode, fusedActivation } from '../activation.ts';
import type { Activation } from '../activation.ts';
import { pictureOf, start, vectorsOf } from '../builder.ts';
import type { Builder, Tensor } from '../builder.ts';
import { sizeOf, unsupported, UnsupportedError } from '../graph.ts';
import { filledFrom, filledWith } from '../packing.ts';
import type { Operator } from './operator.ts';

/** Vectors that a thread takes at a time. */
const GRAIN = 256;

/** `Add`. */
export const add: Operator = (node, values, builder) => {
  const [a = '', b = ''] = node.inputs;
  return [combine(builder, 'add', values.tensor(a), values.tensor(b), fusedActivation(node))];
};

/** `Mul`. */
export const multiply: Operator = (node, values, builder) => {
  const [a = '', b = ''] = node.inputs;
  return [combine(builder, 'multiply', values.tensor(a), values.tensor(b), fusedActivation(node))];
};

/** `Relu`, `Clip`, `LeakyRelu`, `Sigmoid` and `HardSwish`. */
export const activation: Operator = (node, values, builder) => {
  const input = values.tensor(node.inputs[0] ?? unsupported(node, 'it has no input'));
  const bounds = activationOfNode(node, values.constants);
  const output = builder.tensor(input.shape, input.layout);
  const ends = { input: start(input), output: start(output) };
  if (bounds.after) builder.call(bounds.after, ends, sharing(output));
  else builder.call('clamp', { ...ends, activation: builder.activation(bounds) }, sharing(output));
  return [output];
};

/** Does what is left of an activation after a kernel. */
export function applyAfter(builder: Builder, tensor: Tensor, { after }: Activation): void {
  if (after) builder.call(after, { input: start(tensor), output: start(tensor) }, sharing(tensor));
}

/** A sum or a product. One may be a single number, or have one for each channel. */
export function combine(
  builder: Builder,
  kernel: 'add' | 'multiply',
  one: Tensor,
  other: Tensor,
  bounds: Activation,
): Tensor {
  const [a, b] = sizeOf(one.shape) < sizeOf(other.shape) ? [other, one] : [one, other];
  if (!sameShape(a, b)) return combineChannels(builder, kernel, a, b, bounds);
  const isFlat = a.layout === 'flat' && b.layout === 'flat';
  const [left, right] = isFlat ? [a, b] : [builder.toPixels(a), builder.toPixels(b)];
  const output = builder.tensor(a.shape, left.layout);
  builder.call(
    kernel,
    { a: start(left), b: start(right), output: start(output), activation: builder.activation(bounds) },
    sharing(output),
  );
  applyAfter(builder, output, bounds);
  return output;
}

function combineChannels(
  builder: Builder,
  kernel: 'add' | 'multiply',
  whole: Tensor,
  perChannel: Tensor,
  bounds: Activation,
): Tensor {
  const { channels, pixels, stride } = pictureOf(whole);
  const operand = channelsOf(perChannel, channels, stride / 4);
  const same = start({ buffer: filledWith(new Float32Array(stride / 4).fill(kernel === 'add' ? 1 : 0)) });
  const input = builder.toPixels(whole);
  const output = builder.tensor(whole.shape, 'pixels');
  builder.call(
    'scale',
    {
      a: start(input),
      factors: kernel === 'add' ? same : start(operand),
      b: kernel === 'add' ? start(operand) : same,
      output: start(output),
      stride,
      activation: builder.activation(bounds),
    },
    { units: pixels, grain: 16 },
  );
  applyAfter(builder, output, bounds);
  return output;
}

/** A number for each channel, of what has so many or one for all. */
function channelsOf(tensor: Tensor, channels: number, lanes: number): Pick<Tensor, 'buffer'> {
  const { shape, layout, constant } = tensor;
  const size = sizeOf(shape);
  const isPerChannel = size === channels && shape.at(-3) === channels;
  if (size !== 1 && !isPerChannel)
    throw new UnsupportedError(`[${shape.join()}] goes with ${channels} channels in a way not known`);
  if (constant) return { buffer: filledFrom(constant, lanes, channels) };
  if (layout === 'flat' || size === 1)
    throw new UnsupportedError(`[${shape.join()}] is computed, and goes with a larger value`);
  return tensor;
}

/** Whether two values have the same shape. */
export function sameShape(a: Tensor, b: Tensor): boolean {
  return String(a.shape) === String(b.shape);
}

function sharing({ buffer }: Tensor): { units: number; grain: number } {
  return { units: vectorsOf(buffer.bytes / 4), grain: GRAIN };
}
