import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasTranslation, SECTIONS } from '../../docs/.vitepress/pages.ts';
import {
  downloadsTable,
  filesOfVisit,
  GLANCE_TABLES,
  numbersTable,
  sizeOf,
  withGlance,
} from '../../scripts/glance.ts';
import { llmsFull, llmsIndex } from '../../scripts/llms.ts';
import { withMachineOf, withTablesOf } from '../../scripts/readme-tables.ts';
import { siteLink } from '../../scripts/site-links.ts';
import { TSC } from '../../scripts/tools.ts';
import { anchorsOf, headingIds, linkById, translatedPages } from '../../scripts/translations.ts';
import { AIP_ERRORS } from '../../src/client/aip.ts';
import { MOVENET } from '../../src/networks/movenet.ts';
import { NANODET } from '../../src/networks/nanodet.ts';
import { networksOf, PLANS } from '../../src/pipeline/photo/qualities.ts';
import { VALID_LANDMARK_SCORE, VALID_PERSON_SCORE } from '../../src/pipeline/scores.ts';
import { ERROR_CODES } from '../../src/schema/errors.ts';
import { DEFAULT_MODELS, LANDMARK_MODELS, QUALITIES } from '../../src/schema/loading.ts';
import { importsOf, samplesOf } from '../support/doc-samples.ts';
import { publicComments } from '../support/public-comments.ts';
import { differencesOf } from '../support/translation-check.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Every page that people write, and none that is generated. */
const PAGES = [
  ...readdirSync(ROOT).filter((file) => file.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter(
      (file) =>
        file.endsWith('.md') &&
        !/^(?:api\/|examples\/|node_modules\/|\.vitepress\/|security-policy)/.test(file),
    )
    .map((file) => `docs/${file}`),
].toSorted();

/** The cells of every table row below a heading of docs/errors.md, without the tables' heads. */
function rows(heading: string): string[][] {
  const text = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const section = text.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => {
      const cells = line.split('|').slice(1, -1);
      return cells.map((cell) => cell.trim());
    });
}

describe('docs/errors.md', () => {
  test('has every code with its API number, and no other', () => {
    const documented = rows('Codes').map(([code, number]) => [code, number] as const);
    const actual = Object.entries(ERROR_CODES).map(
      ([code, number]) => [`\`${code}\``, String(number ?? '')] as const,
    );
    expect(new Map(documented)).toEqual(new Map(actual));
    expect(documented).toHaveLength(actual.length);
  });

  test('has every error of the drop-in in the API’s words, and no other', () => {
    const documented = rows('Answers of the drop-in').map(([number, words]) => [number, words]);
    expect(documented).toEqual(Object.entries(AIP_ERRORS));
  });

  test('names what the drop-in rejects with, as its own documentation does', () => {
    const codesIn = (text: string | undefined) =>
      [...(text ?? '').matchAll(/`([a-z-]+)`/g)]
        .map(([, code]) => code)
        .filter((code) => code !== undefined && code in ERROR_CODES);
    const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
    const source = readFileSync(new URL('../../src/client/aip.ts', import.meta.url), 'utf8');
    const documented = codesIn(/^It rejects with[^]*/m.exec(page)?.[0]);
    expect(documented).toContain('disposed');
    expect(documented).toEqual(codesIn(/@throws BodyAnalysisError where the SDK[^]*?\*\//.exec(source)?.[0]));
  });

  test('says of each when it happens, and what to do', () => {
    for (const row of [...rows('Codes'), ...rows('Answers of the drop-in')]) {
      for (const cell of row.slice(2)) expect(cell).toMatch(/^[A-Z].*\.$/);
    }
    for (const row of rows('Codes')) expect(row).toHaveLength(4);
  });
});

test.each(['docs', 'docs/zh'])('%s/troubleshooting.md quotes what the library says', (folder) => {
  const source = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(ROOT, 'src', file), 'utf8').replaceAll('\\`', '`'))
    .join('\n');
  const page = readFileSync(join(ROOT, folder, 'troubleshooting.md'), 'utf8');
  const quotes = [...page.matchAll(/“([^”]*)”/g)].flatMap(([, quote = '']) => quote.split('…'));
  const pieces = quotes.map((piece) => piece.trim()).filter((piece) => piece !== '');
  expect(pieces.length).toBeGreaterThan(10);
  for (const piece of pieces) expect(source).toContain(piece);
});

