/**
 * What is checked in every engine: the one list. How is in `pages/`, which has a function for each of these
 * names; the compiler sees to it that none is missing.
 */

/** How the host sends the page that a check runs in. */
export const HOSTINGS = {
  /** With the two headers that isolate it. */
  isolated: 'isolated',
  /** With no headers of its own. */
  plain: 'plain',
  /** Isolated, and with a strict Content-Security-Policy. */
  strict: 'strict',
  /** The same, but for what `assets` on another origin needs. */
  strictOther: 'strictOther',
} as const;

/** One of {@link HOSTINGS}. */
export type Hosting = keyof typeof HOSTINGS;

interface Listed {
  /** The row of the table. */
  title: string;
  hosting: Hosting;
}

const isolated = (title: string): Listed => ({ title, hosting: 'isolated' });

/** Every check, in the order of the table. */
export const CHECKS = {
  file: isolated('a JPEG file (`Blob`), every sample picture'),
  bytes: isolated('bytes, base64, `Response`, `URL`'),
  image: isolated('`<img>`'),
  canvas: isolated('`<canvas>`, `OffscreenCanvas`'),
  pixels: isolated('`ImageData`'),
  bitmap: isolated('`ImageBitmap`'),
  videoFrame: isolated('`VideoFrame`'),
  transparent: isolated('a transparent PNG, seen on white'),
  orientation: isolated('a JPEG turned by its EXIF, eight ways'),
  broken: isolated('a broken file is refused'),
  extras: isolated('extras: 33 landmarks, 3D, mask'),
  defaults: isolated('`create()` with no options'),
  oneThread: { title: 'WASM, 1 thread, no headers', hosting: 'plain' },
  threads: isolated('WASM, 2 threads'),
  webgpu: isolated('WebGPU'),
  cancel: isolated('a call is cancelled'),
  recovery: isolated('recovery from a worker that was ended'),
  secondVisit: isolated('second visit: no model is requested'),
  dispose: isolated('`dispose()`'),
  videoStepped: isolated('`track(<video>)`, `everyFrame`'),
  videoLive: isolated('`track(<video>)`, live, and `SkeletonOverlay` with its frames'),
  frameStream: isolated('`track(ReadableStream<VideoFrame>)`'),
  canvasStream: isolated("`track(MediaStream)` of a canvas's"),
  camera: isolated("`track(MediaStream)` of a camera's"),
  drawing: isolated('`drawPersons`, `toSvg`'),
  otherOrigin: isolated('`assets` on another origin'),
  otherOriginPlain: { title: '`assets` on another origin, no headers', hosting: 'plain' },
  policy: { title: 'a strict Content-Security-Policy', hosting: 'strict' },
  policyOther: {
    title: 'a strict Content-Security-Policy, `assets` on another origin',
    hosting: 'strictOther',
  },
} as const satisfies Record<string, Listed>;

/** The name of a check. */
export type CheckName = keyof typeof CHECKS;

/** All of them, in order. */
export const CHECK_NAMES = Object.keys(CHECKS) as CheckName[];

/** How a check ended. */
export interface Outcome {
  check: CheckName;
  status: 'pass' | 'skip' | 'fail';
  /** Why it was skipped, or how it failed. */
  reason?: string;
  ms: number;
}
