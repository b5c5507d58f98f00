import { colourRange } from '../../src/networks/network.ts';
import { GpuCropper } from '../../src/runtime/pictures/gpu-crop.ts';
import type { GpuPicture } from '../../src/runtime/pictures/gpu-picture.ts';

/** `GPUMapMode.READ`, and `GPUBufferUsage`'s flags: TypeScript's DOM types lack them. */
const READ = 1;
const MAP_READ = 1;
const COPY_DST = 8;

/** Side of the pieces that a level is read in, in pixels. */
const PIECE = 512;

/** The first `length` numbers of a buffer. */
export async function readFloats(
  device: GPUDevice,
  buffer: GPUBuffer,
  length: number,
): Promise<Float32Array> {
  const size = length * Float32Array.BYTES_PER_ELEMENT;
  const copy = device.createBuffer({ size, usage: MAP_READ | COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, copy, 0, size);
  device.queue.submit([encoder.finish()]);
  await copy.mapAsync(READ);
  const floats = new Float32Array(copy.getMappedRange().slice(0));
  copy.destroy();
  return floats;
}

/** RGBA of one of a picture's levels: cut out square by square, each sample in the very middle of a pixel. */
export async function readLevel(
  device: GPUDevice,
  picture: GpuPicture,
  level: number,
): Promise<Uint8ClampedArray> {
  const [width, height, scale] = [picture.width >> level, picture.height >> level, 2 ** level];
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  const cropper = new GpuCropper(
    device,
    { side: PIECE, channels: 'rgb', ...colourRange(0, 255), border: 'black' },
    1,
  );
  for (let top = 0; top < height; top += PIECE) {
    for (let left = 0; left < width; left += PIECE) {
      const centreX = (left + PIECE / 2) * scale;
      const centreY = (top + PIECE / 2) * scale;
      const crop = cropper.crop(picture, [{ centreX, centreY, size: PIECE * scale, rotation: 0 }]);
      const planes = await readFloats(device, crop, 3 * PIECE ** 2);
      for (let y = top; y < Math.min(height, top + PIECE); y++) {
        for (let x = left; x < Math.min(width, left + PIECE); x++) {
          for (let c = 0; c < 3; c++) {
            data[(y * width + x) * 4 + c] = planes[(c * PIECE + y - top) * PIECE + x - left] ?? Number.NaN;
          }
        }
      }
    }
  }
  cropper.destroy();
  return data;
}
