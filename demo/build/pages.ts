import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Plugin } from 'vite';
import { speak } from '../words/early.ts';
import { enPages } from '../words/en-pages.ts';
import { zhPages } from '../words/zh-pages.ts';

/** The pages, by their files' names. */
const PAGES: Readonly<Record<string, string>> = {
  'index.html': 'photo',
  'live.html': 'live',
  'video.html': 'video',
};

const INCLUDE = /<!-- include ([\w-]+)(?: with ([\w-]+))? -->/g;
const IF = /<!-- if ([\w-]+) -->([^]*?)<!-- end -->/g;
const WITH = /<!-- with ([\w-]+) -->([^]*?)<!-- end -->/g;

/** The file as it is within a page, where there are words beside it. */
const ICON = readFileSync(new URL('../../public/icon.svg', import.meta.url), 'utf8')
  .trim()
  .replace(/ xmlns="[^"]*"/, ' class="icon" width="36" height="36" aria-hidden="true"');

/** What the package tells of itself. */
const PACKAGE = readPackage();

/** In every page, first in its head. */
const EARLY_SCRIPT = `(${String(speak)})()`;

/**
 * Makes a page of its source:
 *
 * - `<!-- include header -->` becomes `demo/parts/header.html`, and `<!-- include model with auto -->` a part with
 *   what stands in it between `<!-- if auto -->` and `<!-- end -->`, which else is left out;
 * - `{page}` becomes `photo`, `live` or `video`;
 * - `{version}` and `{license}` become the package's, and `{icon}` the picture that browsers show in the tab: within
 *   the page it is there when that is painted first, and is not asked for twice;
 * - what stands between `<!-- with site -->` and `<!-- end -->` stays where it is known where the documentation's
 *   site is, and `{site}` becomes that; so with `{code}` and the repository that the package names;
 * - `data-current="live"` becomes `aria-current="page"` on that page;
 * - `data-word="photo.title"` fills an element with those words, and `data-word-title="photo.title"` gives it an
 *   attribute. English then stands in the page, and Chinese in attributes, where the early script finds it.
 *
 * @param file the page's file name
 * @param site where the documentation's site is, relative to the page or not, with a slash at its end
 * @throws Error for a part or words that there are not
 */
export function buildPage(source: string, file: string, site?: string): string {
  const page = PAGES[file];
  if (page === undefined) throw new Error(`${file} is none of the pages.`);
  const facts: Readonly<Record<string, string | undefined>> = { page, site, icon: ICON, ...PACKAGE };
  return (
    source
      .replace(INCLUDE, (_, name: string, given?: string) => part(name, given))
      .replace(WITH, (_, name: string, text: string) => (facts[name] === undefined ? '' : text))
      .replace(/\{(\w+)\}/g, (_, name: string) => facts[name] ?? '')
      .replace(/ data-current="(\w+)"/g, (_, name: string) => (name === page ? ' aria-current="page"' : ''))
      .replace(/<(\w+)([^<>]*)>/g, (_, tag: string, attributes: string) => speakingTag(tag, attributes))
      // What comes before the character set may have 1024 bytes.
      .replace('<meta charset="utf-8" />', (charset) => `${charset}<script>${EARLY_SCRIPT}</script>`)
  );
}

/** What {@link buildPage} does, to Vite. The environment's `DOCS_SITE` tells where the documentation's site is. */
export function pages(): Plugin {
  return {
    name: 'body21:pages',
    transformIndexHtml: {
      order: 'pre',
      handler: (html, { filename }) => buildPage(html, basename(filename), process.env['DOCS_SITE']),
    },
  };
}

function readPackage(): { version: string; license: string; code?: string } {
  const { version, license, repository }: { version: string; license: string; repository?: { url: string } } =
    JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const code = repository?.url.replace(/^git\+|\.git$/g, '');
  return { version, license, ...(code !== undefined && { code }) };
}

/**
 * A part, with those that it includes.
 * @param given what of it stays where a page says so
 */
function part(name: string, given?: string): string {
  return readFileSync(new URL(`../parts/${name}.html`, import.meta.url), 'utf8')
    .trimEnd()
    .replace(IF, (_, wanted: string, text: string) => (wanted === given ? text : ''))
    .replace(INCLUDE, (_, inner: string, inside?: string) => part(inner, inside));
}

/** A start tag with its words, in attributes and after it. */
function speakingTag(tag: string, attributes: string): string {
  let content = '';
  const spoken = attributes.replace(
    /\bdata-word(?:-([\w-]+))?="([^"]*)"/g,
    (_, name: string | undefined, key: string) => {
      const [english, chinese] = [enPages, zhPages].map((language) => escaped(wordsAt(language, key)));
      if (name !== undefined) return `${name}="${english}" data-zh-${name}="${chinese}"`;
      content = english ?? '';
      return `data-zh="${chinese}"`;
    },
  );
  return `<${tag}${spoken}>${content}`;
}

/** `photo.title` */
function wordsAt(language: object, key: string): string {
  const found = key.split('.').reduce<unknown>((at, name) => Object(at)[name], language);
  if (typeof found !== 'string') throw new Error(`There are no words “${key}”.`);
  return found;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
