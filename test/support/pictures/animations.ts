import { ascii, concat, little } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { toIndexed } from './raster.ts';
import type { IndexedRaster, Raster } from './raster.ts';

/** How long each frame of an animation is shown, in milliseconds. */
const DELAY = 100;

/** What a GIF made here shows of a picture: five levels of each colour. */
export function gifContent(picture: Raster): IndexedRaster {
  return toIndexed(picture, 5, 'colour');
}

/** Blocks of at most 255 bytes, each with its length before it, up to an empty one. */
function blocks(bytes: Uint8Array): Bytes {
  const parts: ArrayLike<number>[] = [];
  for (let at = 0; at < bytes.length; at += 255) {
    const part = bytes.subarray(at, at + 255);
    parts.push([part.length], part);
  }
  return concat(...parts, [0]);
}

/** A GIF that runs for ever; all frames are of one size. */
export function encodeGif(frames: readonly Raster[]): Bytes {
  const [first] = frames;
  if (!first) throw new Error('an animation has a frame');
  const { width, height } = first;
  const DEPTH = 7;
  const CLEAR = 2 ** DEPTH;
  // Cleared before the table grows, every code is one byte: no compression, and nothing to get wrong.
  const RUN = CLEAR - 2;
  const images = frames.map((frame) => {
    const { indices } = gifContent(frame);
    const codes: ArrayLike<number>[] = [];
    for (let at = 0; at < indices.length; at += RUN) codes.push([CLEAR], indices.subarray(at, at + RUN));
    return concat(
      [0x21, 0xf9, 4, 0],
      little(2, DELAY / 10),
      [0, 0, 0x2c],
      little(2, 0, 0, width, height),
      [0, DEPTH],
      blocks(concat(...codes, [CLEAR + 1])),
    );
  });
  const palette = concat(gifContent(first).palette.flat(), new Uint8Array(3 * (CLEAR - 125)));
  return concat(
    ascii('GIF89a'),
    little(2, width, height),
    [0x80 | (DEPTH - 1), 0, 0],
    palette,
    [0x21, 0xff, 11],
    ascii('NETSCAPE2.0'),
    [3, 1, 0, 0, 0],
    ...images,
    [0x3b],
  );
}

function riffChunk(name: string, content: ArrayLike<number>): Bytes {
  return concat(ascii(name), little(4, content.length), content, new Uint8Array(content.length % 2));
}

/** The chunks of a WebP file that hold its pixels, whole. */
function pixelChunks(webp: Uint8Array): Bytes {
  const view = new DataView(webp.buffer, webp.byteOffset, webp.byteLength);
  const parts: Uint8Array[] = [];
  for (let at = 12; at + 8 <= webp.length;) {
    const name = String.fromCharCode(...webp.subarray(at, at + 4));
    const end = at + 8 + view.getUint32(at + 4, true);
    if (['ALPH', 'VP8 ', 'VP8L'].includes(name)) parts.push(webp.subarray(at, end + (end % 2)));
    at = end + (end % 2);
  }
  return concat(...parts);
}

/** An animated WebP from files with a frame each, all of that size. */
export function animateWebp(files: readonly Uint8Array[], width: number, height: number): Bytes {
  const ANIMATED = 2;
  const content = concat(
    ascii('WEBP'),
    riffChunk('VP8X', concat([ANIMATED, 0, 0, 0], little(3, width - 1, height - 1))),
    riffChunk('ANIM', [0, 0, 0, 0, 0, 0]),
    ...files.map((file) =>
      riffChunk('ANMF', concat(little(3, 0, 0, width - 1, height - 1, DELAY), [0], pixelChunks(file))),
    ),
  );
  return concat(ascii('RIFF'), little(4, content.length), content);
}
