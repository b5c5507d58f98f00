import { preview } from 'vite';
import type { InlineConfig } from 'vite';

/** A server of built files that a test can stop while the page goes on. */
export interface Site {
  url: string;
  stop: () => Promise<void>;
}

/** Serves the built demo. */
export function serveDemo(): Promise<Site> {
  return serve({ configFile: 'demo/vite.config.ts' });
}

/** Serves the built demo as a host does that sends no headers of its own. */
export function serveDemoPlain(): Promise<Site> {
  return serve({ configFile: false, build: { outDir: 'dist-demo' } });
}

/** Serves the built library as it is, with the headers that threads need. */
export function serveLibrary(): Promise<Site> {
  return serve({
    configFile: false,
    appType: 'mpa',
    build: { outDir: 'dist' },
    preview: {
      headers: {
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
      },
    },
  });
}

/** Serves a folder as a host does that sends no headers of its own. */
export function serveFolder(folder: string): Promise<Site> {
  return serve({ configFile: false, appType: 'mpa', build: { outDir: folder } });
}

async function serve(config: InlineConfig): Promise<Site> {
  const server = await preview({
    ...config,
    logLevel: 'error',
    preview: { ...config.preview, port: 4191 },
  });
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error('The server has no local address.');
  return { url, stop: () => server.close() };
}
