import { GpuKernel, TILE } from './gpu-kernel.ts';
import { TEXTURE_USAGE } from './gpu-usage.ts';
import { levelsOf } from './pixels.ts';

/**
 * WGSL: a texel's colour, 0 … 1. Its alpha is premultiplied, and what is transparent is seen on white: at
 * every sample, since that costs next to nothing, while a pass over the picture would need another texture.
 */
export const SEEN_ON_WHITE = /* wgsl */ `
fn seen(texel: vec4f) -> vec3f {
  return texel.rgb + (1.0 - texel.a);
}
`;

/** `halve` of `pixels.ts`. Bytes and their sums are exact in float32, so the two agree to the bit. */
const HALVING = new GpuKernel(
  'body21 halving',
  /* wgsl */ `
${SEEN_ON_WHITE}
@group(0) @binding(0) var whole: texture_2d<f32>;
@group(0) @binding(1) var halved: texture_storage_2d<rgba8unorm, write>;

fn bytes(at: vec2u) -> vec3f {
  return round(255.0 * seen(textureLoad(whole, at, 0)));
}

@compute @workgroup_size(${TILE}, ${TILE})
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (any(id.xy >= textureDimensions(halved))) {
    return;
  }
  let at = 2 * id.xy;
  let sum = bytes(at) + bytes(at + vec2u(1, 0)) + bytes(at + vec2u(0, 1)) + bytes(at + vec2u(1, 1));
  textureStore(halved, id.xy, vec4f(floor((sum + 2.0) / 4.0) / 255.0, 1.0));
}
`,
);

/**
 * A picture that stays on the GPU: `PixelPyramid`'s twin, a texture whose mip levels are the halves, quarters
 * …, made when first needed. No size is too large for a device: working pictures have at most 4096 pixels a
 * side, and every WebGPU device takes 8192.
 */
export class GpuPicture {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** All levels, of which the first is there and the others are where {@link makeLevels} has made them. */
  readonly view: GPUTextureView;
  readonly #device: GPUDevice;
  readonly #texture: GPUTexture;
  #lastLevel = 0;

  /**
   * @param image of `width` × `height` pixels. It may be closed as soon as this returns
   * @throws DOMException where the image is closed already. Memory that runs out is an error of the device
   */
  constructor(
    device: GPUDevice,
    image: ImageBitmap | VideoFrame | OffscreenCanvas,
    width: number,
    height: number,
  ) {
    this.#device = device;
    this.width = width;
    this.height = height;
    this.#texture = device.createTexture({
      label: 'body21 picture',
      size: [width, height],
      format: 'rgba8unorm',
      mipLevelCount: levelsOf(this),
      usage:
        TEXTURE_USAGE.TEXTURE_BINDING |
        TEXTURE_USAGE.STORAGE_BINDING |
        // Images are copied by drawing them.
        TEXTURE_USAGE.COPY_DST |
        TEXTURE_USAGE.RENDER_ATTACHMENT,
    });
    this.view = this.#texture.createView();
    try {
      device.queue.copyExternalImageToTexture(
        { source: image },
        { texture: this.#texture, premultipliedAlpha: true },
        [width, height],
      );
    } catch (error) {
      this.#texture.destroy();
      throw error;
    }
  }

  /** Sees to it that the levels up to `level` are there for what comes next in the pass. */
  makeLevels(pass: GPUComputePassEncoder, level: number): void {
    while (this.#lastLevel < level) {
      const whole = this.#level(this.#lastLevel++);
      const half = this.#level(this.#lastLevel);
      const size = [this.width >> this.#lastLevel, this.height >> this.#lastLevel, 1] as const;
      HALVING.dispatch(this.#device, pass, HALVING.bind(this.#device, [whole, half]), size);
    }
  }

  /** Frees the texture, as soon as the GPU has done what it was asked to do with it. */
  release(): void {
    this.#texture.destroy();
  }

  #level(level: number): GPUTextureView {
    return this.#texture.createView({ baseMipLevel: level, mipLevelCount: 1 });
  }
}
