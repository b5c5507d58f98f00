/**
 * Analyses a folder of annotated photos with the built library in headless Chromium and prints how far its
 * scores are from probabilities, and coefficients that would bring them nearer.
 */
import { parseArgs } from 'node:util';
import { KEYPOINT_COEFFICIENTS, locationScore } from '../../src/pipeline/scores.ts';
import type { PersonEvidence } from '../../src/pipeline/person.ts';
import { LANDMARK_MODELS, QUALITIES } from '../../src/schema/loading.ts';
import type { LandmarkModel } from '../../src/schema/loading.ts';
import { DEFAULT_VALIDITY } from '../../src/schema/validity.ts';
import { analysePhotos } from './analyse.ts';
import {
  areaUnderCurve,
  crossValidated,
  fitCoefficients,
  logLoss,
  onlySeenBy,
  peakOutcomes,
  rankPeople,
  reaches,
  rescored,
  thresholdRows,
} from './calibration.ts';
import type { Coefficients, PeakOutcome, RankedPhoto } from './calibration.ts';
import { readPhotos } from './data.ts';
import { hasSomeonesBox } from './judge.ts';
import { combinationsOf, readLimit, runCommand, UsageError } from './options.ts';
import { calibrationError, reliability } from './reliability.ts';
import type { Outcome } from './reliability.ts';
import { columns, figure } from './report.ts';
import { loadScorer } from './scorer.ts';

const USAGE = `usage: npm run accuracy -- calibrate [options]
  --data DIR     folder with gt.json, images/ and score.mjs (default ../shared/eval)
  --quality Q    ${QUALITIES.join(', ')} (default balanced)
  --model M      ${LANDMARK_MODELS.join(', ')} (default lite)
  --networks N   both: people whose points MoveNet and BlazePose placed together (default), or blazepose: by itself
  --limit N      the first N photos only
  --within H     a keypoint is a hit this near to its label, in head lengths (default .35)`;

const BAR_LENGTH = 30;

/** Ten bins: how many, mean score, share of hits, and that share as a bar. */
function reliabilityTable(outcomes: readonly Outcome[], names: readonly [string, string]): string {
  const rows = reliability(outcomes).map(({ from, to, count, score, hits }) => [
    `${from.toFixed(1)} … ${to.toFixed(1)}`,
    String(count),
    figure(score),
    figure(hits),
    '█'.repeat(Math.round((hits ?? 0) * BAR_LENGTH)).padEnd(BAR_LENGTH),
  ]);
  return columns([['from … to', 'n', ...names, ''], ...rows]);
}

function keypointReport(
  photos: readonly (readonly PeakOutcome[])[],
  used: Coefficients,
  within: number,
): string {
  const outcomes = photos.flat();
  const fresh = fitCoefficients(outcomes);
  const row = (name: string, coefficients: Coefficients | undefined, scored: readonly Outcome[]) => [
    name,
    ...[coefficients?.peak, coefficients?.score, coefficients?.bias].map((value) => figure(value ?? null, 2)),
    figure(calibrationError(scored)),
    figure(logLoss(scored)),
  ];
  return [
    `-- keypoint scores of ${outcomes.length} labelled points; a hit is within ${within} head lengths`,
    reliabilityTable(outcomes, ['mean score', 'hits']),
    `expected calibration error ${figure(calibrationError(outcomes))}`,
    '',
    '-- σ(peak · heatmap peak + score · person score + bias)',
    columns([
      ['', 'peak', 'score', 'bias', 'ECE', 'log loss'],
      row('in use', used, rescored(outcomes, used)),
      row('fitted on these points', fresh, rescored(outcomes, fresh)),
      row('5-fold, by photo', undefined, crossValidated(photos)),
    ]),
  ].join('\n');
}

