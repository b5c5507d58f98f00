/** A fenced piece of code in a Markdown page. */
export interface DocSample {
  /** The fence's first word: `ts`, `js`, `html` … */
  language: string;
  /** What else the fence says, such as `service-worker`. */
  note: string;
  /** The fence's line in the page, from 1. */
  line: number;
  code: string;
}

/** Every fenced piece of code in a Markdown page, in its order. */
export function samplesOf(markdown: string): DocSample[] {
  const samples: DocSample[] = [];
  for (const match of markdown.matchAll(/^( *)```(\w+)([^\n`]*)\n([\s\S]*?)^\1```$/gm)) {
    const [, indent = '', language = '', note = '', code = ''] = match;
    samples.push({
      language,
      note: note.trim(),
      line: markdown.slice(0, match.index).split('\n').length,
      code: code.replace(new RegExp(`^${indent}`, 'gm'), ''),
    });
  }
  return samples;
}

/** Named imports, as samples have them: `import { a, type B } from 'c';`. */
const NAMED_IMPORT = /^import (?:type )?\{([^}]*)\} from '([^']+)';$/gm;

/**
 * The names that a piece of code imports, each with where from; those
 * imported as types with `type` before them.
 */
export function importsOf(code: string): Map<string, string> {
  const imports = new Map<string, string>();
  for (const [, names = '', specifier = ''] of code.matchAll(NAMED_IMPORT)) {
    for (const name of names.split(',')) if (name.trim() !== '') imports.set(name.trim(), specifier);
  }
  return imports;
}

/**
 * The code with its named imports turned into constants, each taken from
 * `modules[specifier]`: for `new Function`.
 */
export function withoutImports(code: string): string {
  return code.replace(NAMED_IMPORT, (_all, names: string, specifier: string) => {
    return `const {${names}} = modules[${JSON.stringify(specifier)}];`;
  });
}
