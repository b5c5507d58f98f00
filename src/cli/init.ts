import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What `init` can make; the first where none is asked for. */
export const TEMPLATES = ['vite', 'react', 'vue', 'svelte', 'next', 'html'] as const;

/**
 * Writes an app that shows a photo with its skeletons into a folder, which is made where there is none.
 * @param folder the app's, whose name becomes the package's
 * @param template one of {@link TEMPLATES}
 * @returns the files, relative to the folder
 * @throws Error where there is no such template, or something in the folder already
 */
export function init(folder: string, template: string = TEMPLATES[0]): string[] {
  if (!TEMPLATES.some((name) => name === template)) {
    throw new Error(`There is no template ${template}: it is one of ${TEMPLATES.join(', ')}.`);
  }
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new Error(`${folder} is not empty: name a new folder.`);
  }
  mkdirSync(folder, { recursive: true });
  // This script's own folder is the package's `dist/`.
  const templates = join(dirname(fileURLToPath(import.meta.url)), 'templates');
  cpSync(join(templates, template), folder, { recursive: true });
  // A package cannot hold one by its own name: npm takes it as what to leave out.
  renameSync(join(folder, 'gitignore'), join(folder, '.gitignore'));
  mkdirSync(join(folder, 'public'), { recursive: true });
  cpSync(join(templates, 'sample.jpg'), join(folder, 'public/sample.jpg'));
  const settings = join(folder, 'package.json');
  const file = installedFile();
  const own = readFileSync(settings, 'utf8').replace(/"name": ".*"/, `"name": "${packageName(folder)}"`);
  const path = file && relative(folder, file).replaceAll(sep, '/');
  writeFileSync(
    settings,
    path === undefined ? own : own.replace(/"body21": ".*"/, `"body21": "file:${path}"`),
  );
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(join(folder, '/').length))
    .toSorted();
}

/** The file that the package was installed from, and the app is to be; `undefined` where from a registry. */
function installedFile(): string | undefined {
  const modules = join(dirname(fileURLToPath(import.meta.url)), '../..');
  const lock = join(modules, '.package-lock.json');
  if (!existsSync(lock)) return undefined;
  const [, file] =
    /"node_modules\/body21": \{[^}]*"resolved": "file:([^"]+)"/.exec(readFileSync(lock, 'utf8')) ?? [];
  return file === undefined ? undefined : resolve(modules, '..', file);
}

/** A folder's name as npm takes one. */
function packageName(folder: string): string {
  const name = basename(resolve(folder))
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return name === '' ? 'body21-app' : name;
}
