import type { Activation } from '../activation.ts';
import { pictureOf, start, strideOf } from '../builder.ts';
import type { Builder, Place, Tensor } from '../builder.ts';
import { unsupported } from '../graph.ts';
import type { Constant, Node } from '../graph.ts';
import { filledFrom, filledWith, packed } from '../packing.ts';
import { filtersOf, panelsOf } from './weights.ts';

/* A convolution's call, for each of the kernels that can be: weights packed, and sizes of blocks. */

/** From so many pixels on a 1×1 convolution is split by them, below by panels. */
const MANY_PIXELS = 256;

/** Bytes of a block of a dense convolution's windows. */
const WINDOWS_BYTES = 262144;

/** Bytes of a block of Winograd's sums and products. */
const SUMS_BYTES = 524288;

/** Bytes of a band of rows that a depthwise convolution has in its scratch, unless its window needs more. */
const BAND_BYTES = 32768;

/** Bytes of a pixel there: 16 channels. */
const BAND_PIXEL = 64;

/**
 * A depthwise convolution of so few rows is split by channels, if there are so many 16s of them: were it by
 * rows, each part would copy some that others copy as well.
 */
const FEW_ROWS = 32;
const MANY_GROUPS = 8;

/** Fewer of Winograd's tiles than these are one part for each thread: a part reads all weights. */
const FEW_TILES = 128;

/** Blocks are of so many pixels, or a multiple of it: whole tiles of 4 and of 6 pixels. */
const TILES = 12;

/** What a convolution is. */
export interface Geometry {
  node: Node;
  input: Tensor;
  weights: Constant;
  bias: Constant | undefined;
  /** Whether each channel has a filter of its own. */
  isDepthwise: boolean;
  outputs: number;
  window: { width: number; height: number };
  step: number;
  left: number;
  top: number;
  /** Of the output. */
  shape: readonly number[];
}

/** The same with what its kernel does besides. */
export interface ConvolutionCall extends Geometry {
  output: Tensor;
  residual: Tensor | undefined;
  activation: Activation;
}

/** 1×1. */
export function pointwise(call: ConvolutionCall, builder: Builder): void {
  const { outputs, output, residual, activation } = call;
  const input = builder.toPixels(call.input);
  const { channels, pixels, stride } = pictureOf(input);
  const panels = strideOf(outputs) / 32;
  const common = {
    input: start(input),
    inputStride: stride,
    depth: channels,
    output: start(output),
    outputStride: strideOf(outputs),
    weights: panelsOf(call, { depth: channels }, builder),
    bias: biasOf(call),
    residual: residual ? start(residual) : 0,
    activation: builder.activation(activation),
  };
  if (pixels >= MANY_PIXELS) builder.call('pointwise', { ...common, panels }, { units: pixels, grain: 16 });
  else builder.call('pointwisePanels', { ...common, pixels }, { units: panels });
}

/**
 * 1×1, without weights that are zero.
 * @param nonZero how many are left
 */
export function sparse(call: ConvolutionCall, builder: Builder, nonZero: number): void {
  const { outputs, output, residual, activation } = call;
  const input = builder.toPixels(call.input);
  const { channels, pixels, stride } = pictureOf(input);
  // Where each output's weights begin, and behind that the weights.
  const listsBytes = strideOf(outputs) + 16;
  const buffer = packed(call.weights, listsBytes + 8 * nonZero, ({ packSparse }, source, target) =>
    packSparse(source, outputs, channels, target + listsBytes, target),
  );
  builder.call(
    'sparse',
    {
      input: start(input),
      inputStride: stride,
      depth: channels,
      output: start(output),
      outputStride: strideOf(outputs),
      pixels,
      panels: strideOf(outputs) / 32,
      entries: start({ buffer }, listsBytes),
      lists: start({ buffer }),
      bias: biasOf(call),
      residual: residual ? start(residual) : 0,
      activation: builder.activation(activation),
    },
    // Blocks of 16 pixels; 64 bytes for each channel of one, and for 8 outputs.
    { units: Math.ceil(pixels / 16), scratch: 64 * (8 + 4 * Math.ceil(channels / 4)) },
  );
}

/** Any window. */
export function dense(call: ConvolutionCall, builder: Builder): void {
  const { outputs, output, residual, activation, window } = call;
  const input = builder.toPixels(call.input);
  const { channels, stride, width, height } = pictureOf(input);
  const { pixels, width: outputWidth } = pictureOf(output);
  const places = window.width * window.height;
  const bytes = 4 * channels * places;
  const block = Math.min(wholeTiles(pixels), Math.max(TILES, wholeTiles(WINDOWS_BYTES / bytes - TILES)));
  builder.call(
    'dense',
    {
      input: start(input),
      inputStride: stride,
      inputWidth: width,
      inputHeight: height,
      depth: channels,
      output: start(output),
      outputStride: strideOf(outputs),
      outputWidth,
      panels: strideOf(outputs) / 32,
      weights: panelsOf(call, { depth: channels, places }, builder),
      bias: biasOf(call),
      residual: residual ? start(residual) : 0,
      activation: builder.activation(activation),
      ...windowOf(call),
      zeros: zerosOf(stride),
      block,
    },
    // A last vector may go on beyond its place.
    { units: pixels, grain: 16, scratch: block * bytes + 16 },
  );
}

