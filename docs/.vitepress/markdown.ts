import type { MarkdownEnv, MarkdownRenderer } from 'vitepress';
import { siteLink } from '../../scripts/site-links.ts';
import { headingIds, linkById, originalOf } from '../../scripts/translations.ts';
import { nameHeads } from './heads.ts';

/** What the renderer's rules are handed. */
interface State {
  tokens: ReturnType<MarkdownRenderer['parse']>;
  env: MarkdownEnv;
}

/** What a cell's text may have, in characters, and stay in one line. */
const SHORT = 8;

/** What the site's Markdown has besides: links that stay in the site, and what Chinese pages need. */
export function extendMarkdown(md: MarkdownRenderer): void {
  nameHeads(md);
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
  md.core.ruler.push('cells-in-chinese', ({ tokens, env }: State) => {
    if (!isChinese(env)) return;
    for (const [index, { content }] of tokens.entries()) {
      const cell = tokens[index - 1];
      if (cell?.type !== 'td_open' && cell?.type !== 'th_open') continue;
      // A line may break after any character, so a narrow table would have columns one character wide.
      const width = content.length > SHORT ? 'min-width: 9em' : 'white-space: nowrap';
      cell.attrSet('style', [cell.attrGet('style') ?? '', width].filter((each) => each !== '').join('; '));
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
