import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { SourceMap } from 'node:module';
import type { SourceMapPayload } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { minVersion, satisfies } from 'semver';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENTRIES } from '../../scripts/entries.ts';
import { packInto } from '../../scripts/pack.ts';
import { TSC } from '../../scripts/tools.ts';
import { version as VERSION } from '../../package.json' with { type: 'json' };
import { TEMPLATES } from '../../src/cli/init.ts';
import { LANDMARK_MODELS } from '../../src/schema/loading.ts';

/*
 * The package as it would be published, from its tarball. Needs `npm run build`.
 */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
let folder = '';
let tarball = '';
let installed = '';

/** The names that an app imports, by entry. */
const SPECIFIERS = Object.keys(ENTRIES).map((entry) => (entry === 'index' ? 'body21' : `body21/${entry}`));

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'body21-package-'));
  ({ tarball, installed } = packInto(folder));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs Node in the folder of an app that has the package installed. */
function node(...options: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, options, { cwd: folder, encoding: 'utf8' });
}

describe('the tarball', () => {
  test('holds what an app needs, and nothing of the workshop', () => {
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    const has = (...names: string[]) => {
      for (const name of names) expect(files, name).toContain(name);
    };
    has('LICENSE', 'NOTICE', 'README.md', 'CHANGELOG.md', 'dist/worker.js', 'dist/cli.js');
    for (const entry of Object.keys(ENTRIES)) has(`dist/${entry}.js`, `dist/${entry}.d.ts`);
    has('dist/assets/pose_landmark_lite.onnx.planes.gz', 'dist/assets/ort-wasm-simd-threaded.jspi.wasm');
    expect(
      files.filter((file) =>
        /^(?:test|demo|scripts|models|public)|\.onnx$|^(?!dist\/templates\/).*(?<!\.d)\.ts$/.test(file),
      ),
    ).toEqual([]);
    // Of docs/ only what people write: neither what makes the site nor what it makes.
    expect(files.filter((file) => /^docs\/(?:api|examples|node_modules|security-policy)/.test(file))).toEqual(
      [],
    );
    // Static hosts are known that take no file over 25 MiB.
    for (const file of files) expect(statSync(join(installed, file)).size, file).toBeLessThan(25 * 2 ** 20);
  });

  test('names in its NOTICE every network that it holds, and no other', () => {
    const notice = readFileSync(join(installed, 'NOTICE'), 'utf8');
    const networks = readdirSync(join(installed, 'dist/assets')).filter((file) => file.includes('.onnx'));
    expect(networks.length).toBeGreaterThan(0);
    expect(networks.map((file) => file.replace('.planes.gz', ''))).toEqual(
      (notice.match(/(?<=assets\/)\w+\.onnx/g) ?? []).toSorted(),
    );
  });

  test('names in its NOTICE every package that is built in, its version, and where', () => {
    const paragraphs = readFileSync(join(installed, 'NOTICE'), 'utf8').split('\n\n');
    const maps = readdirSync(join(installed, 'dist')).filter((file) => file.endsWith('.js.map'));
    const builtIn = maps.flatMap((map) => {
      const { sources }: SourceMapPayload = JSON.parse(readFileSync(join(installed, 'dist', map), 'utf8'));
      const names = sources.flatMap(
        (source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? [],
      );
      return [...new Set(names)].map((name) => ({ name, file: map.replace('.map', '') }));
    });
    expect(builtIn.length).toBeGreaterThan(3);
    for (const { name, file } of builtIn) {
      const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8'));
      const words = `${name.replace('onnxruntime-web', 'ONNX Runtime Web')} ${version},`;
      expect(
        paragraphs.find((each) => each.includes(words)),
        words,
      ).toContain(file);
    }
  });

  test('has every file that its worker names, and no other', () => {
    const worker = readFileSync(join(installed, 'dist/worker.js'), 'utf8');
    const named = [...worker.matchAll(/new URL\(\s*[`"']\.\/assets\/([^`"']+)[`"']/g)].map(
      ([, name = '']) => name,
    );
    expect(new Set(readdirSync(join(installed, 'dist/assets')))).toEqual(new Set(named));
  });

  test('has a page’s part that keeps its names, and maps that lead to where they are in the source', () => {
    const files = readdirSync(join(installed, 'dist')).filter((file) => file.endsWith('-shared.js'));
    expect(files).toHaveLength(5);
    let looked = 0;
    for (const file of files) {
      const code = readFileSync(join(installed, 'dist', file), 'utf8');
      const payload: SourceMapPayload = JSON.parse(
        readFileSync(join(installed, 'dist', `${file}.map`), 'utf8'),
      );
      const map = new SourceMap(payload);
      for (const [row, line] of code.split('\n').entries()) {
        if (/^\s*(?:\*|\/)/.test(line)) continue;
        for (const { index, 1: name = '' } of line.matchAll(/\b(?:throw new|class|function|await) (\w+)/g)) {
          const entry = map.findEntry(row, index);
          if (!('originalSource' in entry)) throw new Error(`${file}:${row + 1} is of no source.`);
          const source = payload.sourcesContent[payload.sources.indexOf(entry.originalSource)] ?? '';
          const there = source
            .split('\n')
            .slice(entry.originalLine, entry.originalLine + 2)
            .join('\n');
          // A word in a comment behind the code is none.
          if (!/\/\/.*$/.test(line)) expect(there, `${file}:${row + 1}`).toContain(name);
          looked++;
        }
      }
    }
    expect(looked).toBeGreaterThan(150);
  });

  test('has the name and the models the sizes that the pages say', () => {
    const pages = [
      'README.md',
      'README.zh-CN.md',
      'docs/guide/getting-started.md',
      'demo/words/en-pages.ts',
      'demo/words/zh-pages.ts',
    ];
    const [readme = '', chinese = '', start = '', ...words] = pages.map((page) =>
      readFileSync(join(ROOT, page), 'utf8'),
    );
    for (const page of [readme, chinese, start]) expect(page).toContain(`/${basename(tarball)}`);
    const megabytes = LANDMARK_MODELS.map((model) => {
      const files = ['landmark', 'mask'].map((part) => `dist/assets/pose_${part}_${model}.onnx.planes.gz`);
      return (files.reduce((sum, file) => sum + statSync(join(installed, file)).size, 0) / 1e6).toFixed(1);
    });
    for (const page of words)
      for (const size of megabytes) expect(page).toMatch(new RegExp(`[:：] ?${size} MB[,，]`));
    expect(readme).toContain(`${megabytes.slice(0, 2).join(', ')} or ${megabytes[2]} MB`);
    expect(chinese).toContain(`${megabytes.slice(0, 2).join('、')} 或 ${megabytes[2]} MB`);
  });

  test('is clean to publint', async () => {
    const data = readFileSync(tarball);
    const { messages, pkg } = await publint({
      pack: { tarball: data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) },
      strict: true,
    });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  test('has types that agree with its files, however they are resolved', async () => {
    const result = await checkPackage(createPackageFromTarballData(readFileSync(tarball)));
    if (result.types === false) throw new Error('The package has no types.');
    // It is an ES module alone: to `require` it takes Node 22, to resolve
    // subpaths without `exports` nobody today.
    const problems = result.problems.filter(
      (problem) =>
        problem.kind !== 'CJSResolvesToESM' &&
        !('resolutionKind' in problem && problem.resolutionKind === 'node10') &&
        !(
          'entrypoint' in problem &&
          ['./worker.js', './body-analysis.schema.json'].includes(problem.entrypoint)
        ),
    );
    expect(problems).toEqual([]);
  });
});

describe.each(['', 'docs', 'models/build', 'test/bench', 'test/consumers', 'test/engines', 'test/parity'])(
  'npm ci --prefix %j',
  (at) => {
    /** What the lock file says of a package. */
    interface Locked {
      engines?: { node?: string };
      hasInstallScript?: boolean;
      optional?: boolean;
      peerDependencies?: Record<string, string>;
      resolved?: string;
      version: string;
    }
    const read = (file: string) => JSON.parse(readFileSync(join(ROOT, at, file), 'utf8'));
    interface Manifest {
      allowScripts?: Record<string, boolean>;
      overrides?: Record<string, Record<string, string>>;
    }
    const { allowScripts = {}, overrides = {} }: Manifest = read('package.json');
    const { engines }: { engines: { node: string } } = JSON.parse(
      readFileSync(join(ROOT, 'package.json'), 'utf8'),
    );
    const { packages }: { packages: Record<string, Locked> } = read('package-lock.json');
    const locked = Object.entries(packages).filter(([path]) => path !== '');

    test('warns of no package that the oldest Node named is too old for', () => {
      const oldest = minVersion(engines.node)?.version ?? '';
      const tooNew = locked.filter(
        ([, { engines: wanted, optional }]) => !optional && !satisfies(oldest, wanted?.node ?? '*'),
      );
      expect(tooNew.map(([path]) => path)).toEqual([]);
    });

    test('is not refused by npm 10, which wants every peer as its package wants it', () => {
      const unfit = locked.flatMap(([path, { peerDependencies = {} }]) => {
        const overridden = overrides[path.replace(/.*node_modules\//, '')] ?? {};
        return Object.entries(peerDependencies)
          .filter(([peer, range]) => {
            const version = versionSeenFrom(path, peer);
            return !(peer in overridden) && version !== undefined && !satisfies(version, range);
          })
          .map(([peer, range]) => `${path} wants ${peer} ${range}`);
      });
      expect(unfit).toEqual([]);
    });

    /** Of the package that one gets by a name: in its own folder, else in those around it. */
    function versionSeenFrom(path: string, name: string): string | undefined {
      const around = `${path}/`.split('node_modules/').slice(0, -1);
      const folders = around.map(
        (_, index) => `${around.slice(0, index + 1).join('node_modules/')}node_modules/`,
      );
      const versions = folders.toReversed().map((where) => packages[`${where}${name}`]?.version);
      return versions.find((version) => version !== undefined);
    }

    test('asks about no install script', () => {
      const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript);
      const names = scripted.map(([path]) => path.replace(/.*node_modules\//, ''));
      for (const name of names) expect(Object.keys(allowScripts)).toContain(name);
    });

    test('goes by whichever registry is set', () => {
      expect(locked.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
      // npm reads the settings of the folder that it installs, and of no other.
      expect(readFileSync(join(ROOT, at, '.npmrc'), 'utf8')).toContain(
        'omit-lockfile-registry-resolved=true',
      );
    });
  },
);

describe('in Node', () => {
  test.each(SPECIFIERS)('importing %s does nothing, and throws nothing', (specifier) => {
    const script = `
      const before = Object.keys(globalThis).length;
      const library = await import(${JSON.stringify(specifier)});
      console.log(Object.keys(library).length > 0, Object.keys(globalThis).length - before);`;
    const { stdout, stderr, status } = node('--input-type=module', '-e', script);
    expect([stdout, stderr, status]).toEqual(['true 0\n', '', 0]);
  });

  test('no method is named "undefined" where there is no Symbol.dispose', () => {
    const script = `
      const { dispose, prototype: _, ...others } = Object.getOwnPropertyDescriptors(Symbol);
      globalThis.Symbol = Object.defineProperties(Symbol.bind(), others);
      const { AipBodyAnalysisClient, BodyAnalysisClient, SkeletonOverlay } = await import('body21');
      for (const { prototype } of [AipBodyAnalysisClient, BodyAnalysisClient, SkeletonOverlay]) {
        console.log('undefined' in prototype);
      }
      console.log('undefined' in new AipBodyAnalysisClient());
      // A polyfill may come after the library.
      Object.defineProperty(Symbol, 'dispose', dispose);
      const client = new AipBodyAnalysisClient();
      client[Symbol.dispose]();
      await client.bodyAnalysis('').catch(({ code }) => console.log(code));`;
    const { stdout, stderr } = node('--input-type=module', '-e', script);
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toEqual(['false', 'false', 'false', 'false', 'disposed']);
  });

  test('the entries without a worker have no word of one', () => {
    for (const entry of Object.keys(ENTRIES).filter((name) => !['index', 'aip'].includes(name))) {
      const seen = new Set<string>();
      const follow = (file: string): void => {
        if (seen.has(file)) return;
        seen.add(file);
        const code = readFileSync(join(installed, 'dist', file), 'utf8');
        expect(code, file).not.toMatch(/new Worker|comlink/);
        for (const [, next] of code.matchAll(/from\s*["']\.\/([\w.-]+)["']/g)) follow(next ?? '');
      };
      follow(`${entry}.js`);
    }
  });

  test('a stored answer can be read, filtered and turned into other forms', () => {
    const script = `
      import { filterValidPersons, parseBodyAnalysisResult } from 'body21/schema';
      import { toSvg } from 'body21/draw';
      import { toCsv } from 'body21/export';
      import { jointAngles, SQUATS } from 'body21/measure';
      const none = parseBodyAnalysisResult({ person_num: 0, person_info: [], log_id: '1' });
      console.log(filterValidPersons(none).person_num);
      console.log(toSvg(none, { width: 10, height: 10 }).startsWith('<svg'));
      console.log(toCsv([{ image_id: 'a.jpg', result: none }]).split(',')[0]);
      console.log(typeof jointAngles, SQUATS.rest);`;
    const { stdout, stderr } = node('--input-type=module', '-e', script);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^0\ntrue\n\w+\nfunction high\n$/);
  });
});

describe('its types', () => {
  const CODE = `
    import { BodyAnalysisClient, filterValidPersons, type BodyAnalysisResult, type RecoveredEvent } from 'body21';
    import { BodyAnalysisError, parseBodyAnalysisResult } from 'body21/schema';
    import { drawPersons, SkeletonOverlay } from 'body21/draw';
    import { toCsv } from 'body21/export';
    import { AipBodyAnalysisClient as DropIn, type AipErrorAnswer } from 'body21/aip';
    export const answer = async (): Promise<BodyAnalysisResult | AipErrorAnswer> => new DropIn().bodyAnalysis('');
    export async function analyse(photo: File, canvas: CanvasRenderingContext2D): Promise<BodyAnalysisResult> {
      // As an app has options that may be unset.
      const unset: { signal?: AbortSignal | undefined; boxScore?: number | undefined } = {};
      const client = await BodyAnalysisClient.create({ model: 'lite', assets: '/body21/', signal: unset.signal });
      const tell = ({ error }: RecoveredEvent) => console.log(error.code);
      client.addEventListener('recovered', tell, { once: true });
      client.removeEventListener('recovered', tell);
      // The same class and the same type, by whichever way they come.
      const stored: BodyAnalysisResult = parseBodyAnalysisResult({});
      const result = await client.bodyAnalysis(photo).catch((error: unknown) => {
        if (error instanceof BodyAnalysisError && error.code === 'image-size') return stored;
        throw error;
      });
      drawPersons(canvas, filterValidPersons(result, { boxScore: unset.boxScore }), { lineWidth: undefined });
      for await (const { result: followed } of client.track(document.createElement('video'))) {
        const people = filterValidPersons(followed);
        console.log(people.person_info[0]?.track_id, toCsv([{ image_id: photo.name, result }]));
      }
      client.dispose();
      // @ts-expect-error there is no such model
      await BodyAnalysisClient.create({ model: 'huge' });
      return result;
    }`;
  const USING = `
    import { AipBodyAnalysisClient } from 'body21';
    export async function dispose(): Promise<void> {
      using client = await BodyAnalysisClient.create();
      using dropIn = new AipBodyAnalysisClient();
      using overlay = new SkeletonOverlay(document.createElement('video'));
      console.log(client.backend, dropIn, overlay);
    }`;
  const EVERY_ENTRY = SPECIFIERS.map(
    (specifier, index) => `
      import * as entry${index} from '${specifier}';
      export const names${index}: readonly (keyof typeof entry${index})[] = [];
      // @ts-expect-error a type that was not found would have everything
      void entry${index}.nothingOfThisName;`,
  ).join('');
  const RESULTS_ALONE = `
    import { filterValidPersons, parseBodyAnalysisResult } from 'body21/schema';
    import { toCocoKeypoints } from 'body21/export';
    export const coco = (text: string) => {
      const result = filterValidPersons(parseBodyAnalysisResult(JSON.parse(text)));
      return toCocoKeypoints([{ image_id: 1, result }]);
    };`;

  test.each([
    ['for browsers', ['es2022', 'dom'], 'nodenext', CODE],
    ['for browsers, every entry by itself,', ['es2022', 'dom'], 'bundler', EVERY_ENTRY],
    ['for browsers, every entry by itself,', ['es2023', 'dom'], 'nodenext', EVERY_ENTRY],
    [
      'for browsers, and lets `using` end what is to be disposed of',
      ['esnext', 'dom'],
      'bundler',
      CODE + USING,
    ],
    ['without a DOM that stores answers', ['es2022'], 'nodenext', RESULTS_ALONE],
    ['without a DOM that stores answers', ['es2022'], 'bundler', RESULTS_ALONE],
  ] as const)('compile in a strict app %s, with the types of %j, resolved by %s', (_name, lib, how, code) => {
    const app = mkdtempSync(join(folder, 'app-'));
    writeFileSync(join(app, 'app.ts'), code);
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
      target: lib[0],
      lib,
      module: how === 'bundler' ? 'esnext' : how,
      moduleResolution: how,
      types: [],
    };
    // What a bundler or Node 22 takes for an ES module is one to the compiler only by its package.json.
    writeFileSync(join(app, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.ts'] }));
    const { stdout } = spawnSync(join(ROOT, TSC), [], { cwd: app, encoding: 'utf8' });
    expect(stdout).toBe('');
  });

  test('have nothing of the inside', () => {
    const types = readdirSync(join(installed, 'dist')).filter((file) => file.endsWith('.d.ts'));
    expect(types.filter((file) => !(file.replace('.d.ts', '') in ENTRIES))).toEqual(
      ['client', 'schema', 'source'].map((room) => `${room}-types.d.ts`),
    );
    const text = types.map((file) => readFileSync(join(installed, 'dist', file), 'utf8')).join('\n');
    expect(text).toContain('class BodyAnalysisClient');
    for (const inside of [
      'WorkerApi',
      'OpenOptions',
      'CheckedOptions',
      'class Connection',
      'valibot',
      '../',
    ]) {
      expect(text).not.toContain(inside);
    }
  });
});

describe('npx body21', () => {
  const body21 = (...options: string[]) => node(join(installed, 'dist/cli.js'), ...options);

  test('copies what is loaded while it runs, byte for byte', () => {
    const { stdout, stderr, status } = body21('copy-assets', 'public/body21');
    expect([stderr, status]).toEqual(['', 0]);
    const copied = readdirSync(join(folder, 'public/body21/assets'));
    expect(copied).toEqual(readdirSync(join(installed, 'dist/assets')));
    for (const file of ['worker.js', 'assets/pose_detector.onnx.planes.gz']) {
      const [copy, original] = [join(folder, 'public/body21', file), join(installed, 'dist', file)];
      expect(readFileSync(copy).equals(readFileSync(original)), file).toBe(true);
      expect(stdout).toContain(file);
    }
    expect(stdout).toMatch(/MB {2}in \d+ files, of body21 \d/);
  });

  test('leaves out what is not asked for', () => {
    body21('copy-assets', 'few', '--model', 'lite', '--backend', 'wasm');
    expect(readdirSync(join(folder, 'few/assets'))).toEqual([
      'movenet_thunder.onnx.planes.gz',
      'nanodet.onnx.planes.gz',
      'own-networks.js',
      'pose_detector.onnx.planes.gz',
      'pose_landmark_lite.onnx.planes.gz',
      'pose_mask_lite.onnx.planes.gz',
    ]);
  });

  test('writes an app into a new folder, with all that it needs but its packages', () => {
    const { stdout, stderr, status } = body21('init', 'My App');
    expect([stderr, status]).toEqual(['', 0]);
    expect(stdout).toContain('cd My App');
    const app = join(folder, 'My App');
    const { name, scripts, dependencies } = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'));
    expect([name, dependencies.body21]).toEqual(['my-app', `^${VERSION}`]);
    expect(JSON.stringify(scripts)).not.toContain('..');
    expect(readdirSync(app).toSorted()).toEqual(
      ['.gitignore', 'README.md', 'index.html', 'package.json', 'public', 'src'].toSorted(),
    );
    expect(readdirSync(join(app, 'public'))).toEqual(['sample.jpg']);
    // Whoever has worked in it keeps it.
    expect(body21('init', 'My App').stderr).toContain('My App is not empty');
    for (const template of TEMPLATES) {
      const other = body21('init', template, '--template', template);
      expect(other.status, other.stderr).toBe(0);
      for (const file of ['package.json', 'public/sample.jpg', '.gitignore'])
        expect(existsSync(join(folder, template, file)), `${template}: ${file}`).toBe(true);
    }
  });

  test.each([
    [[], 'Say what to do.'],
    [['init'], 'Say where'],
    [['init', 'a', '--template', 'angular'], 'There is no template angular: it is one of vite, react,'],
    [['copy-models'], 'There is no command copy-models.'],
    [['copy-assets'], 'Say where'],
    [['copy-assets', 'a', 'b'], 'One folder only'],
    [['copy-assets', 'a', '--model', 'huge'], 'There is no model huge: it is one of lite, full, heavy.'],
    [['copy-assets', 'a', '--backend', 'webgl'], 'There is no backend webgl'],
    [['copy-assets', 'a', '--force'], 'force'],
    [['copy-assets', 'package.tgz/inside'], 'ENOTDIR'],
  ])('with %j says what is wrong, and how it is used', (options, message) => {
    writeFileSync(join(folder, 'package.tgz'), '');
    const { stderr, status } = body21(...options);
    expect(stderr).toContain(message);
    expect(stderr).toContain('npx body21 copy-assets DIR');
    expect(status).toBe(2);
    expect(existsSync(join(folder, 'a'))).toBe(false);
  });
});
