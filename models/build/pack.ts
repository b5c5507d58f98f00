import { createRequire } from 'node:module';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { replaceFile } from './files.ts';

/**
 * Packs files for hosts that send them as they are: browsers unpack gzip by themselves.
 * @param files where they are
 * @param directory where the packed ones go, each under its name and `.gz`
 * @returns the names of those that were not there yet, or held something else
 */
export function packFiles(files: readonly string[], directory: string): string[] {
  return files.flatMap((file) => {
    const content = readFileSync(file);
    const name = `${basename(file)}.gz`;
    const path = join(directory, name);
    if (holds(path, content)) return [];
    replaceFile(path, gzipSync(content, { level: 9 }));
    return [name];
  });
}

/** The inference runtime's WASM programs. */
export function runtimePrograms(): string[] {
  const folder = dirname(createRequire(import.meta.url).resolve('onnxruntime-web'));
  return readdirSync(folder)
    .filter((file) => /^ort-wasm-simd-threaded(?:\.jspi|\.asyncify)?\.wasm$/.test(file))
    .map((file) => join(folder, file));
}

function holds(path: string, content: Uint8Array): boolean {
  if (!existsSync(path)) return false;
  try {
    return gunzipSync(readFileSync(path)).equals(content);
  } catch {
    return false;
  }
}
