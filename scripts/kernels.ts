import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { replaceFile } from '../models/build/files.ts';
import { packRepetitions } from './pack-programs.ts';
import { ROOT } from './root.ts';

/** The engine's, and the one that cuts squares out of pictures: their folders and what is made of them. */
const ENGINE = { sources: 'src/engine/kernels', main: 'index.ts', target: 'src/engine/kernels.generated.ts' };
const PICTURES = {
  sources: 'src/runtime/pictures/kernels',
  main: 'sample.ts',
  target: 'src/runtime/pictures/kernels.generated.ts',
};

/** What the compiler is told for each build, by the names in `src/engine/module.ts`. */
const BUILDS: Readonly<Record<string, readonly string[]>> = {
  plain: [],
  relaxed: ['relaxed-simd'],
};

/** The most memory that there may be, which shared memory must say: WASM's own limit, in pages of 64 kB. */
const MOST_MEMORY = '--maximumMemory=65536';

const OPTIONS = ['-O3', '--noAssert', '--runtime=stub', '--enable=simd,bulk-memory', '--importMemory'];

/** Told what was compiled. */
type Log = (line: string) => void;

/**
 * Compiles the kernels to WebAssembly, as text in scripts beside those who use them, so that they travel in the
 * worker's. Does nothing where that is there already, of the same sources and compiler.
 */
export async function ensureKernels(log: Log = console.log): Promise<void> {
  await ensure(ENGINE, async () => {
    const programs: Record<string, { start: number; end: number; sharedAt: number }> = {};
    const all: Buffer[] = [];
    let start = 0;
    for (const [name, features] of Object.entries(BUILDS)) {
      const single = await compile(ENGINE, features, [MOST_MEMORY]);
      const shared = await compile(ENGINE, [...features, 'threads'], [MOST_MEMORY, '--sharedMemory']);
      const end = start + single.length;
      programs[name] = { start, end, sharedAt: onlyDifference(single, shared) };
      all.push(single);
      start = end;
      log(`engine: kernels (${name}) ${(single.length / 1e3).toFixed(1)} kB`);
    }
    const packed = Buffer.from(packRepetitions(Buffer.concat(all))).toString('base64');
    return `/**\n * Compiled from \`kernels/\` by \`scripts/kernels.ts\`, one after the other, packed by \`scripts/pack-programs.ts\`, in base64. A\n * memory that is shared has one more bit set in the byte \`sharedAt\`.\n */\nexport const PROGRAMS = ${JSON.stringify({ packed, ...programs }, undefined, 2)} as const;\n`;
  });
  await ensure(PICTURES, async () => {
    const program = await compile(PICTURES, []);
    log(`pictures: kernel ${(program.length / 1e3).toFixed(1)} kB`);
    return `/** Compiled from \`kernels/\` by \`scripts/kernels.ts\`, in base64. */\nexport const PROGRAM = ${JSON.stringify(program.toString('base64'))};\n`;
  });
}

/** Writes a script anew where it is not of these sources. */
async function ensure({ sources, target }: typeof ENGINE, make: () => Promise<string>): Promise<void> {
  const path = join(ROOT, target);
  const mark = `// ${fingerprint(sources)}`;
  if (existsSync(path) && readFileSync(path, 'utf8').startsWith(mark)) return;
  replaceFile(path, `${mark}\n${await make()}`);
}

async function compile(
  { sources, main }: typeof ENGINE,
  features: readonly string[],
  options: readonly string[] = [],
): Promise<Buffer> {
  // A second's work to load, which is only needed here.
  const { default: asc } = await import('assemblyscript/asc');
  const written = new Map<string, Uint8Array | string>();
  const { error } = await asc.main(
    [
      `${sources}/${main}`,
      ...OPTIONS,
      ...features.flatMap((feature) => ['--enable', feature]),
      ...options,
      '--outFile',
      'kernels.wasm',
    ],
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
  return Buffer.from(bytes);
}

/** Bits of a memory's limits in a module (WebAssembly core, 5.3.8): it has a maximum, and is shared. */
const LIMITS = { single: 1, shared: 3 };

/** Where the one byte is in which two builds differ, which says whether memory is shared. */
function onlyDifference(single: Uint8Array, shared: Uint8Array): number {
  const places = [...single.keys()].filter((at) => single[at] !== shared[at]);
  const [at = -1] = places;
  const areLimits = single[at] === LIMITS.single && shared[at] === LIMITS.shared;
  if (single.length !== shared.length || places.length !== 1 || !areLimits)
    throw new Error('the builds for memory of either kind are not the same but for the kind of memory');
  return at;
}

/** Of all that decides what comes out. */
function fingerprint(folder: string): string {
  const hash = createHash('sha256');
  const compiler = join(ROOT, 'node_modules/assemblyscript/package.json');
  const sources = readdirSync(join(ROOT, folder))
    .filter((file) => file.endsWith('.ts'))
    .toSorted()
    .map((file) => join(ROOT, folder, file));
  const packer = join(ROOT, 'scripts/pack-programs.ts');
  for (const file of [fileURLToPath(import.meta.url), packer, compiler, ...sources])
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
