import { BlobSource, Input, VideoSampleSink, WEBM } from 'mediabunny';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { BodyAnalysisClient } from '../../src/index.ts';
import type {
  BodyAnalysisClientOptions,
  PersonInfo,
  TrackedFrame,
  TrackedVideoFrame,
  TrackOptions,
  VideoSource,
} from '../../src/index.ts';
import { RepCounter, SQUATS } from '../../src/measure/index.ts';
import { BODY_PARTS } from '../../src/schema/body-parts.ts';
import { FaultyWorkers } from './faults.ts';
import faultyWorkerUrl from './faulty-worker.ts?worker&url';
import { sampleBlob } from './pictures.ts';
import { liveCanvas, sampleVideo, sought } from './videos.ts';

const OPTIONS: BodyAnalysisClientOptions = { model: 'lite', quality: 'fast', warmUp: false, threads: 1 };

const workers = new FaultyWorkers();
let client: BodyAnalysisClient;
let picture: ImageBitmap;

beforeAll(async () => {
  workers.install();
  client = await BodyAnalysisClient.create({ ...OPTIONS, workerUrl: faultyWorkerUrl });
  picture = await createImageBitmap(await sampleBlob('two'), { resizeWidth: 480, resizeHeight: 480 });
});
afterAll(() => {
  client.dispose();
  workers.uninstall();
});

/**
 * A stream of that many frames of a picture with two people, one every 40
 * ms by their timestamps, and the frames.
 */
