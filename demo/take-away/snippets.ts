import { DEFAULT_VALIDITY } from 'body21';
import type { BackendChoice, Quality } from 'body21';
import type { ModelChoice, SnippetKind } from '../state.ts';

/** What decides about the answer that the page shows. */
export interface SnippetSettings {
  /** Of the photo, as a file beside the script. */
  readonly name: string;
  readonly model: ModelChoice;
  readonly quality: Quality;
  readonly backend: BackendChoice;
  readonly thresholds: Readonly<typeof DEFAULT_VALIDITY>;
  readonly isExplaining: boolean;
  /** Whether the filter is left out. */
  readonly isEveryone: boolean;
}

/** The module that gives what the page shows with these settings. What is the library's default is not written. */
export function snippet(kind: SnippetKind, settings: SnippetSettings): string {
  return `${WRITERS[kind](settings).join('\n')}\n`;
}

const WRITERS: Readonly<Record<SnippetKind, (settings: SnippetSettings) => string[]>> = {
  library: (settings) => [
    importing(['BodyAnalysisClient', ...filterName(settings)], 'body21'),
    '',
    ...analysing(settings),
    `console.log(JSON.stringify(${filtered('result', settings)}, undefined, 2));`,
  ],
  'drop-in': (settings) => {
    const filter = filterName(settings);
    return [
      importing(['AipBodyAnalysisClient'], 'body21/aip'),
      ...(filter.length > 0 ? [importing(filter, 'body21/schema')] : []),
      '',
      photo(settings),
      'const base64 = await new Promise((resolve) => {',
      '  const reader = new FileReader();',
      "  reader.addEventListener('load', () => resolve(reader.result));",
      '  reader.readAsDataURL(photo);',
      '});',
      `const client = new AipBodyAnalysisClient(${aipArguments(settings)});`,
      'const result = await client.bodyAnalysis(base64);',
      `console.log(JSON.stringify(${filtered('result', settings)}, undefined, 2));`,
    ];
  },
  svg: (settings) => {
    const { keypointScore } = settings.thresholds;
    const look = literal({
      ...(keypointScore !== DEFAULT_VALIDITY.keypointScore && { keypointScore }),
    });
    const shown = ['{ width, height }', ...(look ? [look] : [])].join(', ');
    return [
      importing(['BodyAnalysisClient', ...filterName(settings), 'toSvg'], 'body21'),
      '',
      ...analysing({ ...settings, isExplaining: false }),
      'const { width, height } = await createImageBitmap(photo);',
      `const svg = toSvg(${filtered('result', settings)}, ${shown});`,
      "document.body.insertAdjacentHTML('beforeend', svg);",
    ];
  },
};

function importing(names: readonly string[], from: string): string {
  return `import { ${names.join(', ')} } from '${from}';`;
}

/** An address, so that no name can end the string it stands in. */
function photo({ name }: SnippetSettings): string {
  return `const photo = await (await fetch('${encodeURIComponent(name).replaceAll("'", '%27')}')).blob();`;
}

function analysing(settings: SnippetSettings): string[] {
  const asked = settings.isExplaining ? ', { debug: true }' : '';
  return [
    photo(settings),
    `const client = await BodyAnalysisClient.create(${clientOptions(settings)});`,
    `const result = await client.bodyAnalysis(photo${asked});`,
  ];
}

function clientOptions({ model, quality, backend }: SnippetSettings): string {
  return literal({
    ...(model !== 'auto' && { model }),
    ...(quality !== 'balanced' && { quality }),
    ...(backend !== 'auto' && { backend }),
  });
}

/** The keys' places are empty: the drop-in wants none. */
function aipArguments(settings: SnippetSettings): string {
  const options = clientOptions(settings);
  return options && `'', '', '', ${options}`;
}

function filterName({ isEveryone }: SnippetSettings): string[] {
  return isEveryone ? [] : ['filterValidPersons'];
}

function filtered(result: string, { thresholds, isEveryone }: SnippetSettings): string {
  if (isEveryone) return result;
  const { boxScore, keypointScore } = thresholds;
  const changed = literal({
    ...(boxScore !== DEFAULT_VALIDITY.boxScore && { boxScore }),
    ...(keypointScore !== DEFAULT_VALIDITY.keypointScore && { keypointScore }),
  });
  return `filterValidPersons(${[result, ...(changed ? [changed] : [])].join(', ')})`;
}

/** `{ model: 'lite', boxScore: 0.1 }`, or nothing where there is none. */
function literal(values: Readonly<Record<string, string | number>>): string {
  const fields = Object.entries(values).map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? `'${value}'` : value}`,
  );
  return fields.length > 0 ? `{ ${fields.join(', ')} }` : '';
}
