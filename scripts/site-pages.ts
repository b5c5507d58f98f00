import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { SHOWN_LIVE } from '../docs/.vitepress/live/shown.ts';
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
    .replace(/^\|.*\|(?:\n\|.*\|)+$/m, galleryOf(names))
    .replaceAll(/\]\(([a-z]+)\/\)/g, '](./$1.md)')
    .replaceAll('](../docs/', '](../');
  writeFileSync(join(folder, 'index.md'), overview);
  for (const name of names) writeFileSync(join(folder, `${name}.md`), examplePage(join(examples, name)));
  const policy = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8').replaceAll('](docs/', '](./');
  writeFileSync(join(ROOT, 'docs/security-policy.md'), policy);
}

/** The examples with a picture each, in place of the table that README.md has. */
function galleryOf(names: readonly string[]): string {
  const sorted = [...SHOWN_LIVE, ...names.filter((name) => !isLive(name))];
  const cards = sorted.map((name) => {
    const readme = readFileSync(join(ROOT, 'examples', name, 'README.md'), 'utf8');
    const [, title = '', about = ''] = /^# (.*)\n\n(.*?\.)(?:\s|$)/.exec(readme) ?? [];
    const links = [...(isLive(name) ? [liveLink(name, 'Live')] : []), `[Sources](./${name}.md)`];
    return `<div>\n\n${pictureOf(name)}\n\n**${title.replace('body21 with', 'With')}.** ${about}\n\n${links.join(' · ')}\n\n</div>`;
  });
  return `<div class="gallery">\n\n${cards.join('\n\n')}\n\n</div>`;
}

function isLive(name: string): boolean {
  return SHOWN_LIVE.some((each) => each === name);
}

function liveLink(name: string, text: string): string {
  return `<a href="../live/${name}/index.html" target="_self">${text}</a>`;
}

/** A picture of the example with its sample. */
function pictureOf(name: string): string {
  return `![The example: a photo with two people's skeletons](../images/examples/${name}.webp)`;
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
  const name = basename(folder);
  const live = isLive(name) ? `${liveLink(name, 'See it live')}, in this site.\n` : '';
  return [linked, `${pictureOf(name)}\n`, live, ...listings].join('\n');
}

/** An app's own code lies deeper than its settings, and is what one looks for. */
function depth(file: string): number {
  return file.split('/').length;
}

function anchor(file: string): string {
  return file.replaceAll(/[^a-z0-9]+/gi, '-');
}
