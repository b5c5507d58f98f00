import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkEncoded } from '../../src/runtime/encoded.ts';
import { PixelMemory } from '../../src/runtime/pixel-memory.ts';
import { halve, levelFor, levelsOf, PixelPyramid, sampleSquare } from '../../src/runtime/pixels.ts';
import type { Pixels } from '../../src/runtime/pixels.ts';

const JPEG = new Uint8Array(readFileSync(new URL('../../public/samples/stand.jpg', import.meta.url)));

/** A PNG's header and end, claiming a size; no pixels, since nothing may get that far. */
function png(width: number, height: number, end = true): Uint8Array {
  const bytes = new Uint8Array(8 + 25 + (end ? 12 : 0));
  const view = new DataView(bytes.buffer);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  view.setUint32(8, 13);
  view.setUint32(12, 0x49484452);
  view.setUint32(16, width);
  view.setUint32(20, height);
  if (end) view.setUint32(8 + 25 + 4, 0x49454e44);
  return bytes;
}

function bmp(width: number, height: number, bytes: number, claimed = bytes): Uint8Array {
  const file = new Uint8Array(bytes);
  const view = new DataView(file.buffer);
  file.set([0x42, 0x4d]);
  view.setUint32(2, claimed, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  return file;
}

describe('an encoded picture', () => {
  test('that is whole passes', () => {
    expect(() => checkEncoded(JPEG)).not.toThrow();
    expect(() => checkEncoded(png(20, 20))).not.toThrow();
    expect(() => checkEncoded(bmp(20, 20, 1254))).not.toThrow();
    expect(() => checkEncoded(bmp(20, 20, 1254, 0))).not.toThrow();
  });

  test('may have bytes after its end', () => {
    expect(() => checkEncoded(Uint8Array.from([...JPEG, 0, 0, 0, 0]))).not.toThrow();
  });

  test.each([0.2, 0.5, 0.9, 0.9999])('a JPEG cut at %f of its length is refused', (share) => {
    const cut = JPEG.subarray(0, Math.floor(JPEG.length * share));
    expect(() => checkEncoded(cut)).toThrow(
      expect.objectContaining({ code: 'image-format', apiCode: 216201 }),
    );
  });

  test('a cut PNG or BMP is refused', () => {
    expect(() => checkEncoded(png(20, 20, false))).toThrow(expect.objectContaining({ code: 'image-format' }));
    expect(() => checkEncoded(bmp(20, 20, 600, 1254))).toThrow(
      expect.objectContaining({ code: 'image-format' }),
    );
  });

  test('without bytes, or of another kind, is refused', () => {
    expect(() => checkEncoded(new Uint8Array())).toThrow(expect.objectContaining({ code: 'empty-image' }));
    const text = new TextEncoder().encode('<!doctype html><p>Not found</p>'.repeat(40));
    expect(() => checkEncoded(text)).toThrow(expect.objectContaining({ code: 'image-format' }));
  });

  test('of a size that cannot be is refused by its header alone', () => {
    expect(() => checkEncoded(png(60_000, 60_000))).toThrow(expect.objectContaining({ code: 'image-size' }));
    expect(() => checkEncoded(png(14, 200))).toThrow(expect.objectContaining({ code: 'image-size' }));
  });
});

describe('sampling', () => {
  /** A picture whose red is the column and whose green is the row, times 10. */
  function ramp(width: number, height: number): Pixels {
    const data = new Uint8ClampedArray(width * height * 4);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) data.set([10 * x, 10 * y, 77, 255], (y * width + x) * 4);
    }
    return { data, width, height };
  }
  const format = { side: 4, range: [0, 255], border: 'replicate' } as const;
  const red = (out: Float32Array, row: number) => [...out.subarray(row * 4, row * 4 + 4)];

  test('at scale 1 gives the pixels themselves, in planes', () => {
    const out = new Float32Array(48);
    sampleSquare(new PixelPyramid(ramp(8, 8)), { centreX: 4, centreY: 4, size: 4, rotation: 0 }, format, out);
    expect(red(out, 0)).toEqual([20, 30, 40, 50]);
    expect([...out.subarray(16, 20)]).toEqual([20, 20, 20, 20]);
    expect(out[47]).toBe(77);
  });

  test('turned by 90° reads down the columns', () => {
    const out = new Float32Array(48);
    sampleSquare(
      new PixelPyramid(ramp(8, 8)),
      { centreX: 4, centreY: 4, size: 4, rotation: Math.PI / 2 },
      format,
      out,
    );
    // The square's top row is the picture's rightmost column of it, top to bottom.
    const green = [...out.subarray(16, 20)].map(Math.round);
    expect(red(out, 0).map(Math.round)).toEqual([50, 50, 50, 50]);
    expect(green).toEqual([20, 30, 40, 50]);
  });

  test('in a mirror reads from right to left', () => {
    const out = new Float32Array(48);
    const square = { centreX: 4, centreY: 4, size: 4, rotation: 0, mirrored: true };
    sampleSquare(new PixelPyramid(ramp(8, 8)), square, format, out);
    expect(red(out, 0)).toEqual([50, 40, 30, 20]);
    expect([...out.subarray(16, 20)]).toEqual([20, 20, 20, 20]);
  });

  test('goes on beyond the edge as asked', () => {
    const square = { centreX: 0, centreY: 4, size: 4, rotation: 0 };
    const out = new Float32Array(48);
    sampleSquare(new PixelPyramid(ramp(8, 8)), square, format, out);
    expect(red(out, 0)).toEqual([0, 0, 0, 10]);
    sampleSquare(new PixelPyramid(ramp(8, 8)), square, { side: 4, range: [-1, 1], border: 'black' }, out);
    expect(out[32]).toBe(-1);
    expect(out[35]).toBeCloseTo((77 / 255) * 2 - 1);
  });

  test('from far away averages instead of skipping pixels', () => {
    const checks = ramp(64, 64);
    for (let i = 0; i < 64 * 64; i++) {
      const white = (i + (i >> 6)) % 2 === 0 ? 255 : 0;
      checks.data.set([white, white, white], i * 4);
    }
    const out = new Float32Array(48);
    sampleSquare(new PixelPyramid(checks), { centreX: 32, centreY: 32, size: 64, rotation: 0 }, format, out);
    for (const value of out) expect(value).toBeCloseTo(128, -0.5);
  });

  test('halving keeps the mean', () => {
    const half = halve(ramp(5, 4));
    expect([half.width, half.height]).toEqual([2, 2]);
    expect([...half.data.subarray(0, 4)]).toEqual([5, 5, 77, 255]);
  });

  test('takes the level on which samples lie one to two pixels apart', () => {
    const size = { width: 41, height: 20 };
    expect([0.01, 1, 1.99, 2, 3.99, 4, 8].map((step) => levelFor(step, size))).toEqual([0, 0, 0, 1, 1, 2, 3]);
    // Of 20 pixels, four halvings leave one.
    expect(levelsOf(size)).toBe(5);
    expect(levelFor(1000, size)).toBe(4);
    expect(levelFor(Number.NaN, size)).toBe(0);
  });

  test('a pyramid halves what was halved', () => {
    const pyramid = new PixelPyramid(ramp(41, 20));
    const { data, ...size } = pyramid.level(2);
    expect(size).toEqual({ width: 10, height: 5 });
    expect(data).toEqual(halve(halve(ramp(41, 20))).data);
    expect(pyramid.level(2).data).toBe(data);
    expect(pyramid.level(0).width).toBe(41);
  });
});

describe('memory for pixels', () => {
  test('is used again for a picture of the same size, once it was given back', () => {
    const memory = new PixelMemory();
    const [first, second] = [memory.take(4), memory.take(4)];
    expect(second).not.toBe(first);
    memory.giveBack(first);
    memory.giveBack(second);
    memory.giveBack(new Uint8ClampedArray(4));
    // Two pictures are read at a time at most.
    const taken = [memory.take(4), memory.take(4), memory.take(4)];
    expect(taken[0]).toBe(first);
    expect(taken[1]).toBe(second);
    expect(taken[2]).not.toBe(first);
    expect(taken[2]).not.toBe(second);
  });

  test('is let go where pictures get another size, or are large', () => {
    const memory = new PixelMemory();
    const small = memory.take(4);
    memory.giveBack(small);
    expect(memory.take(8)).toHaveLength(8);
    expect(memory.take(4)).not.toBe(small);
    const large = memory.take(4 * 2000 * 2000);
    memory.giveBack(large);
    // Not by an assertion on the two, which would compare 16 million numbers.
    expect(memory.take(large.length) === large).toBe(false);
  });
});
