import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename } from 'node:path';
import type { Plugin } from 'vite';

/**
 * Serves models as `/exact-models/<file>` with every weight as it is in the source, where the package has
 * them rounded: what is left between such a file and its source is the conversion.
 */
export function exactModels(): Plugin {
  return {
    name: 'body21:exact-models',
    configureServer(server) {
      server.middlewares.use('/exact-models/', (request, response) => void send(request, response));
    },
  };
}

async function send({ url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const bytes = await build(basename(url).replace(/\?.*/, ''));
    response.statusCode = bytes ? 200 : 404;
    response.setHeader('Content-Type', 'application/octet-stream');
    response.end(bytes);
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error));
  }
}

async function build(name: string): Promise<Uint8Array | undefined> {
  // Only when asked for, since every build of the library reads this file.
  const { MODELS } = await import('../../models/build/catalogue.ts');
  const { buildModel } = await import('../../models/build/build.ts');
  const spec = MODELS.find(({ file }) => file === name);
  if (!spec) return undefined;
  const { bits: _, ...exact } = spec;
  return buildModel(exact).find(({ entry }) => entry.file === name)?.bytes;
}
