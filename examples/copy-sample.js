// Puts one of the repository's sample pictures where an example serves its files from.
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

const [target] = process.argv.slice(2);
if (target === undefined) throw new Error('usage: node copy-sample.js FILE');
mkdirSync(dirname(target), { recursive: true });
copyFileSync(new URL('../public/samples/two.jpg', import.meta.url), target);
