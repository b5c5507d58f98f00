import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { ROOT } from './headless.ts';

/** What an extracted symbol is, as far as it is looked at here. */
interface Item {
  kind: string;
  name?: string;
  docComment?: string;
  members?: Item[];
}

/** Symbols that say what they are by their names alone: the fields of an answer. Options never do. */
function needsComment(item: Item, parent: Item): boolean {
  if (parent.kind === 'Class') return item.kind !== 'Constructor';
  if (parent.kind === 'Interface') return /Options$|Thresholds$|Limits$/.test(parent.name ?? '');
  return true;
}

function undocumented(parent: Item): string[] {
  return (parent.members ?? []).flatMap((item) => {
    const isBare = !item.docComment?.includes('* ') && !item.docComment?.includes('/** ');
    const name = `${parent.kind === 'EntryPoint' ? '' : `${parent.name}.`}${item.name}`;
    const own = isBare && needsComment(item, parent) ? [`${name} has no doc comment.`] : [];
    return [...own, ...(item.kind === 'Class' || item.kind === 'Interface' ? undocumented(item) : [])];
  });
}

/**
 * Reads the public symbols and their comments from `dist/index.d.ts`.
 * @param folder where to write the model of them
 * @returns what lacks a comment, and which links in comments lead nowhere, each in a line
 */
export function extractApi(folder: string): string[] {
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
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written a line above
  const model = JSON.parse(readFileSync(config.apiJsonFilePath, 'utf8')) as Item;
  return [...complaints, ...(model.members ?? []).flatMap(undocumented)];
}
