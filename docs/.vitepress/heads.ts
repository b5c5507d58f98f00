import type { MarkdownRenderer } from 'vitepress';

/** Has a table's empty corner be a cell, since it is the head of nothing. */
export function nameHeads(md: MarkdownRenderer): void {
  md.core.ruler.push('empty-heads', ({ tokens }) => {
    for (const [index, token] of tokens.entries()) {
      const [inside, end] = [tokens[index + 1], tokens[index + 2]];
      if (token.type !== 'th_open' || inside?.content !== '' || !end) continue;
      token.tag = 'td';
      end.tag = 'td';
    }
  });
}
