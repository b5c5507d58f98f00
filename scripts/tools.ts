/**
 * Folders whose packages nothing else needs: each has a `package.json` and a lock of its own, and the command
 * that uses it installs it. So `npm ci` brings no bundlers, drivers, peers or site.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './headless.ts';

/** A folder with packages of its own. */
export type ToolFolder = 'docs' | 'test/bench' | 'test/consumers' | 'test/engines';

/**
 * Runs a command with the repository as its folder.
 * @param line program and options, with spaces between them
 * @param more further options, of any text
 * @param env what its environment has besides
 * @returns its exit status
 */
export function runCommand(
  line: string,
  more: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): number {
  const [program = '', ...options] = line.split(' ');
  const { status } = spawnSync(program, [...options, ...more], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  return status ?? 1;
}

/**
 * Installs a folder's packages where they are missing, or older than its lock.
 * @throws Error that says what to do where npm cannot
 */
export function installTools(folder: ToolFolder): void {
  // What npm writes last, and so what is there of an installation that was not broken off.
  const done = join(ROOT, folder, 'node_modules/.package-lock.json');
  const lock = join(ROOT, folder, 'package-lock.json');
  if (existsSync(done) && statSync(done).mtimeMs >= statSync(lock).mtimeMs) return;
  console.log(`Installing what only ${folder} needs: npm ci --prefix ${folder}`);
  if (runCommand(`npm ci --prefix ${folder}`) !== 0)
    throw new Error(`The packages of ${folder} could not be installed: see above.`);
}

/**
 * Checks the types of those files of a folder that need its packages, which `npm run typecheck` cannot.
 * @throws Error where they are wrong; the compiler has said how
 */
export function checkTypes(folder: ToolFolder): void {
  if (runCommand(`npx tsc -p ${folder}`) !== 0)
    throw new Error(`The types of ${folder} are wrong: see above.`);
}
