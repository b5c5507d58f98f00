import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lookup } from 'mrmime';
import type { Plugin } from 'vite';

const MODELS = fileURLToPath(new URL('../../models/', import.meta.url));
/** More than is taken of a network of an app's own. */
const HUGE_BYTES = 200_000_000;
const RUNTIME = fileURLToPath(new URL('../../node_modules/onnxruntime-web/dist/', import.meta.url));

/**
 * Serves the library's assets with something wrong, for the option `assets`: `/broken/altered/` (unpacked, so
 * that no checksum of gzip's comes in between), `/broken/damaged/`, `/broken/short/`, `/broken/long/`,
 * `/broken/missing/`, `/broken/html/` (a single-page app's answer to everything) spoil the models,
 * `/broken/late/` has NanoDet from the second request on, `/broken/held/` has it byte by byte until
 * `/broken/release` is asked for, `/broken/no-runtime/` lacks the runtime, and `/broken/counted/` is whole.
 * `/broken/huge` begins to send a file of 200 MB.
 * `/broken/count` gives how many model files were sent by any of them. Files that are tested side by side
 * tell theirs apart by a word of their own behind the folder's: `/broken/counted-sources/`, `/broken/count-
 * sources`.
 */
export function brokenAssets(): Plugin {
  /** Of each test file. */
  const sent = new Map<string, number>();
  let isLate = true;
  let release = () => {};
  return {
    name: 'body21:broken-assets',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const [, way, whose = '', file] =
          /^\/broken\/(no-runtime|\w+)(?:-(\w+))?(?:\/(.+?))?(?:\?|$)/.exec(request.url ?? '') ?? [];
        if (way === undefined) return next();
        if (way === 'count') return response.end(String(sent.get(whose) ?? 0));
        if (way === 'huge') {
          response.setHeader('Content-Length', HUGE_BYTES);
          // As much of it as anybody waits for.
          return response.write(Buffer.alloc(1000));
        }
        if (way === 'release') {
          release();
          return response.end();
        }
        const name = basename(file ?? '');
        if (name === 'worker.js') {
          response.setHeader('Content-Type', 'text/javascript');
          response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
          // Only what the engine does not know needs the runtime.
          const script = way === 'no-runtime' ? 'test/browser/onnxruntime-worker.ts' : 'src/worker/entry.ts';
          return response.end(`import '/${script}?worker_file&type=module';`);
        }
        const isModel = name.endsWith('.onnx.planes.gz');
        const isNanoDet = name.startsWith('nanodet');
        const isNotThereYet = way === 'late' && isNanoDet && isLate;
        if (isNotThereYet) isLate = false;
        if (isNotThereYet || way === 'missing' || (way === 'no-runtime' && !isModel)) {
          response.statusCode = 404;
          return response.end('Not found');
        }
        let bytes = readFileSync((isModel ? MODELS : RUNTIME) + name);
        if (isModel) {
          sent.set(whose, (sent.get(whose) ?? 0) + 1);
          if (way === 'altered') bytes = gunzipSync(bytes);
          if (way === 'altered' || way === 'damaged')
            bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
          if (way === 'short') bytes = bytes.subarray(0, -1000);
          if (way === 'long') bytes = Buffer.concat([bytes, Buffer.from('more')]);
          if (way === 'html') bytes = Buffer.from('<!doctype html><title>An app</title>');
        }
        response.setHeader('Content-Type', lookup(name) ?? 'application/octet-stream');
        response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
        response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
        if (way !== 'held' || !isNanoDet) return response.end(bytes);
        let sentBytes = 0;
        // What brings nothing for long is given up.
        const timer = setInterval(() => response.write(bytes.subarray(sentBytes, ++sentBytes)), 1000);
        response.on('close', () => clearInterval(timer));
        release = () => {
          clearInterval(timer);
          response.end(bytes.subarray(sentBytes));
        };
        return undefined;
      });
    },
  };
}
