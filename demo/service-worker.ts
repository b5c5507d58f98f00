import { isLoopback } from './loopback.ts';
import type { Precache } from './precache.ts';

/**
 * Keeps the page's own files, so that it opens again with the network cut. Models are not among them: the
 * library keeps those, in a cache of its own that is never touched here.
 */
declare const self: ServiceWorkerGlobalScope;

/** Written in front of this script by the build. */
declare const PRECACHE: Precache;

const PREFIX = 'body21-demo-';
const CACHE = `${PREFIX}${PRECACHE.version}`;
const SCOPE = self.registration.scope;
const KEPT = new Set(PRECACHE.files.map((file) => new URL(file, SCOPE).href));

self.addEventListener('install', (event) => event.waitUntil(keepFiles()));
// No skipWaiting: a page that is open goes on with the files it was built with.
self.addEventListener('activate', (event) => event.waitUntil(takeOver()));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { href, origin } = fileOf(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate') event.respondWith(page(request, href));
  else if (KEPT.has(href)) event.respondWith(kept(request, href));
});

async function keepFiles(): Promise<void> {
  const cache = await caches.open(CACHE);
  const wanted = await isWanted();
  // The page has just loaded most of these: asks the server only whether they are still the same.
  await cache.addAll([...KEPT].filter(wanted).map((url) => new Request(url, { cache: 'no-cache' })));
}

/**
 * Tells which files this browser will ask for when the network is cut. WASM needs none of the runtime, and
 * WebGPU one of two; the library takes the same decision, `auto`. It asks for them packed, but on this machine.
 */
async function isWanted(): Promise<(url: string) => boolean> {
  const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
  const hasGpu = adapter && !adapter.info.isFallbackAdapter;
  const unwanted = hasGpu
    ? 'Suspending' in WebAssembly
      ? /\.asyncify[.-]/
      : /\.jspi[.-]/
    : /\.(?:asyncify|jspi)[.-]/;
  // That for Safari comes packed only.
  const otherForm = isLoopback(self.location.hostname)
    ? /^(?!.*\.asyncify[.-]).*\.wasm-[\w-]+\.gz$/
    : /\.wasm$/;
  return (url) => !unwanted.test(url) && !otherForm.test(url);
}

async function takeOver(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)),
  );
  await self.clients.claim();
}

/** From the network while there is one, so that a new deploy is seen at once. */
async function page(request: Request, href: string): Promise<Response> {
  try {
    return isolated(await fetch(request));
  } catch (error) {
    const copy = await caches.match(href, { cacheName: CACHE });
    if (copy) return isolated(copy);
    throw error;
  }
}

/** The build names files by their content, so a copy is as good as the original. */
async function kept(request: Request, href: string): Promise<Response> {
  const copy = await caches.match(href, { cacheName: CACHE });
  return isolated(copy ?? (await fetch(request)));
}

/** Adds the headers that make WASM threads possible, for hosts that cannot send them. */
function isolated(response: Response): Response {
  if (response.status === 0 || response.headers.has('Cross-Origin-Embedder-Policy')) return response;
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

/** The address of the file that answers an address. */
function fileOf(address: string): URL {
  const url = new URL(address);
  url.hash = '';
  url.search = '';
  if (url.pathname.endsWith('/')) url.pathname += 'index.html';
  return url;
}
