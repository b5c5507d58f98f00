import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildPage } from '../../demo/build/pages.ts';
import { counting } from '../../demo/words/counting.ts';
import { enPages } from '../../demo/words/en-pages.ts';
import { en } from '../../demo/words/en.ts';
import { zhPages } from '../../demo/words/zh-pages.ts';
import { zh } from '../../demo/words/zh.ts';

const PAGES = ['index.html', 'live.html', 'video.html'];

/** Every text of a language and every function that makes one, by its path: `photo.title`. */
function entries(words: object, path = ''): [string, unknown][] {
  return Object.entries(words).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null
      ? entries(value, `${path}${name}.`)
      : [[`${path}${name}`, value] as [string, unknown]],
  );
}

describe.each([
  ['what scripts say', en, zh],
  ['what stands in the pages', enPages, zhPages],
])('%s', (_, english, chinese) => {
  it('is there in both languages, in the same order', () => {
    expect(entries(chinese).map(([key]) => key)).toEqual(entries(english).map(([key]) => key));
  });

  it('is nowhere empty, and is Chinese in Chinese', () => {
    const all = [...entries(english), ...entries(chinese)];
    const empty = all.filter(([, text]) => typeof text === 'string' && text.trim() === '');
    // Between two Chinese sentences there is no space.
    expect(empty.map(([key]) => key).filter((key) => key !== 'between')).toEqual([]);
    const untranslated = entries(chinese).filter(
      ([, text]) => typeof text === 'string' && /[a-z]{2}/i.test(text) && !/[\u4e00-\u9fff]/.test(text),
    );
    // Names, and the link to the English page.
    expect(
      untranslated.map(([key]) => key).filter((key) => !/^language\.|\.models\.|json$|Lines$/i.test(key)),
    ).toEqual([]);
  });
});

/** Numbers that stand for what is filled in: each to be told from the others in a text. */
const MARKS = [11, 22, 33, 44, 55];

it('what is filled in stands in the text of both languages', () => {
  const chinese = new Map(entries(zh));
  for (const [key, say] of entries(en)) {
    if (typeof say !== 'function') continue;
    const inChinese = chinese.get(key);
    if (typeof inChinese !== 'function') throw new Error(`${key} is no function in Chinese.`);
    const filled = (text: unknown) => MARKS.filter((mark) => String(text).includes(String(mark)));
    // Where they are lists or choices, tests of their own look at them.
    if (/\.(?:progress|steps|listed|sentence)$/.test(key)) continue;
    expect(filled(inChinese(...MARKS)), key).toEqual(filled(say(...MARKS)));
  }
});

it('of an error there is a Chinese sentence, and the library’s own beside it', () => {
  expect(zh.errors.sentence('image-format', 'The file is not a picture.')).toMatch(
    /^文件不是图片.*（The file is not a picture\.）$/,
  );
  expect(en.errors.sentence('image-format', 'The file is not a picture.')).toBe('The file is not a picture.');
});

it('things are counted as the language does', () => {
  const { counted } = counting('en');
  expect([0, 1, 2, 1204].map((n) => counted(n, { one: 'frame', other: 'frames' }))).toEqual([
    '0 frames',
    '1 frame',
    '2 frames',
    '1,204 frames',
  ]);
  expect([0, 1, 2].map(zh.people)).toEqual(['没有人', '1 人', '2 人']);
  expect(en.photo.progress({ at: 2, of: 5 }, 'reading')).toBe('Analysing… photo 2 of 5: reading');
  expect(zh.photo.progress(undefined, '')).toBe('正在分析…');
});

describe.each(PAGES)('%s', (file) => {
  const source = readFileSync(`demo/${file}`, 'utf8');

  it('has no words of its own', () => {
    const said = [
      source,
      ...readdirSync('demo/parts').map((part) => readFileSync(`demo/parts/${part}`, 'utf8')),
    ]
      .join('\n')
      .replace(/<!--.*?-->|<kbd>[^<]*<\/kbd>|<h1>body21<\/h1>|body21 (?=\{)|\{\w+\}/g, '')
      // Formats have the same names everywhere.
      .replace(/>(?:PNG|SVG|JSON|CSV|ZIP)</g, '><');
    expect(said.match(/>[^<>]*\p{L}{2}[^<>]*</gu)).toBeNull();
    expect(said.match(/ (?:aria-label|title|alt|placeholder)="[^"]+"/g)).toBeNull();
  });

  it('is sent in English, with the Chinese beside it', () => {
    const built = buildPage(source, file);
    expect(built).not.toMatch(/data-word|data-current|<!-- include|\{page\}/);
    expect(built.match(/aria-current="page"/g)).toHaveLength(1);
    expect(built).toMatch(/<a href="\.\/video\.html"[^>]* data-zh="视频">Video</);
    expect(built).toMatch(/<title data-zh="body21：[^"]+">body21: /);
  });
});

it('words that a page asks for and that there are not are told of', () => {
  expect(() => buildPage('<p data-word="photo.nothing"></p>', 'index.html')).toThrow('photo.nothing');
  expect(() => buildPage('', 'other.html')).toThrow('other.html');
});

it('every word of the pages stands in one of them', () => {
  const all = [
    ...PAGES.map((file) => readFileSync(`demo/${file}`, 'utf8')),
    ...readdirSync('demo/parts').map((part) => readFileSync(`demo/parts/${part}`, 'utf8')),
  ].join('\n');
  const asked = new Set(
    [...all.matchAll(/data-word(?:-[\w-]+)?="([^"]+)"/g)].flatMap(([, key = '']) =>
      ['photo', 'live', 'video'].map((page) => key.replace('{page}', page)),
    ),
  );
  expect(
    entries(enPages)
      .map(([key]) => key)
      .filter((key) => !asked.has(key)),
  ).toEqual([]);
});

it('scripts have no words of their own', () => {
  const scripts = readdirSync('demo', { recursive: true, encoding: 'utf8' }).filter(
    (file) =>
      file.endsWith('.ts') && // Snippets are code, in every language the same.
      !/^(?:words|build)\/|^take-away\/snippets|vite\.config|service-worker/.test(file),
  );
  expect(scripts.length).toBeGreaterThan(30);
  for (const file of scripts) {
    const code = readFileSync(`demo/${file}`, 'utf8')
      .replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '')
      // Who reads these reads the code.
      .replace(/\bnew Error\([^)]*\)|\.abort\([^)]*\)\)?/g, '');
    // A text of several words, or one that is shown.
    const texts = code.match(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g) ?? [];
    const told = texts.filter((text) => /\p{L}{2} \p{L}{2}/u.test(text));
    const shown = code.match(/(?:textContent|ariaLabel|title|alt|label) = (['"`])\p{L}+/gu) ?? [];
    expect([...told, ...shown], file).toEqual([]);
  }
});
