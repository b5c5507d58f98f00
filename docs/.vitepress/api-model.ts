import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { ROOT } from '../../scripts/headless.ts';

/*
 * Writes the model of the public symbols of all entries and of their comments to a folder: what the reference's pages are
 * made of. `dist/index.d.ts` has those of every entry but `dist/measure.d.ts`.
 */
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Say where.');
const entry = join(folder, 'entries.d.ts');
const from = ['index', 'measure'].map((name) => JSON.stringify(join(ROOT, `dist/${name}.js`)));
writeFileSync(entry, from.map((path) => `export * from ${path};\n`).join(''));
const configObject = {
  projectFolder: ROOT,
  mainEntryPointFilePath: entry,
  compiler: {
    overrideTsconfig: {
      compilerOptions: {
        target: 'es2022',
        module: 'esnext',
        moduleResolution: 'bundler',
        lib: ['es2023', 'dom', 'dom.iterable', 'esnext.disposable'],
        types: [],
        skipLibCheck: true,
      },
      files: [entry],
    },
  },
  apiReport: { enabled: false },
  docModel: { enabled: true, apiJsonFilePath: join(folder, 'body21.api.json') },
  dtsRollup: { enabled: false },
  tsdocMetadata: { enabled: false },
  messages: { extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } } },
};
const config = ExtractorConfig.prepare({
  configObject,
  configObjectFullPath: undefined,
  packageJsonFullPath: join(ROOT, 'package.json'),
});
const complaints: string[] = [];
Extractor.invoke(config, {
  localBuild: true,
  messageCallback(message) {
    message.handled = true;
    if (message.messageId === 'ae-unresolved-link') complaints.push(message.text);
  },
});
if (complaints.length > 0) throw new Error(complaints.join('\n'));
