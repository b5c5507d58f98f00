import { BodyAnalysisError } from '../schema/errors.ts';

/** What a client cannot do without, and the engines of pages do not lack. */
const NEEDED = ['Worker', 'WebAssembly'] as const;

/**
 * A module of one function, `(func (result v128) (i8x16.splat (i32.const 0)))`: neither
 * engine nor runtime is there without SIMD.
 */
const SIMD = /* #__PURE__ */ new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11,
]);

/**
 * Sees to it that a client can be made here. Importing the library does no harm anywhere;
 * this is asked when a client is to be made.
 * @param scope where to look
 * @throws BodyAnalysisError `unsupported-environment`
 */
export function checkEnvironment(scope: Readonly<Record<string, unknown>> = globalThis): void {
  const missing = NEEDED.filter((name) => scope[name] === undefined);
  if (missing.length > 0) {
    throw unsupported(`body21 needs ${missing.join(' and ')}, which ${whereabouts(scope)}`);
  }
  if (!WebAssembly.validate(SIMD)) {
    throw unsupported(
      'body21 needs WebAssembly with SIMD, which every browser has had since 2023. Update this one.',
    );
  }
}

function unsupported(message: string): BodyAnalysisError {
  return new BodyAnalysisError('unsupported-environment', message);
}

/**
 * What addresses are relative to: the page, or in a worker its script, of which one of a `blob:` has a host's
 * name alone. Where there is neither, nothing will ever be loaded, and any address does.
 */
export function baseUrl(): string {
  if ('document' in globalThis) return document.baseURI;
  if (!('location' in globalThis)) return 'http://localhost/';
  return location.protocol === 'blob:' ? location.origin : location.href;
}

/** Where this is that something is missing, and what to do. */
function whereabouts(scope: Readonly<Record<string, unknown>>): string {
  if ('ServiceWorkerGlobalScope' in scope) {
    return 'service workers do not have. Make the client in a page or a dedicated worker; in an extension, in an offscreen document.';
  }
  if ('process' in scope && !('document' in scope)) {
    return 'Node.js does not have as browsers do. Make the client in the page, when it is shown there: what is rendered on a server may import the library, and no more.';
  }
  return "is not there. Make the client in a browser's page or dedicated worker; where a mode of the browser switches it off, as Lockdown Mode does, except this page from it.";
}
