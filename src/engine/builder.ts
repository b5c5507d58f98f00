import type { Activation } from './activation.ts';
import { sizeOf, UnsupportedError } from './graph.ts';
import type { Constant } from './graph.ts';
import { KERNELS } from './kernels.ts';
import type { Kernel } from './kernels.ts';
import { filledFrom, filledWith } from './packing.ts';
import type { Filled } from './packing.ts';

/**
 * A stretch of memory: a constant, or what calls write. Where it lies is known when all are
 * (`memory-plan.ts`).
 */
export type Buffer = Filled | { bytes: number; fill?: never };

/** An address to be. */
export interface Place {
  buffer: Buffer;
  /** In bytes. */
  offset: number;
}

/**
 * A value of the graph. `flat` is ONNX's own order without gaps, of planes where it is a picture. `pixels` is
 * the engine's: the channels of a pixel side by side, and after them what makes their number a multiple of
 * {@link LANES}. What is in there means nothing: every kernel may write there and none reads it, but to make
 * something that means nothing either.
 */
export interface Tensor {
  /** As ONNX has it: batch (1), channels, height and width where it is a picture. */
  shape: readonly number[];
  layout: 'flat' | 'pixels';
  buffer: Buffer;
  /** What it is, if it is known before anything runs. */
  constant?: Constant;
}

/** What a kernel takes, by name. */
type Arguments<K extends Kernel> = Readonly<Record<(typeof KERNELS)[K][number], number | Place>>;

/** A call of a kernel. */
export interface Call {
  kernel: Kernel;
  /** In the kernel's order. */
  arguments: readonly (number | Place)[];
  /** What can be shared out between threads, from 0 on: rows, pixels, vectors. */
  units: number;
  /** Parts are multiples of so many units. */
  grain: number;
  /** Whether a thread takes all that is its share at once, since parts do some of the work twice. */
  isWhole: boolean;
  /** Bytes that each thread needs for itself. */
  scratch: number;
  /** The output that it is there for alone, if so. */
  output: string | undefined;
}

/** Numbers of a pixel come in multiples of these: the outputs of a panel. */
export const LANES = 8;

/** Bytes from one pixel to the next. */
export function strideOf(channels: number): number {
  return 4 * LANES * Math.ceil(channels / LANES);
}

/** Channels, height, width and number of pixels of a picture, and the bytes from one pixel to the next. */
export function pictureOf({ shape }: Pick<Tensor, 'shape'>): {
  channels: number;
  height: number;
  width: number;
  pixels: number;
  stride: number;
} {
  const [batch, channels, height, width, ...more] = shape;
  if (batch !== 1 || !channels || !height || !width || more.length > 0)
    throw new UnsupportedError(`a value of shape [${shape.join()}] is no single picture`);
  return { channels, height, width, pixels: height * width, stride: strideOf(channels) };
}

/** Gathers the calls that a graph becomes. */
export class Builder {
  readonly calls: Call[] = [];
  /** The output that calls are for at the moment. */
  output: string | undefined;
  readonly #turned = new Map<Tensor, Tensor>();
  readonly #activations = new Map<string, Buffer>();

  /** Room for a value. */
  tensor(shape: readonly number[], layout: Tensor['layout']): Tensor {
    if (layout === 'flat') return { shape, layout, buffer: { bytes: vectorsOf(sizeOf(shape)) * 16 } };
    const { pixels, stride } = pictureOf({ shape });
    return { shape, layout, buffer: { bytes: pixels * stride } };
  }

  /** A value that is there from the start. */
  constant(constant: Constant): Tensor {
    const { shape } = constant;
    return { shape, layout: 'flat', buffer: filledFrom(constant, sizeOf(shape)), constant };
  }

  /**
   * Adds a call.
   * @param units what can be shared out between threads
   * @param grain parts are multiples of so many units. Default 1
   * @param isWhole whether a thread takes its share at once. Default not
   * @param scratch bytes that each thread needs for itself. Default 0
   */
  call<K extends Kernel>(
    kernel: K,
    named: Arguments<K>,
    {
      units,
      grain = 1,
      isWhole = false,
      scratch = 0,
    }: { units: number; grain?: number; isWhole?: boolean; scratch?: number },
  ): void {
    const byName: Readonly<Record<string, number | Place>> = named;
    const args = KERNELS[kernel].map((name) => byName[name] ?? 0);
    this.calls.push({ kernel, arguments: args, units, grain, isWhole, scratch, output: this.output });
  }

  /** Where kernels find an activation's numbers. */
  activation({ slope, low, high }: Activation): Place {
    const key = [slope, low, high].join();
    const known = this.#activations.get(key) ?? filledWith(Float32Array.of(slope, low, high));
    this.#activations.set(key, known);
    return start({ buffer: known });
  }

  /** The same value in the engine's order. */
  toPixels(tensor: Tensor): Tensor {
    if (tensor.layout === 'pixels') return tensor;
    return this.#turn(tensor, (turned) => {
      const { channels, pixels, stride } = pictureOf(tensor);
      this.call(
        'fromPlanes',
        { input: start(tensor), plane: 4 * pixels, channels, output: start(turned), stride, pixels },
        { units: Math.ceil(pixels / 4), grain: 16 },
      );
    });
  }

  /** The same value in ONNX's order. */
  toFlat(tensor: Tensor): Tensor {
    if (tensor.layout === 'flat') return tensor;
    const { channels, pixels, stride } = pictureOf(tensor);
    // One pixel's channels already lie one after the other.
    if (pixels === 1) return { ...tensor, layout: 'flat' };
    return this.#turn(tensor, (turned) =>
      this.call(
        'toPlanes',
        { input: start(tensor), stride, channels, output: start(turned), plane: 4 * pixels, pixels },
        { units: Math.ceil(pixels / 4), grain: 16 },
      ),
    );
  }

  #turn(tensor: Tensor, write: (turned: Tensor) => void): Tensor {
    const known = this.#turned.get(tensor);
    if (known) return known;
    const turned = this.tensor(tensor.shape, tensor.layout === 'flat' ? 'pixels' : 'flat');
    write(turned);
    this.#turned.set(tensor, turned);
    return turned;
  }
}

/** Vectors of 4 numbers. */
export function vectorsOf(numbers: number): number {
  return Math.ceil(numbers / 4);
}

/** Where a value begins. */
export function start({ buffer }: { buffer: Buffer }, offset = 0): Place {
  return { buffer, offset };
}
