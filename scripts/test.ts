/**
 * `npm test`: everything that has to pass, with what each step took; or one of them, or of the suites beside
 * them. `npm test -- --watch [what vitest takes]`: the tests that need no browser, again at every change.
 */
import { runCommand, startCommand } from './tools.ts';

/** What a step runs. */
interface Step {
  command: string;
  env?: Readonly<Record<string, string>>;
  /** Takes what other steps leave of the machine: browsers wait for much besides their own work. */
  isPatient?: boolean;
}

const STEPS = {
  browser: { command: 'tsx scripts/browser.ts' },
  kernels: { command: 'tsx scripts/engine.ts' },
  build: { command: 'npm run --silent build' },
  format: { command: 'npm run --silent format:check' },
  lint: { command: 'npm run --silent lint' },
  typecheck: { command: 'npm run --silent typecheck' },
  unit: { command: 'vitest run --project unit', isPatient: true },
  pages: { command: 'vitest run --project browser --project webgpu' },
  e2e: { command: 'playwright test' },
} satisfies Readonly<Record<string, Step>>;

type StepName = keyof typeof STEPS;

/**
 * In which order: stages one after the other; in one, rows of steps side by side, of which the first is shown as
 * it goes. The quick ones that may fail come before the long ones, but for what they need built: demo and tests
 * have the library's types from it. Tests keep every core busy until the last is over.
 */
const STAGES: readonly (readonly (readonly StepName[])[])[] = [
  [['browser', 'kernels']],
  [['build'], ['format']],
  [['lint'], ['typecheck']],
  [['pages'], ['unit', 'e2e']],
];

/** What takes longer, or writes something anew: only by name. */
const SUITES: Readonly<Record<string, Step>> = {
  consumers: { command: 'playwright test -c test/consumers/playwright.config.ts' },
  engines: { command: 'tsx test/engines/run.ts' },
  parity: { command: 'tsx test/parity/run.ts' },
  soak: {
    command:
      'vitest run --project unit --project browser --project webgpu recovery.test.ts webgpu/client.test.ts fuzz.test.ts engine-threads.test.ts engine-faults.test.ts',
    env: { VITE_FAULTS: '100', VITE_FUZZ: 'all' },
  },
  golden: {
    command: 'vitest run --project browser test/browser/golden.test.ts',
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
const byName: Readonly<Record<string, Step>> = { ...STEPS, ...SUITES };
const one = word === undefined ? undefined : byName[word];
if (word === '--watch') process.exit(runCommand('vitest watch --project unit', options));
if (word !== undefined && !one) {
  console.error(USAGE);
  process.exit(word === '--help' || word === '-h' ? 0 : 2);
}
if (one) process.exit(runCommand(one.command, options, one.env));

const took: string[] = [];
for (const stage of STAGES) {
  const failed = await runStage(stage);
  if (failed.length === 0) continue;
  const alone = failed.map((name) => `npm test -- ${name}`).join(', ');
  console.error(`\nFailed: ${failed.join(', ')} (alone: ${alone}). It took: ${took.join(', ')}`);
  process.exit(1);
}
console.log(`\nPassed: ${took.join(', ')}, in all ${inSeconds(performance.now())}`);

/**
 * Runs the steps of a stage to their end. What those beside the first row say is shown when that row has ended, so
 * that nothing stands in the middle of anything else.
 * @returns which have failed
 */
async function runStage([first = [], ...others]: (typeof STAGES)[number]): Promise<StepName[]> {
  const shown = runRow(first);
  const beside = others.map((row) =>
    runRow(row, async (said) => {
      await shown;
      process.stdout.write(said);
    }),
  );
  return (await Promise.all([shown, ...beside])).flat();
}

/**
 * Runs steps one after the other until one fails.
 * @param show gets what each has said; where there is none it is seen as it is said
 * @returns which has failed, if any
 */
async function runRow(names: readonly StepName[], show?: (said: string) => unknown): Promise<StepName[]> {
  for (const name of names) {
    const heading = `\n── ${name}\n`;
    if (!show) process.stdout.write(heading);
    const { command, ...how }: Step = STEPS[name];
    const { status, ms, said } = await startCommand(command, { ...how, isShown: !show });
    void show?.(heading + said);
    took.push(`${name} ${inSeconds(ms)}`);
    if (status !== 0) return [name];
  }
  return [];
}

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(0)} s`;
}
