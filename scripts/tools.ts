/**
 * Folders whose packages nothing else needs: each has a `package.json` and a lock of its own, and the command
 * that uses it installs it. So `npm ci` brings no bundlers, drivers, peers or site.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { delimiter, join } from 'node:path';
import { ROOT } from './root.ts';

/** A folder with packages of its own. */
export type ToolFolder =
  | 'docs'
  | 'docs/.vitepress/live'
  | 'test/bench'
  | 'test/consumers'
  | 'test/engines'
  | 'test/parity';

/**
 * The compiler of `package.json`. Not by its name: another package brings an older one that has the same, ten times
 * as slow, and it is npm's choice which is found by it.
 */
export const TSC = 'node_modules/typescript/bin/tsc';

/** The environment of commands: with the packages' programs, which `npx` takes longer to find than some of them run. */
export function commandEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const programs = join(ROOT, 'node_modules/.bin');
  return { ...process.env, PATH: `${programs}${delimiter}${process.env['PATH']}`, ...more };
}

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
    env: commandEnvironment(env),
  });
  return status ?? 1;
}

/** How a command is run beside others. */
export interface BesideOptions {
  env?: Readonly<Record<string, string>>;
  /** What it says is seen as it is said, and not kept. */
  isShown?: boolean;
  /** Takes what others leave of the machine. */
  isPatient?: boolean;
}

/** How a command that ran beside others has ended. */
export interface Ended {
  status: number;
  ms: number;
  said: string;
}

/** Runs a command while others run. */
export async function startCommand(
  line: string,
  { env, isShown = false, isPatient = false }: BesideOptions = {},
): Promise<Ended> {
  const start = performance.now();
  const [program = '', ...options] = line.split(' ');
  const child = spawn(program, options, {
    cwd: ROOT,
    env: commandEnvironment(env),
    stdio: isShown ? 'inherit' : 'pipe',
  });
  // What it starts in turn has the same.
  if (isPatient && child.pid !== undefined) {
    try {
      setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    } catch {
      // It has ended already.
    }
  }
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece: Buffer) => said.push(piece));
  const status = await new Promise<number>((resolve) => {
    child.on('close', (code) => resolve(code ?? 1));
    child.on('error', ({ message }) => {
      said.push(Buffer.from(`${message}\n`));
      if (isShown) console.error(message);
      resolve(1);
    });
  });
  return { status, ms: performance.now() - start, said: Buffer.concat(said).toString() };
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
  if (runCommand(`${TSC} -p ${folder}`) !== 0)
    throw new Error(`The types of ${folder} are wrong: see above.`);
}
