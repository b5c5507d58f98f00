/**
 * Builds the documentation's site in `dist-docs/`: the reference from the built types, the pages, and the built demo.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { extractApi } from './api-model.ts';
import { ROOT } from './headless.ts';
import { writeCopies } from './site-pages.ts';

function run(command: string, ...options: string[]): void {
  const { status } = spawnSync('npx', [command, ...options], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} ${options.join(' ')} failed.`);
}

/** Writes the reference's pages to `docs/api/`. */
function writeReference(): void {
  const model = mkdtempSync(join(ROOT, 'node_modules/.body21-api-'));
  const pages = join(ROOT, 'docs/api');
  try {
    const complaints = extractApi(model);
    if (complaints.length > 0) throw new Error(complaints.join('\n'));
    rmSync(pages, { recursive: true, force: true });
    mkdirSync(pages, { recursive: true });
    run('api-documenter', 'markdown', '--input-folder', model, '--output-folder', pages);
  } finally {
    rmSync(model, { recursive: true, force: true });
  }
  // Its front page is a list of packages, of which there is one; each page begins with a way there.
  rmSync(join(pages, 'index.md'));
  for (const file of readdirSync(pages)) {
    const path = join(pages, file);
    const text = readFileSync(path, 'utf8')
      .replace('[Home](./index.md) &gt; [body21](./body21.md)', '[API](./index.md)')
      .replace('[Home](./index.md)', '[API](./index.md)')
      .replaceAll('./body21.md', './index.md');
    writeFileSync(file === 'body21.md' ? join(pages, 'index.md') : path, text);
  }
  rmSync(join(pages, 'body21.md'));
}

writeReference();
writeCopies();
run('vitepress', 'build', 'docs');
cpSync(join(ROOT, 'dist-demo'), join(ROOT, 'dist-docs/demo'), { recursive: true });
