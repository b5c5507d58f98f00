import { preview } from 'vite';
import type { Server } from './workspace.ts';

/** What threads need. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Serves a folder as a plain host does, on any free port, with the headers that threads need or without. */
export async function serveFolder(folder: string, isIsolated: boolean): Promise<Server> {
  const server = await preview({
    configFile: false,
    appType: 'mpa',
    logLevel: 'error',
    build: { outDir: folder },
    preview: { port: 0, headers: isIsolated ? ISOLATION : {} },
  });
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error('The server has no local address.');
  return { url, stop: () => server.close() };
}
