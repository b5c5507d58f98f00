import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildModel, sha256 } from './build.ts';
import { filesOf, MODELS } from './catalogue.ts';
import type { ModelFile, ModelSpec } from './catalogue.ts';
import { replaceFile } from './files.ts';
import { field, list } from './json.ts';
import { packAll } from './pack.ts';

/** Where the models and their manifest lie. */
export const MODELS_DIRECTORY = fileURLToPath(new URL('..', import.meta.url));

export interface EnsureOptions {
  /** Builds even if the files are those of the manifest: after a change to the converter. */
  force?: boolean;
  log?: (line: string) => void;
  /** Where the files are, instead of `models/`. */
  directory?: string;
  /** Which models there are to be, instead of all. */
  models?: readonly ModelSpec[];
  /** Other files to pack beside them, instead of the runtime's programs. */
  programs?: readonly string[];
  /** What builds a model's files, instead of {@link buildModel}. */
  build?: typeof buildModel;
}

/**
 * Makes sure that `models/` holds the ONNX files the manifest describes, and builds all of them if it does
 * not; and that each is there packed as well, with the runtime's programs. The manifest is rewritten when the
 * build gives other files than it says.
 */
export function ensureModels(options: EnsureOptions = {}): void {
  buildModels(options);
  const { log = console.log, directory = MODELS_DIRECTORY, models = MODELS, programs } = options;
  const packed = packAll(
    models.flatMap(filesOf).map(({ file }) => file),
    directory,
    programs,
  );
  if (packed.length > 0) log(`models: packed ${packed.length} files`);
}

function buildModels({
  force = false,
  log = console.log,
  directory = MODELS_DIRECTORY,
  models = MODELS,
  build = buildModel,
}: EnsureOptions): void {
  const manifestFile = join(directory, 'manifest.json');
  const entries = readManifestEntries(manifestFile);
  const files = models.flatMap(filesOf);
  if (!force && files.every((file) => isUpToDate(file, directory, entries))) {
    log(`models: ${files.length} files are up to date`);
    return;
  }
  const built = models.flatMap((spec) =>
    build(spec).map(({ bytes, entry }) => {
      replaceFile(join(directory, entry.file), bytes);
      log(`models: ${entry.file} ${(bytes.length / 1e6).toFixed(2)} MB`);
      return entry;
    }),
  );

  const manifest = `${JSON.stringify({ models: built }, undefined, 2)}\n`;
  if (existsSync(manifestFile) && readFileSync(manifestFile, 'utf8') === manifest) return;
  replaceFile(manifestFile, manifest);
  const changed = built.filter(({ file, sha256: hash }) => entries.get(file)?.sha256 !== hash);
  log(
    `models: manifest.json rewritten; other bytes than before: ${changed.map(({ file }) => file).join(', ') || 'none'}`,
  );
}

interface KnownEntry {
  sha256: unknown;
  outputs: unknown;
}

/** By file; empty when there is no manifest or it cannot be read, since a build writes a good one. */
function readManifestEntries(manifestFile: string): Map<string, KnownEntry> {
  const known = new Map<string, KnownEntry>();
  if (!existsSync(manifestFile)) return known;
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(manifestFile, 'utf8'));
  } catch {
    return known;
  }
  for (const entry of list(field(content, 'models'))) {
    const file = field(entry, 'file');
    if (typeof file === 'string') {
      known.set(file, { sha256: field(entry, 'sha256'), outputs: field(entry, 'outputs') });
    }
  }
  return known;
}

function isUpToDate(
  { file, outputs }: ModelFile,
  directory: string,
  entries: ReadonlyMap<string, KnownEntry>,
): boolean {
  const entry = entries.get(file);
  const path = join(directory, file);
  if (!entry || !existsSync(path)) return false;
  const names = list(entry.outputs).map((output) => field(output, 'name'));
  return names.join() === outputs.join() && entry.sha256 === sha256(readFileSync(path));
}
