import type { Region } from '../../networks/geometry.ts';
import type { NetworkInput } from '../../networks/network.ts';
import { GpuKernel, TILE } from './gpu-kernel.ts';
import { SEEN_ON_WHITE } from './gpu-picture.ts';
import type { GpuPicture } from './gpu-picture.ts';
import { BUFFER_USAGE } from './gpu-usage.ts';
import { brightnessAround, gainsOf, levelFor, offsetsOf } from './pixels.ts';

/** `sampleSquare`, for several squares at once; in float32 rather than float64. */
const CROPPING = new GpuKernel(
  'body21 cropping',
  /* wgsl */ `
${SEEN_ON_WHITE}
struct Format {
  /** What black becomes, and how much more white does. */
  offset: vec3f,
  side: f32,
  gain: vec3f,
  /** How bright it is beyond the edge; −1 where the picture's last pixels go on. */
  around: f32,
  /** Which plane is red's, and which blue's: 0 or 2. */
  red: f32,
  blue: f32,
}
/** A square in the pixels of its level. */
struct Square {
  centre: vec2f,
  /**
   * One sample's step along the square's rows: the cosine and the sine of
   * its rotation, times the step's length.
   */
  step: vec2f,
  /** −1 where left and right change sides, else 1. */
  flip: f32,
  level: f32,
}
@group(0) @binding(0) var picture: texture_2d<f32>;
@group(0) @binding(1) var<uniform> format: Format;
@group(0) @binding(2) var<storage, read> squares: array<Square>;
@group(0) @binding(3) var<storage, read_write> planes: array<f32>;

/** 1 for a column, and for a row, that the picture has, else 0. */
fn inside(at: vec2f, last: vec2f) -> vec2f {
  return step(vec2f(0), at) * step(at, last);
}

@compute @workgroup_size(${TILE}, ${TILE})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let side = u32(format.side);
  if (any(id.xy >= vec2u(side))) {
    return;
  }
  let square = squares[id.z];
  let level = u32(square.level);
  let last = vec2f(textureDimensions(picture, level) - 1);
  let offset = vec2f(id.xy) + 0.5 - format.side / 2.0;
  let u = square.flip * offset.x;
  let v = offset.y;
  // Pixel centres lie at .5, hence the −0.5: sample (0, 0) is the middle of the first pixel.
  let at = square.centre + u * square.step + v * vec2f(-square.step.y, square.step.x) - 0.5;
  let first = floor(at);
  let second = first + 1.0;
  let f = at - first;
  let e = 1.0 - f;
  var weights = vec4f(e.x * e.y, f.x * e.y, e.x * f.y, f.x * f.y);
  if (format.around >= 0.0) {
    let i = inside(first, last);
    let j = inside(second, last);
    weights *= vec4f(i.x * i.y, j.x * i.y, i.x * j.y, j.x * j.y);
  }
  let low = vec2i(clamp(first, vec2f(0), last));
  let high = vec2i(clamp(second, vec2f(0), last));
  let colour =
    seen(textureLoad(picture, low, level)) * weights.x +
    seen(textureLoad(picture, vec2i(high.x, low.y), level)) * weights.y +
    seen(textureLoad(picture, vec2i(low.x, high.y), level)) * weights.z +
    seen(textureLoad(picture, high, level)) * weights.w +
    max(format.around, 0.0) * (1.0 - dot(weights, vec4f(1)));
  let value = format.offset + format.gain * colour;
  let plane = side * side;
  let to = id.z * 3 * plane + id.y * side + id.x;
  planes[to + u32(format.red) * plane] = value.r;
  planes[to + plane] = value.g;
  planes[to + u32(format.blue) * plane] = value.b;
}
`,
);

/** What a uniform's size is filled up with: it is a multiple of four floats. */
const FORMAT_END = [0, 0];

/** Floats of the shader's `Square`. */
const SQUARE_LENGTH = 6;

