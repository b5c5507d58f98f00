import { statSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { dirname, join, relative, resolve } from 'node:path';
import { build } from 'vite';
import type { Plugin } from 'vite';
import { ROOT } from '../../scripts/root.ts';

/**
 * What the dev server adds to the address of a module that is a worker's script; and the one that a worker
 * loads later.
 */
const WORKER = /^(\/[\w./-]+\.ts)\?(?:.*&)?worker_file\b|^(\/src\/worker\/own-networks\.ts)$/;

/** What Vitest gives every worker, for the imports of modules that it sends, such as ONNX Runtime's. */
const RUNNER = 'globalThis.__vitest_browser_runner__ ??= { wrapDynamicImport: (load) => load() };\n';

/** A worker's script, and when it was made of which files. */
interface Script {
  /** `undefined` where the dev server is to send it. */
  code: string | undefined;
  files: readonly string[];
  at: number;
}

/**
 * Sends a worker's script in one piece, as `dist/worker.js` is. Module by module each worker asks the dev
 * server for more than a hundred, which takes it three times as long to start, and hundreds are started by
 * the tests. Made anew where a file of it has changed. One that starts workers itself is left to the dev
 * server, which knows their address.
 */
export function bundledWorkers(): Plugin {
  const scripts = new Map<string, Promise<Script>>();

  async function scriptOf(entry: string): Promise<string | undefined> {
    const last = scripts.get(entry);
    const known = await last?.catch(() => undefined);
    const isCurrent = known?.files.every((file) => changedAt(file) <= known.at) ?? false;
    // Others may have asked for it meanwhile.
    if (!isCurrent && scripts.get(entry) === last) scripts.set(entry, bundle(entry));
    return (await scripts.get(entry))?.code;
  }

  return {
    name: 'body21:bundled-workers',
    apply: 'serve',
    configureServer(server) {
      const { headers } = server.config.server;
      const send = async (entry: string, response: ServerResponse, pass: () => void): Promise<void> => {
        const code = await scriptOf(entry);
        if (code === undefined) {
          pass();
          return;
        }
        for (const [name, value] of Object.entries({ ...headers, 'Content-Type': 'text/javascript' }))
          if (value !== undefined) response.setHeader(name, value);
        response.end(code);
      };
      server.middlewares.use((request, response, pass) => {
        const [, worker, later] = WORKER.exec(request.url ?? '') ?? [];
        const entry = worker ?? later;
        if (entry === undefined) pass();
        else send(entry, response, pass).catch(pass);
      });
    },
  };
}

async function bundle(entry: string): Promise<Script> {
  const at = Date.now();
  const output = await build({
    configFile: false,
    root: ROOT,
    logLevel: 'error',
    plugins: [addressesOfFiles()],
    build: {
      write: false,
      copyPublicDir: false,
      minify: false,
      target: 'esnext',
      rolldownOptions: {
        input: join(ROOT, entry),
        preserveEntrySignatures: 'strict',
        output: { format: 'es', codeSplitting: false },
        // The package has no side effects; a script that is imported for what it does is one.
        treeshake: false,
      },
    },
  });
  const [chunk] = 'output' in output ? output.output : [];
  if (chunk?.type !== 'chunk') throw new Error(`nothing was bundled for ${entry}`);
  const files = chunk.moduleIds.filter((id) => id.startsWith('/'));
  const startsWorkers = files.some((file) => file.startsWith(join(ROOT, 'src/client/')));
  return { code: startsWorkers ? undefined : RUNNER + chunk.code, files, at };
}

function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
}

/** Has files that are loaded by URL come from where they lie, as the dev server serves them. */
function addressesOfFiles(): Plugin {
  return {
    name: 'body21:addresses-of-files',
    enforce: 'pre',
    transform(code, id) {
      if (!id.startsWith(join(ROOT, 'src/'))) return null;
      const replaced = code.replace(
        /new URL\(\s*'(\.[\w./-]+)',\s*import\.meta\.url,?\s*\)/g,
        // In a form that is no asset's to the bundler.
        (_all, file: string) =>
          `new URL(String('/${relative(ROOT, resolve(dirname(id), file))}'), import.meta.url)`,
      );
      return { code: replaced, map: null };
    },
  };
}
