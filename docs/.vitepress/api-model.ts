import { join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { ROOT } from '../../scripts/headless.ts';

/*
 * Writes the model of the public symbols in `dist/index.d.ts` and of their comments to a folder: what the reference's
 * pages are made of.
 */
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Say where.');
const configObject = {
  projectFolder: ROOT,
  mainEntryPointFilePath: join(ROOT, 'dist/index.d.ts'),
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
      files: [join(ROOT, 'dist/index.d.ts')],
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
