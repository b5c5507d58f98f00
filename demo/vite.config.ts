import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import type { HtmlTagDescriptor, Plugin } from 'vite';
import { headers, inlineStyles } from './build/inline.ts';
import { pages } from './build/pages.ts';
import type { Precache } from './precache.ts';
import { SAMPLES, sampleUrl, thumbnailUrl } from './samples.ts';

/** Without these two a page has no SharedArrayBuffer, and so no threads for WASM. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Has the browser itself refuse whatever would leave the origin; WASM needs its own permission. */
const policy = ({ script, style }: Readonly<Record<'script' | 'style', string>>) =>
  `default-src 'self'; script-src 'self' ${script} 'wasm-unsafe-eval'; style-src 'self' ${style}; img-src 'self' blob:; media-src 'self' blob:; base-uri 'none'; form-action 'none'`;

const SERVICE_WORKER = 'service-worker.js';

/**
 * Tells the service worker which files to keep: whatever was built but the models, which the
 * library keeps itself, and the sample pictures on offer. The version follows from their content,
 * so each deploy that changes any has its own.
 */
function precache(): Plugin {
  let outDir = '';
  return {
    name: 'body21:precache',
    apply: 'build',
    configResolved(config) {
      outDir = join(config.root, config.build.outDir);
    },
    // The files as they are on disk: the worker's own bundle and the
    // public folder are in nobody's chunk list.
    writeBundle: {
      order: 'post',
      handler() {
        const samples = new Set<string>(
          SAMPLES.flatMap((sample) => [sampleUrl(sample), thumbnailUrl(sample)]),
        );
        const files = readdirSync(outDir, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) =>
            join(entry.parentPath, entry.name)
              .slice(outDir.length + 1)
              .replaceAll('\\', '/'),
          )
          .filter((file) =>
            file.startsWith('samples/')
              ? samples.has(file)
              : !/\.onnx\.planes-[\w-]+\.gz$|^_|^service-worker/.test(file),
          )
          .toSorted();
        const hash = createHash('sha256');
        for (const file of files) hash.update(file).update(readFileSync(join(outDir, file)));
        const script = join(outDir, SERVICE_WORKER);
        const list: Precache = { version: hash.digest('hex').slice(0, 16), files };
        writeFileSync(script, `const PRECACHE = ${JSON.stringify(list)};\n${readFileSync(script, 'utf8')}`);
      },
    },
  };
}

/**
 * Has the browser load at once what it would find later only: the Chinese words, where the page's first script says
 * so (`words/early.ts`), and the photo page's second script, which the first imports once what analyses is on its way.
 */
function preloadScripts(): Plugin {
  return {
    name: 'body21:preload-scripts',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle = {}, chunk }) {
        const chunks = Object.values(bundle).filter((output) => output.type === 'chunk');
        const chinese = chunks.filter(({ name }) => name === 'zh').map(({ fileName }) => fileName);
        const later = chunks.filter(
          ({ name, fileName }) => name === 'page' && chunk?.dynamicImports.includes(fileName),
        );
        const laterFiles = later.flatMap(({ fileName, imports }) => [fileName, ...imports]);
        return [
          ...chinese.map((file) => preload(file, { 'data-zh-rel': 'modulepreload' })),
          ...laterFiles
            .filter((file) => !html.includes(file))
            .map((file) => preload(file, { rel: 'modulepreload', fetchpriority: 'low' })),
        ];
      },
    },
  };
}

function preload(file: string, how: Readonly<Record<string, string>>): HtmlTagDescriptor {
  return { tag: 'link', attrs: { ...how, crossorigin: true, href: `./${file}` }, injectTo: 'head' };
}

/**
 * Scripts that all pages share, in few files: each is a request of its own. What the first answer needs comes first.
 */
const SHARED = [
  // Words of another language need it as well, and what all scripts wait for those in must not be waited for by them.
  { name: 'counting', test: /[\\/]words[\\/]counting\.ts/, priority: 1 },
  {
    name: 'common',
    test: /[\\/]dist[\\/](?:client|schema)-shared|[\\/]demo[\\/](?:words[\\/](?:words|en|explain)|format|address|page-address|state|dom|keeping[\\/]tab|segments|views[\\/]grounds)\.ts/,
  },
  {
    name: 'drawing',
    test: /[\\/]dist[\\/](?:draw|export)-shared|[\\/]demo[\\/](?:drops|handover|take-away[\\/](?:download|names|tables))\.ts/,
  },
];

/** That a slow machine is slow is no warning to whoever starts the page. */
const checks = { bundlerTimings: false };

/** Builds and serves the demo. It uses the package as an app would, so the library is built first. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  publicDir: '../public',
  plugins: [
    pages(),
    preloadScripts(),
    inlineStyles(),
    headers((inline) => ({ ...ISOLATION, 'Content-Security-Policy': policy(inline) })),
    precache(),
  ],
  resolve: {
    // The longer name first: the other one is its beginning.
    alias: {
      'body21/measure': fileURLToPath(new URL('../dist/measure.js', import.meta.url)),
      body21: fileURLToPath(new URL('../dist/index.js', import.meta.url)),
    },
  },
  worker: { format: 'es', rolldownOptions: { checks } },
  // The dev server's own script would break the content policy.
  server: { port: 4173, headers: ISOLATION, fs: { allow: ['..'] } },
  preview: { port: 4173 },
  build: {
    target: 'es2023',
    outDir: '../dist-demo',
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      checks,
      input: {
        index: fileURLToPath(new URL('index.html', import.meta.url)),
        live: fileURLToPath(new URL('live.html', import.meta.url)),
        video: fileURLToPath(new URL('video.html', import.meta.url)),
        'service-worker': fileURLToPath(new URL('service-worker.ts', import.meta.url)),
      },
      output: {
        codeSplitting: { groups: SHARED },
        // A service worker's address must not change.
        entryFileNames: ({ name }) =>
          name === 'service-worker' ? SERVICE_WORKER : 'assets/[name]-[hash].js',
      },
    },
  },
});
