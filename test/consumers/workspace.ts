import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, linkSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from '../../scripts/headless.ts';
import { packInto } from '../../scripts/pack.ts';

/**
 * Where the examples are built: in this folder, so that they find its bundlers, but outside its
 * `node_modules`, since bundlers treat what lies in there as somebody else's code.
 */
export const WORKSPACE = join(ROOT, 'test/consumers/workspace');

/** What Chromium takes for a camera. */
export const CAMERA = join(WORKSPACE, 'camera.mjpeg');

/** The package as an installer unpacks it, from its tarball. */
export const INSTALLED = join(WORKSPACE, 'tarball/node_modules/body21');

/**
 * Copies the examples, each with the package's unpacked tarball in a
 * `node_modules` of its own, as after `npm install`.
 */
export function prepareWorkspace(): void {
  rmSync(WORKSPACE, { recursive: true, force: true });
  packInto(join(WORKSPACE, 'tarball'));
  chmodSync(join(INSTALLED, 'dist/cli.js'), 0o755);
  cpSync(join(ROOT, 'examples'), join(WORKSPACE, 'examples'), { recursive: true, filter: isSource });
  cpSync(join(ROOT, 'public/samples/two.jpg'), join(WORKSPACE, 'public/samples/two.jpg'));
  for (const entry of readdirSync(join(WORKSPACE, 'examples'), { withFileTypes: true })) {
    if (entry.isDirectory()) install(join(WORKSPACE, 'examples', entry.name, 'node_modules'));
  }
}

/**
 * Hard links, since the package has eighty megabytes; symbolic ones would
 * lead bundlers out of the app's folder.
 */
function install(modules: string): void {
  for (const entry of readdirSync(INSTALLED, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const folder = join(modules, 'body21', relative(INSTALLED, entry.parentPath));
    mkdirSync(folder, { recursive: true });
    linkSync(join(entry.parentPath, entry.name), join(folder, entry.name));
  }
  mkdirSync(join(modules, '.bin'));
  symlinkSync('../body21/dist/cli.js', join(modules, '.bin/body21'));
}

/** What somebody has built in the examples themselves stays there. */
function isSource(path: string): boolean {
  return spawnSync('git', ['check-ignore', '--quiet', path], { cwd: ROOT }).status !== 0;
}

/** The packed package. */
export function tarball(): string {
  const folder = join(WORKSPACE, 'tarball');
  const name = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  if (name === undefined) throw new Error(`There is no tarball in ${folder}.`);
  return join(folder, name);
}

/** The folder of an example's copy. */
export function exampleFolder(name: string): string {
  return join(WORKSPACE, 'examples', name);
}

/** How an example is built otherwise than by its bare command. */
interface BuildOptions {
  /** Options for the build's own command. */
  options?: readonly string[];
  /** What its environment has besides. */
  env?: Readonly<Record<string, string>>;
}

/**
 * Builds an example by its own command.
 * @throws Error with what the build printed, where it failed
 */
export function build(name: string, { options = [], env = {} }: BuildOptions = {}): void {
  run('npm', ['run', 'build', '--', ...options], exampleFolder(name), env);
}

/**
 * Runs a command in a folder, as somebody does who builds an app there.
 * @throws Error with what the command printed, where it failed
 */
export function run(
  command: string,
  options: readonly string[],
  folder: string,
  env: Readonly<Record<string, string>> = {},
): void {
  const { status, stdout, stderr } = spawnSync(command, options, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...commandEnv(), ...env },
  });
  if (status !== 0)
    throw new Error(`${command} ${options.join(' ')} failed in ${folder}:\n${stdout}${stderr}`);
}

/** A server, and how to end it. */
export interface Server {
  url: string;
  stop: () => Promise<void>;
}

/** A server that one of an example's own commands has started. */
export interface StartedServer extends Server {
  /** What it has printed so far. */
  output: () => string;
}

/**
 * Runs one of an app's commands until it prints the address of a server.
 * @throws Error with what it printed, where it ends without
 */
export async function runServer(
  folder: string,
  script: string,
  options: readonly string[],
): Promise<StartedServer> {
  const child = spawn('npm', ['run', script, '--', ...options], {
    cwd: folder,
    env: commandEnv(),
    // A process group of its own, so that npm's children end with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const stop = async () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
    await ended;
  };
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const [address] = /http:\/\/localhost:\d+/.exec(output) ?? [];
      if (address !== undefined) resolve(`${address}/`);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void ended.then(() => reject(new Error(`npm run ${script} in ${folder} has ended:\n${output}`)));
  });
  return { url, stop, output: () => output };
}

/**
 * The environment of a shell in which somebody builds an app: without that of the
 * tests, and without colours in addresses.
 */
function commandEnv(): NodeJS.ProcessEnv {
  const { NODE_ENV: _mode, FORCE_COLOR: _colour, ...env } = process.env;
  return { ...env, NO_COLOR: '1', NEXT_TELEMETRY_DISABLED: '1' };
}
