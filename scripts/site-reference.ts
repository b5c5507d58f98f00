import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Has the generated pages' own anchors be those that links of these pages name. */
export function mendAnchors(folder: string): void {
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.md')) continue;
    const path = join(folder, file);
    writeFileSync(path, withOwnAnchors(readFileSync(path, 'utf8')));
  }
}

/**
 * A page in which a table's row has an anchor as links spell it, and none that a heading has already:
 * `[dispose]` and `dispose()` are one name to the tool that writes these pages, and two to the one that links them.
 */
export function withOwnAnchors(markdown: string): string {
  const headings = new Set(
    (markdown.match(/(?<=^#+ ).+/gm) ?? []).map((heading) => heading.toLowerCase().replaceAll(/[^\w]/g, '')),
  );
  return markdown
    .replaceAll(/<a id="([^"]*)"><\/a> ?/g, (anchor: string, id: string) => {
      return headings.has(id) ? '' : anchor.replaceAll('_', '-');
    })
    .replaceAll(/\]\(#([\w-]+)-1\)/g, (link: string, id: string) => (headings.has(id) ? `](#${id})` : link));
}
