import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { requireBuild, ROOT } from './headless.ts';

/**
 * Packs the built library as a release would, and unpacks it as an app's installer would.
 * @param folder where to: emptied first
 * @returns the tarball's path, and the folder of the installed package, in a `node_modules`
 * @throws Error that says what to do where the library is not built
 */
export function packInto(folder: string): { tarball: string; installed: string } {
  requireBuild();
  rmSync(folder, { recursive: true, force: true });
  const installed = join(folder, 'node_modules/body21');
  mkdirSync(installed, { recursive: true });
  run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder]);
  const name = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  if (name === undefined) throw new Error('npm pack has packed nothing.');
  const tarball = join(folder, name);
  run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  return { tarball, installed };
}

function run(command: string, options: string[]): void {
  const { status, stderr } = spawnSync(command, options, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${options.join(' ')} failed: ${stderr}`);
}
