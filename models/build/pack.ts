import { createRequire } from 'node:module';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { constants, crc32, deflateRawSync, gunzipSync, gzipSync } from 'node:zlib';
import { packedName } from '../../src/runtime/files/assets.ts';
import { packPlanes } from './byte-planes.ts';
import { replaceFile } from './files.ts';

/** Strategies of zlib. Which gives the least hangs on the stream: weights hardly repeat. */
const { Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY } = constants;

/**
 * Packs the models and ONNX Runtime's WASM binaries for hosts that send files as they
 * are: browsers unpack gzip by themselves.
 * @param models ONNX files, which are packed into the folder they are in, as planes of bytes
 * @param programs any files, which are packed into that folder, as they are
 * @returns the names of those that were not there yet, or held something else
 */
export function packAll(
  models: readonly string[],
  directory: string,
  programs: readonly string[] = runtimePrograms(),
): string[] {
  return [
    ...models.map((file) => {
      const streams = packPlanes(new Uint8Array(readFileSync(join(directory, file))));
      return pack(join(directory, packedName(file)), Buffer.concat(streams), () => gzipStreams(streams));
    }),
    ...programs.map((file) => {
      const content = readFileSync(file);
      return pack(join(directory, `${basename(file)}.gz`), content, () => gzipSync(content, { level: 9 }));
    }),
  ].flatMap((name) => name ?? []);
}

/** The name of the file, if it had to be written. */
function pack(path: string, content: Uint8Array, compress: () => Buffer): string | undefined {
  if (holds(path, content)) return undefined;
  replaceFile(path, compress());
  return basename(path);
}

/** The beginning of a gzip file without a name or a time, packed as small as can be (RFC 1952). */
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);

/** One gzip file of all streams, each with the strategy that suits it. */
function gzipStreams(streams: readonly Uint8Array[]): Buffer {
  const end = Buffer.alloc(8);
  end.writeUInt32LE(crc32(Buffer.concat(streams)), 0);
  end.writeUInt32LE(
    streams.reduce((sum, { length }) => sum + length, 0),
    4,
  );
  // An empty one ends the file.
  const last = deflateRawSync(new Uint8Array());
  return Buffer.concat([GZIP_HEADER, ...streams.map(deflateOne), last, end]);
}

/** A stream that others follow, in whole bytes. */
function deflateOne(stream: Uint8Array): Buffer {
  const [first, ...others] = [Z_FILTERED, Z_HUFFMAN_ONLY, Z_DEFAULT_STRATEGY].map((strategy) =>
    deflateRawSync(stream, { level: 9, memLevel: 9, strategy, finishFlush: constants.Z_SYNC_FLUSH }),
  );
  if (!first) throw new RangeError('there are three strategies');
  return others.reduce((least, packed) => (packed.length < least.length ? packed : least), first);
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
