import { ensureModels } from './index.ts';

const [...args] = process.argv.slice(2);
const unknown = args.filter((arg) => arg !== '--force');
if (unknown.length > 0) {
  console.error(`unknown argument ${unknown.join(' ')}; there is only --force, which builds again`);
  process.exitCode = 2;
} else {
  ensureModels({ force: args.includes('--force') });
}
