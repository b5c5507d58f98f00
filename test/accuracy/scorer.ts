/** The scorer that comes with the annotated photos, `score.mjs`. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PersonInfo } from '../../src/schema/result.ts';
import type { LabelledPerson, Photo } from './data.ts';

/** The scorer's figures that are used here by name; it has more. `null`: nothing to measure it on. */
export interface Score {
  AP: number | null;
  AP50: number | null;
  pck20: number | null;
  found: number | null;
}

/** What the scorer works out. */
export interface Evaluation {
  /** Over all photos. */
  all: Score;
}

/** How alike a labelled and an answered person are, `0 … 1`: object keypoint similarity. */
export type Similarity = (label: LabelledPerson, person: PersonInfo) => number;

interface ScorerModule {
  evaluate(photos: readonly Photo[], answers: Readonly<Record<string, unknown>>): Evaluation;
  report(evaluation: Evaluation, brief: boolean): string;
  oks(label: LabelledPerson, person: { k: PersonInfo['body_parts'] }): number;
}

/** The scorer, ready for use. */
export interface Scorer {
  /** Photos without an answer count as answered with nobody. */
  evaluate: ScorerModule['evaluate'];
  /** The evaluation as a table. */
  report: ScorerModule['report'];
  similarity: Similarity;
}

/** What its functions take and return is taken on trust. */
function isScorer(module: unknown): module is ScorerModule {
  return (
    typeof module === 'object' &&
    module !== null &&
    'evaluate' in module &&
    typeof module.evaluate === 'function' &&
    'report' in module &&
    typeof module.report === 'function' &&
    'oks' in module &&
    typeof module.oks === 'function'
  );
}

/** For folders without a scorer of their own. */
const DEFAULT_SCORER = '../shared/eval/score.mjs';

/**
 * Loads the scorer of a folder of photos, or else the default one.
 * @throws Error where there is none
 */
export async function loadScorer(folder: string): Promise<Scorer> {
  const candidates = [join(folder, 'score.mjs'), resolve(DEFAULT_SCORER)];
  const file = candidates.find((candidate) => existsSync(candidate));
  if (file === undefined) throw new Error(`No scorer: neither ${candidates.join(' nor ')} is there.`);
  const module: unknown = await import(pathToFileURL(file).href);
  if (!isScorer(module)) throw new Error(`${file} exports no evaluate, report and oks.`);
  return {
    evaluate: (photos, answers) => module.evaluate(photos, answers),
    report: (evaluation, brief) => module.report(evaluation, brief),
    similarity: (label, person) => module.oks(label, { k: person.body_parts }),
  };
}
