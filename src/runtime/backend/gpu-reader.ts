import { BUFFER_USAGE, MAP_MODE } from '../pictures/gpu-usage.ts';

/** Numbers in a buffer of the GPU. */
export interface FloatBuffer {
  buffer: GPUBuffer;
  /** How many numbers there are at its beginning. */
  length: number;
}

/**
 * Reads what a run has left on the GPU: all of it by one copy and one wait. The runtime waits for each output
 * by itself, in memory that it makes anew, which took as long as the rest of a run (docs/backends.md).
 */
export class GpuReader {
  readonly #device: GPUDevice;
  /** Memory that both sides see; kept, and as large as the largest that was asked for. */
  #shared: GPUBuffer | undefined;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /**
   * The numbers of buffers, each in memory of its own. One call at a time.
   * @param onCopied told when the buffers may be written to again by what is submitted from then on
   * @throws DOMException where the device is lost
   */
  async read(buffers: readonly FloatBuffer[], onCopied: () => void): Promise<Float32Array[]> {
    const sizes = buffers.map(({ length }) => length * Float32Array.BYTES_PER_ELEMENT);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const shared = this.#memory(total);
    const encoder = this.#device.createCommandEncoder();
    let end = 0;
    const places = buffers.map(({ buffer }, index) => {
      const [start, size] = [end, sizes[index] ?? 0];
      end += size;
      encoder.copyBufferToBuffer(buffer, 0, shared, start, size);
      return [start, end] as const;
    });
    this.#device.queue.submit([encoder.finish()]);
    onCopied();
    await shared.mapAsync(MAP_MODE.READ, 0, total);
    const mapped = shared.getMappedRange(0, total);
    const numbers = places.map((place) => new Float32Array(mapped.slice(...place)));
    shared.unmap();
    return numbers;
  }

  /** Frees its memory. */
  destroy(): void {
    this.#shared?.destroy();
  }

  #memory(size: number): GPUBuffer {
    if (this.#shared && this.#shared.size >= size) return this.#shared;
    this.#shared?.destroy();
    this.#shared = this.#device.createBuffer({
      label: 'body21 outputs',
      size,
      usage: BUFFER_USAGE.MAP_READ | BUFFER_USAGE.COPY_DST,
    });
    return this.#shared;
  }
}
