import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { withTablesOf } from '../../scripts/readme-tables.ts';
import { ROOT } from '../../scripts/root.ts';
import {
  anchorsOf,
  linkById,
  omittedBy,
  originalOf,
  sectionsKept,
  sectionsOf,
  translationOf,
} from '../../scripts/translations.ts';
import { samplesOf } from './doc-samples.ts';
import type { DocSample } from './doc-samples.ts';

/** What is a comment, by the languages that write it so. */
const COMMENTS: readonly [languages: RegExp, comment: RegExp][] = [
  [/^(?:[jt]sx?|jsonc|diff)$/, /(?<![:'"`/])\/\/.*|\/\*.*?\*\//gm],
  [/^(?:sh|yaml|toml|nginx)$/, /(?<=^|\s)#.*/gm],
  [/^(?:html|vue|svelte)$/, /<!--.*?-->/gm],
];

/** Code, and numbers that are no part of a name. */
const MARKS = /`[^`]+`|(?<![\p{Script=Latin}\p{N}_.-])\.?\d+(?:[.,]\d+)*/gu;

/** In text, and in the tags that a page may have. */
const LINKS = /\]\(([^)]+)\)|\b(?:href|src)="([^"]+)"/g;

/**
 * Where a translation is no longer in step with its original: other headings, samples, tables, links, code or
 * numbers. Whether it says the same is for a reader of both to judge.
 * @param page the translation's path in the repository
 * @param translation its text
 * @param original that of what it was translated from
 * @returns a sentence for each difference, with page and section
 */
export function differencesOf(
  page: string,
  translation = read(page),
  original = read(originalOf(page) ?? page),
): string[] {
  const anchors = anchorsOf(original);
  const strange = omittedBy(translation).filter((anchor) => !anchors.includes(anchor));
  const ours = sectionsKept(original, translation);
  const theirs = sectionsOf(translation);
  const complaints = strange.map((anchor) => `leaves out “${anchor}”, which the original has not`);
  complaints.push(...differencesInFront(translation, original));
  const at = ours.findIndex(({ level }, index) => level !== theirs[index]?.level);
  const [first, second = { heading: 'nothing', level: 0 }] =
    at < 0 ? [undefined, theirs[ours.length]] : [ours[at], theirs[at]];
  if (first)
    complaints.push(`has “${second.heading}” where the original has “${first.heading}”, or not at its level`);
  else if (theirs.length > ours.length)
    complaints.push(`has “${second.heading}”, which the original has not`);
  else {
    for (const [index, { heading, text }] of theirs.entries()) {
      const where = heading === '' ? 'above its first heading' : `under “${heading}”`;
      const found = differencesIn(text, ours[index]?.text ?? '', page);
      complaints.push(...found.map((difference) => `${where} ${difference}`));
    }
  }
  return complaints.map((complaint) => `${page} ${complaint}`);
}

/** The differences of what stands in both pages' front matter: its names, and where its links lead. */
function differencesInFront(translation: string, original: string): string[] {
  const [theirs, ours] = [translation, original].map((text) => {
    const [, front = ''] = /^---\n(.*?)\n---\n/s.exec(text) ?? [];
    const lines = front.replace(/^omits:(?:\n +- .*)+/m, '').split('\n');
    return lines.filter((line) => line !== '');
  });
  const complaints = [];
  for (const line of theirs ?? []) {
    const [, link = ''] = /link: (\/(?!zh\/)\S+)$/.exec(line) ?? [];
    if (translationOf(`docs${link}.md`)) complaints.push(`leads to ${link}, not to /zh${link}`);
  }
  const bare = (line: string) =>
    (/^ *(?:- )?link: .*/.exec(line)?.[0] ?? line.replace(/(?<=:).*/, '')).replace('/zh/', '/');
  const [names = [], originals = []] = [theirs, ours].map((lines) => lines?.map(bare));
  const at = originals.findIndex((name, index) => name !== names[index]);
  if (at >= 0) complaints.push(`lacks what the original has as ${originals[at]?.trim()} in its front matter`);
  return complaints;
}

/** The differences of one section. */
function differencesIn(theirs: string, ours: string, page: string): string[] {
  const proseOf = (text: string) => text.replaceAll(/^( *)```.*?^\1```$/gms, '');
  const targets = targetsIn(proseOf(theirs), page);
  const originals = targetsIn(proseOf(ours), originalOf(page) ?? page).map(inOriginal);
  const complaints = [
    ...differenceOf('the sample', samplesOf(theirs).map(bareSample), samplesOf(ours).map(bareSample)),
    ...differenceOf('the link', targets.map(inOriginal), originals),
    ...differenceOf('', marksIn(proseOf(theirs)), marksIn(proseOf(ours))),
  ];
  for (const target of targets) {
    const [path = '', fragment = ''] = target.split('#');
    const better = translationOf(path);
    // The READMEs lead to each other, and what is left out to where it is.
    if (better === undefined || better === page || omittedBy(read(better)).includes(fragment)) continue;
    complaints.push(`leads to ${target}, not to ${better}`);
  }
  if (page.startsWith('docs/zh/')) complaints.push(...wrongMarksOfEnglish(proseOf(theirs), page));
  try {
    if (bareTables(withTablesOf(ours, theirs)) !== bareTables(theirs))
      complaints.push(
        'has other numbers or code in a table (`npx tsx scripts/readme-tables.ts` takes them over)',
      );
  } catch (error) {
    complaints.push(`has a table to translate anew: ${String(error)}`);
  }
  return complaints;
}

/** A link to a page; the links that follow it in a row, and what follows these. */
const ROWS = /(?<=\]\()([^)#]+\.md)[^)]*\)(?=((?:[、和与]\[[^\]]*\]\([^)]*\))*)(.{0,6}))/g;

/** Readers of Chinese are told which links lead to pages in English: the last of a row does, or all of them. */
function wrongMarksOfEnglish(prose: string, page: string): string[] {
  return [...prose.matchAll(ROWS)].flatMap(([, path = '', row = '', after = '']) => {
    const target = posix.join(posix.dirname(page), path);
    const isEnglish = originalOf(target) === undefined;
    const mark = row === '' ? /^(?:（(?:均为)?|，)英文/ : /^（均为英文/;
    if (mark.test(after) === isEnglish) return [];
    return [isEnglish ? `leads to ${target} without 英文 after it` : `calls ${target} 英文`];
  });
}

/** What one list has and the other has not, in whatever order. */
function differenceOf(what: string, theirs: readonly string[], ours: readonly string[]): string[] {
  const missing = [...new Set(ours)].filter((each) => !theirs.includes(each));
  const more = [...new Set(theirs)].filter((each) => !ours.includes(each));
  return [
    ...missing.map((each) => `lacks ${what} ${each}`),
    ...more.map((each) => `has ${what} ${each}, which the original has not`),
  ].map((complaint) => complaint.replace('  ', ' '));
}

function bareSample({ language, note, code }: DocSample): string {
  const [, comment] = COMMENTS.find(([languages]) => languages.test(language)) ?? [];
  const bare = comment === undefined ? code : code.replaceAll(comment, '');
  return `\`\`\`${language} ${note}\n${bare.replaceAll(/ +$/gm, '')}\`\`\``;
}

/** Where links and pictures lead: a path in the repository, and a heading's id in the site. */
function targetsIn(text: string, page: string): string[] {
  return [...text.matchAll(LINKS)].map(([, inText, inTag]) => {
    const link = inText ?? inTag ?? '';
    if (/^[a-z]+:/.test(link)) return link;
    // The demo's pages speak every language.
    const target = linkById(page, link.replace(/\?lang=zh\b/, ''));
    return target.startsWith('#') ? page + target : posix.join(posix.dirname(page), target);
  });
}

function inOriginal(target: string): string {
  const [, path = '', fragment = ''] = /^([^#]*)(.*)$/.exec(target) ?? [];
  return (originalOf(path) ?? path) + fragment;
}

/** The code and the numbers of what is neither table nor link. */
function marksIn(prose: string): string[] {
  const text = prose.replaceAll(/^\|.*|^\d+\. /gm, '').replaceAll(LINKS, '');
  // `.5` and `0.5` are the same.
  return (text.match(MARKS) ?? []).map((mark) => mark.replace(/^0(?=\.)/, ''));
}

/** Without the spaces that align columns. */
function bareTables(text: string): string {
  return text.replaceAll(/ *\| */g, '|').replaceAll(/-{3,}/g, '---');
}

function read(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}
