import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join, normalize } from 'node:path';
import { lookup } from 'mrmime';
import { ISOLATION, ROOT } from '../../scripts/headless.ts';

/** A request as it left the browser. */
export interface SeenRequest {
  origin: string;
  method: string;
  path: string;
  /** How long its body was. */
  bytes: number;
}

/** What a policy refused, as the browser reported it: of pages, workers and workers' workers alike. */
export interface Violation {
  directive: string;
  blocked: string;
}

/** What a host answers. */
export interface HostOptions {
  /** Sent with every response, documents and scripts alike. */
  policy?: string;
  headers?: Readonly<Record<string, string>>;
  /** Scripts whose own policy lets them start no workers. */
  childless?: RegExp;
  /** What goes without the two headers of isolation. */
  plain?: RegExp;
  /** What is sent with another type than that of its name, such as a host's that does not know it. */
  mistyped?: RegExp;
  /** Files beside those of the package and the samples: their texts by their paths. */
  files?: Readonly<Record<string, string | Uint8Array>>;
}

/** A page that has the library at hand, and no script of its own within. */
const PAGE: Readonly<Record<string, string>> = {
  '/': '<!doctype html><title>body21</title><script type="module" src="/page.js"></script>',
  '/page.js': "globalThis.body21 = await import('/index.js');",
  // Browsers ask for it by themselves.
  '/favicon.ico': '',
};

/**
 * Hosts of whatever name, behind a proxy through which all of the browser's requests go: nothing that a page
 * or a worker asks for is missed, wherever it would have gone.
 *
 * Names that end in `.localhost` are secure without TLS, and each is a site of its own.
 */
export class Hosts {
  readonly requests: SeenRequest[] = [];
  readonly violations: Violation[] = [];
  readonly #hosts = new Map<string, HostOptions>();
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch(() => response.writeHead(500).end());
  });

  private constructor() {
    // What would be encrypted asks for a tunnel first; nobody gets one.
    this.#server.on('connect', ({ url = '' }, socket) => {
      this.requests.push({
        origin: `https://${url.replace(/:443$/, '')}`,
        method: 'CONNECT',
        path: '',
        bytes: 0,
      });
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
  }

  static async start(): Promise<Hosts> {
    const hosts = new Hosts();
    await new Promise<void>((resolve) => hosts.#server.listen(0, '127.0.0.1', resolve));
    return hosts;
  }

  /** For a browser context's `proxy.server`. */
  get proxy(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The proxy has no address.');
    return `http://127.0.0.1:${address.port}`;
  }

  /** Sets a host up that has the package, the samples and a page. */
  serve(origin: string, options: HostOptions = {}): void {
    this.#hosts.set(origin, options);
  }

  /** Forgets hosts and what was asked of them. */
  reset(): void {
    this.#hosts.clear();
    this.requests.length = 0;
    this.violations.length = 0;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { origin, pathname } = new URL(request.url ?? '/', 'http://proxy.localhost');
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    if (pathname === '/violations') {
      const { 'csp-report': report } = JSON.parse(body.toString()) as {
        'csp-report': { 'effective-directive': string; 'blocked-uri': string };
      };
      this.violations.push({ directive: report['effective-directive'], blocked: report['blocked-uri'] });
      response.writeHead(204).end();
      return;
    }
    this.requests.push({ origin, method: request.method ?? '', path: pathname, bytes: body.length });
    const host = this.#hosts.get(origin);
    const content = host && (await contentOf(pathname, host));
    if (!host || content === undefined) {
      response.writeHead(host ? 404 : 502).end();
      return;
    }
    response.writeHead(200, {
      ...(!host.plain?.test(pathname) && ISOLATION),
      'Content-Type': typeOf(pathname, host),
      ...(host.policy !== undefined && {
        'Content-Security-Policy': `${host.policy}; report-uri ${origin}/violations`,
      }),
      ...(host.childless?.test(pathname) && { 'Content-Security-Policy': "worker-src 'none'" }),
      ...host.headers,
    });
    response.end(request.method === 'HEAD' ? undefined : content);
  }
}

function typeOf(path: string, { mistyped }: HostOptions): string {
  const type = lookup(path === '/' ? 'html' : path);
  return (!mistyped?.test(path) && type) || 'application/octet-stream';
}

async function contentOf(
  path: string,
  { files = {} }: HostOptions,
): Promise<string | Uint8Array | undefined> {
  const own = files[path] ?? PAGE[path];
  if (own !== undefined) return own;
  const folder = path.startsWith('/samples/') ? 'public' : 'dist';
  return readFile(join(ROOT, folder, normalize(path))).catch(() => undefined);
}
