import { copyFileSync, cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SHOWN_LIVE } from '../docs/.vitepress/live/shown.ts';
import { ROOT } from './root.ts';
import { runCommand } from './tools.ts';

/** Of the package's files, those that an example with `model: 'lite'` may ask for. */
const NEEDED = /^(?:index|worker|.*-shared)\.js$/;
const NOT_NEEDED = /_(?:full|heavy)\./;

/**
 * Builds the examples that the site shows live into its folder.
 * @throws Error where a build fails; it has said how
 */
export function buildLive(site: string): void {
  const live = join(site, 'live');
  const command = 'vite build -c docs/.vitepress/live/vite.config.ts --logLevel warn --emptyOutDir';
  if (runCommand(command, ['--outDir', live]) !== 0) throw new Error(`${command} failed.`);
  const assets = join(live, 'assets');
  for (const file of readdirSync(assets)) if (NOT_NEEDED.test(file)) rmSync(join(assets, file));
  copyWithoutBundler(join(live, 'html'));
  for (const name of SHOWN_LIVE)
    copyFileSync(join(ROOT, 'public/samples/two.jpg'), join(live, name, 'sample.jpg'));
}

/** The example that has no bundler is its page, with the package's files beside it. */
function copyWithoutBundler(folder: string): void {
  cpSync(join(ROOT, 'examples/html/public'), folder, {
    recursive: true,
    filter: (path) => !path.endsWith('body21') && !path.endsWith('.jpg'),
  });
  const [from, to] = [join(ROOT, 'dist'), join(folder, 'body21')];
  mkdirSync(join(to, 'assets'), { recursive: true });
  for (const file of readdirSync(from)) if (NEEDED.test(file)) copyFileSync(join(from, file), join(to, file));
  for (const file of readdirSync(join(from, 'assets')))
    if (!NOT_NEEDED.test(file)) copyFileSync(join(from, 'assets', file), join(to, 'assets', file));
}
