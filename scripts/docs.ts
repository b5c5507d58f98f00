/**
 * `npm run docs`: the pages of `docs/` with live reload. `npm run docs -- build`: the documentation's site,
 * in `dist-docs/`: the reference from the built types, the pages, the built demo, and the examples, live.
 * `npm run docs -- check`: the same, and looks at every page of it. `npm run docs -- pictures`: takes the front page's
 * pictures anew, of the site that was built last.
 */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeLlms } from './llms.ts';
import { ROOT } from './root.ts';
import { checkSite } from './site-check.ts';
import { buildLive } from './site-live.ts';
import { writeCopies } from './site-pages.ts';
import { takePictures } from './site-pictures.ts';
import { mendAnchors } from './site-reference.ts';
import { writeHeaders } from './site-server.ts';
import { checkTypes, installTools, runCommand } from './tools.ts';

const BIN = 'docs/node_modules/.bin';
const SITE = join(ROOT, 'dist-docs');

function run(command: string, env: Readonly<Record<string, string>> = {}): void {
  if (runCommand(command, [], env) !== 0) throw new Error(`${command} failed.`);
}

function build(): void {
  const start = performance.now();
  run('npm run build -- all', { DOCS_SITE: '../' });
  rmSync(join(ROOT, 'docs/api'), { recursive: true, force: true });
  run(`${BIN}/typedoc --options docs/typedoc.json`);
  mendAnchors(join(ROOT, 'docs/api'));
  writeCopies();
  run(`${BIN}/vitepress build docs`);
  cpSync(join(ROOT, 'dist-demo'), join(SITE, 'demo'), { recursive: true });
  buildLive(SITE);
  writeLlms(SITE);
  writeHeaders(SITE);
  console.log(`Built in ${((performance.now() - start) / 1000).toFixed(0)} s: dist-docs/`);
}

const [mode = 'dev', ...options] = process.argv.slice(2);
if (!['dev', 'build', 'check', 'pictures'].includes(mode) || (mode !== 'dev' && options.length > 0)) {
  console.error(`usage: npm run docs [-- dev [what vitepress dev takes]]   the pages with live reload
       npm run docs -- build                              the site, in dist-docs/
       npm run docs -- check                              builds it, and looks at every page of it
       npm run docs -- pictures                           takes its pictures anew`);
  process.exit(mode === '--help' || mode === '-h' ? 0 : 2);
}
installTools('docs');
installTools('docs/.vitepress/live');
checkTypes('docs');
if (mode === 'dev') process.exit(runCommand(`${BIN}/vitepress dev docs`, options));
if (mode === 'build' || mode === 'check') build();
if (mode === 'check') process.exitCode = (await checkSite()) ? 0 : 1;
if (mode === 'pictures') await takePictures();
