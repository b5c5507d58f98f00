import { at } from './arrays.ts';

/** What a convolution or a pooling lays over its input; each list is height, width. */
export interface Window {
  kernel: readonly number[];
  strides: readonly number[];
  dilations: readonly number[];
}

export interface Placement {
  /** Top, left, bottom, right. */
  pads: number[];
  /** Height and width of the result. */
  results: number[];
}

/**
 * Where TensorFlow puts a window. SAME gives ⌈size / stride⌉ results, and an odd pixel of padding goes to the
 * end: ONNX's SAME_UPPER, spelt out since not every runtime has that form.
 */
export function placeWindow(
  sizes: readonly number[],
  { kernel, strides, dilations }: Window,
  padding: 'SAME' | 'VALID',
): Placement {
  const reaches = sizes.map((_, k) => (at(kernel, k) - 1) * at(dilations, k) + 1);
  const totals = sizes.map((size, k) => {
    const stride = at(strides, k);
    return padding === 'SAME'
      ? Math.max((Math.ceil(size / stride) - 1) * stride + at(reaches, k) - size, 0)
      : 0;
  });
  const before = totals.map((total) => Math.floor(total / 2));
  return {
    pads: [...before, ...totals.map((total, k) => total - at(before, k))],
    results: sizes.map((size, k) => Math.floor((size + at(totals, k) - at(reaches, k)) / at(strides, k)) + 1),
  };
}
