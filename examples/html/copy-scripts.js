// Copies the package's scripts to where the page imports them from; `body21 copy-assets` puts worker and models beside.
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';

const from = new URL('.', import.meta.resolve('body21'));
const to = new URL('public/body21/', import.meta.url);
mkdirSync(to, { recursive: true });
for (const file of readdirSync(from)) {
  if (file === 'index.js' || file.endsWith('-shared.js'))
    copyFileSync(new URL(file, from), new URL(file, to));
}
