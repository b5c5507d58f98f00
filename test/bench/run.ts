/**
 * The speed of body21 against its peers': how long a followed frame, a photo, a bare run of each model and a
 * visit's first answer take, and where the time goes. What counts are the ratios: they hold from machine to
 * machine, and while other work disturbs one, far better than milliseconds do.
 *
 * Everyone runs in one headless Chromium, isolated, on the same picture and clip, in a page of its own
 * (`pages/`), a few calls in turn (`heat.ts`). Peers are set to what is nearest to ours (`entrants.ts`): CPU
 * alone, one person. First visits need new profiles, and so browsers of their own (`start.ts`).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { BROWSER_ARGS, ensureBrowser } from '../../scripts/find-browser.ts';
import { requireBuild } from '../../scripts/headless.ts';
import { checkTypes, installTools } from '../../scripts/tools.ts';
import { HEATS, MEMORY, START_MODELS } from './entrants.ts';
import { runHeat } from './heat.ts';
import type { Measured } from './heat.ts';
import { describeMachine, packageVersions } from './machine.ts';
import { measureMemory } from './memory.ts';
import { describe, evaluate } from './report.ts';
import type { Report } from './report.ts';
import { serve } from './server.ts';
import { writeSpeedTables } from './speed-table.ts';
import { measureStart } from './start.ts';
import type { Visits } from './start.ts';

const ROUNDS = 5;
const NAMES = [
  ...HEATS.map(({ name }) => name),
  MEMORY.name,
  ...START_MODELS.map((model) => `start.${model}`),
];
const USAGE = `usage: npm run bench -- [NAME…] [options]
  NAME…            parts to run, by their names or their names' beginnings: tracked.lite, or tracked photo
                   (${NAMES.join(', ')}; default all, of start.* only start.full)
  --only NAMES     the same, with commas between them
  --calls N        calls to measure of each entrant, in ${ROUNDS} rounds (default 50)
  --starts N       new profiles to start each page with, and browsers for its memory (default 5)
  --json FILE      writes all figures there
  --readme FILE    measures nothing: writes the tables of README and docs/speed.md from such a file`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', multiple: true, default: [] },
    calls: { type: 'string', default: '50' },
    starts: { type: 'string', default: '5' },
    json: { type: 'string' },
    readme: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
const only = [...values.only, ...positionals].flatMap((names) => names.split(','));
const isWanted = (name: string) =>
  only.length === 0
    ? !name.startsWith('start.') || name === 'start.full'
    : only.some((part) => name === part || name.startsWith(`${part}.`));
const callsPerRound = Math.ceil(Number(values.calls) / ROUNDS);
const startRepetitions = Number(values.starts);
const isKnown = only.every((part) => NAMES.some((name) => name === part || name.startsWith(`${part}.`)));
if (values.help || !isKnown || !(callsPerRound >= 1) || !(startRepetitions >= 1)) {
  console.error(USAGE);
  process.exit(values.help ? 0 : 2);
}

if (values.readme === undefined) {
  requireBuild();
  installTools('test/bench');
  checkTypes('test/bench');
  const report = await measure();
  console.log(describe(report));
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
} else {
  writeSpeedTables(JSON.parse(readFileSync(values.readme, 'utf8')) as Report);
}

async function measure(): Promise<Report> {
  const server = await serve();
  const measured: Measured[] = [];
  const visits: Visits = new Map();
  try {
    const browser = await chromium.launch({ executablePath: ensureBrowser(), args: BROWSER_ARGS });
    const version = `Chromium ${browser.version()}`;
    try {
      const context = await browser.newContext();
      // tsx has functions keep their names by a helper of its own, which functions
      // that run in the page refer to as well.
      await context.addInitScript('globalThis.__name = (named) => named');
      for (const heat of HEATS.filter(({ name }) => isWanted(name))) {
        measured.push(
          ...(await runHeat(context, server.origin, heat, { rounds: ROUNDS, calls: callsPerRound })),
        );
      }
    } finally {
      await browser.close();
    }
    for (const model of START_MODELS.filter((name) => isWanted(`start.${name}`))) {
      for (const [figure, all] of await measureStart(server, model, startRepetitions)) {
        visits.set(figure, all);
      }
    }
    const memory = isWanted(MEMORY.name)
      ? await measureMemory(server.origin, MEMORY.entrants, startRepetitions)
      : {};
    return {
      date: new Date().toISOString().slice(0, 10),
      command: commandLine(),
      machine: describeMachine(version),
      versions: packageVersions(),
      rounds: ROUNDS,
      callsPerRound,
      startRepetitions,
      ...evaluate(measured, visits, memory),
    };
  } finally {
    await server.close();
  }
}

/** What was asked for; where the report went is nobody's concern. */
function commandLine(): string {
  const asked = [
    ...only,
    ...(values.calls === '50' ? [] : [`--calls ${values.calls}`]),
    ...(values.starts === '5' ? [] : [`--starts ${values.starts}`]),
  ];
  return ['npm run bench', ...(asked.length > 0 ? ['--', ...asked] : [])].join(' ');
}
