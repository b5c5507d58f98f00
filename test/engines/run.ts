/**
 * The built package in every browser engine that is installed: one list of checks
 * (`checks.ts`), done by one page (`pages/`), in Chromium, Firefox and WebKitGTK. An engine
 * that is missing is skipped, with how to install it.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { requireBuild } from '../../scripts/headless.ts';
import { checkTypes, installTools } from '../../scripts/tools.ts';
import { CHECK_NAMES, CHECKS, HOSTINGS } from './checks.ts';
import type { CheckName, Hosting, Outcome } from './checks.ts';
import { chromiumEngine } from './chromium.ts';
import type { Engine, Session } from './engine.ts';
import { firefoxEngine } from './firefox.ts';
import { serve } from './server.ts';
import type { EngineServer } from './server.ts';
import { writeSupportTable } from './support-table.ts';
import type { EngineReport } from './support-table.ts';
import { webkitEngine } from './webkit.ts';

const ENGINES = [chromiumEngine, firefoxEngine, webkitEngine];
/**
 * A check that says nothing for so long has failed, in milliseconds: the
 * slowest take a tenth of it on two slow cores.
 */
const SILENCE_MS = 240_000;

const USAGE = `usage: npm test -- engines [options]
  --only ENGINE…   ${ENGINES.map(({ name }) => name).join(', ')}, with commas between them (default all)
  --checks NAME…   only these (${CHECK_NAMES.join(', ')})
  --json FILE      writes what came of them there
  --docs           writes the table in docs/browsers.md anew; needs every engine and every check`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    checks: { type: 'string', multiple: true, default: [] },
    json: { type: 'string' },
    docs: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const only = values.only.flatMap((names) => names.split(','));
const asked = values.checks.flatMap((names) => names.split(','));
const isKnown =
  only.every((name) => ENGINES.some((engine) => engine.name === name)) &&
  asked.every((name) => CHECK_NAMES.some((check) => check === name));
const isWhole = only.length === 0 && asked.length === 0;
if (values.help || !isKnown || (values.docs && !isWhole)) {
  console.error(USAGE);
  process.exit(values.help ? 0 : 2);
}

requireBuild();
installTools('test/engines');
checkTypes('test/engines');
const checks = CHECK_NAMES.filter((name) => asked.length === 0 || asked.includes(name));
const reports: EngineReport[] = [];
let isComplete = true;
const server = await serve();
try {
  for (const engine of ENGINES.filter(({ name }) => only.length === 0 || only.includes(name))) {
    const found = engine.find();
    if ('missing' in found) {
      isComplete = false;
      console.log(`\n${engine.name}: skipped. ${found.missing}`);
      continue;
    }
    reports.push(await runAll(server, engine, found.launch));
  }
} finally {
  await server.close();
}

const all = reports.flatMap(({ outcomes }) => outcomes);
const count = (status: Outcome['status']) => all.filter((outcome) => outcome.status === status).length;
console.log(`\n${count('pass')} passed, ${count('skip')} skipped, ${count('fail')} failed`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(reports, null, 2)}\n`);
if (count('fail') > 0 || all.length === 0) process.exitCode = 1;
else if (values.docs && isComplete) writeSupportTable(reports, new Date().toISOString().slice(0, 10));
else if (values.docs) {
  console.error('The table was not written: an engine is missing.');
  process.exitCode = 1;
}

/** One page for each way of hosting it; where one falls silent, a new browser for what it has left. */
async function runAll(
  engineServer: EngineServer,
  engine: Engine,
  launch: () => Promise<Session>,
): Promise<EngineReport> {
  const outcomes: Outcome[] = [];
  let session = await launch();
  const { version } = session;
  console.log(`\n${version}`);
  try {
    for (const hosting of Object.values(HOSTINGS)) {
      let left = checks.filter((name) => CHECKS[name].hosting === hosting);
      while (left.length > 0) {
        const done = await runPage(engineServer, session, hosting, left);
        outcomes.push(...done);
        left = left.filter((name) => done.every(({ check }) => check !== name));
        if (left.length === 0) continue;
        await session.close();
        session = await launch();
      }
    }
  } finally {
    await session.close();
  }
  for (const outcome of outcomes) {
    const known = engine.failures?.[outcome.check];
    if (outcome.status === 'fail' && known !== undefined) {
      Object.assign(outcome, { status: 'skip', reason: known });
      console.log(`  – ${outcome.check}: ${known}`);
    }
    if (outcome.status !== 'skip' || engine.mayLack.includes(outcome.check)) continue;
    outcome.status = 'fail';
    console.log(`  ✗ ${outcome.check}: ${engine.name} is not known to lack it`);
  }
  const inOrder = CHECK_NAMES.flatMap((name) => outcomes.filter(({ check }) => check === name));
  return { engine: version, outcomes: inOrder };
}

/** What the page has done until it was done, or fell silent: then the check that was under way has failed. */
async function runPage(
  engineServer: EngineServer,
  session: Session,
  hosting: Hosting,
  names: readonly CheckName[],
): Promise<Outcome[]> {
  const { outcomes } = engineServer;
  const done: Outcome[] = [];
  const note = (outcome: Outcome) => {
    done.push(outcome);
    const sign = { pass: '✓', skip: '–', fail: '✗' }[outcome.status];
    console.log(
      `  ${sign} ${outcome.check} (${(outcome.ms / 1000).toFixed(1)} s)${outcome.reason ? `: ${outcome.reason}` : ''}`,
    );
  };
  await new Promise<void>((resolve, reject) => {
    const settle = (action: () => void) => {
      clearTimeout(timer);
      outcomes.off('outcome', take);
      action();
    };
    const silent = () => {
      const check = names.find((name) => done.every((outcome) => outcome.check !== name));
      const reason = `nothing was heard for ${SILENCE_MS / 1000} s`;
      if (check) note({ check, status: 'fail', reason, ms: SILENCE_MS });
      settle(resolve);
    };
    let timer = setTimeout(silent, SILENCE_MS);
    const take = (outcome: Outcome) => {
      note(outcome);
      clearTimeout(timer);
      if (done.length === names.length) settle(resolve);
      else timer = setTimeout(silent, SILENCE_MS);
    };
    outcomes.on('outcome', take);
    session.open(engineServer.urlOf(hosting, names)).catch((error: unknown) => settle(() => reject(error)));
  });
  return done;
}