function streamOf(count: number): { stream: ReadableStream<VideoFrame>; frames: VideoFrame[] } {
  const frames: VideoFrame[] = [];
  const stream = new ReadableStream<VideoFrame>(
    {
      pull(controller) {
        if (frames.length === count) {
          controller.close();
          return;
        }
        const frame = new VideoFrame(picture, { timestamp: 40_000 * frames.length });
        frames.push(frame);
        controller.enqueue(frame);
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, frames };
}

/** Closed frames, and those that were given away, have no format. */
function openOnes(frames: readonly VideoFrame[]): number {
  return frames.filter(({ format }) => format !== null).length;
}

/** The numbers of the people in each frame that shows any. */
function seenIn(frames: readonly TrackedFrame[]): number[][] {
  return frames
    .map(({ result }) => result.person_info.map(({ track_id }) => track_id))
    .filter((ids) => ids.length > 0);
}

async function all(source: VideoSource, options: TrackOptions = {}): Promise<TrackedFrame[]> {
  const results: TrackedFrame[] = [];
  for await (const frame of client.track(source, options)) results.push(frame);
  return results;
}

/** The browser's own, whatever a test does with the clock. */
const every = setInterval;
const stopEvery = clearInterval;

/** A stream that gives a frame now and then, whether anybody asks or not. */
function pushedStream(): {
  stream: ReadableStream<VideoFrame>;
  frames: readonly VideoFrame[];
  most: () => number;
} {
  const frames: VideoFrame[] = [];
  /** The most that were open at once. */
  let most = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  const stream = new ReadableStream<VideoFrame>({
    start(controller) {
      timer = every(() => {
        const frame = new VideoFrame(picture, { timestamp: 40_000 * frames.length });
        frames.push(frame);
        most = Math.max(most, openOnes(frames));
        controller.enqueue(frame);
      }, 20);
    },
    cancel: () => stopEvery(timer),
  });
  return { stream, frames, most: () => most };
}

/** Resolves when a list has so many more items than now. */
async function more(items: readonly unknown[], count: number): Promise<void> {
  const wanted = items.length + count;
  await expect.poll(() => items.length, { interval: 5 }).toBeGreaterThanOrEqual(wanted);
}

test('a stream of frames is answered frame by frame where it waits, each result with its frame, and the same people in each', async () => {
  const { stream, frames } = streamOf(5);
  const results: TrackedVideoFrame[] = [];
  for await (const result of client.track(stream, { everyFrame: true, keepFrame: true }))
    results.push(result);
  expect(results.map(({ timestamp }) => timestamp)).toEqual([0, 40, 80, 120, 160]);
  expect(results.map(({ dropped }) => dropped)).toEqual([0, 0, 0, 0, 0]);
  for (const { result, latencyMs, stages } of results.slice(1)) {
    expect(result.person_num).toBe(2);
    expect(result.log_id).toMatch(/^\d{1,20}$/);
    expect(result.person_info.map(({ track_id }) => track_id)).toEqual([1, 2]);
    expect(latencyMs).toBeGreaterThan(0);
    expect(stages.map(({ stage }) => stage).slice(0, 2)).toEqual(['decode', 'landmarks']);
  }
  // The first frame is no proof yet.
  expect(results[0]?.result.person_info).toEqual([]);
  const [before, after] = [results[3], results[4]].map(
    (frame) => frame?.result.person_info[0]?.body_parts.nose,
  );
  expect(
    Math.hypot((before?.x ?? NaN) - (after?.x ?? NaN), (before?.y ?? NaN) - (after?.y ?? NaN)),
  ).toBeLessThan(2);
  const kept = results.flatMap(({ frame }) => frame ?? []);
  expect(kept.map(({ timestamp }) => timestamp / 1000)).toEqual(results.map(({ timestamp }) => timestamp));
  expect(kept.every(({ displayWidth }) => displayWidth === picture.width)).toBe(true);
  // Given to the worker, each was detached from the page.
  expect([openOnes(kept), openOnes(frames)]).toEqual([5, 0]);
  for (const frame of kept) frame.close();
});

describe('a camera', () => {
  test('is followed, and left running', async () => {
    const { canvas, stop } = liveCanvas(picture);
    const stream = canvas.captureStream(30);
    const seen: TrackedFrame[] = [];
    for await (const frame of client.track(stream)) {
      seen.push(frame);
      if (seen.length === 6) break;
    }
    expect(seen.at(-1)?.result.person_info.map(({ track_id }) => track_id)).toEqual([1, 2]);
    expect(stream.getVideoTracks()[0]?.readyState).toBe('live');
    stop();
  });

  test('is looked at by a lighter model where the rate that is asked for needs that', async () => {
    const { canvas, stop } = liveCanvas(picture);
    using full = await BodyAnalysisClient.create({ ...OPTIONS, model: 'full' });
    const models: string[] = [];
    // No machine looks at two people so often in a second with this model on WASM, with one thread.
    for await (const { model, result, stages } of full.track(canvas.captureStream(60), { targetFps: 240 })) {
      models.push(model);
      expect(stages[0]?.stage).toBe('decode');
      if (model === 'lite' && result.person_num === 2) break;
      expect(models.length).toBeLessThan(300);
    }
    stop();
    expect([...new Set(models)]).toEqual(['full', 'lite']);
  });
});

describe('a <video>', () => {
  test('is stepped through frame by frame, or followed as it plays', async () => {
    const video = await sampleVideo(4);
    const stepped = await all(video, { everyFrame: true });
    // A second of fifteen frames.
    const times = Array.from({ length: 15 }, (_, frame) => Math.round(4000 + (1000 * frame) / 15));
    expect(stepped.map(({ timestamp }) => Math.round(timestamp))).toEqual(times);
    expect(stepped.at(-1)?.result.person_num).toBe(2);

    await sought(video, 4);
    const playing = all(video);
    await video.play();
    const played = await playing;
    // A slow machine looks at few of them.
    expect(played.length).toBeGreaterThan(0);
    expect(played.length).toBeLessThanOrEqual(stepped.length);
  });
});

describe('the sample clip', () => {
  /** Frames in the clip, and how many a second. */
  const [FRAMES, FPS] = [75, 15];
  /** Every other one, and when it is shown, in milliseconds. */
  const pictures: { bitmap: ImageBitmap; ms: number }[] = [];
  let passes: TrackedFrame[][] = [];

  beforeAll(async () => {
    const video = await sampleVideo(0.5 / FPS);
    for (let frame = 0; frame < FRAMES; frame += 2) {
      await sought(video, (frame + 0.5) / FPS);
      pictures.push({ bitmap: await createImageBitmap(video), ms: (1000 * frame) / FPS });
    }
    const answers = await all(framesOf([...pictures, ...pictures]), { everyFrame: true });
    passes = [answers.slice(0, pictures.length), answers.slice(pictures.length)];
  });

  function framesOf(list: typeof pictures): ReadableStream<VideoFrame> {
    const frames = list.values();
    return new ReadableStream<VideoFrame>(
      {
        pull(controller) {
          const { done, value } = frames.next();
          if (done) controller.close();
          else controller.enqueue(new VideoFrame(value.bitmap, { timestamp: 1000 * value.ms }));
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** How far two people's parts are apart on average, in pixels. */
  function apart(a: PersonInfo, b: PersonInfo, scale = 1): number {
    const distances = BODY_PARTS.map((part) => {
      const [from, to] = [a.body_parts[part], b.body_parts[part]];
      return Math.hypot(from.x / scale - to.x, from.y / scale - to.y);
    });
    return distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
  }

  /**
   * How frames compare with the first pass, in whose pixels they are when divided by
   * `scaleOf`: who was whom, as pairs, and how far points are apart in the median, in head
   * lengths. Nobody is compared while they pass someone.
   */
  function compare(frames: readonly TrackedFrame[], scaleOf = (_frame: number) => 1) {
    const pairs = new Set<string>();
    const distances: number[] = [];
    for (const [index, { result }] of frames.entries()) {
      const everyone = passes[0]?.[index]?.result.person_info ?? [];
      for (const before of everyone) {
        const { top_head, neck } = before.body_parts;
        const head = Math.hypot(top_head.x - neck.x, top_head.y - neck.y);
        if (everyone.some((other) => other !== before && apart(other, before) < 3 * head)) continue;
        const [nearest] = result.person_info
          .map((after) => ({ id: after.track_id, distance: apart(after, before, scaleOf(index)) / head }))
          .toSorted((a, b) => a.distance - b.distance);
        if (!nearest || nearest.distance > 1) continue;
        distances.push(nearest.distance);
        pairs.add(`${before.track_id}:${nearest.id}`);
      }
    }
    const median = distances.toSorted((a, b) => a - b)[Math.floor(distances.length / 2)];
    return { pairs: [...pairs].toSorted(), median };
  }

  /** How many people were seen in all. */
  const seen = (frames: readonly TrackedFrame[] = []) =>
    frames.reduce((sum, { result }) => sum + result.person_num, 0);

  test('that loops shows the same people as well as the first time, each as one', () => {
    const [first, second = []] = passes;
    expect(seen(first)).toBeGreaterThan(1.6 * pictures.length);
    expect(seen(second)).toBeGreaterThanOrEqual(seen(first));
    const { pairs, median } = compare(second);
    expect(pairs).toHaveLength(2);
    expect(median).toBeLessThan(0.05);
  });

  test('whose frames change their size shows the same people, each as one', async () => {
    const scaleOf = (frame: number) => [1, 0.75, 0.5, 0.25][Math.floor(frame / 5) % 4] ?? 1;
    const resized = await Promise.all(
      pictures.map(async ({ bitmap, ms }, frame) => ({
        ms,
        bitmap: await createImageBitmap(bitmap, {
          resizeWidth: bitmap.width * scaleOf(frame),
          resizeHeight: bitmap.height * scaleOf(frame),
          resizeQuality: 'high',
        }),
      })),
    );
    const answers = await all(framesOf(resized), { everyFrame: true });
    const { pairs, median } = compare(answers, scaleOf);
    expect(seen(answers)).toBeGreaterThanOrEqual(seen(passes[0]) - 2);
    expect(pairs).toEqual(['1:1', '2:2']);
    expect(median).toBeLessThan(0.05);
  });
});

test('the squats of a sample clip are counted, a tenth of the frames missing, at 30, 15 and 8 a second', async () => {
  // As its figure does them: `scripts/squats-clip.ts`.
  const squats = 3;
  const input = new Input({
    source: new BlobSource(await (await fetch('/samples/squats.webm')).blob()),
    formats: [WEBM],
  });
  const track = await input.getPrimaryVideoTrack();
  if (!track) throw new Error('The clip has no picture.');
  const samples = new VideoSampleSink(track).samples();
  let count = 0;
  const stream = new ReadableStream<VideoFrame>(
    {
      async pull(controller) {
        let { done, value } = await samples.next();
        if (++count % 10 === 0 && value) {
          value.close();
          ({ done, value } = await samples.next());
        }
        if (done || !value) controller.close();
        else {
          controller.enqueue(value.toVideoFrame());
          value.close();
        }
      },
    },
    { highWaterMark: 0 },
  );
  const answers = await all(stream, { everyFrame: true, maxPersons: 1 });
  input.dispose();
  expect(answers.length).toBeGreaterThan(170);
  for (const fps of [30, 15, 8]) {
    const counter = new RepCounter(SQUATS);
    let next = 0;
    for (const { timestamp, result } of answers) {
      if (timestamp < next - 1) continue;
      next += 1000 / fps;
      counter.add(result.person_info[0], timestamp);
    }
    expect(counter.count, `${fps} frames a second`).toBe(squats);
  }
});

describe('a live video', () => {
  // However slow the machine is, no worker passes for silent here.
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });
  afterEach(() => vi.useRealTimers());

  /** Resolves when a stream is so many frames further, and all but the newest have been read and closed. */
  async function further(frames: readonly VideoFrame[], count: number): Promise<void> {
    await more(frames, count);
    // A busy page may have pushed some that nobody has read yet.
    await expect.poll(() => openOnes(frames), { interval: 5 }).toBeLessThanOrEqual(1);
  }

  test('is not answered with old frames by a worker that was busy; nothing piles up', async () => {
    const { started } = workers;
    const { stream, frames, most } = pushedStream();
    const HELD_FRAMES = 20;
    let heldFrames = 0;
    let after: TrackedFrame | undefined;
    let seen = 0;
    const hold = async () => {
      // As the page asks for the next frame; the worker finds it when it is free again.
      workers.hold();
      await further(frames, HELD_FRAMES);
      heldFrames = frames.length;
      workers.letGo();
    };
    let holding: Promise<void> | undefined;
    for await (const frame of client.track(stream)) {
      seen++;
      if (heldFrames > 0) {
        after = frame;
        break;
      }
      if (seen === 3) holding = hold();
    }
    await holding;
    // Not one from before: streams stamp their frames by the number.
    expect(after?.timestamp).toBeGreaterThanOrEqual(40 * (heldFrames - 1));
    expect(after?.dropped).toBeGreaterThanOrEqual(HELD_FRAMES);
    // One that waits, one that is on its way, and what the browser has not handed on yet.
    expect(most()).toBeLessThan(HELD_FRAMES);
    expect(openOnes(frames)).toBe(0);
    expect(workers.started).toBe(started);
  });

  test('goes on with its newest frame where a worker dies and is replaced', async () => {
    workers.plan([{ kind: 'crash', run: 1, call: 3 }]);
    workers.plans = [[{ kind: 'wait-while-opening' }]];
    const { started } = workers;
    const { stream, frames } = pushedStream();
    const before: TrackedFrame[] = [];
    const after: TrackedFrame[] = [];
    let isReplaced = false;
    client.addEventListener('recovered', () => (isReplaced = true), { once: true });
    // The new worker is held up until the video is twenty frames further.
    let heldFrames = 0;
    const hold = async () => {
      await workers.suffering;
      await workers.until(() => workers.started === started + 1);
      await further(frames, 20);
      heldFrames = frames.length;
      expect(isReplaced).toBe(false);
      workers.release();
    };
    const holding = hold();
    for await (const frame of client.track(stream)) {
      (isReplaced ? after : before).push(frame);
      // A machine that is busy with other things looks at fewer frames, and some come to nothing.
      if (seenIn(after).length === 3) break;
    }
    await holding;
    expect([workers.started, workers.running.size]).toEqual([started + 1, 1]);
    // What was lost with the worker is among those.
    expect(after[0]?.dropped).toBeGreaterThanOrEqual(20);
    // Not one from when the worker failed: streams stamp their frames by the number.
    expect(after[0]?.timestamp).toBeGreaterThanOrEqual(40 * (heldFrames - 1));
    const lastId = Math.max(0, ...seenIn(before).flat());
    const ids = [lastId + 1, lastId + 2];
    expect(seenIn(after)).toEqual([ids, ids, ids]);
  });
});