/** 3×3 in single steps. */
export function winograd(call: ConvolutionCall, builder: Builder): void {
  const { outputs, output, residual, activation, left, top } = call;
  const input = builder.toPixels(call.input);
  const { channels, stride, width, height } = pictureOf(input);
  const { width: outputWidth, height: outputHeight } = pictureOf(output);
  const units = Math.ceil(outputWidth / 2) * Math.ceil(outputHeight / 2);
  const tileBytes = 16 * (4 * 4 * Math.ceil(channels / 4) + strideOf(outputs));
  const block = Math.min(wholeTiles(units), Math.max(TILES, wholeTiles(SUMS_BYTES / tileBytes - TILES)));
  builder.call(
    'winograd',
    {
      input: start(input),
      inputStride: stride,
      inputWidth: width,
      inputHeight: height,
      depth: channels,
      output: start(output),
      outputStride: strideOf(outputs),
      outputWidth,
      outputHeight,
      panels: strideOf(outputs) / 32,
      weights: filtersOf(call, { depth: channels }, builder),
      bias: biasOf(call),
      residual: residual ? start(residual) : 0,
      activation: builder.activation(activation),
      left,
      top,
      zeros: zerosOf(stride),
      block,
    },
    { units, grain: 4, isWhole: units < FEW_TILES, scratch: 64 + block * tileBytes + 2 * 16 * 64 },
  );
}

/** Any window, over planes of few colours. */
export function first(call: ConvolutionCall, builder: Builder): void {
  const { input, outputs, output, activation, window } = call;
  const { channels, width, height } = pictureOf(input);
  const { height: rows, width: outputWidth } = pictureOf(output);
  const depth = channels * window.width * window.height;
  const padded = (outputWidth - 1) * call.step + window.width;
  builder.call(
    'first',
    {
      input: start(input),
      colours: channels,
      inputWidth: width,
      inputHeight: height,
      output: start(output),
      outputStride: strideOf(outputs),
      outputWidth,
      panels: strideOf(outputs) / 32,
      weights: panelsOf(call, { depth }, builder),
      bias: biasOf(call),
      activation: builder.activation(activation),
      ...windowOf(call),
      padded,
    },
    // A table of the window's places, and the rows that it goes over.
    { units: rows, scratch: 4 * (depth + channels * window.height * padded) },
  );
}

/** A filter for each channel. */
export function depthwise(call: ConvolutionCall, builder: Builder): void {
  const { node, outputs, output, activation, window, step, left, top } = call;
  const size = window.width;
  if (window.height !== size || (size !== 3 && size !== 5) || (step !== 1 && step !== 2))
    unsupported(node, `a depthwise window of ${window.height}×${size} with steps of ${step}`);
  const input = builder.toPixels(call.input);
  const { stride, width, height } = pictureOf(input);
  const { height: outputHeight, width: outputWidth } = pictureOf(output);
  const paddedWidth = (4 * Math.ceil(outputWidth / 4) - 1) * step + size;
  const rowBytes = paddedWidth * BAND_PIXEL;
  const fitting = Math.floor((BAND_BYTES / rowBytes - size) / step);
  const rows = Math.max(0, Math.min(outputHeight - 1, fitting)) * step + size;
  const weights = packed(call.weights, size * size * stride, ({ packDepthwise }, source, target) =>
    packDepthwise(source, outputs, size * size, target),
  );
  const groups = Math.ceil(stride / BAND_PIXEL);
  const isByChannels = outputHeight <= FEW_ROWS && groups >= MANY_GROUPS;
  builder.call(
    'depthwise',
    {
      input: start(input),
      inputWidth: width,
      inputHeight: height,
      channels: stride / 4,
      output: start(output),
      outputWidth,
      weights: start({ buffer: weights }),
      bias: biasOf(call),
      activation: builder.activation(activation),
      window: size,
      step,
      left,
      top,
      rows,
      paddedWidth,
      height: isByChannels ? outputHeight : 0,
    },
    { units: isByChannels ? groups : outputHeight, scratch: rows * rowBytes },
  );
}

/** What sums begin with, up to the channels of a pixel. */
function biasOf({ bias, outputs }: ConvolutionCall): Place {
  return bias ? start({ buffer: filledFrom(bias, strideOf(outputs) / 4) }) : zerosOf(strideOf(outputs));
}

function zerosOf(bytes: number): Place {
  return start({ buffer: filledWith(new Float32Array(bytes / 4)) });
}

function wholeTiles(pixels: number): number {
  return TILES * Math.ceil(pixels / TILES);
}

function windowOf({ window, step, left, top }: Geometry) {
  return { windowWidth: window.width, windowHeight: window.height, step, left, top };
}
