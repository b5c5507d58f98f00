/**
 * `npm run docs`: the pages of `docs/` with live reload. `npm run docs -- build`: the documentation's site,
 * in `dist-docs/`: the reference from the built types, the pages, and the built demo.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './headless.ts';
import { writeLlms } from './llms.ts';
import { writeCopies } from './site-pages.ts';
import { checkTypes, installTools, runCommand } from './tools.ts';

const BIN = 'docs/node_modules/.bin';

function run(command: string, env: Readonly<Record<string, string>> = {}): void {
  if (runCommand(command, [], env) !== 0) throw new Error(`${command} failed.`);
}

/** Writes the reference's pages to `docs/api/`. */
function writeReference(): void {
  const model = mkdtempSync('node_modules/.body21-api-');
  const pages = join(ROOT, 'docs/api');
  try {
    run(`tsx docs/.vitepress/api-model.ts ${model}`);
    rmSync(pages, { recursive: true, force: true });
    mkdirSync(pages, { recursive: true });
    if (
      runCommand(`${BIN}/api-documenter markdown`, ['--input-folder', model, '--output-folder', pages]) !== 0
    ) {
      throw new Error('The reference could not be written.');
    }
  } finally {
    rmSync(model, { recursive: true, force: true });
  }
  const measured = symbolsOf('measure');
  // Its front page is a list of packages, of which there is one; each page begins with a way there.
  rmSync(join(pages, 'index.md'));
  for (const file of readdirSync(pages)) {
    const path = join(pages, file);
    const text = readFileSync(path, 'utf8')
      .replace('[Home](./index.md) &gt; [body21](./body21.md)', '[API](./index.md)')
      .replace('[Home](./index.md)', '[API](./index.md)')
      .replaceAll('./body21.md', './index.md');
    const [, symbol = ''] = file.split('.');
    const whole = measured.has(symbol)
      ? text.replace(/^## .*$/m, (heading) => `${heading}\n\nOf the entry \`body21/measure\`.`)
      : text;
    writeFileSync(file === 'body21.md' ? join(pages, 'index.md') : path, whole);
  }
  rmSync(join(pages, 'body21.md'));
}

/** What an entry exports, in small letters, as the names of its pages are. */
function symbolsOf(entry: string): Set<string> {
  const types = readFileSync(join(ROOT, `dist/${entry}.d.ts`), 'utf8');
  const lists = [...types.matchAll(/^export (?:type )?\{ (.+) \};$/gm)].map(([, names = '']) => names);
  return new Set(lists.flatMap((names) => names.split(', ')).map((name) => name.toLowerCase()));
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
writeReference();
writeCopies();
run(`${BIN}/vitepress build docs`);
cpSync(join(ROOT, 'dist-demo'), join(ROOT, 'dist-docs/demo'), { recursive: true });
writeLlms(join(ROOT, 'dist-docs'));
