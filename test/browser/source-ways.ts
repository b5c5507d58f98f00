import type { ImageSource } from '../../src/index.ts';
import type { Bytes } from '../support/pictures/bytes.ts';
import { imageDataOf, offscreenOf } from '../support/pictures/canvas.ts';
import { encodePng } from '../support/pictures/png.ts';
import type { Raster } from '../support/pictures/raster.ts';

/**
 * Where a source is made: the window of this page or of another, or a
 * worker, each of which has classes of its own.
 */
export interface Place {
  classes: typeof globalThis;
  /** A `blob:` address that lasts as long as the test. */
  addressOf: (blob: Blob) => string;
}

type Made = ImageSource | Promise<ImageSource>;

/** Ways to hand in a file, by their names. */
export type FileWays = [string, (bytes: Bytes, type: string, place: Place) => Made][];

/** Ways to hand in pixels, by their names. */
export type PixelWays = [string, (picture: Raster, place: Place) => Made][];

/** The bytes as text. */
export function base64Of(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

export const FILE_WAYS: FileWays = [
  ['a File', (bytes, type, { classes }) => new classes.File([bytes], 'picture', { type })],
  ['a Blob without a type', (bytes, _type, { classes }) => new classes.Blob([bytes])],
  ['an ArrayBuffer', (bytes, _type, { classes }) => new classes.Uint8Array(bytes).buffer],
  [
    'a Uint8Array in the middle of its buffer',
    (bytes, _type, { classes }) => {
      const buffer = new classes.Uint8Array(bytes.length + 30).fill(0xff);
      buffer.set(bytes, 13);
      return buffer.subarray(13, 13 + bytes.length);
    },
  ],
  [
    'a DataView in the middle of its buffer',
    (bytes, _type, { classes }) => {
      const buffer = new classes.Uint8Array(bytes.length + 30);
      buffer.set(bytes, 7);
      return new classes.DataView(buffer.buffer, 7, bytes.length);
    },
  ],
  [
    'an array on shared memory',
    (bytes) => {
      const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
      shared.set(bytes);
      return shared;
    },
  ],
  [
    'an array on a buffer that can grow',
    (bytes, _type, { classes }) => {
      // TypeScript's ES2023 has no second parameter for it.
      const buffer: ArrayBuffer = Reflect.construct(classes.ArrayBuffer, [
        bytes.length,
        { maxByteLength: bytes.length * 2 },
      ]);
      const growing = new classes.Uint8Array(buffer);
      growing.set(bytes);
      return growing;
    },
  ],
  ['a base64 string', (bytes) => base64Of(bytes)],
  ['a base64 string in lines', (bytes) => base64Of(bytes).replaceAll(/.{76}/g, '$&\r\n')],
  ['a data URL', (bytes, type) => `data:${type};base64,${base64Of(bytes)}`],
  [
    'a URL of a blob',
    (bytes, type, { classes, addressOf }) => new classes.URL(addressOf(new Blob([bytes], { type }))),
  ],
  ['a URL of data', (bytes, type, { classes }) => new classes.URL(`data:${type};base64,${base64Of(bytes)}`)],
  ['a Response', (bytes, _type, { classes }) => new classes.Response(bytes)],
  [
    'a Response that comes bit by bit',
    (bytes, _type, { classes }) =>
      new classes.Response(new Blob([bytes]).stream(), { headers: { 'Content-Type': 'image/x-whatever' } }),
  ],
];

/** Those that only a page has. */
export const PAGE_FILE_WAYS: FileWays = [
  ['an <img>', (bytes, type, place) => imageElement(new Blob([bytes], { type }), place)],
  [
    'an <img> with a srcset',
    (bytes, type, { classes, addressOf }) => {
      const image = new classes.Image();
      image.srcset = `${addressOf(new Blob([bytes], { type }))} 1x`;
      return image;
    },
  ],
  [
    'the <img> of a <picture>',
    (bytes, type, { classes, addressOf }) => {
      const source = classes.document.createElement('source');
      source.srcset = addressOf(new Blob([bytes], { type }));
      const image = classes.document.createElement('img');
      classes.document.createElement('picture').append(source, image);
      return image;
    },
  ],
  ['an SVG <image>', (bytes, type, place) => svgImage(new Blob([bytes], { type }), place)],
];

/** An `<img>` that has just got its address. */
export function imageElement(blob: Blob, { classes, addressOf }: Place): HTMLImageElement {
  const image = new classes.Image();
  image.src = addressOf(blob);
  return image;
}

/** An SVG `<image>` that has just got its address. */
export function svgImage(blob: Blob, { classes, addressOf }: Place): SVGImageElement {
  const image = classes.document.createElementNS('http://www.w3.org/2000/svg', 'image');
  image.setAttribute('href', addressOf(blob));
  // Its size in the drawing, which is none of the picture's.
  image.setAttribute('width', '100');
  return image;
}

export const PIXEL_WAYS: PixelWays = [
  [
    'an OffscreenCanvas',
    (picture, { classes }) => {
      const canvas = new classes.OffscreenCanvas(picture.width, picture.height);
      canvas.getContext('2d')?.putImageData(imageDataOf(picture), 0, 0);
      return canvas;
    },
  ],
  ['an ImageBitmap', (picture, { classes }) => classes.createImageBitmap(imageDataOf(picture))],
  [
    'an ImageBitmap of a Blob',
    async (picture, { classes }) => classes.createImageBitmap(new Blob([await encodePng(picture, 'rgba8')])),
  ],
  [
    'an ImageData',
    ({ data, width, height }, { classes }) => new classes.ImageData(data.slice(), width, height),
  ],
  [
    'a VideoFrame of a canvas',
    (picture, { classes }) => new classes.VideoFrame(offscreenOf(picture), { timestamp: 0 }),
  ],
  [
    'a VideoFrame of bytes',
    ({ data, width, height }, { classes }) =>
      new classes.VideoFrame(data, { format: 'RGBA', codedWidth: width, codedHeight: height, timestamp: 0 }),
  ],
];

/** Those that only a page has. */
export const PAGE_PIXEL_WAYS: PixelWays = [
  [
    'a <canvas>',
    (picture, place) => {
      const canvas = emptyCanvas(picture, place);
      canvas.getContext('2d')?.putImageData(imageDataOf(picture), 0, 0);
      return canvas;
    },
  ],
  [
    'a <canvas> drawn by WebGL',
    (picture, place) => {
      const canvas = emptyCanvas(picture, place);
      // It keeps nothing beyond the task: whoever reads it has to do so at once.
      const gl = canvas.getContext('webgl2', { antialias: false });
      if (!gl) throw new Error('no WebGL');
      gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, imageDataOf(picture));
      gl.bindFramebuffer(gl.READ_FRAMEBUFFER, gl.createFramebuffer());
      gl.framebufferTexture2D(
        gl.READ_FRAMEBUFFER,
        gl.COLOR_ATTACHMENT0,
        gl.TEXTURE_2D,
        gl.getParameter(gl.TEXTURE_BINDING_2D),
        0,
      );
      const { width, height } = picture;
      gl.blitFramebuffer(0, 0, width, height, 0, height, width, 0, gl.COLOR_BUFFER_BIT, gl.NEAREST);
      return canvas;
    },
  ],
];

function emptyCanvas({ width, height }: Raster, { classes }: Place): HTMLCanvasElement {
  const canvas = classes.document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  return canvas;
}
