import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import react from '@vitejs/plugin-react';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';
import type { Plugin } from 'vite';
import { BUILT_TOGETHER } from './shown.ts';

const EXAMPLES = fileURLToPath(new URL('../../../examples/', import.meta.url));

/** Has the examples find what is installed here, since their own folders have nothing installed. */
function findFrameworks(): Plugin {
  return {
    name: 'body21:find-frameworks',
    resolveId: {
      order: 'pre',
      filter: { id: /^(?:react|react-dom|svelte|vue)(?:\/|$)/ },
      handler(source, importer, options) {
        if (importer?.startsWith(EXAMPLES) !== true) return undefined;
        return this.resolve(source, fileURLToPath(import.meta.url), { ...options, skipSelf: true });
      },
    },
  };
}

/** In each example the address begins at its own folder. */
const ownFolder: Plugin = {
  name: 'body21:own-folder',
  transformIndexHtml: {
    order: 'pre',
    handler: (html) => html.replace('src="/src/', 'src="./src/'),
  },
};

/**
 * Builds what the site shows live in one piece, so that worker and models are there once. Each example's own
 * build is that of its folder; `npm test -- consumers` has them all.
 */
export default defineConfig({
  root: EXAMPLES,
  base: './',
  publicDir: false,
  plugins: [findFrameworks(), ownFolder, react(), vue(), svelte({ configFile: false })],
  resolve: { alias: { body21: fileURLToPath(new URL('../../../dist/index.js', import.meta.url)) } },
  worker: { rolldownOptions: { checks: { bundlerTimings: false } } },
  build: {
    target: 'es2023',
    emptyOutDir: true,
    chunkSizeWarningLimit: 1000,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // That a slow machine is slow is no warning.
      checks: { bundlerTimings: false },
      input: Object.fromEntries(BUILT_TOGETHER.map((name) => [name, `${EXAMPLES}${name}/index.html`])),
    },
  },
});