/** Cuts squares out of pictures on the GPU, as a network's input that every run fills anew. */
export class GpuCropper {
  readonly #device: GPUDevice;
  readonly #side: number;
  readonly #maxSquares: number;
  readonly #format: GPUBuffer;
  readonly #squares: GPUBuffer;
  readonly #values: Float32Array<ArrayBuffer>;
  readonly #output: GPUBuffer;
  /** What the shader is bound to, for each picture that was cut from. */
  readonly #bound = new WeakMap<GpuPicture, GPUBindGroup>();

  /** @param maxSquares the most squares in one call */
  constructor(device: GPUDevice, input: NetworkInput, maxSquares: number) {
    const { side, channels } = input;
    this.#device = device;
    this.#side = side;
    this.#maxSquares = maxSquares;
    this.#values = new Float32Array(SQUARE_LENGTH * maxSquares);
    // The shader's `Format`. Its colours go from 0 to 1, the description's to 255.
    const format = new Float32Array([
      ...offsetsOf(input),
      side,
      ...gainsOf(input).map((gain) => 255 * gain),
      (brightnessAround(input) ?? -255) / 255,
      ...(channels === 'rgb' ? [0, 2] : [2, 0]),
      ...FORMAT_END,
    ]);
    const { COPY_SRC, COPY_DST, STORAGE, UNIFORM } = BUFFER_USAGE;
    const createBuffer = (label: string, size: number, usage: number) =>
      device.createBuffer({ label: `body21 ${label}`, size, usage });
    this.#format = createBuffer('format', format.byteLength, UNIFORM | COPY_DST);
    this.#squares = createBuffer('squares', this.#values.byteLength, STORAGE | COPY_DST);
    // ONNX Runtime takes a buffer as a tensor only where it may copy from it and to it.
    const bytes = maxSquares * 3 * side ** 2 * Float32Array.BYTES_PER_ELEMENT;
    this.#output = createBuffer('model input', bytes, STORAGE | COPY_SRC | COPY_DST);
    device.queue.writeBuffer(this.#format, 0, format);
  }

  /**
   * Cuts squares out, bilinearly. Returns before the GPU has: what is
   * submitted to the device later finds them.
   * @returns float32 of the shape [squares, 3, side, side], in the input's range; the next call overwrites it
   * @throws RangeError where there are more squares than the cropper was made for
   */
  crop(picture: GpuPicture, squares: readonly Region[]): GPUBuffer {
    if (squares.length > this.#maxSquares)
      throw new RangeError(`${squares.length} squares, where ${this.#maxSquares} are the most`);
    let lastLevel = 0;
    for (const [index, square] of squares.entries()) {
      const step = square.size / this.#side;
      const level = levelFor(step, picture);
      lastLevel = Math.max(lastLevel, level);
      const shrink = 2 ** -level;
      const at = index * SQUARE_LENGTH;
      this.#values[at] = square.centreX * shrink;
      this.#values[at + 1] = square.centreY * shrink;
      this.#values[at + 2] = Math.cos(square.rotation) * step * shrink;
      this.#values[at + 3] = Math.sin(square.rotation) * step * shrink;
      this.#values[at + 4] = square.mirrored ? -1 : 1;
      this.#values[at + 5] = level;
    }
    this.#device.queue.writeBuffer(this.#squares, 0, this.#values, 0, squares.length * SQUARE_LENGTH);
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    picture.makeLevels(pass, lastLevel);
    CROPPING.dispatch(this.#device, pass, this.#bind(picture), [this.#side, this.#side, squares.length]);
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
    return this.#output;
  }

  /** Frees its buffers, the one that {@link crop} returns among them. */
  destroy(): void {
    for (const buffer of [this.#format, this.#squares, this.#output]) buffer.destroy();
  }

  #bind(picture: GpuPicture): GPUBindGroup {
    let bound = this.#bound.get(picture);
    if (!bound) {
      const buffers = [this.#format, this.#squares, this.#output].map((buffer) => ({ buffer }));
      bound = CROPPING.bind(this.#device, [picture.view, ...buffers]);
      this.#bound.set(picture, bound);
    }
    return bound;
  }
}
