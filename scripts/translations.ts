/** The pages in Chinese, and the ones that they were translated from. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { ROOT } from './root.ts';

/** Every translated page, by its path in the repository. */
export function translatedPages(): string[] {
  const pages = readdirSync(join(ROOT, 'docs/zh'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/zh/${file}`);
  return ['README.zh-CN.md', ...pages.toSorted()];
}

/** What a page was translated from; undefined for one that is an original itself. */
export function originalOf(page: string): string | undefined {
  if (page === 'README.zh-CN.md') return 'README.md';
  return page.startsWith('docs/zh/') ? page.replace('docs/zh/', 'docs/') : undefined;
}

/** The translation of a page, where there is one. */
export function translationOf(page: string): string | undefined {
  const translation =
    page === 'README.md' ? 'README.zh-CN.md' : page.replace(/^docs\/(?!zh\/)(?=.*\.md$)/, 'docs/zh/');
  return translation !== page && existsSync(join(ROOT, translation)) ? translation : undefined;
}

/** What stands below a heading, up to the next. */
export interface Section {
  /** Without its hashes; empty above the first one. */
  heading: string;
  /** How many hashes it has. */
  level: number;
  text: string;
}

/** A page's sections, in their order, without its front matter. */
export function sectionsOf(markdown: string): Section[] {
  let section: Section = { heading: '', level: 0, text: '' };
  const sections = [section];
  let isCode = false;
  for (const line of markdown.replace(/^---\n.*?\n---\n+/s, '').split('\n')) {
    if (/^ *```/.test(line)) isCode = !isCode;
    const [, hashes, heading = ''] = (!isCode && /^(#+) (.*)/.exec(line)) || [];
    if (hashes === undefined) section.text += `${line}\n`;
    else sections.push((section = { heading, level: hashes.length, text: '' }));
  }
  return sections;
}

/** The fragment that leads to a heading where its Markdown is shown. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

/** The fragments that lead to a page's headings, in their order. */
export function anchorsOf(markdown: string): string[] {
  return sectionsOf(markdown)
    .slice(1)
    .map(({ heading }) => anchorOf(heading));
}

/** What a translation leaves out of its original: those sections' anchors, as its front matter has them. */
export function omittedBy(translation: string): string[] {
  const [, list = ''] = /^---\nomits:\n((?: +- .*\n)+)---\n/.exec(translation) ?? [];
  return list.match(/(?<=- ).+/g) ?? [];
}

/** The original's sections that the translation has as well. */
export function sectionsKept(original: string, translation: string): Section[] {
  const omitted = omittedBy(translation);
  return sectionsOf(original).filter(({ heading }) => !omitted.includes(anchorOf(heading)));
}

/**
 * What the site calls a page's headings, in their order: in every language what they are in the original, so that
 * who switches the language stays at the section that they read.
 * @param page the page's path in the repository
 */
export function headingIds(page: string): string[] {
  const original = originalOf(page);
  const sections = original === undefined ? sectionsOf(read(page)) : sectionsKept(read(original), read(page));
  return sections.slice(1).map(({ heading }) => anchorOf(heading));
}

/**
 * A page's relative link, with the id that the site gives the heading it leads to.
 * @param page the path in the repository of the page that has the link
 */
export function linkById(page: string, link: string): string {
  const [, path, fragment = ''] = /^([^#]*)#(.+)$/.exec(link) ?? [];
  if (path === undefined || /^[a-z]+:|^\//.test(path)) return link;
  const target = path === '' ? page : posix.join(posix.dirname(page), path);
  if (originalOf(target) === undefined) return link;
  const id = headingIds(target)[anchorsOf(read(target)).indexOf(decodeURIComponent(fragment))];
  return id === undefined ? link : `${path}#${id}`;
}

function read(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}
