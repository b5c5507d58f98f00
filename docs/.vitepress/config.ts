import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import type { DefaultTheme } from 'vitepress';
import { siteLink } from '../../scripts/site-links.ts';
import { SECTIONS } from './pages.ts';

const REFERENCE = fileURLToPath(new URL('../api/typedoc-sidebar.json', import.meta.url));
/** Written by `npm run docs -- build` as well. */
const EXAMPLES = fileURLToPath(new URL('../examples/', import.meta.url));

/** The generated pages of the reference, by what they are for; `npm run docs -- build` writes them. */
function reference(): DefaultTheme.SidebarItem[] {
  if (!existsSync(REFERENCE)) return [];
  const items: DefaultTheme.SidebarItem[] = JSON.parse(readFileSync(REFERENCE, 'utf8'));
  return [{ text: 'Overview', link: '/api/' }, ...items];
}

/** The site of the pages in `docs/`. `DOCS_BASE` is the path that it is hosted under, `/` by default. */
export default defineConfig({
  title: 'body21',
  description: 'Every person in a picture, 21 keypoints each, in the browser: nothing is uploaded.',
  lang: 'en',
  base: process.env['DOCS_BASE'] ?? '/',
  outDir: '../dist-docs',
  cacheDir: '../node_modules/.vitepress',
  // The demo is copied in after the pages are built.
  ignoreDeadLinks: [/^\/demo\//],
  // A page's address is its file's, whatever host serves it.
  cleanUrls: false,
  markdown: {
    config(md) {
      md.core.ruler.push('site-links', ({ tokens }) => {
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const link = token.type === 'link_open' ? token.attrGet('href') : null;
          if (link !== null) token.attrSet('href', siteLink(link));
        }
      });
    },
  },
  vite: { build: { chunkSizeWarningLimit: 1000 } },
  themeConfig: {
    search: { provider: 'local' },
    outline: { level: [2, 3] },
    nav: [
      { text: 'Guide', link: '/guide/getting-started' },
      { text: 'API', link: '/api/' },
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
