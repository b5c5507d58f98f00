/** What the commands of this folder are told on the command line. */
import { DEFAULT_MODELS, LANDMARK_MODELS, QUALITIES } from '../../src/schema/loading.ts';
import type { LandmarkModel, Quality } from '../../src/schema/loading.ts';

/** What a run is made with. */
export interface Combination {
  quality: Quality;
  model: LandmarkModel;
}

/** Something on the command line that cannot be. */
export class UsageError extends Error {}

/** A combination's name, `quality/model`. */
export function nameOf({ quality, model }: Combination): string {
  return `${quality}/${model}`;
}

/**
 * Every quality with every model.
 * @throws UsageError for names that do not exist
 */
export function combinationsOf(qualities: string, models: string): Combination[] {
  const ofModels = readList('model', models, LANDMARK_MODELS);
  return readList('quality', qualities, QUALITIES).flatMap((quality) =>
    ofModels.map((model) => ({ quality, model })),
  );
}

/**
 * What to measure: the library's own defaults where nothing is named.
 * @throws UsageError for names that do not exist
 */
export function combinationsToMeasure(
  qualities: string | undefined,
  models: string | undefined,
): Combination[] {
  if (models !== undefined) return combinationsOf(qualities ?? 'balanced', models);
  return readList('quality', qualities ?? 'balanced', QUALITIES).map((quality) => ({
    quality,
    model: DEFAULT_MODELS[quality],
  }));
}

/**
 * The baseline's combinations, or those among them that have one of the qualities and one of the models.
 * @throws UsageError for names that do not exist
 */
export function narrow(names: readonly string[], qualities = 'all', models = 'all'): Combination[] {
  return combinationsOf(qualities, models).filter((combination) => names.includes(nameOf(combination)));
}

/**
 * The number that `--limit` was given; all photos where it was not.
 * @throws UsageError for anything but an integer from 1
 */
export function readLimit(limit: string | undefined): number {
  if (limit === undefined) return Infinity;
  if (!/^[1-9]\d*$/.test(limit)) throw new UsageError('--limit must be an integer from 1.');
  return Number(limit);
}

/**
 * Runs a command. What goes wrong ends the process: with 2 and the usage
 * for the command line, otherwise with 1.
 */
export async function runCommand(usage: string, command: () => Promise<number>): Promise<never> {
  try {
    process.exit(await command());
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // `parseArgs` throws TypeErrors with such a code for options it does not know.
    const code = error instanceof TypeError && 'code' in error ? String(error.code) : '';
    const isUsage = error instanceof UsageError || code.startsWith('ERR_PARSE_ARGS');
    console.error(isUsage ? `${message}\n${usage}` : message);
    process.exit(isUsage ? 2 : 1);
  }
}

function readList<Name extends string>(option: string, value: string, names: readonly Name[]): Name[] {
  if (value === 'all') return [...names];
  const wanted = value.split(',');
  for (const name of wanted) {
    if (!names.some((known) => known === name)) {
      throw new UsageError(
        `There is no ${option} ${name || '""'}: one or more of ${names.join(', ')}, or all.`,
      );
    }
  }
  return names.filter((name) => wanted.includes(name));
}
