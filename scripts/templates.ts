/**
 * Puts the apps of `examples/` that `npx body21 init` writes into the package, in `dist/templates/`: each as
 * it is, but for what only this repository has.
 */
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { version } from '../package.json' with { type: 'json' };
import { TEMPLATES } from '../src/cli/init.ts';
import { ROOT } from './root.ts';

/** What installing and building an example leaves in it. */
const LEFT = new Set([
  'node_modules',
  'dist',
  '.next',
  'next-env.d.ts',
  'package-lock.json',
  'body21',
  'sample.jpg',
]);

/** The steps of an example that fetch the sample picture, which a template has beside the page. */
const SAMPLE_STEPS = ['predev', 'prebuild'];

const templates = join(ROOT, 'dist/templates');
rmSync(templates, { recursive: true, force: true });
for (const name of TEMPLATES) {
  const target = join(templates, name);
  cpSync(join(ROOT, 'examples', name), target, {
    recursive: true,
    filter: (path) => !LEFT.has(basename(path)),
  });
  const settings = join(target, 'package.json');
  const { scripts, dependencies, ...own }: ExamplePackage = JSON.parse(readFileSync(settings, 'utf8'));
  for (const step of SAMPLE_STEPS) delete scripts[step];
  const complete = { ...own, scripts, dependencies: { ...dependencies, body21: `^${version}` } };
  writeFileSync(settings, `${JSON.stringify(complete, null, 2)}\n`);
  writeFileSync(join(target, 'gitignore'), 'node_modules/\ndist/\n.next/\nnext-env.d.ts\npublic/body21/\n');
}
mkdirSync(templates, { recursive: true });
copyFileSync(join(ROOT, 'public/samples/two.jpg'), join(templates, 'sample.jpg'));

interface ExamplePackage {
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
}
