// The page on one port, the installed package on another: two origins.
import { fileURLToPath } from 'node:url';
import { preview } from 'vite';

const installed = fileURLToPath(new URL('.', import.meta.resolve('body21')));
for (const [outDir, port] of [
  ['dist', 4173],
  [installed, 4174],
]) {
  const server = await preview({ configFile: false, build: { outDir }, preview: { port, strictPort: true } });
  server.printUrls();
}
