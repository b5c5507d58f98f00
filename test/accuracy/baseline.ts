/** The accuracy that is not to be lost: AP by quality and model, on one certain set of photos. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** What `baseline.json` holds. */
export interface Baseline {
  /** Number of photos. */
  photos: number;
  /** SHA-256 of their `gt.json`. */
  truth: string;
  /** AP by {@link Combination | combination}, spelled `quality/model`. */
  ap: Record<string, number>;
}

/** A combination whose AP has fallen. */
export interface Fall {
  combination: string;
  was: number;
  is: number;
}

/** AP may fall by this much: other hardware and browsers round differently. */
export const TOLERANCE = 0.02;

const ajv = new Ajv2020();
const isBaseline = ajv.compile<Baseline>({
  type: 'object',
  required: ['photos', 'truth', 'ap'],
  properties: {
    photos: { type: 'integer' },
    truth: { type: 'string' },
    ap: { type: 'object', additionalProperties: { type: 'number' } },
  },
});

/**
 * Reads a baseline; nothing where there is no file.
 * @throws Error where it is no baseline
 */
export function readBaseline(file: string): Baseline | undefined {
  if (!existsSync(file)) return undefined;
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!isBaseline(value)) throw new Error(`${file} is no baseline: ${ajv.errorsText(isBaseline.errors)}.`);
  return value;
}

/** Writes a baseline. */
export function writeBaseline(file: string, baseline: Baseline): void {
  writeFileSync(file, `${JSON.stringify(baseline, null, 2)}\n`);
}

/** Why a baseline says nothing about these photos; nothing where it does. */
export function mismatch(baseline: Baseline, data: Pick<Baseline, 'photos' | 'truth'>): string | undefined {
  if (baseline.truth !== data.truth) {
    return `it was made with another gt.json (SHA-256 ${baseline.truth.slice(0, 12)}…, this one ${data.truth.slice(0, 12)}…)`;
  }
  if (baseline.photos !== data.photos) {
    return `it was made with ${baseline.photos} photos, and these are ${data.photos}`;
  }
  return undefined;
}

/** The combinations of `ap` whose AP is lower than the baseline's by more than the tolerance. */
export function findFalls(baseline: Baseline, ap: Readonly<Record<string, number>>): Fall[] {
  return Object.entries(ap).flatMap(([combination, is]) => {
    const was = baseline.ap[combination];
    // Both are rounded as the file is, lest .43 − .41 be more than .02.
    return was !== undefined && rounded(rounded(was) - rounded(is)) > TOLERANCE
      ? [{ combination, was, is }]
      : [];
  });
}

/** The baseline with a run's figures in it. Of other photos, it is replaced as a whole. */
export function updatedBaseline(
  old: Baseline | undefined,
  data: Pick<Baseline, 'photos' | 'truth'>,
  ap: Readonly<Record<string, number>>,
): Baseline {
  const kept = old && mismatch(old, data) === undefined ? old.ap : {};
  const all = Object.entries({ ...kept, ...ap }).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    photos: data.photos,
    truth: data.truth,
    ap: Object.fromEntries(all.map(([combination, value]) => [combination, rounded(value)])),
  };
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
