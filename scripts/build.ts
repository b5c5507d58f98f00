/** `npm run build`: the package, in `dist/`; or the parts that are named. */
import { runCommand, startCommand } from './tools.ts';

/**
 * What is built, by which command; what is in one stage is built side by side. The page's part empties
 * `dist/`; the demo is built of all the others.
 */
const STAGES: readonly Readonly<Record<string, string>>[] = [
  { models: 'tsx models/build/main.ts' },
  { engine: 'tsx scripts/engine.ts' },
  { page: 'vite build --logLevel warn' },
  {
    worker: 'vite build --mode worker --logLevel warn',
    own: 'vite build --mode own --logLevel warn',
    cli: 'vite build --mode cli --logLevel warn',
    types: 'tsx scripts/types.ts',
    templates: 'tsx scripts/templates.ts',
  },
  { demo: 'vite build -c demo/vite.config.ts --logLevel warn' },
];
const NAMES = STAGES.flatMap(Object.keys);

const asked = process.argv.slice(2);
const isKnown = asked.every((name) => name === 'all' || NAMES.includes(name));
if (!isKnown) {
  console.error(`usage: npm run build [-- PART…]
  PART   ${NAMES.join(', ')}, or all (default all but the demo)`);
  process.exit(asked.includes('--help') || asked.includes('-h') ? 0 : 2);
}
const isWanted = (name: string) =>
  asked.length === 0 ? name !== 'demo' : asked.includes('all') || asked.includes(name);

for (const stage of STAGES) {
  const [first, ...others] = Object.keys(stage).filter(isWanted);
  if (first === undefined) continue;
  const commandOf = (name: string): string => stage[name] ?? '';
  const ended =
    others.length === 0
      ? [runCommand(commandOf(first))]
      : await Promise.all(
          [first, ...others].map(async (name) => {
            const { status, said } = await startCommand(commandOf(name));
            process.stdout.write(said);
            return status;
          }),
        );
  const failed = ended.find((status) => status !== 0);
  if (failed !== undefined) process.exit(failed);
}
