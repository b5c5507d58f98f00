import type { MarkdownEnv, MarkdownRenderer } from 'vitepress';
import { siteLink } from '../../scripts/site-links.ts';
import { headingIds, linkById, originalOf } from '../../scripts/translations.ts';

/** What the renderer's rules are handed. */
interface State {
  tokens: ReturnType<MarkdownRenderer['parse']>;
  env: MarkdownEnv;
}

/** What the site's Markdown has besides: links that stay in the site, and what Chinese pages need. */
export function extendMarkdown(md: MarkdownRenderer): void {
  md.core.ruler.push('site-links', ({ tokens, env }: State) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const link = token.type === 'link_open' ? token.attrGet('href') : null;
      if (link !== null) token.attrSet('href', siteLink(linkById(pageOf(env), link)));
    }
  });
  md.core.ruler.before('anchor', 'ids-in-english', ({ tokens, env }: State) => {
    if (!isChinese(env)) return;
    const ids = headingIds(pageOf(env));
    const headings = tokens.filter(({ type }) => type === 'heading_open');
    for (const [index, heading] of headings.entries()) heading.attrSet('id', ids[index] ?? '');
  });
  md.core.ruler.push('anchors-in-chinese', ({ tokens, env }: State) => {
    if (!isChinese(env)) return;
    for (const { content, children } of tokens) {
      const anchor = children?.find((token) => token.attrGet('class') === 'header-anchor');
      anchor?.attrSet('aria-label', `“${content}”的链接`);
    }
  });
  const { fence } = md.renderer.rules;
  md.renderer.rules.fence = (...args) => {
    const html = fence?.(...args) ?? '';
    // The button that copies has one name for all languages.
    return isChinese(args[3]) ? html.replace('title="Copy Code"', 'title="复制代码"') : html;
  };
}

/** The page's path in the repository. */
function pageOf({ relativePath }: MarkdownEnv): string {
  return `docs/${relativePath}`;
}

function isChinese(env: MarkdownEnv): boolean {
  return originalOf(pageOf(env)) !== undefined;
}