describe('docs/quality.md', () => {
  const text = readFileSync(new URL('../../docs/quality.md', import.meta.url), 'utf8');
  /** What the table of plans says of each quality, in the row that begins so. */
  const cells = (start: string) => {
    const row = text.split('\n').find((line) => line.startsWith(`| ${start}`)) ?? '';
    const columns = row.split('|').slice(2, -1);
    return columns.map((cell) => cell.trim());
  };
  const yes = (value: boolean) => (value ? 'yes' : '–');

  test('says what each quality does', () => {
    const plans = QUALITIES.map((quality) => PLANS[quality]);
    const decimals = (value: number) => value.toFixed(2).replace('0.', '.');
    expect(cells('someone who fills')).toEqual(plans.map(({ loneSide }) => yes(loneSide < Infinity)));
    expect(cells('NanoDet (whole bodies)')).toEqual(plans.map(({ minBodyScore }) => decimals(minBodyScore)));
    expect(cells('of bodies that overlap')).toEqual(plans.map(({ maxBodyIou }) => decimals(maxBodyIou)));
    expect(cells('MoveNet looks at each person in the mirror')).toEqual(
      plans.map(({ mirrored }) => yes(mirrored)),
    );
    expect(cells('of people whose points')).toEqual(plans.map(({ maxOks }) => decimals(maxOks)));
    expect(cells('passes of BlazePose')).toEqual(plans.map(({ passes }) => String(passes)));
    for (const quality of QUALITIES) {
      const needed = networksOf(PLANS[quality], 'lite');
      const asked = needed.soon.length > 0 ? 'at once' : 'when needed';
      expect(cells('NanoDet and MoveNet are loaded')[QUALITIES.indexOf(quality)]).toBe(asked);
      expect([[], [NANODET, MOVENET]]).toContainEqual(needed.soon);
    }
  });

  test('says where the documented filter cuts', () => {
    const page = text.replaceAll('\n', ' ');
    const decimals = (value: number) => value.toFixed(2).replace('0.', '.');
    const alone = LANDMARK_MODELS.map(
      (model) => `${decimals(VALID_LANDMARK_SCORE[model])} with \`${model}\``,
    );
    expect(page).toContain(`BlazePose by itself: ${alone.join(', ')}.`);
    const together = String(VALID_PERSON_SCORE).replace('0.', '.');
    expect(page).toContain(`MoveNet and BlazePose together: ${together},`);
  });
});

