import type { HeadConfig } from 'vitepress';
import settings from '../../package.json' with { type: 'json' };

/** What is set when the package is published, and is not there before: see CONTRIBUTING.md. */
interface Published {
  description: string;
  homepage?: string;
  repository?: string | { url: string };
}

const published: Published = settings;

/** Where the sources are, for browsers. */
export function repositoryLink(): string | undefined {
  const { repository } = published;
  const url = typeof repository === 'object' ? repository.url : repository;
  return url?.replace(/^git\+/, '').replace(/\.git$/, '');
}

/** What every page has in its head: the icon, and what is shown where somebody shares a link to it. */
export function siteHead(base: string): HeadConfig[] {
  const { homepage } = published;
  const site = homepage === undefined ? base : homepage.replace(/\/?$/, '/');
  return [
    ['link', { rel: 'icon', type: 'image/svg+xml', href: `${base}demo/icon.svg` }],
    ['meta', { property: 'og:type', content: 'website' }],
    ['meta', { property: 'og:title', content: 'body21' }],
    ['meta', { property: 'og:description', content: published.description }],
    ['meta', { property: 'og:image', content: `${site}social.jpg` }],
    ['meta', { property: 'og:image:width', content: '1200' }],
    ['meta', { property: 'og:image:height', content: '630' }],
    ['meta', { property: 'og:image:alt', content: 'A group of people with a skeleton drawn on everyone' }],
    ['meta', { name: 'twitter:card', content: 'summary_large_image' }],
  ];
}
