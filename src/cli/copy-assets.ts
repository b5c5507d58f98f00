import { copyFileSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BACKENDS, LANDMARK_MODELS } from '../schema/loading.ts';

/** Which of the package's files to copy. */
export interface CopyOptions {
  /** Landmark models; all where `undefined`. */
  models: readonly string[] | undefined;
  /** `wasm` for the files of that backend alone. */
  backend: string | undefined;
}

/** A file that was copied, its path relative to the package's `dist/` as to the folder. */
export interface CopiedFile {
  file: string;
  bytes: number;
}

const MODELS: readonly string[] = LANDMARK_MODELS;
const CHOICES: readonly string[] = BACKENDS.filter((name) => name !== 'auto');

/**
 * Copies worker, models and what WebGPU needs to a folder, which is made where there is
 * none; files that are there are replaced.
 * @throws Error with what is wrong with an option, or the file system's
 */
export function copyAssets(folder: string, { models = MODELS, backend }: CopyOptions): CopiedFile[] {
  for (const model of models) {
    if (!MODELS.includes(model)) {
      throw new Error(`There is no model ${model}: it is one of ${MODELS.join(', ')}.`);
    }
  }
  if (backend !== undefined && !CHOICES.includes(backend)) {
    throw new Error(`There is no backend ${backend}: it is one of ${CHOICES.join(', ')}.`);
  }
  // This script's own folder is the package's `dist/`, where the build has
  // put what the worker names, and no more.
  const dist = dirname(fileURLToPath(import.meta.url));
  const assets = readdirSync(join(dist, 'assets')).map((name) => `assets/${name}`);
  const isWanted = (file: string) => {
    const [, model] = /\/pose_(?:landmark|mask)_(\w+)\./.exec(file) ?? [];
    if (model !== undefined) return models.includes(model);
    return backend !== 'wasm' || !/\/ort[.-]/.test(file);
  };
  return ['worker.js', ...assets.filter(isWanted)].map((file) => {
    const target = join(folder, file);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(dist, file), target);
    return { file, bytes: statSync(target).size };
  });
}
