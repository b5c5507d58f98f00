import { parseArgs } from 'node:util';
import { LANDMARK_MODELS, QUALITIES } from '../src/schema/loading.ts';
import { openLibrary } from './headless.ts';

const USAGE = `usage: npm run analyze -- [--model ${LANDMARK_MODELS.join('|')}] [--quality ${QUALITIES.join('|')}] FILE…
Prints each picture's answer as JSON: one object for one file, { "FILE": answer, … } for several.`;

/** The error's own first line, without what Playwright puts around it. */
function briefly(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^page\.evaluate: /, '').split('\n')[0] ?? '';
}

function fail(error: unknown): never {
  console.error(briefly(error));
  process.exit(1);
}

const { values, positionals } = parseArgs({
  options: {
    model: { type: 'string', default: 'full' },
    quality: { type: 'string', default: 'balanced' },
    help: { type: 'boolean', short: 'h' },
  },
  allowPositionals: true,
});
const model = LANDMARK_MODELS.find((name) => name === values.model);
const quality = QUALITIES.find((name) => name === values.quality);

if (values.help || positionals.length === 0 || !model || !quality) {
  console.error(USAGE);
  process.exit(values.help ? 0 : 2);
}

const library = await openLibrary({ model, quality }).catch((error: unknown) => fail(error));
const answers: Record<string, unknown> = {};
let failed = 0;
try {
  for (const file of positionals) {
    try {
      answers[file] = (await library.analyse(file)).result;
    } catch (error) {
      failed++;
      // Those that follow are still analysed; the exit code tells.
      console.error(`${file}: ${briefly(error)}`);
    }
  }
} finally {
  await library.close();
}
const only = positionals.length === 1 ? positionals[0] : undefined;
if (only === undefined) console.log(JSON.stringify(answers, null, 2));
else if (only in answers) console.log(JSON.stringify(answers[only], null, 2));
process.exit(failed === 0 ? 0 : 1);
