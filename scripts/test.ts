/**
 * `npm test`: everything that has to pass, with what each step took; or one of them, or of the suites beside
 * them. `npm test -- --watch [what vitest takes]`: the tests that need no browser, again at every change.
 */
import { runBeside, runCommand } from './tools.ts';

/** What a step runs. */
interface Step {
  command: string;
  env?: Readonly<Record<string, string>>;
}

/** Steps that are quick, and leave a core to each other: they run side by side. */
const SIDE_BY_SIDE = ['format', 'lint', 'typecheck'];

/** The quick ones that may fail come before the long ones, but for what these need built. */
const STEPS: Readonly<Record<string, Step>> = {
  browser: { command: 'tsx scripts/browser.ts' },
  build: { command: 'npm run --silent build' },
  format: { command: 'npm run --silent format:check' },
  lint: { command: 'npm run --silent lint' },
  typecheck: { command: 'npm run --silent typecheck' },
  vitest: { command: 'vitest run' },
  e2e: { command: 'playwright test' },
};

/** What takes longer, or writes something anew: only by name. */
const SUITES: Readonly<Record<string, Step>> = {
  consumers: { command: 'playwright test -c test/consumers/playwright.config.ts' },
  engines: { command: 'tsx test/engines/run.ts' },
  parity: { command: 'tsx test/parity/run.ts' },
  soak: {
    command:
      'vitest run --project unit --project browser --project alone --project webgpu recovery.test.ts webgpu/client.test.ts fuzz.test.ts engine-threads.test.ts engine-faults.test.ts',
    env: { VITE_FAULTS: '100', VITE_FUZZ: 'all' },
  },
  golden: {
    command: 'vitest run --project alone test/browser/golden.test.ts',
    env: { VITE_GOLDEN: 'write' },
  },
};

const USAGE = `usage: npm test                          all steps: ${Object.keys(STEPS).join(', ')}
       npm test -- STEP [options]       one of them alone; options go on to it
       npm test -- consumers [options]  the packed package in the apps of examples/
       npm test -- engines [options]    one list of checks in Chromium, Firefox and WebKitGTK
       npm test -- parity [options]     every network against its source, in TensorFlow.js and LiteRT
       npm test -- soak                 a hundred faults in a row on WASM and WebGPU, and every odd input
       npm test -- golden               writes test/support/golden.json anew
       npm test -- --watch [options]    maths and pages in Node, again at every change; options go on to vitest`;

const [word, ...options] = process.argv.slice(2);
const one = word === undefined ? undefined : (STEPS[word] ?? SUITES[word]);
if (word === '--watch') process.exit(runCommand('vitest watch --project unit', options));
if (word !== undefined && !one) {
  console.error(USAGE);
  process.exit(word === '--help' || word === '-h' ? 0 : 2);
}
if (one) process.exit(runCommand(one.command, options, one.env));

const took: string[] = [];
for (const [name, step] of Object.entries(STEPS)) {
  if (name === SIDE_BY_SIDE[0]) {
    const failed = await Promise.all(
      SIDE_BY_SIDE.map(async (beside) => {
        const { status, took: ms } = await runBeside(STEPS[beside]?.command ?? '', `\n── ${beside}`);
        note(beside, ms);
        return status === 0 ? [] : [beside];
      }),
    );
    const [first] = failed.flat();
    if (first !== undefined) fail(first);
  } else if (!SIDE_BY_SIDE.includes(name)) {
    console.log(`\n── ${name}`);
    const start = performance.now();
    const status = runCommand(step.command, [], step.env);
    note(name, performance.now() - start);
    if (status !== 0) fail(name);
  }
}
console.log(`\nPassed: ${took.join(', ')}`);

/** Writes down how long a step has taken. */
function note(name: string, ms: number): void {
  took.push(`${name} ${(ms / 1000).toFixed(0)} s`);
}

function fail(name: string): never {
  console.error(`\nFailed: ${name} (npm test -- ${name} runs it alone). It took: ${took.join(', ')}`);
  process.exit(1);
}
