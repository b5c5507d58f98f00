import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { checkEncoded } from '../../src/runtime/pictures/decode-file.ts';
import { PixelMemory } from '../../src/runtime/pictures/pixel-memory.ts';
import { colourRange } from '../../src/networks/network.ts';
import type { NetworkInput } from '../../src/networks/network.ts';
import { halve, isGrey, levelFor, levelsOf, PixelPyramid } from '../../src/runtime/pictures/pixels.ts';
import { sampleSquare } from '../../src/runtime/pictures/sample-square.ts';
import type { Pixels } from '../../src/runtime/pictures/pixels.ts';
import { isKind, nameOf } from '../../src/source/kinds.ts';
import { BMP_FORMATS, encodeBmp } from '../support/pictures/bmp.ts';
import { ascii, concat, little } from '../support/pictures/bytes.ts';
import type { Bytes } from '../support/pictures/bytes.ts';

const BLANK = { width: 20, height: 20, data: new Uint8ClampedArray(1600).fill(200) };
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

/** Files of 20 × 20 px, whole, as programs write them. */
const BMPS: [string, Bytes][] = [
  ...BMP_FORMATS.flatMap((format): [string, Bytes][] =>
    (['up', 'down'] as const).map((way) => [`${format} bits, ${way}`, encodeBmp(BLANK, format, way)]),
  ),
  ['of the first version', coreBmp(20, 20)],
  ['in runs of 8 bits', runLengthBmp(1, [...Array.from({ length: 20 }, () => [20, 1, 0, 0]), [0, 1]].flat())],
  // Skipped rows, and pixels that stand one by one: 19 of 4 bits fill ten bytes.
  ['in runs of 4 bits', runLengthBmp(2, [0, 2, 0, 19, 0, 19, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1])],
  ['in runs, without an end', runLengthBmp(1, Array.from({ length: 20 }, () => [20, 1, 0, 0]).flat())],
];

function coreBmp(width: number, height: number): Bytes {
  const rows = new Uint8Array(height * Math.ceil((3 * width) / 4) * 4);
  const start = 14 + 12;
  return concat(
    ascii('BM'),
    little(4, start + rows.length, 0, start, 12),
    little(2, width, height, 1, 24),
    rows,
  );
}

function runLengthBmp(compression: 1 | 2, runs: number[]): Bytes {
  const depth = compression === 1 ? 8 : 4;
  const start = 14 + 40 + 4 * 16;
  return concat(
    ascii('BM'),
    little(4, start + runs.length, 0, start, 40, 20, 20),
    little(2, 1, depth),
    little(4, compression, runs.length, 0, 0, 16, 0),
    new Uint8Array(4 * 16),
    runs,
  );
}

