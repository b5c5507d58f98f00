/**
 * A clip of twelve people before the built library in headless Chromium, played as a page would play it: how
 * many answers a second there are, how old they are, and how much of what is on the screen they tell.
 */
import { existsSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { openLibrary } from '../../scripts/headless.ts';
import { runCommand } from '../../scripts/tools.ts';
import type { LandmarkModel } from '../../src/schema/loading.ts';
import type { TrackedFrame } from '../../src/schema/tracking.ts';
import { judge } from '../accuracy/video-figures.ts';
import type { Clip } from '../accuracy/video-figures.ts';
import { median, quantile } from './figures.ts';

/** Rates that are asked for; without one, everyone is looked at in every frame that there is time for. */
const RATES = [undefined, 30, 15];
/** Times that the clip is played, after one in which the browser translates. */
const PASSES = 2;
/** The clip has twelve people; there may be as many more in the answer as are nobody. */
const MAX_PERSONS = 20;

type Answer = Pick<TrackedFrame, 'timestamp' | 'latencyMs' | 'result' | 'model'>;

/**
 * Follows the crowd at each rate, and prints what came of it.
 * @param data the folder that has the clip (`crowd.webm`, `crowd.json`), or that of which it is made
 * @param folder where it is then made
 */
export async function followCrowd(
  { data, model, threads }: { data: string; model: LandmarkModel; threads?: number },
  folder: string,
): Promise<void> {
  const hasClip = existsSync(join(data, 'crowd.webm'));
  if (!hasClip && runCommand('tsx scripts/crowd-clip.ts', ['--data', data, '--out', folder]) !== 0)
    throw new Error(`No clip could be made of ${data}: see above.`);
  const file = join(hasClip ? data : folder, 'crowd');
  const truth: Pick<Clip, 'fps' | 'frames'> = JSON.parse(readFileSync(`${file}.json`, 'utf8'));
  const clip: Clip = { ...truth, name: 'crowd', file: `${file}.webm` };
  for (const targetFps of RATES) {
    const library = await openLibrary({
      model,
      quality: 'fast',
      backend: 'wasm',
      ...(threads !== undefined && { threads }),
    });
    try {
      const { runtime, threads: count } = library.backend;
      console.log(
        `${targetFps === undefined ? 'no rate' : `${targetFps} a second`}; ${model}, WASM by ${runtime}, ${count} threads, load ${loadavg()[0]?.toFixed(1)}`,
      );
      for (let pass = 0; pass <= PASSES; pass++) {
        const answers = await play(library.page, clip.file, targetFps);
        if (pass > 0) report(clip, answers);
      }
    } finally {
      await library.close();
    }
  }
}

/** Plays the clip once. */
function play(page: Page, file: string, targetFps: number | undefined): Promise<Answer[]> {
  const url = `data:video/webm;base64,${readFileSync(file).toString('base64')}`;
  return page.evaluate(
    async ({ source, maxPersons, rate }) => {
      const client = globalThis.body21Client;
      if (!client) throw new Error('no client');
      const video = document.createElement('video');
      video.muted = true;
      video.src = source;
      document.body.append(video);
      await video.play();
      const answers: Answer[] = [];
      const options = { maxPersons, ...(rate !== undefined && { targetFps: rate }) };
      for await (const { timestamp, latencyMs, result, model } of client.track(video, options))
        answers.push({ timestamp, latencyMs, result, model });
      video.remove();
      return answers;
    },
    { source: url, maxPersons: MAX_PERSONS, rate: targetFps },
  );
}

function report(clip: Clip, answers: readonly Answer[]): void {
  const [first, last] = [answers[0], answers.at(-1)];
  if (!first || !last) throw new Error('no answer');
  const latencies = answers.map(({ latencyMs }) => latencyMs);
  const perSecond = (answers.length - 1) / ((last.timestamp - first.timestamp) / 1000);
  const ofFrame = judge(clip, answers);
  const onScreen = judge(clip, shownAt(clip, answers));
  const lengths = (value: number) => value.toFixed(2);
  const models = [...new Set(answers.map(({ model }) => model))].join(', ');
  console.log(
    `  ${perSecond.toFixed(1)} answers a second by ${models}, ${median(latencies).toFixed(0)} ms old (95th percentile ${quantile(latencies, 0.95).toFixed(0)}); ` +
      `of their frames' people ${share(ofFrame.found)} are told, ${lengths(ofFrame.medianError)} heads off, ${lengths(ofFrame.falsePerFrame)} are nobody, ${ofFrame.idSwitches} numbers change; ` +
      `of the screen's ${share(onScreen.found)}, ${lengths(onScreen.medianError)} heads off`,
  );
}

/** What a page that shows each answer when it comes has over each of the clip's frames: nothing before the first. */
function shownAt(clip: Clip, answers: readonly Answer[]): Pick<Answer, 'timestamp' | 'result'>[] {
  return clip.frames.map(({ t_ms: at }) => {
    const shown = answers.findLast(({ timestamp, latencyMs }) => timestamp + latencyMs <= at);
    return { timestamp: at, result: shown?.result ?? { person_num: 0, person_info: [], log_id: '' } };
  });
}

function share(value: number | null): string {
  return value === null ? '-' : `${(100 * value).toFixed(0)} %`;
}
