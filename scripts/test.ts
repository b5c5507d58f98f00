/**
 * `npm test`: everything that has to pass, with what each step took; or one of them, or of the suites beside
 * them. `npm test -- --watch [what vitest takes]`: the tests that need no browser, again at every change.
 */
import { spawn } from 'node:child_process';
import { ROOT } from './headless.ts';
import { runCommand } from './tools.ts';

/** What a step runs, one command after the other. */
interface Step {
  commands: readonly string[];
  env?: Readonly<Record<string, string>>;
}

/** Steps that are quick, and leave a core to each other: they run side by side. */
const SIDE_BY_SIDE = ['format', 'lint', 'typecheck'];

/** The quick ones that may fail come before the long ones, but for what these need built. */
const STEPS: Readonly<Record<string, Step>> = {
  browser: { commands: ['npx tsx scripts/browser.ts'] },
  build: { commands: ['npm run --silent build'] },
  format: { commands: ['npm run --silent format:check'] },
  lint: { commands: ['npm run --silent lint'] },
  typecheck: { commands: ['npm run --silent typecheck'] },
  vitest: {
    commands: ['unit', 'browser', 'alone', 'webgpu'].map((project) => `npx vitest run --project ${project}`),
  },
  e2e: { commands: ['npx playwright test'] },
};

/** What takes longer, or writes something anew: only by name. */
const SUITES: Readonly<Record<string, Step>> = {
  consumers: { commands: ['npx playwright test -c test/consumers/playwright.config.ts'] },
  engines: { commands: ['npx tsx test/engines/run.ts'] },
  soak: {
    commands: [
      'npx vitest run --project unit --project browser --project alone --project webgpu recovery.test.ts webgpu/client.test.ts fuzz.test.ts engine-threads.test.ts engine-faults.test.ts',
    ],
    env: { VITE_FAULTS: '100', VITE_FUZZ: 'all' },
  },
  golden: {
    commands: ['npx vitest run --project alone test/browser/golden.test.ts'],
    env: { VITE_GOLDEN: 'write' },
  },
};

const USAGE = `usage: npm test                          all steps: ${Object.keys(STEPS).join(', ')}
       npm test -- STEP [options]       one of them alone; options go on to it
       npm test -- consumers [options]  the packed package in the apps of examples/
       npm test -- engines [options]    one list of checks in Chromium, Firefox and WebKitGTK
       npm test -- soak                 a hundred faults in a row on WASM and WebGPU, and every odd input
       npm test -- golden               writes test/support/golden.json anew
       npm test -- --watch [options]    maths and pages in Node, again at every change; options go on to vitest`;

const [word, ...options] = process.argv.slice(2);
const one = word === undefined ? undefined : (STEPS[word] ?? SUITES[word]);
if (word === '--watch') process.exit(runCommand('npx vitest watch --project unit', options));
if (word !== undefined && (!one || (one.commands.length > 1 && options.length > 0))) {
  console.error(USAGE);
  process.exit(word === '--help' || word === '-h' ? 0 : 2);
}
if (one) process.exit(run(one, options));

const took: string[] = [];
for (const [name, step] of Object.entries(STEPS)) {
  if (name === SIDE_BY_SIDE[0]) {
    const failed = await Promise.all(SIDE_BY_SIDE.map(runBeside));
    const [first] = failed.filter((each) => each !== undefined);
    if (first !== undefined) fail(first);
  } else if (!SIDE_BY_SIDE.includes(name)) {
    console.log(`\n── ${name}`);
    const start = performance.now();
    const status = run(step);
    note(name, start);
    if (status !== 0) fail(name);
  }
}
console.log(`\nPassed: ${took.join(', ')}`);

/** @returns the exit status of the first command that failed, or 0 */
function run({ commands, env }: Step, more: readonly string[] = []): number {
  for (const command of commands) {
    const status = runCommand(command, more, env);
    if (status !== 0) return status;
  }
  return 0;
}

/** Writes down how long a step has taken. */
function note(name: string, start: number): void {
  took.push(`${name} ${((performance.now() - start) / 1000).toFixed(0)} s`);
}

function fail(name: string): never {
  console.error(`\nFailed: ${name} (npm test -- ${name} runs it alone). It took: ${took.join(', ')}`);
  process.exit(1);
}

/**
 * Runs a step while others run; what it says is shown in one piece when it ends.
 * @returns its name where it has failed
 */
async function runBeside(name: string): Promise<string | undefined> {
  const start = performance.now();
  const child = spawn('npx', ['tsx', 'scripts/test.ts', name], { cwd: ROOT });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => said.push(piece));
  const status = await new Promise<number>((resolve) => {
    child.on('close', (code) => resolve(code ?? 1));
    child.on('error', () => resolve(1));
  });
  console.log(`\n── ${name}`);
  process.stdout.write(Buffer.concat(said));
  note(name, start);
  return status === 0 ? undefined : name;
}
