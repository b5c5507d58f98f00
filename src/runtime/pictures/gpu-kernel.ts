/** Invocations of a workgroup along x and y: 64 in all suits every GPU. */
export const TILE = 8;

/** A compute shader that a device compiles when it first needs it, and keeps. */
export class GpuKernel {
  readonly #label: string;
  readonly #code: string;
  readonly #pipelines = new WeakMap<GPUDevice, GPUComputePipeline>();

  /** @param code WGSL of one entry point, whose workgroups are {@link TILE} × {@link TILE} large */
  constructor(label: string, code: string) {
    this.#label = label;
    this.#code = code;
  }

  /** What the shader reads and writes, in the order of its bindings. */
  bind(device: GPUDevice, resources: readonly GPUBindingResource[]): GPUBindGroup {
    return device.createBindGroup({
      layout: this.#pipeline(device).getBindGroupLayout(0),
      entries: resources.map((resource, binding) => ({ binding, resource })),
    });
  }

  /** Runs once for each of `width` × `height` × `depth` places. */
  dispatch(
    device: GPUDevice,
    pass: GPUComputePassEncoder,
    bound: GPUBindGroup,
    [width, height, depth]: readonly [width: number, height: number, depth: number],
  ): void {
    pass.setPipeline(this.#pipeline(device));
    pass.setBindGroup(0, bound);
    pass.dispatchWorkgroups(Math.ceil(width / TILE), Math.ceil(height / TILE), depth);
  }

  #pipeline(device: GPUDevice): GPUComputePipeline {
    let pipeline = this.#pipelines.get(device);
    if (!pipeline) {
      const module = device.createShaderModule({ label: this.#label, code: this.#code });
      pipeline = device.createComputePipeline({ label: this.#label, layout: 'auto', compute: { module } });
      this.#pipelines.set(device, pipeline);
    }
    return pipeline;
  }
}