describe('an encoded picture', () => {
  test('that is whole passes', () => {
    expect(() => checkEncoded(JPEG)).not.toThrow();
    expect(() => checkEncoded(png(20, 20))).not.toThrow();
    // Of a PNG's last chunk nobody misses the checksum.
    expect(() => checkEncoded(png(20, 20).subarray(0, -4))).not.toThrow();
  });

  describe.each(BMPS)('a BMP %s', (_name, file) => {
    const withSize = (size: number) => {
      const copy = file.slice();
      new DataView(copy.buffer).setUint32(2, size, true);
      return copy;
    };

    test('passes whatever its size field says, as browsers show it', () => {
      const { length } = file;
      for (const size of [length, 0, length - 54, length + 2, length + 54, 4 * length, 0xffffffff]) {
        expect(() => checkEncoded(withSize(size))).not.toThrow();
      }
      expect(() => checkEncoded(Uint8Array.from([...file, 0, 0, 0, 0]))).not.toThrow();
    });

    test('is refused where its last row is not all there, whatever its size field says', () => {
      // More than what rows are filled up with, and than the mark of the end that runs can do without.
      const cut = file.length - 5;
      for (const size of [file.length, 0, cut]) {
        expect(() => checkEncoded(withSize(size).subarray(0, cut))).toThrow(
          expect.objectContaining({ code: 'image-format', message: expect.stringContaining('cut short') }),
        );
      }
    });
  });

  test('a BMP that ends in its header is refused', () => {
    for (const [, file] of BMPS) {
      for (const length of [2, 14, 17, 18, 20, 25]) {
        expect(() => checkEncoded(file.subarray(0, length))).toThrow(
          expect.objectContaining({ code: 'image-format' }),
        );
      }
    }
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

  test('a cut PNG is refused', () => {
    expect(() => checkEncoded(png(20, 20, false))).toThrow(expect.objectContaining({ code: 'image-format' }));
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

describe('an object', () => {
  test('is known by what it is, wherever it was made', () => {
    const foreign: unknown = runInNewContext('new ArrayBuffer(3)');
    expect(foreign instanceof ArrayBuffer).toBe(false);
    expect(isKind(foreign, 'ArrayBuffer')).toBe(true);
    expect(isKind(new File([], 'name'), 'URL', 'Blob')).toBe(true);
    expect(isKind(new Uint8Array(3), 'ArrayBuffer', 'Blob')).toBe(false);
    for (const nothing of [undefined, null, 3, 'Blob', () => {}]) expect(isKind(nothing, 'Blob')).toBe(false);
    // There is no such class here.
    expect(isKind({}, 'HTMLVideoElement')).toBe(false);
  });

  test('is not what it only looks like', () => {
    const { proxy, revoke } = Proxy.revocable(new URL('https://example.org'), {});
    expect([proxy instanceof URL, isKind(proxy, 'URL')]).toEqual([true, false]);
    expect(nameOf(proxy)).toMatch('only looks like an object of class URL, as a Proxy does');
    revoke();
    expect(isKind(proxy, 'URL')).toBe(false);
    expect(nameOf(proxy)).toBe('An object that cannot be looked at');
    expect(isKind({ href: '', [Symbol.toStringTag]: 'URL' }, 'URL')).toBe(false);
    expect(isKind(Object.create(URL.prototype), 'URL')).toBe(false);
    expect(nameOf(new URL('https://example.org'))).toBe('An object of class URL');
  });

  test('is known by its class where an app has put that in the place of the browser’s', () => {
    const original = globalThis.Response;
    onTestFinished(() => {
      globalThis.Response = original;
    });
    const Polyfill = class {
      ok = true;
    };
    Reflect.set(globalThis, 'Response', Polyfill);
    expect(isKind(new Polyfill(), 'Response')).toBe(true);
    expect(isKind({ ok: true }, 'Response')).toBe(false);
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
  const format: NetworkInput = {
    side: 4,
    channels: 'rgb',
    ...colourRange(0, 255),
    border: 'replicate',
  };
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

  test('copies what most of a picture is needed for at once, not row by row', () => {
    const picture = ramp(8, 8);
    const copies = vi.spyOn(picture.data, 'subarray');
    const square = { centreX: 4, centreY: 4, size: 4, rotation: 0 };
    sampleSquare(new PixelPyramid(picture), square, format, new Float32Array(48));
    expect(copies).toHaveBeenCalledOnce();
  });

  test('goes on beyond the edge as asked', () => {
    const square = { centreX: 0, centreY: 4, size: 4, rotation: 0 };
    const out = new Float32Array(48);
    sampleSquare(new PixelPyramid(ramp(8, 8)), square, format, out);
    expect(red(out, 0)).toEqual([0, 0, 0, 10]);
    sampleSquare(
      new PixelPyramid(ramp(8, 8)),
      square,
      { ...format, ...colourRange(-1, 1), border: 'black' },
      out,
    );
    expect(out[32]).toBe(-1);
    expect(out[35]).toBeCloseTo((77 / 255) * 2 - 1);
  });

  test('gives colours in another order, each with its own mean and deviation', () => {
    const out = new Float32Array(48);
    const input: NetworkInput = {
      side: 4,
      channels: 'bgr',
      mean: [20, 7, 77],
      deviation: [2, 4, 8],
      border: 'black',
    };
    const square = { centreX: 0, centreY: 4, size: 4, rotation: 0 };
    sampleSquare(new PixelPyramid(ramp(8, 8)), square, input, out);
    // What is black beyond the edge is so before the mean is taken off.
    const [blue, green, redPlane] = [0, 16, 32].map((plane) => [...out.subarray(plane, plane + 4)]);
    expect(blue).toEqual([-77 / 8, -77 / 8, 0, 0]);
    expect(green).toEqual([-7 / 4, -7 / 4, 13 / 4, 13 / 4]);
    expect(redPlane).toEqual([-10, -10, -10, -5]);
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

  describe('of any square', () => {
    const picture = noise(61, 47);

    /** A picture without any order. */
    function noise(width: number, height: number): Pixels {
      const data = new Uint8ClampedArray(4 * width * height).map((_, at) => (at * at * 7919) >> 5);
      return { data, width, height };
    }

    /** One sample, by what bilinear means. */
    function sampleAt(x: number, y: number, colour: number, border: NetworkInput['border']): number {
      const { data, width, height } = picture;
      const pixel = (column: number, row: number) => {
        const [inX, inY] = [Math.min(width - 1, Math.max(0, column)), Math.min(height - 1, Math.max(0, row))];
        const isThere = inX === column && inY === row;
        if (isThere || border === 'replicate') return data[4 * (inY * width + inX) + colour] ?? 0;
        return border === 'grey' ? 114 : 0;
      };
      const [x0, y0] = [Math.floor(x), Math.floor(y)];
      const along = (row: number) => pixel(x0, row) + (x - x0) * (pixel(x0 + 1, row) - pixel(x0, row));
      return along(y0) + (y - y0) * (along(y0 + 1) - along(y0));
    }

    test.each([
      ['whole', { centreX: 30.5, centreY: 23.5, size: 61, rotation: 0 }],
      ['a part', { centreX: 30, centreY: 20, size: 17, rotation: 0.3 }],
      ['in the mirror', { centreX: 20, centreY: 30, size: 40, rotation: -2, mirrored: true }],
      ['over an edge', { centreX: 3, centreY: 3, size: 30, rotation: 1 }],
      ['over the other', { centreX: 60, centreY: 46, size: 30, rotation: 1 }],
      ['beyond', { centreX: 200, centreY: -90, size: 30, rotation: 0.1 }],
      ['far beyond', { centreX: -1e9, centreY: 1e9, size: 50, rotation: 0.1 }],
      ['tiny', { centreX: 10.2, centreY: 10.7, size: 0.01, rotation: 0 }],
    ])('gives what lies there: %s', (_what, square) => {
      // Whole vectors, and a side that leaves some of one.
      for (const side of [32, 31]) {
        for (const border of ['black', 'grey', 'replicate'] as const) {
          const out = new Float32Array(3 * side ** 2);
          sampleSquare(new PixelPyramid(picture), square, { ...format, side, border }, out);
          const { centreX, centreY, size, rotation, mirrored } = { mirrored: false, ...square };
          const [cos, sin] = [Math.cos(rotation) * (size / side), Math.sin(rotation) * (size / side)];
          for (const [at, value] of out.entries()) {
            const [row, column] = [Math.floor(at / side) % side, at % side];
            const [u, v] = [(mirrored ? -1 : 1) * (column + 0.5 - side / 2), row + 0.5 - side / 2];
            const [x, y] = [centreX + cos * u - sin * v - 0.5, centreY + sin * u + cos * v - 0.5];
            const wanted = sampleAt(x, y, Math.floor(at / side ** 2), border);
            expect(Math.abs(value - wanted), `${side} ${border} ${row} ${column}`).toBeLessThan(0.01);
          }
        }
      }
    });

    test('that is none gives no numbers, and does no harm', () => {
      const out = new Float32Array(48);
      const square = { centreX: Number.NaN, centreY: 4, size: 4, rotation: 0 };
      sampleSquare(new PixelPyramid(picture), square, format, out);
      expect(out[0]).toBeNaN();
      for (const size of [Infinity, Number.NaN, -Infinity])
        sampleSquare(new PixelPyramid(picture), { ...square, centreX: 4, size }, format, out);
      sampleSquare(
        new PixelPyramid(ramp(8, 8)),
        { centreX: 4, centreY: 4, size: 4, rotation: 0 },
        format,
        out,
      );
      expect(red(out, 0)).toEqual([20, 30, 40, 50]);
    });
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

describe('a picture', () => {
  /** One of which every so many-th pixel is red, the others grey with colours so far apart. */
  function greyish({ apart = 0, redEvery = Infinity, width = 200, height = 150 }): Pixels {
    const data = new Uint8ClampedArray(4 * width * height);
    for (let at = 0; at < width * height; at++) {
      const grey = (at * 7) % 200;
      data.set(at % redEvery === 1 ? [255, 0, 0, 255] : [grey + apart, grey, grey, 255], 4 * at);
    }
    return { data, width, height };
  }

  test.each([
    ['without colours', {}, true],
    ["with JPEG's rounding", { apart: 4 }, true],
    ['with a pale tint', { apart: 20 }, false],
    ['with a coloured speck', { redEvery: 101 }, true],
    ['with colours in places', { redEvery: 11 }, false],
    ['of one pixel', { width: 1, height: 1 }, true],
    ['of a coloured pixel', { width: 1, height: 1, apart: 90 }, false],
  ])('%s is grey or not', (_name, look, expected) => {
    expect(isGrey(greyish(look))).toBe(expected);
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
