/** `npm run build`: the package, in `dist/`, one part after the other; or the parts that are named. */
import { runCommand } from './tools.ts';

/** What is built, by which command. The page's part empties `dist/`; the demo is built of all the others. */
const PARTS: Readonly<Record<string, string>> = {
  models: 'npx tsx models/build/main.ts',
  engine: 'npx tsx scripts/engine.ts',
  page: 'npx vite build --logLevel warn',
  worker: 'npx vite build --mode worker --logLevel warn',
  cli: 'npx vite build --mode cli --logLevel warn',
  types: 'npx tsx scripts/types.ts',
  demo: 'npx vite build -c demo/vite.config.ts --logLevel warn',
};
const NAMES = Object.keys(PARTS);

const asked = process.argv.slice(2);
const isKnown = asked.every((name) => name === 'all' || name in PARTS);
if (!isKnown) {
  console.error(`usage: npm run build [-- PART…]
  PART   ${NAMES.join(', ')}, or all (default all but the demo)`);
  process.exit(asked.includes('--help') || asked.includes('-h') ? 0 : 2);
}
const isWanted = (name: string) =>
  asked.length === 0 ? name !== 'demo' : asked.includes('all') || asked.includes(name);

for (const [name, command] of Object.entries(PARTS)) {
  if (!isWanted(name)) continue;
  const status = runCommand(command);
  if (status !== 0) process.exit(status);
}