describe('code in the pages', () => {
  /** What samples speak of without making it: a reader has it, or knows what is meant. */
  const FREE_NAMES = `
    import type { BodyAnalysisClient, BodyAnalysisResult } from 'body21';
    declare global {
      const client: BodyAnalysisClient;
      const result: BodyAnalysisResult;
      const photo: File;
      const img: HTMLImageElement;
      const video: HTMLVideoElement;
      const canvas: HTMLCanvasElement;
      const context: CanvasRenderingContext2D;
      const videoFrame: VideoFrame;
      const bytes: ArrayBuffer;
      const base64: string;
      const text: string;
      const signal: AbortSignal;
      const bar: HTMLProgressElement;
      const APP_ID: string;
      const API_KEY: string;
      const SECRET_KEY: string;
      function showHint(message: string): void;
    }`;
  /** The same for service workers, an extension's among them. */
  const SERVICE_WORKER_NAMES = `
    declare const self: ServiceWorkerGlobalScope;
    declare const chrome: {
      offscreen: {
        hasDocument(): Promise<boolean>;
        createDocument(page: { url: string; reasons: 'WORKERS'[]; justification: string }): Promise<void>;
      };
    };`.replaceAll('\n', ' ');
  const COMPILER = {
    extends: join(ROOT, 'tsconfig.base.json'),
    compilerOptions: {
      lib: ['es2023', 'dom', 'dom.iterable', 'esnext.disposable'],
      types: ['vite/client'],
      noUnusedLocals: false,
      paths: {
        body21: [join(ROOT, 'src/index.ts')],
        'body21/schema': [join(ROOT, 'src/schema/index.ts')],
        'body21/draw': [join(ROOT, 'src/draw/index.ts')],
        'body21/export': [join(ROOT, 'src/export/index.ts')],
        'body21/measure': [join(ROOT, 'src/measure/index.ts')],
        'body21/aip': [join(ROOT, 'src/client/aip.ts')],
      },
    },
  };
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(ROOT, 'node_modules/.body21-docs-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What a page's samples are, as modules of their own; each has what those before it on the page import. */
  function modules(page: string): { file: string; code: string; isServiceWorker: boolean }[] {
    const imported = new Map<string, string>();
    const samples = samplesOf(readFileSync(join(ROOT, page), 'utf8'));
    return samples
      .filter(({ language }) => ['ts', 'tsx', 'js', 'jsx'].includes(language))
      .map(({ language, note, line, code }) => {
        const own = importsOf(code);
        const before = [...imported]
          .filter(([name]) => !own.has(name))
          .map(([name, specifier]) => `import { ${name} } from '${specifier}';`);
        for (const [name, specifier] of own) imported.set(name, specifier);
        const isServiceWorker = note === 'service-worker';
        const prelude = isServiceWorker ? [SERVICE_WORKER_NAMES] : before;
        return {
          // JavaScript is held to the same: it is what TypeScript readers paste as well.
          file: `${page.replaceAll('/', '~')}~${line}.${language.endsWith('x') ? 'tsx' : 'ts'}`,
          // On the page's own lines, so that the compiler names them.
          code: `export {}; ${prelude.join(' ')}${'\n'.repeat(line)}${code}`,
          isServiceWorker,
        };
      });
  }

  function complaints(name: string, files: { file: string; code: string }[], config: object): string[] {
    for (const { file, code } of files) writeFileSync(join(folder, file), code);
    writeFileSync(join(folder, name), JSON.stringify({ ...config, files: files.map(({ file }) => file) }));
    const options = ['-p', join(folder, name), '--pretty', 'false'];
    const { stdout } = spawnSync(join(ROOT, TSC), options, {
      cwd: folder,
      encoding: 'utf8',
    });
    return stdout.split('\n').filter((line) => line !== '');
  }

  test('compiles as it stands, with what its page imports', () => {
    const all = PAGES.flatMap(modules);
    expect(all.length).toBeGreaterThan(10);
    const samples = all.filter(({ isServiceWorker }) => !isServiceWorker);
    const names = { file: 'free-names.d.ts', code: FREE_NAMES };
    expect(complaints('tsconfig.json', [names, ...samples], COMPILER)).toEqual([]);
  });

  test('for service workers compiles among their types', () => {
    const workers = PAGES.flatMap(modules).filter(({ isServiceWorker }) => isServiceWorker);
    expect(workers.length).toBeGreaterThan(0);
    const { compilerOptions, ...rest } = COMPILER;
    const config = {
      ...rest,
      compilerOptions: { ...compilerOptions, lib: ['es2023', 'webworker'], types: [] },
    };
    expect(complaints('tsconfig.worker.json', workers, config)).toEqual([]);
  });
});

describe('the pages in Chinese', () => {
  test.each(translatedPages())('%s is in step with its original', (page) => {
    expect(differencesOf(page)).toEqual([]);
  });

  test('are told with their place where they are not', () => {
    const page = 'docs/zh/results.md';
    const [chinese, english] = [page, 'docs/results.md'].map((file) =>
      readFileSync(join(ROOT, file), 'utf8'),
    );
    const after = (from: string | RegExp, to: string) => {
      expect(chinese).toMatch(from);
      return differencesOf(page, chinese?.replace(from, to), english).join('\n');
    };
    expect(after('## COCO', '### COCO')).toContain(
      `${page} has “COCO” where the original has “COCO”, or not`,
    );
    expect(after(/\n## COCO[^]*/, '')).toContain('has “nothing” where the original has “COCO”');
    expect(after(/$/, '\n## 更多\n')).toContain('has “更多”, which the original has not');
    expect(after("colorBy: 'side'", "colorBy: 'left'")).toMatch(/under “绘制” lacks the sample ```ts/);
    expect(after('// 密钥会被忽略', '// 密钥')).toBe('');
    expect(after('](errors.md)', '](../errors.md)')).toContain(
      'leads to docs/errors.md, not to docs/zh/errors.md',
    );
    expect(after('](errors.md)', '](errors.md#错误码)')).toContain('lacks the link docs/errors.md');
    expect(after('](errors.md)', '](errors.md)（英文）')).toContain('calls docs/zh/errors.md 英文');
    expect(after(/(?<=measuring.md\))/, '（英文）')).toContain('calls docs/zh/guide/measuring.md 英文');
    expect(after(/$/, '\n[视频](../video.md)')).toContain('leads to docs/video.md without 英文 after it');
    expect(after('多于 3 个', '多于 4 个')).toContain('under “过滤” lacks 3');
    expect(after('`moreThanKeypoints`、', '')).toContain('under “过滤” lacks `moreThanKeypoints`');
    expect(after('（0.5）', '（0.6）')).toContain('under “绘制” has a table to translate anew');
    expect(after('| `highlight` ', '| `lowlight` ')).toContain(
      'under “绘制” has other numbers or code in a table',
    );
    const hero = (link: string, name: string) =>
      `---\nlayout: home\nhero:\n  ${name}: x\n  link: ${link}\n---\n`;
    const heroes = (link: string, name: string) =>
      differencesOf(page, hero(link, name) + chinese, hero('/guide/photos', 'text') + english);
    expect(heroes('/zh/guide/photos', 'text')).toEqual([]);
    expect(heroes('/guide/photos', 'text').join('\n')).toContain(
      'leads to /guide/photos, not to /zh/guide/photos',
    );
    expect(heroes('/zh/guide/webcam', 'text').join('\n')).toContain(
      'has as link: /guide/photos in its front matter',
    );
    expect(heroes('/zh/guide/photos', 'name').join('\n')).toContain('has as text: in its front matter');
    const withOmits = `---\nomits:\n  - csv\n  - nowhere\n---\n\n${chinese?.replace(/\n## CSV[^]*?(?=\n## )/, '')}`;
    expect(differencesOf(page, withOmits, english)).toEqual([
      `${page} leaves out “nowhere”, which the original has not`,
    ]);
  });

  test.each(translatedPages())(
    '%s breaks no line between two Chinese characters, which shows as a space',
    (page) => {
      const text = readFileSync(join(ROOT, page), 'utf8').replaceAll(/^```.*?^```/gms, '');
      expect(text.match(/.*[\p{Script=Han}，。；：、）”]\n *[\p{Script=Han}（“].*/gu)).toBeNull();
    },
  );

  test('keep their words where scripts/readme-tables.ts takes over numbers, and have every row', () => {
    const head = '| one | two |\n| --- | --- |\n';
    const [shorter, longer] = [`${head}| \`a\` | word |`, `${head}| \`a\` | 词 |\n| \`b\` | 词 |`];
    expect(() => withTablesOf(shorter, longer)).toThrow('other rows');
    expect(() => withTablesOf(shorter.replace('word', '4 words'), shorter)).toThrow('has not');
    expect(withTablesOf(shorter.replace('`a`', '.5'), shorter.replace('word', '词'))).toContain(
      '| .5 | 词 |',
    );
  });

  test('have the day and the machine of the speed’s table', () => {
    const [english = '', chinese = ''] = ['README.md', 'README.zh-CN.md'].map((page) =>
      readFileSync(join(ROOT, page), 'utf8'),
    );
    expect(withMachineOf(english, chinese)).toBe(chinese);
    const measuredAgain = english.replace(/(?<=^`npm run bench`, )[\d-]+: .*?,/m, '2027-01-02: Some CPU,');
    expect(withMachineOf(measuredAgain, chinese)).toContain('于 2027-01-02 测得：Some CPU，');
  });

  test('have their ids from their originals, and links that lead to them', () => {
    expect(headingIds('docs/zh/errors.md')).toEqual(headingIds('docs/errors.md'));
    expect(headingIds('docs/zh/quality.md')).not.toContain('turned');
    const page = 'docs/zh/guide/from-the-cloud-api.md';
    const link = '../errors.md#替代类返回的错误';
    expect(linkById(page, link)).toBe('../errors.md#answers-of-the-drop-in');
    expect(linkById(page, encodeURI(link))).toBe('../errors.md#answers-of-the-drop-in');
    expect(linkById('docs/zh/errors.md', '#错误码')).toBe('#codes');
    for (const other of ['../errors.md', '../../backends.md#threads', 'https://example.org/#错误码'])
      expect(linkById(page, other)).toBe(other);
  });
});

describe('docs/guide/from-the-cloud-api.md', () => {
  const page = new URL('../../../shared/api/seed-human-keypoints.zh.txt', import.meta.url);

  test.skipIf(!existsSync(page))('begins with the call as the API’s page has it (needs ../shared)', () => {
    const guide = readFileSync(join(ROOT, 'docs/guide/from-the-cloud-api.md'), 'utf8');
    const [headline] = samplesOf(guide);
    const lines = (headline?.code ?? '').split('\n').filter((line) => /^[- ] *[^ ]/.test(line));
    const theirs = lines.map((line) => line.slice(2)).filter((line) => !line.trim().startsWith('//'));
    const published = readFileSync(page, 'utf8').split('\n');
    expect(theirs).toEqual(published.filter((line) => /^(?:var|client|}[.)]|    console)/.test(line)));
  });
});

describe('links', () => {
  const links = PAGES.flatMap((page) => {
    const text = readFileSync(join(ROOT, page), 'utf8').replaceAll(/^```.*?^```/gms, '');
    return [...text.matchAll(/\]\((?![a-z]+:)([^)#]*)(?:#([^)]*))?\)/g)].map(([, link = '', anchor]) => {
      const target = link === '' ? page : relative(ROOT, join(ROOT, dirname(page), link));
      return { page, link, target, anchor };
    });
  });

  test('lead to a file, and to a heading of it', () => {
    expect(links.length).toBeGreaterThan(100);
    for (const { page, target, anchor } of links) {
      expect(existsSync(join(ROOT, target)), `${page}: ${target}`).toBe(true);
      if (anchor === undefined) continue;
      const anchors = anchorsOf(readFileSync(join(ROOT, target), 'utf8'));
      expect(anchors, `${page}: ${target}`).toContain(anchor);
    }
  });

  test('from a page of the site stay in the site', () => {
    const outward = links.filter(
      ({ page, target }) => page.startsWith('docs/') && !target.startsWith('docs/'),
    );
    expect(outward.length).toBeGreaterThan(5);
    for (const { page, link } of outward) expect(siteLink(link), `${page}: ${link}`).not.toBe(link);
  });
});

describe('the site', () => {
  const read = (page: string) => readFileSync(join(ROOT, 'docs', `${page}.md`), 'utf8');
  const listed = SECTIONS.flatMap(({ pages }) => pages.map(({ page }) => page));

  test('has every page in its sidebar', () => {
    const written = PAGES.filter((page) => /^docs\/(?!zh\/|index\.md)/.test(page));
    expect(listed.map((page) => `docs/${page}.md`).toSorted()).toEqual(written);
  });

  test('leads on from every page', () => {
    for (const page of listed) {
      const [, next] = read(page).split(/^## Next$/m);
      expect(next, page).toMatch(/^\n\n(?:- \[.*\n)+$/);
    }
  });

  test('leads from each page to the Chinese one that there is', () => {
    const pages = PAGES.filter((page) => /^docs\/(?!zh\/)/.test(page));
    expect(pages.filter((page) => hasTranslation(relative('docs', page)))).toEqual(
      pages.filter((page) => existsSync(join(ROOT, page.replace('docs/', 'docs/zh/')))),
    );
  });

  test('is linked in Chinese where the demo speaks it', () => {
    const footer = readFileSync(join(ROOT, 'demo/parts/footer.html'), 'utf8');
    const links = [...footer.matchAll(/ href="\{site\}([^"]+)\.html"(?:\s+data-zh-href="([^"]*)")?/g)];
    const chinese = links.map(([, page]) =>
      hasTranslation(`${page}.md`) ? `{site}zh/${page}.html` : undefined,
    );
    expect(links.map(([, , link]) => link)).toEqual(chinese);
    expect(chinese).toContain('{site}zh/index.html');
  });

  test('tells language models what each page is about, and has all of them in one', () => {
    const lines = llmsIndex(read).split('\n');
    for (const page of listed) {
      const line = lines.find((each) => each.includes(`](${page}.md): `)) ?? '';
      // A sentence, and no link or fragment of one.
      expect(line, page).toMatch(/\): (?:[A-Z`]|body21 ).{15,}\.$/);
      expect(llmsFull(read)).toContain(read(page).trim());
    }
    expect(() => llmsIndex(() => '# Nothing\n')).toThrow('begins with no sentence');
  });
});

describe('the tables at a glance', () => {
  /** Without what the formatter does to columns, and without numbers. */
  const bare = (text: string) =>
    text
      .replaceAll(/ *\| */g, '|')
      .replaceAll(/-{2,}/g, '--')
      .replaceAll(NUMBER, '#');
  const NUMBER = /\d*\.\d+/g;
  const numbersIn = (text: string) => (text.match(NUMBER) ?? []).map(Number);

  // Reads `dist/`: needs `npm run build`. A worker that grows by a little may be what it takes to round otherwise.
  test.each(GLANCE_TABLES)('$name in $page are as scripts/glance.ts writes them', (table) => {
    const text = readFileSync(join(ROOT, table.page), 'utf8');
    const written = withGlance(text, table);
    expect(bare(text)).toBe(bare(written));
    const slack = table.name === 'downloads' ? 0.11 : 0;
    const wanted = numbersIn(written);
    for (const [index, number] of numbersIn(text).entries())
      expect(Math.abs(number - (wanted[index] ?? Number.NaN)), `${number}`).toBeLessThanOrEqual(slack);
    expect(() => withGlance('', table)).toThrow(table.page);
  });

  test('agree with what docs/guide/choosing.md says of each page', () => {
    const page = readFileSync(join(ROOT, 'docs/guide/choosing.md'), 'utf8');
    const said = [...page.matchAll(/^\|.*\| `\{(.*?)\}`.*\| +([\d.]+) MB \|$/gm)];
    expect(said.length).toBeGreaterThan(5);
    for (const [row, options = '', size] of said) {
      const quality = QUALITIES.find((each) => options.includes(`'${each}'`)) ?? 'balanced';
      const model = LANDMARK_MODELS.find((each) => options.includes(`'${each}'`)) ?? DEFAULT_MODELS[quality];
      const build = row.includes('GPU') ? 'jspi' : undefined;
      const loaded = sizeOf(filesOfVisit(quality, model, build)) / 1e6;
      expect(Math.abs(Number(size) - loaded), row).toBeLessThanOrEqual(0.11);
    }
  });

  test('have a number for every setting', () => {
    const settings = downloadsTable().split('\n').slice(2);
    expect(settings).toHaveLength(QUALITIES.length * LANDMARK_MODELS.length);
    for (const row of settings) expect(row.match(/\d\.\d/g)).toHaveLength(4);
    expect(() => numbersTable('')).toThrow('README.md has no row');
  });
});

describe('the reference', () => {
  // Reads `dist/`: needs `npm run build`.
  test('has a comment for every public symbol and its members, and every link in one leads somewhere', () => {
    const { names, complaints } = publicComments(join(ROOT, 'dist/index.d.ts'));
    expect(complaints).toEqual([]);
    for (const name of ['BodyAnalysisClient', 'drawPersons', 'toCsv', 'TrackedVideoFrame'])
      expect(names).toContain(name);
  });
});
