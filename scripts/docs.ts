/**
 * `npm run docs`: the pages of `docs/` with live reload. `npm run docs -- build`: the documentation's site,
 * in `dist-docs/`: the reference from the built types, the pages, and the built demo.
 */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './headless.ts';
import { writeLlms } from './llms.ts';
import { writeCopies } from './site-pages.ts';
import { checkTypes, installTools, runCommand } from './tools.ts';

const BIN = 'docs/node_modules/.bin';

function run(command: string, env: Readonly<Record<string, string>> = {}): void {
  if (runCommand(command, [], env) !== 0) throw new Error(`${command} failed.`);
}

const [mode = 'dev', ...options] = process.argv.slice(2);
if (!['dev', 'build'].includes(mode) || (mode === 'build' && options.length > 0)) {
  console.error(`usage: npm run docs [-- dev [what vitepress dev takes]]   the pages with live reload
       npm run docs -- build                              the site, in dist-docs/`);
  process.exit(mode === '--help' || mode === '-h' ? 0 : 2);
}
installTools('docs');
checkTypes('docs');
if (mode === 'dev') process.exit(runCommand(`${BIN}/vitepress dev docs`, options));
run('npm run build -- all', { DOCS_SITE: '../' });
rmSync(join(ROOT, 'docs/api'), { recursive: true, force: true });
run(`${BIN}/typedoc --options docs/typedoc.json`);
writeCopies();
run(`${BIN}/vitepress build docs`);
cpSync(join(ROOT, 'dist-demo'), join(ROOT, 'dist-docs/demo'), { recursive: true });
writeLlms(join(ROOT, 'dist-docs'));
