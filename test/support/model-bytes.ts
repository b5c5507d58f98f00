import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MODELS_DIRECTORY } from '../../models/build/index.ts';

/** A file of `models/`. */
export function modelBytes(file: string): Uint8Array<ArrayBuffer> {
  const path = join(MODELS_DIRECTORY, file);
  if (!existsSync(path)) throw new Error(`${file} is not built: run \`npm run models\``);
  return new Uint8Array(readFileSync(path));
}
