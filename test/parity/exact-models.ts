import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename } from 'node:path';
import type { Plugin } from 'vite';
import { buildModel } from '../../models/build/build.ts';
import { MODELS } from '../../models/build/catalogue.ts';

/**
 * Serves models as `/exact-models/<file>` with every weight as it is in the source, where the package has
 * them rounded: what is left between such a file and its source is the conversion.
 */
export function exactModels(): Plugin {
  return {
    name: 'body21:exact-models',
    configureServer(server) {
      server.middlewares.use('/exact-models/', send);
    },
  };
}

function send({ url = '' }: IncomingMessage, response: ServerResponse): void {
  try {
    const bytes = build(basename(url).replace(/\?.*/, ''));
    response.statusCode = bytes ? 200 : 404;
    response.setHeader('Content-Type', 'application/octet-stream');
    response.end(bytes);
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error));
  }
}

function build(name: string): Uint8Array | undefined {
  const spec = MODELS.find(({ file }) => file === name);
  if (!spec) return undefined;
  const { bits: _, ...exact } = spec;
  return buildModel(exact).find(({ entry }) => entry.file === name)?.bytes;
}
