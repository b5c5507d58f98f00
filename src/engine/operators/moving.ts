import { pictureOf, start, strideOf } from '../builder.ts';
import type { Builder, Place, Tensor } from '../builder.ts';
import { expectAttribute, numberOf, sizeOf, unsupported } from '../graph.ts';
import type { Node } from '../graph.ts';
import { filledWith } from '../packing.ts';
import type { Operator } from './operator.ts';

/** `Concat`: of channels, or of values in ONNX's order along any dimension. */
export const concat: Operator = (node, values, builder) => {
  const tensors = node.inputs.map((name) => values.tensor(name));
  const rank = tensors[0]?.shape.length ?? 0;
  const given = numberOf(node, 'axis', 0);
  const axis = given < 0 ? given + rank : given;
  const shape = joinedShape(node, tensors, axis);
  const isPicture = rank === 4 && axis === 1 && tensors.some(({ layout }) => layout === 'pixels');
  const output = builder.tensor(shape, isPicture ? 'pixels' : 'flat');
  let offset = 0;
  for (const tensor of tensors) {
    if (isPicture) {
      const input = builder.toPixels(tensor);
      const { channels, stride } = pictureOf(input);
      copyChannels(builder, start(input), stride, output, offset, channels);
      offset += 4 * channels;
    } else {
      const count = sizeOf(tensor.shape.slice(axis));
      const rows = sizeOf(shape.slice(0, axis));
      builder.call(
        'copy',
        {
          input: start(builder.toFlat(tensor)),
          inputRow: 4 * count,
          inputPixel: 0,
          output: start(output, offset),
          outputRow: 4 * sizeOf(shape.slice(axis)),
          outputPixel: 0,
          count,
          width: 1,
        },
        { units: rows },
      );
      offset += 4 * count;
    }
  }
  return [output];
};

function joinedShape(node: Node, tensors: readonly Tensor[], axis: number): number[] {
  const shape = [...(tensors[0]?.shape ?? unsupported(node, 'it has no input'))];
  const others = (each: readonly number[]) => String(each.with(axis, 0));
  if (tensors.some((tensor) => others(tensor.shape) !== others(shape)))
    unsupported(node, `shapes ${tensors.map((tensor) => `[${tensor.shape.join()}]`).join(' ')}`);
  shape[axis] = tensors.reduce((sum, tensor) => sum + (tensor.shape[axis] ?? 0), 0);
  return shape;
}

/** `Pad` with channels of zeros. */
export const pad: Operator = (node, values, builder) => {
  expectAttribute(node, 'mode', 'constant');
  const [inputName = '', padsName = '', valueName = '', axes] = node.inputs;
  if (axes) unsupported(node, 'axes');
  const pads = [...values.constant(padsName).values()].map(Number);
  const value = valueName ? Number(values.constant(valueName).values()[0]) : 0;
  if (value !== 0 || pads.length !== 8 || pads.some((count, k) => count < 0 || (count > 0 && k % 4 !== 1)))
    unsupported(node, `pads of ${pads.join()} with ${value}, only channels of zeros are known`);
  const [, before = 0, , , , after = 0] = pads;
  const input = builder.toPixels(values.tensor(inputName));
  const { channels, height, width, stride } = pictureOf(input);
  const output = builder.tensor([1, before + channels + after, height, width], 'pixels');
  const zeros = start({ buffer: filledWith(new Float32Array(Math.max(before, after))) });
  if (before > 0) copyChannels(builder, zeros, 0, output, 0, before);
  copyChannels(builder, start(input), stride, output, 4 * before, channels);
  if (after > 0) copyChannels(builder, zeros, 0, output, 4 * (before + channels), after);
  return [output];
};

/** Copies channels into every pixel of a picture; with a stride of 0 the same for all. */
function copyChannels(
  builder: Builder,
  input: Place,
  inputPixel: number,
  output: Tensor,
  offset: number,
  count: number,
): void {
  const { height, width, stride } = pictureOf(output);
  builder.call(
    'copy',
    {
      input,
      inputRow: width * inputPixel,
      inputPixel,
      output: start(output, offset),
      outputRow: width * stride,
      outputPixel: stride,
      count,
      width,
    },
    { units: height },
  );
}

/** `DepthToSpace`, with the blocks' channels outermost. */
export const depthToSpace: Operator = (node, values, builder) => {
  expectAttribute(node, 'mode', 'DCR');
  const size = numberOf(node, 'blocksize', 0);
  const input = builder.toPixels(values.tensor(node.inputs[0] ?? ''));
  const { channels, height, width, stride } = pictureOf(input);
  const count = channels / (size * size);
  if (!Number.isInteger(count)) unsupported(node, `${channels} channels in blocks of ${size}`);
  const output = builder.tensor([1, count, height * size, width * size], 'pixels');
  const outputStride = strideOf(count);
  for (let block = 0; block < size * size; block++) {
    const [y, x] = [Math.floor(block / size), block % size];
    builder.call(
      'copy',
      {
        input: start(input, 4 * block * count),
        inputRow: width * stride,
        inputPixel: stride,
        output: start(output, (y * width * size + x) * outputStride),
        outputRow: size * width * size * outputStride,
        outputPixel: size * outputStride,
        count,
        width,
      },
      { units: height },
    );
  }
  return [output];
};

/** `Transpose` of a picture to where its channels come last. */
export const transpose: Operator = (node, values, builder) => {
  expectAttribute(node, 'perm', [0, 2, 3, 1]);
  if (node.attributes['perm'] === undefined) unsupported(node, 'it has no order');
  const input = builder.toPixels(values.tensor(node.inputs[0] ?? ''));
  const { channels, height, width, stride } = pictureOf(input);
  const output = builder.tensor([1, height, width, channels], 'flat');
  builder.call(
    'copy',
    {
      input: start(input),
      inputRow: width * stride,
      inputPixel: stride,
      output: start(output),
      outputRow: 4 * width * channels,
      outputPixel: 4 * channels,
      count: channels,
      width,
    },
    { units: height },
  );
  return [output];
};

/** `Reshape`: the same numbers in the same order. */
export const reshape: Operator = (node, values, builder) => {
  expectAttribute(node, 'allowzero', 0);
  const [inputName = '', shapeName = ''] = node.inputs;
  const input = builder.toFlat(values.tensor(inputName));
  const wanted = [...values.constant(shapeName).values()].map(Number);
  const shape = wanted.map((length, k) => (length === 0 ? (input.shape[k] ?? 0) : length));
  const known = shape.reduce((size, length) => (length === -1 ? size : size * length), 1);
  const filled = shape.map((length) => (length === -1 ? sizeOf(input.shape) / known : length));
  if (sizeOf(filled) !== sizeOf(input.shape))
    unsupported(node, `[${input.shape.join()}] to [${filled.join()}]`);
  return [{ ...input, shape: filled }];
};
