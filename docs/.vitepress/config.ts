import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import type { DefaultTheme } from 'vitepress';
import { CHINESE, CHINESE_SEARCH, LAST_CHINESE, tokenize } from './chinese.ts';
import { repositoryLink, siteHead } from './head.ts';
import { extendMarkdown } from './markdown.ts';
import { SECTIONS } from './pages.ts';

const REFERENCE = fileURLToPath(new URL('../api/typedoc-sidebar.json', import.meta.url));
/** Written by `npm run docs -- build` as well. */
const EXAMPLES = fileURLToPath(new URL('../examples/', import.meta.url));

/** In place of the theme's. */
const LANGS = fileURLToPath(new URL('langs.ts', import.meta.url));

/** The generated pages of the reference, by what they are for; `npm run docs -- build` writes them. */
function reference(): DefaultTheme.SidebarItem[] {
  if (!existsSync(REFERENCE)) return [];
  const items: DefaultTheme.SidebarItem[] = JSON.parse(readFileSync(REFERENCE, 'utf8'));
  return [{ text: 'Overview', link: '/api/' }, ...items.map(linked)];
}

/** A task with a place to go to: one that only folds and unfolds would be a button with another inside of it. */
function linked(task: DefaultTheme.SidebarItem): DefaultTheme.SidebarItem {
  return { ...task, link: `/api/#${(task.text ?? '').toLowerCase().replaceAll(' ', '-')}` };
}

const BASE = process.env['DOCS_BASE'] ?? '/';
const REPOSITORY = repositoryLink();

/** The site of the pages in `docs/`. `DOCS_BASE` is the path that it is hosted under, `/` by default. */
export default defineConfig({
  title: 'body21',
  description: 'Every person in a picture, 21 keypoints each, in the browser: nothing is uploaded.',
  lang: 'en',
  base: BASE,
  head: siteHead(BASE),
  outDir: '../dist-docs',
  cacheDir: '../node_modules/.vitepress',
  // The demo and the live examples come in after the pages are built.
  ignoreDeadLinks: [/^\/demo\//],
  // A page's address is its file's, whatever host serves it.
  cleanUrls: false,
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config: extendMarkdown,
  },
  // What follows them in the sidebar is the demo, which is no page of the site: there is no way to it but by its links.
  transformPageData({ relativePath, frontmatter }) {
    if (relativePath === 'examples/index.md' || relativePath === LAST_CHINESE) frontmatter['next'] ??= false;
  },
  vite: {
    build: { chunkSizeWarningLimit: 1000 },
    resolve: {
      alias: [{ find: /^\.{1,2}\/composables\/langs$/, replacement: LANGS }],
    },
  },
  locales: { root: { label: 'English', lang: 'en' }, zh: CHINESE },
  themeConfig: {
    search: {
      provider: 'local',
      options: { locales: { zh: CHINESE_SEARCH }, miniSearch: { options: { tokenize } } },
    },
    outline: { level: [2, 3] },
    ...(REPOSITORY !== undefined && { socialLinks: [{ icon: 'github', link: REPOSITORY }] }),
    nav: [
      { text: 'Guide', link: '/guide/getting-started' },
      { text: 'API', link: '/api/' },
      { text: 'Examples', link: '/examples/' },
      { text: 'Try it', link: '/demo/index.html', target: '_self' },
    ],
    sidebar: {
      '/api/': reference(),
      '/': [
        ...SECTIONS.map(({ text, pages }) => ({
          text,
          items: pages.map(({ text: name, page }) => ({ text: name, link: `/${page}` })),
        })),
        ...(existsSync(EXAMPLES) ? [{ text: 'Examples', link: '/examples/' }] : []),
        {
          text: 'Try it',
          items: [
            { text: 'Photos', link: '/demo/index.html', target: '_self' },
            { text: 'Video', link: '/demo/video.html', target: '_self' },
            { text: 'Live', link: '/demo/live.html', target: '_self' },
          ],
        },
      ],
    },
  },
});
