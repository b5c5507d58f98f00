/**
 * The platform's classes that are asked for, each with a property whose getter throws
 * for whatever is no object of the class.
 */
const GETTERS = {
  AbortSignal: 'aborted',
  ArrayBuffer: 'byteLength',
  Blob: 'size',
  DOMException: 'name',
  HTMLCanvasElement: 'width',
  HTMLImageElement: 'naturalWidth',
  HTMLVideoElement: 'videoWidth',
  ImageBitmap: 'width',
  ImageData: 'width',
  MediaStream: 'active',
  MediaStreamTrack: 'kind',
  OffscreenCanvas: 'width',
  ReadableStream: 'locked',
  Response: 'ok',
  SVGImageElement: 'href',
  URL: 'href',
  VideoFrame: 'codedWidth',
} as const;

type Kind = keyof typeof GETTERS;

/**
 * Whether a value is an object of one of those classes, whichever window or worker it was made in:
 * an iframe and a popup have classes of their own, which `instanceof` does not know. A Proxy of such
 * an object is none, since browsers take none for it. Of a class that there is not here, as of most
 * in a worker, there are no objects either.
 */
export function isKind<Name extends Kind>(
  value: unknown,
  ...names: Name[]
): value is InstanceType<(typeof globalThis)[Name]> {
  if (typeof value !== 'object' || value === null) return false;
  return names.some((name) => {
    const known: unknown = Reflect.get(globalThis, name);
    if (typeof known !== 'function' || !known.prototype) return false;
    const property = Object.getOwnPropertyDescriptor(known.prototype, GETTERS[name]);
    // An app may have put a class of its own in the browser's place.
    if (!property?.get) return value instanceof known;
    try {
      // The getter looks at what the object is, not at what that inherits from.
      Reflect.get(known.prototype, GETTERS[name], value);
      return true;
    } catch {
      return false;
    }
  });
}

/** Whether the browser threw that, under that name. */
export function isDomException(error: unknown, name: string): boolean {
  return isKind(error, 'DOMException') && error.name === name;
}

/** What to call a value in a message about it. */
export function nameOf(value: unknown): string {
  if (typeof value === 'function') return 'A function';
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    const brand = Object.prototype.toString.call(value).slice('[object '.length, -1);
    return isName(brand) && !isKind(value, brand)
      ? `What only looks like an object of class ${brand}, as a Proxy does,`
      : `An object of class ${value.constructor?.name ?? 'Object'}`;
  } catch {
    // Of another origin's window, or behind a Proxy that was revoked, nothing can be told.
    return 'An object that cannot be looked at';
  }
}

function isName(name: string): name is Kind {
  return name in GETTERS;
}
