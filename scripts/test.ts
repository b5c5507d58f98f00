/**
 * `npm test`: everything that has to pass, one step after the other, with what each took.
 * `npm test -- --watch [what vitest takes]`: the tests that need no browser, again at every change.
 */
import { spawnSync } from 'node:child_process';
import { ROOT } from './headless.ts';

/** Scripts of package.json. The quick ones that may fail come before the long ones, but for what these need built. */
const STEPS = ['browser', 'build', 'format:check', 'lint', 'typecheck', 'test:unit', 'test:e2e'];

const USAGE = `usage: npm test                         all steps: ${STEPS.join(', ')}
       npm test -- --watch [options]   maths and pages in Node, again at every change; options go on to vitest`;

const [mode, ...options] = process.argv.slice(2);
if (mode === '--watch') {
  process.exit(run('npx', ['vitest', 'watch', '--project', 'unit', ...options]));
} else if (mode !== undefined) {
  console.error(USAGE);
  process.exit(mode === '--help' || mode === '-h' ? 0 : 2);
}

const took: string[] = [];
for (const step of STEPS) {
  console.log(`\n── ${step}`);
  const start = performance.now();
  const status = run('npm', ['run', '--silent', step]);
  took.push(`${step} ${((performance.now() - start) / 1000).toFixed(0)} s`);
  if (status !== 0) {
    console.error(`\nFailed: ${step} (npm run ${step} runs it alone). It took: ${took.join(', ')}`);
    process.exit(status);
  }
}
console.log(`\nPassed: ${took.join(', ')}`);

/** @returns the exit status */
function run(command: string, args: readonly string[]): number {
  return spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' }).status ?? 1;
}