function personReport(photos: readonly RankedPhoto[], model: LandmarkModel, seenBy: PersonEvidence): string {
  const people = photos.flatMap((photo) => photo.people);
  const rawOf = (verdict: 'true' | 'false') =>
    people.filter((one) => one.verdict === verdict).map(({ raw }) => raw);
  const nobody = photos.flatMap(({ photo, people: ofPhoto }) =>
    ofPhoto
      .filter(({ verdict, person }) => verdict === 'false' && !hasSomeonesBox(photo, person))
      .map(({ raw }) => raw),
  );
  // Where not everyone is labelled only true people can be told: with them the shares would be too high.
  const toldApart = photos
    .filter(({ photo }) => photo.exhaustive)
    .flatMap((photo) => photo.people)
    .filter(({ verdict }) => verdict !== 'unknown')
    .map(({ raw, verdict }) => ({ score: raw, hit: verdict === 'true' }));
  // Around where people of each kind are told from others.
  const lowest = seenBy === 'both' ? 0 : 0.3;
  const thresholds = Array.from({ length: 13 }, (_, index) => lowest + 0.025 * index);
  const boxScore = DEFAULT_VALIDITY.boxScore;
  return [
    `-- person scores of ${toldApart.length} people in photos where everyone is labelled; true: OKS from .5`,
    reliabilityTable(toldApart, ['mean score', 'true']),
    '',
    `-- person score as a threshold (${rawOf('true').length} true people in all photos, ${rawOf('false').length} false)`,
    `AUC ${figure(areaUnderCurve(rawOf('true'), rawOf('false')))}; against the ${nobody.length} false people in nobody's box (IoU under .4) ${figure(areaUnderCurve(rawOf('true'), nobody))}`,
    columns([
      ['over', 'false people', 'true people', 'exact', 'MAE'],
      ...thresholdRows(photos, thresholds).map((row) => [
        figure(row.threshold),
        figure(row.falseOver),
        figure(row.trueOver),
        figure(row.countExact),
        figure(row.countError),
      ]),
    ]),
    `location.score is ${boxScore}, the documented filter's threshold, at a person score of ${figure(reaches((score) => locationScore({ score, seenBy }, model), boxScore))}`,
  ].join('\n');
}

/** A peak beyond 0 … 1 was not made with these coefficients. Rounding moves the extreme ones a little. */
function checkPeaks(outcomes: readonly PeakOutcome[]): void {
  const wrong = outcomes.filter(({ peak }) => !(peak > -0.01 && peak < 1.01)).length;
  if (wrong > 0) {
    throw new Error(
      `${wrong} of ${outcomes.length} keypoint scores were not made with the source's coefficients: npm run build.`,
    );
  }
}

await runCommand(USAGE, async () => {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: '../shared/eval' },
      model: { type: 'string', default: 'lite' },
      quality: { type: 'string', default: 'balanced' },
      networks: { type: 'string', default: 'both' },
      limit: { type: 'string' },
      within: { type: 'string', default: '.35' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const [combination, ...more] = combinationsOf(values.quality, values.model);
  if (!combination || more.length > 0) throw new UsageError('One quality and one model at a time.');
  const within = Number(values.within);
  if (!(within > 0)) throw new UsageError('--within must be a number over 0.');
  const { networks: seenBy } = values;
  if (seenBy !== 'both' && seenBy !== 'blazepose')
    throw new UsageError('--networks must be both or blazepose.');
  const data = readPhotos(values.data, readLimit(values.limit));
  const scorer = await loadScorer(data.folder);

  const analysed = await analysePhotos(data, combination, { debug: true });
  const photos = analysed.map((photo) => onlySeenBy(rankPeople(photo, scorer.similarity), seenBy));
  const used: Coefficients = KEYPOINT_COEFFICIENTS[seenBy];
  const outcomes = photos.map((photo) =>
    peakOutcomes(photo, used).map((one) => ({ ...one, hit: one.error <= within })),
  );
  checkPeaks(outcomes.flat());
  console.log(
    `${keypointReport(outcomes, used, within)}\n\n${personReport(photos, combination.model, seenBy)}`,
  );
  return 0;
});
