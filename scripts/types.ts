/**
 * Writes the package's types: of each entry a file that holds all it exports and nothing of the inside, with
 * what several have in common in one more of each room, so that a type is the same by whichever way it is
 * imported. And the JSON Schema of a result.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { ENTRIES } from './entries.ts';
import { ROOT } from './headless.ts';
import { resultJsonSchema } from './json-schema.ts';
import { runCommand, TSC } from './tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'body21-types-'));
try {
  if (runCommand(`${TSC} -p tsconfig.types.json --outDir`, [folder]) !== 0)
    throw new Error('The types do not compile.');
  const input = Object.entries(ENTRIES).map(([name, file]) => [
    name,
    join(folder, file.replace(/\.ts$/, '.d.ts')),
  ]);
  const bundle = await rollup({
    input: Object.fromEntries(input),
    // That hook has entries import from each other what they share, and those
    // without a DOM would import one with it.
    plugins: [Object.assign(dts(), { generateBundle() {} })],
  });
  await bundle.write({
    dir: join(ROOT, 'dist'),
    format: 'es',
    manualChunks: (file) => /\/src\/(schema|source|client|draw|export|measure)\//.exec(file)?.[1] ?? null,
    chunkFileNames: '[name]-types.d.ts',
    minifyInternalExports: false,
  });
  const schema = `${JSON.stringify(resultJsonSchema(), null, 2)}\n`;
  writeFileSync(join(ROOT, 'dist/body-analysis.schema.json'), schema);
} finally {
  rmSync(folder, { recursive: true });
}
