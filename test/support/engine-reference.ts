import type { Activation } from '../../src/engine/activation.ts';

/*
 * What the engine's operators mean, said as plainly as can be: loops over
 * ONNX's own order, in double precision.
 */

/** Numbers with their shape, planes one after the other. */
export interface Picture {
  channels: number;
  height: number;
  width: number;
  values: ArrayLike<number>;
}

/** A picture, number by number. */
export function picture(
  channels: number,
  height: number,
  width: number,
  valueAt: (channel: number, y: number, x: number) => number,
): Picture {
  const values: number[] = [];
  for (let channel = 0; channel < channels; channel++)
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) values.push(valueAt(channel, y, x));
  return { channels, height, width, values };
}

/** A number of a picture; outside of it what is said. */
export function at(
  { channels, height, width, values }: Picture,
  channel: number,
  y: number,
  x: number,
  outside = 0,
): number {
  const isInside = channel < channels && y >= 0 && y < height && x >= 0 && x < width;
  return isInside ? (values[(channel * height + y) * width + x] ?? NaN) : outside;
}

/** How a window goes over a picture. */
export interface Window {
  width: number;
  height: number;
  step: number;
  /** Top, left, bottom, right. */
  pads: readonly [number, number, number, number];
}

/** The size of what a window makes of a picture. */
export function sizeAfter({ height, width }: Picture, window: Window): { height: number; width: number } {
  const [top, left, bottom, right] = window.pads;
  return {
    height: Math.floor((height + top + bottom - window.height) / window.step) + 1,
    width: Math.floor((width + left + right - window.width) / window.step) + 1,
  };
}

/**
 * A convolution. Weights are `[outputs][channels][window]`, for depthwise ones `[channels][window]`. NaN
 * times a zero that is left out is 0.
 */
export function convolve(
  input: Picture,
  weights: ArrayLike<number>,
  bias: ArrayLike<number>,
  window: Window,
  isDepthwise: boolean,
  leavesOutZeros = false,
): Picture {
  const { height, width } = sizeAfter(input, window);
  const depth = isDepthwise ? 1 : input.channels;
  return picture(bias.length, height, width, (output, y, x) => {
    let sum = bias[output] ?? NaN;
    for (let k = 0; k < depth; k++)
      for (let row = 0; row < window.height; row++)
        for (let column = 0; column < window.width; column++) {
          const weight = weights[((output * depth + k) * window.height + row) * window.width + column] ?? NaN;
          if (leavesOutZeros && weight === 0) continue;
          const [top, left] = window.pads;
          const [fromY, fromX] = [y * window.step + row - top, x * window.step + column - left];
          sum += weight * at(input, isDepthwise ? output : k, fromY, fromX);
        }
    return sum;
  });
}

/** The largest of every window. */
export function maxPool(input: Picture, window: Window): Picture {
  const { height, width } = sizeAfter(input, window);
  const [top, left] = window.pads;
  return picture(input.channels, height, width, (channel, y, x) => {
    const seen = [];
    for (let row = 0; row < window.height; row++)
      for (let column = 0; column < window.width; column++)
        seen.push(
          at(input, channel, y * window.step + row - top, x * window.step + column - left, -Infinity),
        );
    return Math.max(...seen);
  });
}

/** Bilinear, with pixels' centres at halves. */
export function resize(input: Picture, down: number, right: number): Picture {
  const [height, width] = [Math.floor(input.height * down), Math.floor(input.width * right)];
  return picture(input.channels, height, width, (channel, y, x) => {
    const fromY = Math.min(input.height - 1, Math.max(0, (y + 0.5) / down - 0.5));
    const fromX = Math.min(input.width - 1, Math.max(0, (x + 0.5) / right - 0.5));
    const [y0, x0] = [Math.floor(fromY), Math.floor(fromX)];
    const [y1, x1] = [Math.min(y0 + 1, input.height - 1), Math.min(x0 + 1, input.width - 1)];
    const [ofY, ofX] = [fromY - y0, fromX - x0];
    return (
      at(input, channel, y0, x0) * (1 - ofY) * (1 - ofX) +
      at(input, channel, y0, x1) * (1 - ofY) * ofX +
      at(input, channel, y1, x0) * ofY * (1 - ofX) +
      at(input, channel, y1, x1) * ofY * ofX
    );
  });
}

/** Blocks of channels, the blocks outermost, as pixels beside and below one another. */
export function depthToSpace(input: Picture, size: number): Picture {
  const channels = input.channels / size ** 2;
  return picture(channels, input.height * size, input.width * size, (channel, y, x) => {
    const block = (y % size) * size + (x % size);
    return at(input, block * channels + channel, Math.floor(y / size), Math.floor(x / size));
  });
}

/** Every number, changed. */
export function each(input: Picture, change: (value: number, index: number) => number): Picture {
  return { ...input, values: Array.from(input.values, change) };
}

/** What an activation makes of a number. */
export function activated(x: number, { slope, low, high, after }: Activation): number {
  const bent = x < 0 ? x * slope : x;
  const bounded = Math.min(high, Math.max(low, bent));
  if (after === 'sigmoid') return 1 / (1 + Math.exp(-bounded));
  if (after === 'hardSwish') return bounded * Math.min(1, Math.max(0, bounded / 6 + 0.5));
  return bounded;
}
