// Writes the page to dist/, with the address that its import map takes the package from.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';

const cdn = process.env.CDN ?? 'http://localhost:4174/';
cpSync('site', 'dist', { recursive: true });
const page = readFileSync('site/index.html', 'utf8');
writeFileSync('dist/index.html', page.replaceAll('https://cdn.example.com/body21/', cdn));
