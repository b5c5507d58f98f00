import type { Plugin } from 'vite';

/** Of the manifest, what is read while the library runs. The rest is for people and the build. */
const MANIFEST_FIELDS = ['file', 'bytes', 'packedBytes', 'sha256', 'halfCasts'];

/** The formats of image-size that `src/runtime/pictures/decode-file.ts` turns off. */
const TURNED_OFF = /\/image-size\/dist\/esm\/types\/(dds|icns|ktx|pnm|psd|svg|tga)\.js$/;

/** Leaves out of the worker's script what it carries and never uses: 6 kB, which plain hosts send as they are. */
export function slimWorker(): Plugin {
  return {
    name: 'body21:slim-worker',
    apply: (_config, { command, mode }) => command === 'build' && mode === 'worker',
    enforce: 'pre',
    transform(code, id) {
      if (id.endsWith('/models/manifest.json')) return { code: slimManifest(code), map: null };
      const [, format] = TURNED_OFF.exec(id) ?? [];
      if (format === undefined) return null;
      return { code: `export const ${format.toUpperCase()} = { validate: () => false };`, map: null };
    },
  };
}

function slimManifest(text: string): string {
  return JSON.stringify(JSON.parse(text), (key, value: unknown) =>
    key === '' || key === 'models' || /^\d+$/.test(key) || MANIFEST_FIELDS.includes(key) ? value : undefined,
  );
}
