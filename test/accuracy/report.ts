/** The figures as text. */
import type { Measures } from './measures.ts';
import type { Score } from './scorer.ts';

/** One combination's figures. */
export interface Run {
  quality: string;
  model: string;
  /** The scorer's, over all photos. */
  score: Score;
  /** Ours. */
  further: Measures;
}

/** A figure with so many digits, `-` where there is none. */
export function figure(value: number | null, digits = 3): string {
  return value === null ? '-' : value.toFixed(digits);
}

/** Rows as columns: the first one to the left, the others to the right. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (sofar, row) => row.map((cell, index) => Math.max(cell.length, sofar[index] ?? 0)),
    [],
  );
  return rows
    .map((row) =>
      row
        .map((cell, index) =>
          index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}

/** The further figures of one run. */
export function furtherReport(further: Measures): string {
  const seconds = (ms: number | null) => figure(ms === null ? null : ms / 1000, 2);
  return [
    '-- after the documented filter',
    `person_num: exact ${figure(further.countExact)}, mean error ${figure(further.countError)} (${further.countedPhotos} photos that tell)`,
    `passing: ${figure(further.truePassing)} of ${further.truePeople} true people, ${figure(further.falsePassing)} of ${further.falsePeople} false people`,
    '-- true people (OKS from .5)',
    `keypoint scores: expected calibration error ${figure(further.calibrationError)} (${further.keypoints} points)`,
    `mean error in head lengths: neck ${figure(further.neckError)}, top_head ${figure(further.topHeadError)}`,
    `location: mean box IoU ${figure(further.boxIou)} (${further.boxes} people in COCO's photos)`,
    '-- time',
    `s per photo: median ${seconds(further.medianMs)}, p95 ${seconds(further.p95Ms)}`,
  ].join('\n');
}

/** All runs, one to a row. */
export function runTable(runs: readonly Run[]): string {
  const head = [
    'quality/model',
    'AP',
    'AP50',
    'PCK@.2',
    'found',
    'exact',
    'MAE',
    'ECE',
    'box IoU',
    'median s',
  ];
  const rows = runs.map(({ quality, model, score, further }) => [
    `${quality}/${model}`,
    figure(score.AP),
    figure(score.AP50),
    figure(score.pck20),
    figure(score.found),
    figure(further.countExact),
    figure(further.countError),
    figure(further.calibrationError),
    figure(further.boxIou),
    figure(further.medianMs === null ? null : further.medianMs / 1000, 2),
  ]);
  return columns([head, ...rows]);
}
