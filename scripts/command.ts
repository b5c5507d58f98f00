/** `npm run bench` and `npm run accuracy`: several programs each, told apart by the first word. */
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { ROOT } from './headless.ts';

/** By command and word; a command's first program needs no word. */
const PROGRAMS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  bench: {
    speed: 'test/bench/run.ts',
    backends: 'test/bench/backends.ts',
    gpu: 'test/bench/gpu.ts',
    live: 'test/bench/live.ts',
    endurance: 'test/bench/endurance.ts',
  },
  accuracy: {
    score: 'test/accuracy/run.ts',
    sheets: 'test/accuracy/sheets.ts',
    calibrate: 'test/accuracy/calibrate.ts',
  },
};

const [command = '', word = ''] = process.argv.slice(2);
const programs = PROGRAMS[command] ?? {};
const [first] = Object.values(programs);
const file = programs[word] ?? first;
if (file === undefined) throw new Error(`There is no command ${command}.`);
// The program reads its options from where any program has them.
process.argv.splice(2, programs[word] === undefined ? 1 : 2);
if (programs[word] === undefined && process.argv.slice(2).some((option) => /^(?:-h|--help)$/.test(option))) {
  const others = Object.keys(programs).slice(1);
  console.error(`other programs: ${others.map((name) => `npm run ${command} -- ${name}`).join(', ')}`);
}
await import(pathToFileURL(join(ROOT, file)).href);
