import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SECTIONS } from '../docs/.vitepress/pages.ts';
import { description } from '../package.json' with { type: 'json' };
import { ROOT } from './root.ts';

/**
 * What language models read first (`llms.txt`): each page with what it is about, in its own first sentence.
 * @param markdown gives a page's Markdown
 * @throws Error for a page that does not begin with a sentence
 */
export function llmsIndex(markdown: (page: string) => string): string {
  const sections = SECTIONS.map(({ text, pages }) => {
    const lines = pages.map(
      ({ text: name, page }) => `- [${name}](${page}.md): ${firstSentence(markdown(page), page)}`,
    );
    return `## ${text}\n\n${lines.join('\n')}\n`;
  });
  return [`# body21\n\n> ${description}\n`, ...sections].join('\n');
}

/** The pages in one piece (`llms-full.txt`). */
export function llmsFull(markdown: (page: string) => string): string {
  const pages = SECTIONS.flatMap((section) => section.pages);
  return pages.map(({ page }) => `<!-- ${page}.md -->\n\n${markdown(page).trim()}\n`).join('\n');
}

/** Writes both into the site's folder, and the pages beside, as they were written. */
export function writeLlms(site: string): void {
  writeFileSync(join(site, 'llms.txt'), llmsIndex(read));
  writeFileSync(join(site, 'llms-full.txt'), llmsFull(read));
  for (const { page } of SECTIONS.flatMap(({ pages }) => pages)) {
    mkdirSync(join(site, dirname(page)), { recursive: true });
    cpSync(join(ROOT, 'docs', `${page}.md`), join(site, `${page}.md`));
  }
}

function read(page: string): string {
  return readFileSync(join(ROOT, 'docs', `${page}.md`), 'utf8');
}

function firstSentence(markdown: string, page: string): string {
  const prose = markdown.replaceAll(/^```.*?^```$/gms, '');
  const paragraph = prose.split(/\n{2,}/).find((block) => /^[\p{L}`[*_]/u.test(block));
  const [sentence] = /^.*?[.:](?=\s|$)/s.exec(paragraph ?? '') ?? [];
  if (sentence === undefined) throw new Error(`docs/${page}.md begins with no sentence.`);
  return sentence
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll('\n', ' ')
    .replace(/:$/, '.');
}
