import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Plugin, ResolvedConfig, Rolldown } from 'vite';

const STYLE_LINK = /<link rel="stylesheet"[^>]* href="\.\/(assets\/[^"]+\.css)">/g;
const INLINE = {
  script: /<script>([^]*?)<\/script>/g,
  style: /<style>([^]*?)<\/style>/g,
};
const HEADERS_FILE = '_headers';

/**
 * Puts style sheets into the pages that link to them: nothing is painted before they are there, and a page with
 * them in it comes as one file. Packed they are smaller than what a host sends in its first turn.
 */
export function inlineStyles(): Plugin {
  const inlined = new Set<string>();
  return {
    name: 'body21:inline-styles',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (html, { bundle = {} }) =>
        html.replace(STYLE_LINK, (link, file: string) => {
          const text = textOf(bundle[file]);
          if (text === undefined) return link;
          if (text.includes('url(')) throw new Error(`${file} has an address that is relative to its own`);
          inlined.add(file);
          return `<style>${text.trim()}</style>`;
        }),
    },
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        // Every page that has one has it within.
        for (const file of inlined) delete bundle[file];
      },
    },
  };
}

/**
 * Writes the headers for hosts that read them from a file (Netlify, Cloudflare Pages), and sends them where the
 * built pages are looked at.
 * @param headersFor what to send, by what a content policy allows the scripts and styles within the pages by
 */
export function headers(
  headersFor: (inline: { script: string; style: string }) => Readonly<Record<string, string>>,
): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'body21:headers',
    configResolved(resolved) {
      config = resolved;
    },
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const pages = Object.entries(bundle).flatMap(([file, output]) =>
          file.endsWith('.html') ? (textOf(output) ?? []) : [],
        );
        const lines = Object.entries(
          headersFor({ script: allowed(pages, INLINE.script), style: allowed(pages, INLINE.style) }),
        ).map(([name, value]) => `  ${name}: ${value}\n`);
        this.emitFile({ type: 'asset', fileName: HEADERS_FILE, source: `/*\n${lines.join('')}` });
      },
    },
    configurePreviewServer({ middlewares }) {
      const lines = readFileSync(resolve(config.root, config.build.outDir, HEADERS_FILE), 'utf8').matchAll(
        /^ {2}([\w-]+): (.+)$/gm,
      );
      const sent = [...lines].map(([, name = '', value = '']) => [name, value] as const);
      middlewares.use((_request, response, next) => {
        for (const [name, value] of sent) response.setHeader(name, value);
        next();
      });
    },
  };
}

function textOf(output: Rolldown.OutputAsset | Rolldown.OutputChunk | undefined): string | undefined {
  if (output?.type !== 'asset') return undefined;
  return typeof output.source === 'string' ? output.source : new TextDecoder().decode(output.source);
}

/** What a content policy allows such elements by. */
function allowed(pages: readonly string[], elements: RegExp): string {
  const texts = new Set(pages.flatMap((page) => [...page.matchAll(elements)].map(([, text = '']) => text)));
  return [...texts].map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`).join(' ');
}
