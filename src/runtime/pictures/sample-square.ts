import type { Region } from '../../networks/geometry.ts';
import type { NetworkInput } from '../../networks/network.ts';
import { PROGRAM } from './kernels.generated.ts';
import { brightnessAround, gainsOf, levelFor, offsetsOf } from './pixels.ts';
import type { PixelPyramid } from './pixels.ts';

/** As `kernels/sample.ts` says. */
type Sample = (...args: number[]) => void;

/** A page of WASM's memory, in bytes. */
const PAGE = 65536;
/** Where in the kernel's memory the planes begin: after what a colour is multiplied by, and what is added. */
const PLANES = 64;
/** How far the kernel writes beyond a plane, in bytes, rounded up to whole vectors. */
const BEYOND = 16;

/** The kernel and its memory, which holds one square at a time. */
interface Sampler {
  memory: WebAssembly.Memory;
  sample: Sample;
}

let sampler: Sampler | undefined;

/**
 * Cuts a square out of a picture, bilinearly, as a network's input: three planes, row by row. In WASM, which
 * does it four samples at a time: that takes a third of what script takes, copies included.
 * @param out receives the values; 3 × side × side long
 */
export function sampleSquare(
  pyramid: PixelPyramid,
  square: Region,
  input: NetworkInput,
  out: Float32Array,
): void {
  const { side, channels } = input;
  const step = square.size / side;
  const level = levelFor(step, pyramid);
  const { data, width, height } = pyramid.level(level);
  const shrink = 2 ** -level;
  const cos = Math.cos(square.rotation) * step * shrink;
  const sin = Math.sin(square.rotation) * step * shrink;
  // Pixel centres lie at .5, hence the −.5: sample (0, 0) is the middle of the first pixel.
  const [x, y] = [square.centreX * shrink - 0.5, square.centreY * shrink - 0.5];
  const reach = (side / 2) * (Math.abs(cos) + Math.abs(sin));
  const [left, right] = stretch(x, reach, width);
  const [top, bottom] = stretch(y, reach, height);
  const plane = 4 * side ** 2 + BEYOND;
  const source = PLANES + 3 * plane;
  const { memory, sample } = (sampler ??= startSampler());
  const [columns, rows] = [right - left, bottom - top];
  // All at once makes one object, and not one for each row; but of a wide picture that is much to copy.
  const isWhole = width <= 2 * columns;
  const stride = isWhole ? width : columns;
  makeRoom(memory, source + 4 * stride * rows);
  new Float32Array(memory.buffer, 0, 6).set([...gainsOf(input), ...offsetsOf(input)]);
  const pixels = new Uint8Array(memory.buffer, source);
  if (isWhole) pixels.set(data.subarray(4 * top * width, 4 * bottom * width));
  for (let row = isWhole ? bottom : top; row < bottom; row++) {
    const at = 4 * (row * width + left);
    pixels.set(data.subarray(at, at + 4 * columns), 4 * (row - top) * columns);
  }
  const planes = [0, 1, 2].map((index) => PLANES + index * plane);
  const colours = channels === 'rgb' ? planes : planes.toReversed();
  const flip = square.mirrored ? -1 : 1;
  const first = isWhole ? source + 4 * left : source;
  const part = [first, stride, columns, rows, side, x - left, y - top];
  sample(...part, cos, sin, flip, pixelAround(input), 0, ...colours);
  for (const [index, at] of planes.entries()) {
    out.set(new Float32Array(memory.buffer, at, side ** 2), index * side ** 2);
  }
}

/** What lies all around a picture, as the kernel takes it: red, green and blue in the lower bytes, or −1. */
function pixelAround(input: NetworkInput): number {
  const brightness = brightnessAround(input);
  return brightness === undefined ? -1 : brightness * 0x01_01_01;
}

/**
 * The pixels along one side of a picture that a square needs: one at least, where it lies beyond an end.
 */
function stretch(middle: number, reach: number, length: number): [from: number, to: number] {
  const within = (value: number, least: number) => Math.min(length, Math.max(least, value)) || least;
  const from = within(Math.floor(middle - reach) - 1, 0);
  return from < length ? [from, within(Math.ceil(middle + reach) + 2, from + 1)] : [length - 1, length];
}

/** @throws RangeError where there is not enough memory */
function makeRoom(memory: WebAssembly.Memory, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
}

function startSampler(): Sampler {
  const bytes = Uint8Array.from(atob(PROGRAM), (character) => character.charCodeAt(0));
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its one function
  return { memory, sample: exports['sample'] as Sample };
}
