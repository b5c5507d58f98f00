import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Plugin } from 'vite';

/** Stands around a path, from the source to the finished chunk, to hide it from Vite's own asset handling. */
const MARK = '__BODY21_ASSET__';

/**
 * Files that the library loads by URL are spelled `new URL('…', import.meta.url)` in the source, so
 * that it runs unbuilt in a dev server, and in `dist/`, so that every bundler that knows the form
 * finds them there. This plugin turns the one path into the other and copies the files. Vite in
 * library mode would inline them as base64 (tens of megabytes) and make the worker's URL absolute,
 * which breaks in the app that installs the package.
 */
export function libraryAssets(): Plugin {
  const copies = new Map<string, string>();
  let outDir = 'dist';
  return {
    name: 'body21:library-assets',
    apply: 'build',
    enforce: 'pre',
    configResolved(config) {
      outDir = resolve(config.root, config.build.outDir);
    },
    transform(code, id) {
      if (!code.includes('import.meta.url')) return null;
      const replaced = code.replace(
        /new URL\(\s*'([\w./-]+)',\s*import\.meta\.url,?\s*\)/g,
        (all: string, specifier: string) => {
          const isWorker = specifier.endsWith('/worker/entry.ts');
          // Scripts have a build of their own.
          const isScript = specifier.endsWith('.ts');
          const target = isWorker ? './worker.js' : `./assets/${basename(specifier).replace(/\.ts$/, '.js')}`;
          if (!isScript) copies.set(resolve(dirname(id), specifier), target);
          // As many lines as before, so that source maps stay right.
          const lines = '\n'.repeat(all.split('\n').length - 1);
          return `new URL(${MARK}('${target}'),${lines} import.meta.url)`;
        },
      );
      return replaced === code ? null : { code: replaced, map: null };
    },
    renderChunk(code) {
      if (!code.includes(MARK)) return null;
      return { code: code.replace(new RegExp(`${MARK}\\((["'\`][^"'\`]+["'\`])\\)`, 'g'), '$1'), map: null };
    },
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        // The minifier's quotes are not those that every bundler looks for. As long as before, for source
        // maps' sake.
        chunk.code = chunk.code.replace(/new URL\(`([\w./-]+)`,/g, 'new URL("$1",');
      }
    },
    writeBundle() {
      for (const [from, target] of copies) {
        const to = resolve(outDir, target);
        mkdirSync(dirname(to), { recursive: true });
        copyFileSync(from, to);
      }
    },
  };
}
