import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { ROOT } from './headless.ts';

/** The site's copies of what the repository has outside `docs/`; none is in the repository. */
export function writeCopies(): void {
  const folder = join(ROOT, 'docs/examples');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const examples = join(ROOT, 'examples');
  const names = readdirSync(examples, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const overview = readFileSync(join(examples, 'README.md'), 'utf8')
    .replaceAll(/\]\(([a-z]+)\/\)/g, '](./$1.md)')
    .replaceAll('](../docs/', '](../');
  writeFileSync(join(folder, 'index.md'), overview);
  for (const name of names) writeFileSync(join(folder, `${name}.md`), examplePage(join(examples, name)));
  const policy = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8').replaceAll('](docs/', '](./');
  writeFileSync(join(ROOT, 'docs/security-policy.md'), policy);
}

/** An example's README, and below it each of its files. */
function examplePage(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(
      (file) =>
        /^(?!(?:node_modules|dist|\.next)\/|package-lock).*\.[a-z]+$/.test(file) && file !== 'README.md',
    )
    .toSorted((a, b) => depth(b) - depth(a) || a.localeCompare(b));
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  const linked = files.reduce((text, file) => text.replaceAll(`](${file})`, `](#${anchor(file)})`), readme);
  const listings = files.map((file) => {
    const code = readFileSync(join(folder, file), 'utf8').trimEnd();
    return `## ${file} {#${anchor(file)}}\n\n\`\`\`${extname(file).slice(1).replace('mjs', 'js')}\n${code}\n\`\`\`\n`;
  });
  return [linked, ...listings].join('\n');
}

/** An app's own code lies deeper than its settings, and is what one looks for. */
function depth(file: string): number {
  return file.split('/').length;
}

function anchor(file: string): string {
  return file.replaceAll(/[^a-z0-9]+/gi, '-');
}
