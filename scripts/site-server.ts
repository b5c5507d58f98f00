import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { preview } from 'vite';
import { ISOLATION } from './headless.ts';

/** Serves the built site, with the headers that its `_headers` asks of a host. */
export async function serveSite(): Promise<{ url: string; close: () => Promise<void> }> {
  const server = await preview({
    configFile: false,
    appType: 'mpa',
    logLevel: 'error',
    build: { outDir: 'dist-docs' },
    preview: { host: '127.0.0.1', port: 0, headers: ISOLATION },
  });
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error('The server has no address.');
  return { url, close: () => server.close() };
}

/** Puts the headers that the demo asks its host for where hosts read them (Netlify, Cloudflare Pages): for every page. */
export function writeHeaders(site: string): void {
  const ofDemo = readFileSync(join(site, 'demo/_headers'), 'utf8').replace('/*', '/demo/*');
  const ofAll = Object.entries(ISOLATION).map(([name, value]) => `  ${name}: ${value}\n`);
  // Where two rules fit, hosts send both headers of one name, joined: so each is in one rule only.
  const ofDemoAlone = ofDemo.split('\n').filter((line) => !line.includes('Cross-Origin'));
  writeFileSync(join(site, '_headers'), `/*\n${ofAll.join('')}${ofDemoAlone.join('\n')}`);
}
