import { pictureOf, start, strideOf, vectorsOf } from '../builder.ts';
import type { Place } from '../builder.ts';
import { expectAttribute, listOf, unsupported } from '../graph.ts';
import { filledWith } from '../packing.ts';
import type { Operator } from './operator.ts';

/** `MaxPool`. */
export const maxPool: Operator = (node, values, builder) => {
  expectAttribute(node, 'auto_pad', 'NOTSET');
  expectAttribute(node, 'ceil_mode', 0);
  expectAttribute(node, 'dilations', [1, 1]);
  const input = builder.toPixels(values.tensor(node.inputs[0] ?? ''));
  const { channels, height, width, stride } = pictureOf(input);
  const [windowHeight = 1, windowWidth = 1] = listOf(node, 'kernel_shape', []);
  const [step = 1, right = 1] = listOf(node, 'strides', [1, 1]);
  if (step !== right) unsupported(node, `steps of ${step} and ${right}`);
  const [top = 0, left = 0, bottom = 0, onRight = 0] = listOf(node, 'pads', [0, 0, 0, 0]);
  const rows = Math.floor((height + top + bottom - windowHeight) / step) + 1;
  const columns = Math.floor((width + left + onRight - windowWidth) / step) + 1;
  const output = builder.tensor([1, channels, rows, columns], 'pixels');
  builder.call(
    'maxPool',
    {
      input: start(input),
      inputWidth: width,
      inputHeight: height,
      stride,
      output: start(output),
      outputWidth: columns,
      windowWidth,
      windowHeight,
      step,
      left,
      top,
    },
    { units: rows },
  );
  return [output];
};

/** `GlobalAveragePool`. */
export const globalAverage: Operator = (node, values, builder) => {
  const input = builder.toPixels(values.tensor(node.inputs[0] ?? ''));
  const { channels, pixels, stride } = pictureOf(input);
  const output = builder.tensor([1, channels, 1, 1], 'pixels');
  builder.call(
    'globalAverage',
    { input: start(input), stride, pixels, output: start(output) },
    { units: vectorsOf(stride / 4) },
  );
  return [output];
};

/** `Resize`, bilinear, with pixels' centres at halves. */
export const resize: Operator = (node, values, builder) => {
  expectAttribute(node, 'mode', 'linear');
  expectAttribute(node, 'coordinate_transformation_mode', 'half_pixel');
  expectAttribute(node, 'antialias', 0);
  const [inputName = '', , scalesName = '', sizes] = node.inputs;
  if (sizes) unsupported(node, 'sizes instead of scales');
  const [ofBatch, ofChannels, down = 1, right = 1] = values.constant(scalesName).values();
  if (ofBatch !== 1 || ofChannels !== 1) unsupported(node, 'it scales more than rows and columns');
  if (node.attributes['mode'] === undefined) unsupported(node, 'its mode is nearest');
  const input = builder.toPixels(values.tensor(inputName));
  const { channels, height, width, stride } = pictureOf(input);
  const rows = Math.floor(height * Number(down));
  const columns = Math.floor(width * Number(right));
  const output = builder.tensor([1, channels, rows, columns], 'pixels');
  builder.call(
    'resize',
    {
      input: start(input),
      stride: strideOf(channels),
      output: start(output),
      outputWidth: columns,
      rows: readingTable(height, Number(down), rows, width * stride),
      columns: readingTable(width, Number(right), columns, stride),
    },
    { units: rows },
  );
  return [output];
};

/**
 * For each place along a side of the output the byte offsets of the two
 * that it is read from, and their weights.
 */
function readingTable(length: number, scale: number, to: number, bytes: number): Place {
  const weights = new Float32Array(4 * to);
  const offsets = new Int32Array(weights.buffer);
  for (let k = 0; k < to; k++) {
    const at = Math.min(length - 1, Math.max(0, (k + 0.5) / scale - 0.5));
    const before = Math.floor(at);
    offsets[4 * k] = before * bytes;
    offsets[4 * k + 1] = Math.min(length - 1, before + 1) * bytes;
    weights[4 * k + 2] = 1 - (at - before);
    weights[4 * k + 3] = at - before;
  }
  return start({ buffer: filledWith(weights) });
}
