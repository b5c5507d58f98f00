#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { version } from '../../package.json';
import { copyAssets } from './copy-assets.ts';
import { init, TEMPLATES } from './init.ts';

const USAGE = `usage: npx body21 init DIR [--template NAME]
       npx body21 copy-assets DIR [options]

init writes an app into a new folder that shows a photo with everyone's skeleton.

  --template NAME  ${TEMPLATES.join(', ')} (default ${TEMPLATES[0]})

copy-assets copies what body21 loads while it runs (worker, models, WebGPU's runtime) to a folder that your site
serves, for BodyAnalysisClient.create({ assets: '/that/folder/' }).

  --model NAME     only this landmark model: lite, full or heavy (may be repeated; default all)
  --backend NAME   wasm leaves out what only WebGPU needs (default both)

  --version        prints the version
  --help           prints this`;

/** @throws Error with what is wrong in the arguments */
function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      model: { type: 'string', multiple: true },
      backend: { type: 'string' },
      template: { type: 'string' },
      version: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.version) {
    console.log(version);
    return;
  }
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const [command, folder, ...rest] = positionals;
  if (command !== 'copy-assets' && command !== 'init') {
    throw new Error(command === undefined ? 'Say what to do.' : `There is no command ${command}.`);
  }
  if (folder === undefined)
    throw new Error(`Say where to ${command === 'init' ? 'write' : 'copy'} the files.`);
  if (rest.length > 0) throw new Error(`One folder only: what is ${rest.join(' ')}?`);
  if (command === 'init') {
    const files = init(folder, values.template);
    console.log(`${files.map((file) => `  ${file}`).join('\n')}

${files.length} files in ${folder}, for body21 ${version}. Now:

  cd ${folder}
  npm install
  npm run dev`);
    return;
  }
  const copied = copyAssets(folder, { models: values.model, backend: values.backend });
  for (const { file, bytes } of copied) console.log(`${megabytes(bytes)}  ${file}`);
  const total = copied.reduce((sum, { bytes }) => sum + bytes, 0);
  console.log(`${megabytes(total)}  in ${copied.length} files, of body21 ${version}`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`.padStart(9);
}

try {
  main();
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
}
