/** The platform's classes that are asked for, by the names that their objects bear. */
interface Kinds {
  AbortSignal: AbortSignal;
  ArrayBuffer: ArrayBuffer;
  Blob: Blob;
  DOMException: DOMException;
  File: File;
  HTMLCanvasElement: HTMLCanvasElement;
  HTMLImageElement: HTMLImageElement;
  HTMLVideoElement: HTMLVideoElement;
  ImageBitmap: ImageBitmap;
  ImageData: ImageData;
  MediaStream: MediaStream;
  MediaStreamTrack: MediaStreamTrack;
  OffscreenCanvas: OffscreenCanvas;
  ReadableStream: ReadableStream;
  Response: Response;
  SVGImageElement: SVGImageElement;
  URL: URL;
  VideoFrame: VideoFrame;
}

/**
 * Whether a value is an object of one of those classes, whichever window or worker it was made in: an iframe and a popup
 * have classes of their own, which `instanceof` does not know, and a worker lacks most. A browser need not have the class.
 */
export function isKind<Name extends keyof Kinds>(value: unknown, ...names: Name[]): value is Kinds[Name] {
  if (typeof value !== 'object' || value === null) return false;
  const brand = Object.prototype.toString.call(value).slice('[object '.length, -1);
  return names.some((name) => {
    if (brand === name) return true;
    // One that was extended by the app, and given another name.
    const known: unknown = Reflect.get(globalThis, name);
    return typeof known === 'function' && value instanceof known;
  });
}
