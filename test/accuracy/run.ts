/**
 * Analyses a folder of annotated photos with the built library in headless Chromium and prints how good the
 * answers are, or whether they are worse than they were.
 */
import { writeFileSync } from 'node:fs';
import { parse, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DEFAULT_MODELS, LANDMARK_MODELS, QUALITIES } from '../../src/schema/loading.ts';
import type { LandmarkModel } from '../../src/schema/loading.ts';
import { analysePhotos } from './analyse.ts';
import { findFalls, mismatch, readBaseline, TOLERANCE, updatedBaseline, writeBaseline } from './baseline.ts';
import type { Baseline } from './baseline.ts';
import { readPhotos } from './data.ts';
import type { PhotoData } from './data.ts';
import { measure } from './measures.ts';
import type { AnalysedPhoto } from './measures.ts';
import { combinationsToMeasure, nameOf, narrow, readLimit, runCommand, UsageError } from './options.ts';
import type { Combination } from './options.ts';
import { furtherReport, runTable } from './report.ts';
import type { Run } from './report.ts';
import { loadScorer } from './scorer.ts';
import { runVideo } from './video.ts';
import type { FiguresOfClips } from './video.ts';

const USAGE = `usage: npm run accuracy -- [options]
  --data DIR       folder with gt.json and images/ (default ../shared/eval, whose score.mjs also serves folders without)
  --quality LIST   ${QUALITIES.join(', ')}, several with commas between, or all (default balanced)
  --model LIST     ${LANDMARK_MODELS.join(', ')}, likewise (default: each quality's own)
  --limit N        the first N photos only
  --out FILE       where the answers go; of several combinations each gets its own: FILE-quality-model
  --json FILE      where the figures go
  --check          fails (exit code 1) where AP is lower than the baseline's by more than ${TOLERANCE}; runs the
                   baseline's combinations, or those among them that --quality and --model name
  --update         writes the AP of this run into the baseline; runs the baseline's combinations unless
                   --quality or --model name others
  --video          follows people through clips instead: DIR has NAME.webm and NAME.json, by default
                   ../shared/samples/video; --model (default lite) and --json apply
  --raw            with --video: then once more, without smoothing
  --baseline FILE  the baseline (default test/accuracy/baseline.json)`;

const BASELINE = fileURLToPath(new URL('baseline.json', import.meta.url));

function readOptions() {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      model: { type: 'string' },
      quality: { type: 'string' },
      out: { type: 'string' },
      json: { type: 'string' },
      limit: { type: 'string' },
      check: { type: 'boolean', default: false },
      update: { type: 'boolean', default: false },
      video: { type: 'boolean', default: false },
      raw: { type: 'boolean', default: false },
      baseline: { type: 'string', default: BASELINE },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.check && values.update) throw new UsageError('It is either --check or --update.');
  return values;
}

/** Follows people through clips and says how well. */
async function followClips({ data, model, json, raw }: ReturnType<typeof readOptions>): Promise<number> {
  const models = combinationsToMeasure('fast', model ?? DEFAULT_MODELS.fast).map((each) => each.model);
  const figures: Partial<Record<LandmarkModel, FiguresOfClips>> = {};
  for (const each of models) {
    await runVideo(data ?? '../shared/samples/video', { model: each, raw }, (ofClips) => {
      figures[each] = ofClips;
      if (json !== undefined) writeFileSync(json, `${JSON.stringify(figures, null, 2)}\n`);
    });
  }
  return 0;
}

/** The combinations to run. */
function chooseCombinations(
  { check, update, quality, model }: ReturnType<typeof readOptions>,
  baseline: Baseline | undefined,
): Combination[] {
  const kept = Object.keys(baseline?.ap ?? {});
  if (check) return narrow(kept, quality, model);
  if (update && kept.length > 0 && quality === undefined && model === undefined) return narrow(kept);
  return combinationsToMeasure(quality, model);
}

/** The baseline that `--check` compares with. */
function baselineToCheck(file: string, data: PhotoData, baseline: Baseline | undefined): Baseline {
  if (!baseline) throw new Error(`There is no baseline, ${file}: npm run accuracy -- --update makes one.`);
  const why = mismatch(baseline, { photos: data.photos.length, truth: data.truth });
  if (why !== undefined) {
    throw new Error(
      `The baseline does not apply to these photos: ${why}. npm run accuracy -- --update makes another.`,
    );
  }
  return baseline;
}

/** `pred.json`, or `pred-fast-lite.json` where one file would not do. */
function answersFile(out: string, { quality, model }: Combination, several: boolean): string {
  const { dir, name, ext } = parse(resolve(out));
  return several ? resolve(dir, `${name}-${quality}-${model}${ext}`) : resolve(out);
}

/** The answers as the scorer reads them: by photo, with the time in milliseconds. */
function answersOf(analysed: readonly AnalysedPhoto[]): Record<string, unknown> {
  return Object.fromEntries(
    analysed.flatMap(({ photo, answer }) =>
      answer ? [[photo.id, { ...answer.result, _ms: answer.ms }]] : [],
    ),
  );
}

await runCommand(USAGE, async () => {
  const options = readOptions();
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  if (options.video) return followClips(options);
  const limit = readLimit(options.limit);
  const baseline = options.check || options.update ? readBaseline(options.baseline) : undefined;
  const combinations = chooseCombinations(options, baseline);
  const data = readPhotos(options.data ?? '../shared/eval', limit);
  const toCheck = options.check ? baselineToCheck(options.baseline, data, baseline) : undefined;
  if (combinations.length === 0) throw new UsageError('The baseline has none of these combinations.');
  const scorer = await loadScorer(data.folder);

  const several = combinations.length > 1;
  const runs: Run[] = [];
  const ap: Record<string, number> = {};
  for (const combination of combinations) {
    const analysed = await analysePhotos(data, combination);
    const answers = answersOf(analysed);
    if (options.out !== undefined) {
      const file = answersFile(options.out, combination, several);
      writeFileSync(file, JSON.stringify(answers));
      console.log(`answers in ${file}`);
    }
    if (options.update && analysed.some(({ answer }) => !answer)) {
      throw new Error('Not every photo was analysed: that would make too low a baseline.');
    }
    const evaluation = scorer.evaluate(data.photos, answers);
    const further = measure(analysed, scorer.similarity);
    runs.push({ ...combination, score: evaluation.all, further });
    ap[nameOf(combination)] = evaluation.all.AP ?? 0;
    console.log(`${scorer.report(evaluation, several)}\n${furtherReport(further)}\n`);
    // After each, since all of them together can take an hour.
    if (options.json !== undefined) {
      const figures = { photos: data.photos.length, truth: data.truth, runs };
      writeFileSync(resolve(options.json), `${JSON.stringify(figures, null, 2)}\n`);
    }
  }
  if (several) console.log(runTable(runs));

  if (options.update) {
    const about = { photos: data.photos.length, truth: data.truth };
    writeBaseline(options.baseline, updatedBaseline(baseline, about, ap));
    console.log(`baseline in ${options.baseline}`);
  }
  if (!toCheck) return 0;
  const falls = findFalls(toCheck, ap);
  for (const { combination, was, is } of falls) {
    console.error(`${combination}: AP has fallen from ${was.toFixed(3)} to ${is.toFixed(3)}.`);
  }
  if (falls.length > 0) return 1;
  console.log(`AP is nowhere lower than the baseline's by more than ${TOLERANCE}.`);
  return 0;
});
