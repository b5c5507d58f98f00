import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { replaceFile } from '../models/build/files.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const SOURCES = 'src/engine/kernels';
const TARGET = join(ROOT, 'src/engine/kernels.generated.ts');

/** What the compiler is told for each build, by the names in `src/engine/module.ts`. */
const BUILDS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  plain: { single: [], shared: ['threads'] },
  relaxed: { single: ['relaxed-simd'], shared: ['relaxed-simd', 'threads'] },
};

const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--enable', 'simd,bulk-memory'];

/** The most memory that a shared one may have: WASM's own limit, in pages of 64 kB. */
const MOST_PAGES = 65536;

/**
 * Compiles the kernels to WebAssembly, as text in a script beside the engine, so that they travel in the
 * worker's. Does nothing where that is there already, of the same sources and compiler.
 */
export async function ensureKernels(log: (line: string) => void = console.log): Promise<void> {
  const mark = `// ${fingerprint()}`;
  if (existsSync(TARGET) && readFileSync(TARGET, 'utf8').startsWith(mark)) return;
  // A second's work to load, which is only needed here.
  const { default: asc } = await import('assemblyscript/asc');
  const programs: Record<string, Record<string, string>> = {};
  for (const [name, builds] of Object.entries(BUILDS)) {
    const compiled: Record<string, string> = {};
    programs[name] = compiled;
    for (const [memory, features] of Object.entries(builds)) {
      const shared = memory === 'shared' ? ['--sharedMemory', '--maximumMemory', String(MOST_PAGES)] : [];
      const enable = features.flatMap((feature) => ['--enable', feature]);
      const written = new Map<string, Uint8Array | string>();
      const { error } = await asc.main(
        [`${SOURCES}/index.ts`, ...OPTIONS, ...enable, ...shared, '--outFile', 'kernels.wasm'],
        {
          readFile: (file) => {
            const path = join(ROOT, file);
            return existsSync(path) ? readFileSync(path, 'utf8') : null;
          },
          writeFile: (file, content) => {
            written.set(file, content);
          },
          listFiles: () => [],
        },
      );
      const bytes = written.get('kernels.wasm');
      if (error || !(bytes instanceof Uint8Array))
        throw new Error('the kernels do not compile', { cause: error });
      compiled[memory] = Buffer.from(bytes).toString('base64');
      log(`engine: kernels (${name}, ${memory}) ${(bytes.length / 1e3).toFixed(1)} kB`);
    }
  }
  replaceFile(
    TARGET,
    `${mark}\n/** Compiled from \`kernels/\` by \`scripts/kernels.ts\`, in base64. */\nexport const PROGRAMS = ${JSON.stringify(programs, undefined, 2)} as const;\n`,
  );
}

/** Of all that decides what comes out. */
function fingerprint(): string {
  const hash = createHash('sha256');
  const compiler = join(ROOT, 'node_modules/assemblyscript/package.json');
  const sources = readdirSync(join(ROOT, SOURCES))
    .filter((file) => file.endsWith('.ts'))
    .toSorted()
    .map((file) => join(ROOT, SOURCES, file));
  for (const file of [fileURLToPath(import.meta.url), compiler, ...sources])
    hash.update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

let ensured: Promise<void> | undefined;

/** Sees to it that the kernels are compiled before a test or a build reads them. */
export function engineKernels(): { name: string; config: () => Promise<void> } {
  return {
    name: 'body21:engine-kernels',
    config: () => (ensured ??= ensureKernels()),
  };
}
