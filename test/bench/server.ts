/**
 * One origin for all contenders: the built package, the peers' files and the start pages as a host would
 * serve them, and the comparison's own pages by Vite, from their source.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';
import { lookup } from 'mrmime';
import { createServer as createViteServer } from 'vite';
import { ISOLATION, ROOT } from '../../scripts/headless.ts';
import { START_PAGES } from './start-pages.ts';

/** A server that is up. */
export interface BenchServer {
  /** Without a slash at its end. */
  origin: string;
  /** Bytes of the bodies that were sent as they are hosted: compressed where hosts do that. */
  readonly bytesSent: number;
  close(): Promise<void>;
}

/** What is served unchanged, by the beginning of its path, and from which folder. */
const HOSTED: readonly (readonly [path: string, folder: string])[] = [
  ['/dist/', 'dist/'],
  ['/models/', 'models/'],
  ['/samples/', 'public/samples/'],
  ['/node_modules/onnxruntime-web/dist/', 'node_modules/onnxruntime-web/dist/'],
  ...[
    '@litertjs/core/wasm/',
    '@mediapipe/pose/',
    '@tensorflow/tfjs-backend-wasm/dist/',
    '@vladmandic/human/',
  ].map((name) => [`/node_modules/${name}`, `test/bench/node_modules/${name}`] as const),
];

/** What hosts compress. Model files are packed already. */
const COMPRESSED = new Set(['.html', '.js', '.json', '.mjs', '.wasm']);

const EMPTY_PAGE = '<!doctype html><title>bench</title><body></body>';

/** The page that drives itself while its memory is measured. */
const MEMORY_PAGE =
  '<!doctype html><title>memory</title><script type="module" src="/test/bench/pages/memory.ts"></script>';

/** By path. */
const PAGES: Readonly<Record<string, string>> = {
  '/empty': EMPTY_PAGE,
  '/memory': MEMORY_PAGE,
  ...START_PAGES,
};

/** Starts it on a free port of this machine. */
export async function serve(): Promise<BenchServer> {
  const vite = await createViteServer({
    configFile: false,
    root: ROOT,
    appType: 'custom',
    logLevel: 'error',
    // Not the folder that `npm run dev` and the tests use, who have other settings.
    cacheDir: 'node_modules/.vite-bench',
    resolve: {
      conditions: ['onnxruntime-web-use-extern-wasm', 'module', 'browser', 'development|production'],
    },
    server: { middlewareMode: true, hmr: false, ws: false, watch: null, headers: ISOLATION },
    optimizeDeps: { noDiscovery: true, include: ['onnxruntime-web/webgpu', 'comlink', 'image-size'] },
  });
  const bodies = new Map<string, Buffer>();
  let bytesSent = 0;
  const send = (response: ServerResponse, extension: string, key: string, read: () => Buffer): void => {
    const isCompressed = COMPRESSED.has(extension);
    const body = bodies.get(key) ?? (isCompressed ? gzipSync(read()) : read());
    bodies.set(key, body);
    bytesSent += body.length;
    response.writeHead(200, {
      ...ISOLATION,
      'Content-Type': lookup(extension) ?? 'application/octet-stream',
      'Content-Length': body.length,
      'Cache-Control': extension === '.html' ? 'no-cache' : 'public, max-age=31536000, immutable',
      ...(isCompressed && { 'Content-Encoding': 'gzip' }),
    });
    response.end(body);
  };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
    const page = PAGES[pathname];
    if (page !== undefined) {
      send(response, '.html', pathname, () => Buffer.from(page));
      return;
    }
    // Vite marks what its pages' scripts import, and makes scripts of other files.
    const isPlain = search === '' || (search === '?import' && /\.m?js$/.test(pathname));
    const hosted = isPlain ? HOSTED.find(([path]) => pathname.startsWith(path)) : undefined;
    const file = hosted && join(ROOT, hosted[1], normalize(pathname.slice(hosted[0].length)));
    if (file?.startsWith(join(ROOT, hosted?.[1] ?? '')) && existsSync(file)) {
      send(response, extname(file), file, () => readFileSync(file));
      return;
    }
    vite.middlewares(request, response, () => response.writeHead(404).end());
  };
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no address');
  return {
    // Not by its number: localhost is what browsers take for secure by name.
    origin: `http://localhost:${address.port}`,
    get bytesSent() {
      return bytesSent;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await vite.close();
    },
  };
}
