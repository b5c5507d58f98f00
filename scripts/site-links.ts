/** Pages of the repository that stand outside `docs/`, and what the site's copies of them are called. */
const COPIES: readonly [link: RegExp, page: (match: string) => string][] = [
  [/^(?:\.\.\/)+examples\/$/, () => '/examples/index.md'],
  [/^(?:\.\.\/)+examples\/([a-z]+)\/$/, (name) => `/examples/${name}.md`],
  [/^(?:\.\.\/)+SECURITY\.md$/, () => '/security-policy.md'],
];

/** Where a link of a page in `docs/` leads in the site. */
export function siteLink(link: string): string {
  for (const [pattern, page] of COPIES) {
    const match = pattern.exec(link);
    if (match) return page(match[1] ?? '');
  }
  return link;
}
