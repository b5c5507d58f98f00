import { createRequire } from 'node:module';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { packedName } from '../../src/runtime/files/assets.ts';
import { packPlanes } from '../../src/runtime/files/byte-planes.ts';
import { replaceFile } from './files.ts';

/** Strategies of zlib: the filtered one gives less for weights, which hardly repeat. */
const { Z_DEFAULT_STRATEGY, Z_FILTERED } = constants;

/**
 * Packs the models and ONNX Runtime's WASM binaries for hosts that send files as they
 * are: browsers unpack gzip by themselves.
 * @param models ONNX files, which are packed into the folder they are in, as planes of bytes
 * @returns the names of those that were not there yet, or held something else
 */
export function packAll(models: readonly string[], directory: string): string[] {
  return [
    ...models.map((file) =>
      pack(join(directory, packedName(file)), packPlanes(readFileSync(join(directory, file))), Z_FILTERED),
    ),
    ...runtimePrograms().map((file) =>
      pack(join(directory, `${basename(file)}.gz`), readFileSync(file), Z_DEFAULT_STRATEGY),
    ),
  ].flatMap((name) => name ?? []);
}

/** The name of the file, if it had to be written. */
function pack(path: string, content: Uint8Array, strategy: number): string | undefined {
  if (holds(path, content)) return undefined;
  replaceFile(path, gzipSync(content, { level: 9, strategy }));
  return basename(path);
}

/** ONNX Runtime's WASM programs for WebGPU. */
function runtimePrograms(): string[] {
  const folder = dirname(createRequire(import.meta.url).resolve('onnxruntime-web'));
  return readdirSync(folder)
    .filter((file) => /^ort-wasm-simd-threaded\.(?:jspi|asyncify)\.wasm$/.test(file))
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
