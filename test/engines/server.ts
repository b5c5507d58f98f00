/**
 * Two origins on this machine: one with the pages and the built package, and one with the package alone, as a
 * CDN has it. Pages tell the first one what came of their checks, so that all that an engine must be able to
 * do from outside is to open an address.
 */
import { EventEmitter } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { RequestListener, Server, ServerResponse } from 'node:http';
import { join, normalize } from 'node:path';
import { lookup } from 'mrmime';
import { build } from 'vite';
import { ISOLATION, ROOT } from '../../scripts/headless.ts';
import { HOSTINGS } from './checks.ts';
import type { CheckName, Hosting, Outcome } from './checks.ts';

/** A server that is up. */
export interface EngineServer {
  /** The page that does these checks, one after the other. */
  urlOf(hosting: Hosting, checks: readonly CheckName[]): string;
  /** Emits `outcome` for every check that a page has done. */
  readonly outcomes: EventEmitter<{ outcome: [Outcome] }>;
  close(): Promise<void>;
}

/** The strictest policy that the documentation says is enough. */
export const STRICT_POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";

/**
 * The policy that lets worker, models and runtime come from another origin;
 * Firefox asks `worker-src` for that as well.
 */
export function policyWith(origin: string): string {
  return `default-src 'self'; script-src 'self' blob: ${origin} 'wasm-unsafe-eval'; worker-src blob: ${origin}; connect-src 'self' ${origin}`;
}

function headersOf(hosting: Hosting, other: string): Readonly<Record<string, string>> {
  if (hosting === 'plain') return {};
  if (hosting === 'isolated') return ISOLATION;
  const policy = hosting === 'strict' ? STRICT_POLICY : policyWith(other);
  return { ...ISOLATION, 'Content-Security-Policy': policy };
}

/** What a CDN sends, so that an isolated page may load from it. */
const SHARED = { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' };

/** What is served from which folder, by the beginning of its path. */
const FOLDERS = { '/dist/': 'dist/', '/samples/': 'public/samples/' } as const;

/** Builds the pages' script and starts both origins on free ports. */
export async function serve(): Promise<EngineServer> {
  const script = await buildScript();
  const outcomes: EngineServer['outcomes'] = new EventEmitter();
  const requested: string[] = [];
  const library = createServer((request, response) => {
    const { pathname } = addressOf(request.url);
    requested.push(`other origin: ${pathname}`);
    if (!pathname.startsWith('/dist/') || !sendFile(pathname, undefined, response, SHARED)) {
      response.writeHead(404, SHARED).end();
    }
  });
  const other = await listen(library);
  const answer: RequestListener = (request, response) => {
    const { pathname } = addressOf(request.url);
    requested.push(pathname);
    const page = Object.values(HOSTINGS).find((hosting) => pathname === `/page/${hosting}`);
    if (page) {
      const html = `<!doctype html><meta charset="utf-8"><title>body21</title><meta name="other-origin" content="${other}"><body><script type="module" src="/checks.js"></script></body>`;
      send(response, 'text/html', html, headersOf(page, other));
    } else if (pathname === '/checks.js') {
      send(response, 'text/javascript', script, ISOLATION);
    } else if (pathname === '/requested') {
      send(response, 'application/json', JSON.stringify(requested), ISOLATION);
    } else if (pathname === '/outcome' && request.method === 'POST') {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        response.writeHead(204).end();
        // The page is built from the same types.
        outcomes.emit('outcome', JSON.parse(Buffer.concat(pieces).toString()) as Outcome);
      });
    } else if (!sendFile(pathname, request.headers.range, response, ISOLATION)) {
      response.writeHead(404).end();
    }
  };
  const pages = createServer(answer);
  const origin = await listen(pages);
  return {
    urlOf: (hosting, checks) => `${origin}/page/${hosting}?checks=${checks.join(',')}`,
    outcomes,
    async close() {
      await Promise.all([pages, library].map((server) => stop(server)));
    },
  };
}

/** The pages' script, which imports the package by its address, as built. */
async function buildScript(): Promise<string> {
  const built = await build({
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    publicDir: false,
    resolve: { alias: { body21: '/dist/index.js' } },
    build: {
      write: false,
      minify: false,
      target: 'es2023',
      lib: { entry: 'test/engines/pages/main.ts', formats: ['es'], fileName: 'checks' },
      rolldownOptions: { external: ['/dist/index.js'] },
    },
  });
  const chunks = [built].flat().flatMap((one) => ('output' in one ? one.output : []));
  const [chunk] = chunks;
  if (chunk?.type !== 'chunk' || chunks.length > 1) throw new Error('the pages are built into one script');
  return chunk.code;
}

function addressOf(url: string | undefined): URL {
  return new URL(url ?? '/', 'http://localhost');
}

/** @returns whether there is such a file */
function sendFile(
  pathname: string,
  range: string | undefined,
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
): boolean {
  const hosted = Object.entries(FOLDERS).find(([path]) => pathname.startsWith(path));
  if (!hosted) return false;
  const [path, folder] = hosted;
  const file = join(ROOT, folder, normalize(`/${pathname.slice(path.length)}`));
  if (!existsSync(file)) return false;
  const bytes = readFileSync(file);
  const type = lookup(file) ?? 'application/octet-stream';
  // Players ask for parts of a clip, and seek only where they get them.
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  if (first === undefined) {
    send(response, type, bytes, { ...headers, 'Accept-Ranges': 'bytes' });
    return true;
  }
  const end = last ? Math.min(Number(last), bytes.length - 1) : bytes.length - 1;
  const part = bytes.subarray(Number(first), end + 1);
  const about = { ...headers, 'Content-Range': `bytes ${first}-${end}/${bytes.length}` };
  send(response, type, part, about, 206);
  return true;
}

/** Nothing is kept by the browser's own cache: what a second visit does not ask for, the library has kept. */
function send(
  response: ServerResponse,
  type: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>>,
  status = 200,
): void {
  response.writeHead(status, {
    ...headers,
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  });
  response.end(body);
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no address');
  // Not by its number: localhost is what browsers take for secure by name.
  return `http://localhost:${address.port}`;
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
