import { afterAll, beforeAll, expect, test } from 'vitest';
import { GpuReader } from '../../src/runtime/backend/gpu-reader.ts';

/** `GPUBufferUsage.COPY_SRC` and `COPY_DST`: TypeScript's DOM types lack them. */
const COPIED = 0x04 | 0x08;

let device: GPUDevice;
const complaints: string[] = [];

beforeAll(async () => {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error('this browser has no WebGPU adapter');
  device = await adapter.requestDevice();
  device.addEventListener('uncapturederror', ({ error }) => complaints.push(error.message));
});
afterAll(() => device.destroy());

/** A buffer with room for more, as the runtime's have. */
function bufferOf(numbers: Float32Array<ArrayBuffer>): GPUBuffer {
  const buffer = device.createBuffer({ size: numbers.byteLength + 64, usage: COPIED });
  device.queue.writeBuffer(buffer, 0, numbers);
  return buffer;
}

test('reads buffers as they are when asked, each into memory of its own, and again as many as come', async () => {
  const reader = new GpuReader(device);
  for (const sizes of [[3, 1, 5], [2], [4000, 7]]) {
    const wanted = sizes.map((size) => Float32Array.from({ length: size }, (_, at) => size + at / 4));
    const buffers = wanted.map(bufferOf);
    const read = await reader.read(
      buffers.map((buffer, at) => ({ buffer, length: sizes[at] ?? 0 })),
      () => {
        // As the runtime's next run does.
        for (const [at, buffer] of buffers.entries()) {
          device.queue.writeBuffer(buffer, 0, new Float32Array(sizes[at] ?? 0).fill(-1));
        }
      },
    );
    expect(read).toEqual(wanted);
    // A kept output does not keep the others.
    expect(read.map(({ buffer }) => buffer.byteLength)).toEqual(sizes.map((size) => 4 * size));
  }
  reader.destroy();
  await device.queue.onSubmittedWorkDone();
  expect(complaints).toEqual([]);
});

test('a device that is lost fails the reading', async () => {
  const adapter = await navigator.gpu.requestAdapter();
  const other = await adapter?.requestDevice();
  if (!other) throw new Error('this browser has no second device');
  const reader = new GpuReader(other);
  const buffer = other.createBuffer({ size: 64, usage: COPIED });
  const reading = reader.read([{ buffer, length: 16 }], () => other.destroy());
  await expect(reading).rejects.toThrow();
});
