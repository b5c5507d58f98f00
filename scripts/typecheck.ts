/** `npm run typecheck`: the types of everything but what only the packages of another folder can tell (`tools.ts`). */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root.ts';
import { ensureKernels } from './kernels.ts';
import { runCommand, TSC } from './tools.ts';

await ensureKernels();
const kernels = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
  /\bkernels.tsconfig\.json$/.test(file),
);
const commands = [
  // AssemblyScript's own types are not of the newest TypeScript.
  ...kernels.map((file) => `tsc6 -p src/${file} --noEmit`),
  ...['maths', 'page', 'worker', 'node'].map((part) => `${TSC} -p tsconfig.${part}.json`),
];
for (const command of commands) {
  const status = runCommand(command);
  if (status !== 0) process.exit(status);
}
