import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { BodyAnalysisClient } from '../../src/index.ts';
import type {
  BodyAnalysisClientOptions,
  PersonInfo,
  TrackedFrame,
  TrackOptions,
  VideoSource,
} from '../../src/index.ts';
import { BODY_PARTS } from '../../src/schema/body-parts.ts';
import { openFeed } from '../../src/source/feed.ts';
import { moment } from '../support/moment.ts';
import type { Feed } from '../../src/source/feed.ts';
import { FaultyWorkers } from './faults.ts';
import faultyWorkerUrl from './faulty-worker.ts?worker&url';
import { plainCanvas, sampleBlob } from './pictures.ts';

const OPTIONS: BodyAnalysisClientOptions = { model: 'lite', quality: 'fast', warmUp: false, threads: 1 };

let client: BodyAnalysisClient;
let picture: ImageBitmap;

beforeAll(async () => {
  client = await BodyAnalysisClient.create(OPTIONS);
  picture = await createImageBitmap(await sampleBlob('two'), { resizeWidth: 480, resizeHeight: 480 });
});
afterAll(() => client.dispose());

/** A stream of that many frames of a picture with two people, one every 40 ms by their timestamps, and the frames. */
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

async function all(source: VideoSource, options: TrackOptions = {}, by = client): Promise<TrackedFrame[]> {
  const results: TrackedFrame[] = [];
  for await (const frame of by.track(source, options)) results.push(frame);
  return results;
}

/** A canvas that shows the picture, drawn anew all the time so that its stream goes on. */
function liveCanvas(): { canvas: HTMLCanvasElement; stop: () => void } {
  const canvas = plainCanvas(picture.width, picture.height);
  const context = canvas.getContext('2d');
  const draw = () => context?.drawImage(picture, 0, 0);
  draw();
  const timer = setInterval(draw, 20);
  return { canvas, stop: () => clearInterval(timer) };
}

/** A stream that gives a frame now and then, whether anybody asks or not. */
function pushedStream() {
  const frames: VideoFrame[] = [];
  /** The most that were open at once. */
  let most = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  const end = moment();
  const stream = new ReadableStream<VideoFrame>({
    start(controller) {
      timer = setInterval(() => {
        const frame = new VideoFrame(picture, { timestamp: 40_000 * frames.length });
        frames.push(frame);
        most = Math.max(most, openOnes(frames));
        controller.enqueue(frame);
      }, 20);
    },
    cancel: () => {
      clearInterval(timer);
      end.come();
    },
  });
  return { stream, frames, most: () => most, cancelled: end.coming };
}

/** Resolves when a list has so many more items than now. */
async function more(items: readonly unknown[], count: number): Promise<void> {
  const wanted = items.length + count;
  await expect.poll(() => items.length, { interval: 5 }).toBeGreaterThanOrEqual(wanted);
}

/** The sample clip's two people, from that second of its five on. */
async function sampleVideo(fromSecond: number): Promise<HTMLVideoElement> {
  const video = document.createElement('video');
  video.muted = true;
  video.src = '/samples/crossing.webm';
  await sought(video, fromSecond);
  return video;
}

async function sought(video: HTMLVideoElement, seconds: number): Promise<void> {
  const isSought = new Promise((resolve) => video.addEventListener('seeked', resolve, { once: true }));
  video.currentTime = seconds;
  await isSought;
}

describe('a stream of frames', () => {
  test('is answered frame by frame where it waits, with the same people in each', async () => {
    const { stream, frames } = streamOf(5);
    const results = await all(stream, { everyFrame: true });
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
    expect(openOnes(frames)).toBe(0);
  });

  test('that does not wait gives its newest frame, and says how many it left out', async () => {
    const { stream, frames } = streamOf(40);
    const results = await all(stream);
    expect(results.length).toBeLessThan(40);
    expect(results.at(-1)?.timestamp).toBe(39 * 40);
    const timestamps = results.map(({ timestamp }) => timestamp);
    expect(timestamps).toEqual(timestamps.toSorted((a, b) => a - b));
    expect(results.reduce((sum, { dropped }) => sum + dropped + 1, 0)).toBe(40);
    expect(openOnes(frames)).toBe(0);
  });

  test('gives each result its frame where asked to', async () => {
    const { stream, frames } = streamOf(3);
    const kept: VideoFrame[] = [];
    for await (const { frame, timestamp } of client.track(stream, { everyFrame: true, keepFrame: true })) {
      if (!frame) throw new Error('no frame');
      expect(frame.timestamp).toBe(timestamp * 1000);
      expect(frame.displayWidth).toBe(picture.width);
      kept.push(frame);
    }
    expect([kept.length, openOnes(kept), openOnes(frames)]).toEqual([3, 3, 0]);
    for (const frame of kept) frame.close();
  });

  test('that breaks off ends the loop with an error, and the client goes on', async () => {
    const stream = new ReadableStream<VideoFrame>({
      pull: (controller) => controller.error(new Error('broken')),
    });
    await expect(all(stream)).rejects.toMatchObject({ code: 'source-closed', cause: { message: 'broken' } });
    expect(await all(streamOf(2).stream, { everyFrame: true })).toHaveLength(2);
  });

  test('is let go of by a loop that is left, and by a signal', async () => {
    const left = streamOf(50);
    for await (const { result } of client.track(left.stream, { everyFrame: true }))
      if (result.person_num > 0) break;
    expect(left.frames.length).toBeLessThan(5);
    expect(openOnes(left.frames)).toBe(0);

    const controller = new AbortController();
    const never = new ReadableStream<VideoFrame>();
    const waiting = all(never, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(all(never, { signal: controller.signal })).rejects.toThrow('enough');
  });
});

describe('a source is let go of though nobody asks the loop for more', () => {
  test.each(['aborted', 'disposed of'])('when its client or signal is %s', async (how) => {
    const other = await BodyAnalysisClient.create(OPTIONS);
    const controller = new AbortController();
    const { stream, frames, cancelled } = pushedStream();
    const loop = other.track(stream, { signal: controller.signal });
    await loop.next();
    if (how === 'aborted') controller.abort();
    else other.dispose();
    await cancelled;
    await expect.poll(() => openOnes(frames)).toBe(0);
    other.dispose();
  });
});

describe('a camera', () => {
  test('is followed, and left running', async () => {
    const { canvas, stop } = liveCanvas();
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

  test('a rate that is asked for is held, with a lighter model if need be', async () => {
    const { canvas, stop } = liveCanvas();
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

    const { stream, frames } = pushedStream();
    const ats: number[] = [];
    for await (const { dropped } of client.track(stream, { targetFps: 4 })) {
      ats.push(performance.now());
      if (ats.length === 1) continue;
      if (ats.length === 8) break;
      expect(dropped).toBeGreaterThan(0);
    }
    expect(openOnes(frames)).toBe(0);
    const [first = 0] = ats.slice(2);
    // Slower machines may be slower than that.
    expect(((ats.at(-1) ?? 0) - first) / 5).toBeGreaterThan(200);
  });

  test('that is unplugged ends the loop', async () => {
    const { canvas, stop } = liveCanvas();
    const [track] = canvas.captureStream(30).getVideoTracks();
    if (!track) throw new Error('no track');
    let frames = 0;
    for await (const { dropped } of client.track(track)) {
      frames += 1 + dropped;
      if (frames >= 2) track.stop();
    }
    expect(frames).toBeGreaterThanOrEqual(2);
    stop();
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
   * How frames compare with the first pass, in whose pixels they are when divided by `scaleOf`: who was whom, as pairs, and
   * how far points are apart in the median, in head lengths. Nobody is compared while they pass someone.
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

describe('what cannot be followed', () => {
  const stream = () => new ReadableStream<VideoFrame>();

  test.each<[string, () => VideoSource, TrackOptions, string]>([
    ['no video', () => 'video' as unknown as VideoSource, {}, 'unsupported-source'],
    ['a stream without a picture', () => new MediaStream(), {}, 'unsupported-source'],
    ['nobody at all', stream, { maxPersons: 0 }, 'invalid-option'],
    ['half a person', stream, { maxPersons: 1.5 }, 'invalid-option'],
    ['a smoothing that is none', stream, { smoothing: { beta: -1 } }, 'invalid-option'],
    ['an unknown smoothing', stream, { smoothing: { alpha: 1 } as unknown as false }, 'invalid-option'],
    ['masks', stream, { extras: ['mask' as 'world3d'] }, 'invalid-option'],
    ['no frames at all', stream, { targetFps: 0 }, 'invalid-option'],
    ['every frame at a rate', stream, { targetFps: 10, everyFrame: true }, 'invalid-option'],
    ['a signal that is none', stream, { signal: {} as AbortSignal }, 'invalid-option'],
  ])('%s', async (_name, source, options, code) => {
    await expect(all(source(), options)).rejects.toMatchObject({ name: 'BodyAnalysisError', code });
  });

  test('every frame of a camera', async () => {
    const { canvas, stop } = liveCanvas();
    await expect(all(canvas.captureStream(), { everyFrame: true })).rejects.toMatchObject({
      code: 'invalid-option',
    });
    stop();
  });

  test('anything by a client that is disposed of meanwhile', async () => {
    const other = await BodyAnalysisClient.create(OPTIONS);
    const call = all(new ReadableStream<VideoFrame>(), {}, other);
    other.dispose();
    await expect(call).rejects.toMatchObject({ code: 'disposed' });
    await expect(all(stream(), {}, other)).rejects.toMatchObject({ code: 'disposed' });
  });
});

describe('a worker that fails on the way', () => {
  const workers = new FaultyWorkers();

  beforeEach(() => workers.install());
  afterEach(() => workers.uninstall());

  test('that was busy for two seconds is not given old frames; nothing piles up', async () => {
    using other = await BodyAnalysisClient.create({ ...OPTIONS, workerUrl: faultyWorkerUrl });
    const { stream, frames, most } = pushedStream();
    const BLOCKED_MS = 2000;
    let seen = 0;
    let blockedAt = 0;
    let after: TrackedFrame | undefined;
    for await (const frame of other.track(stream)) {
      if (blockedAt > 0 && performance.now() - blockedAt > BLOCKED_MS) {
        after = frame;
        break;
      }
      seen++;
      if (seen === 3) {
        // As the page asks for the next frame; the worker finds it when it is free again.
        blockedAt = performance.now();
        workers.block(BLOCKED_MS);
      }
    }
    const arrivedMs = performance.now() - (after?.latencyMs ?? Infinity);
    // One that had just come when the worker was free may be looked at.
    expect(arrivedMs - blockedAt).toBeGreaterThan(BLOCKED_MS - 250);
    expect(after?.dropped).toBeGreaterThan(5);
    // One that waits, one that is on its way, and what the browser has not handed on yet.
    expect(most()).toBeLessThan(6);
    expect(openOnes(frames)).toBe(0);
    expect(workers.started).toBe(1);
  });

  test('is replaced; a live video goes on with its newest frame', async () => {
    workers.plans = [[{ kind: 'crash', run: 1, call: 3 }], [{ kind: 'wait-while-opening' }]];
    using other = await BodyAnalysisClient.create({ ...OPTIONS, workerUrl: faultyWorkerUrl });
    const { stream, frames } = pushedStream();
    const before: TrackedFrame[] = [];
    const after: TrackedFrame[] = [];
    let isReplaced = false;
    other.addEventListener('recovered', () => (isReplaced = true));
    // The new worker is held up until the video is twenty frames further.
    let heldFrames = 0;
    const hold = async () => {
      await workers.suffering;
      await expect.poll(() => workers.started).toBe(2);
      await more(frames, 20);
      // A busy page may have pushed some that nobody has read yet: of those that were read, one waits and the others are closed.
      await expect.poll(() => openOnes(frames), { interval: 5 }).toBeLessThanOrEqual(1);
      heldFrames = frames.length;
      expect(isReplaced).toBe(false);
      workers.release();
    };
    const holding = hold();
    for await (const frame of other.track(stream)) {
      (isReplaced ? after : before).push(frame);
      // A machine that is busy with other things looks at fewer frames, and some come to nothing.
      if (seenIn(after).length === 3) break;
      expect(before.length + after.length).toBeLessThan(60);
    }
    await holding;
    expect([workers.started, workers.running.size]).toEqual([2, 1]);
    // What was lost with the worker is among those.
    expect(after[0]?.dropped).toBeGreaterThanOrEqual(20);
    // Not one from when the worker failed: streams stamp their frames by the number.
    expect(after[0]?.timestamp).toBeGreaterThanOrEqual(40 * (heldFrames - 1));
    const lastId = Math.max(0, ...seenIn(before).flat());
    const ids = [lastId + 1, lastId + 2];
    expect(seenIn(after)).toEqual([ids, ids, ids]);
  });

  test('is replaced; every frame is answered, and no number is given to someone else', async () => {
    workers.plans = [[{ kind: 'crash', run: 1, call: 3 }]];
    using other = await BodyAnalysisClient.create({ ...OPTIONS, workerUrl: faultyWorkerUrl });
    const { stream, frames } = streamOf(6);
    const results = await all(stream, { everyFrame: true }, other);
    expect(results).toHaveLength(6);
    const ids = results.map(({ result }) => result.person_info.map(({ track_id }) => track_id));
    expect(ids).toEqual([[], [1, 2], [], [3, 4], [3, 4], [3, 4]]);
    expect(openOnes(frames)).toBe(0);
    expect(workers.running.size).toBe(1);
  });
});

/** The next result of a loop; of one that ends instead, `undefined`. */
async function nextOf(loop: AsyncGenerator<TrackedFrame, void>): Promise<TrackedFrame | undefined> {
  const { done, value } = await loop.next();
  return done ? undefined : value;
}

/** Hands in and closes so many frames, and says when they are. */
async function timesOf(feed: Feed, count: number): Promise<number[]> {
  const times: number[] = [];
  while (times.length < count) {
    const fed = await feed.next();
    if (!fed) break;
    fed.frame.close();
    times.push(Math.round(fed.timestamp));
  }
  return times;
}

/** A `<video>` that plays a stream, and has shown a frame. */
async function videoPlaying(stream: MediaStream): Promise<HTMLVideoElement> {
  const video = document.createElement('video');
  video.muted = true;
  const shown = new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  video.srcObject = stream;
  await video.play();
  await shown;
  return video;
}

/** A paused `<video>` of a file that has its first frame. */
async function pausedVideo(): Promise<HTMLVideoElement> {
  const video = document.createElement('video');
  video.muted = true;
  const loaded = new Promise((resolve) => video.addEventListener('loadeddata', resolve, { once: true }));
  video.src = '/samples/crossing.webm';
  await loaded;
  return video;
}

/** A canvas that shows the picture and is not drawn on again. */
function stillCanvas(): HTMLCanvasElement {
  const { canvas, stop } = liveCanvas();
  stop();
  return canvas;
}

describe('a source that ends without a word', () => {
  function stopTracks({ srcObject }: HTMLVideoElement): void {
    if (srcObject instanceof MediaStream) for (const track of srcObject.getTracks()) track.stop();
  }

  // Each with what an app does to be rid of a source.
  test.each<[string, (video: HTMLVideoElement) => void]>([
    ['whose track is stopped', stopTracks],
    ['that is taken away', (video) => (video.srcObject = null)],
    [
      'whose track is taken away',
      ({ srcObject }) => {
        if (!(srcObject instanceof MediaStream)) return;
        for (const track of srcObject.getVideoTracks()) srcObject.removeTrack(track);
      },
    ],
  ])('ends the loop over a <video>: a stream %s', async (_name, leave) => {
    const { canvas, stop } = liveCanvas();
    const stream = canvas.captureStream(30);
    const tracks = stream.getTracks();
    const video = await videoPlaying(stream);
    const loop = client.track(video);
    expect(await nextOf(loop)).toBeDefined();
    leave(video);
    while ((await nextOf(loop)) !== undefined);
    stop();
    for (const track of tracks) track.stop();
  });

  describe('ends the loop over a file', () => {
    const waysOut: [string, (video: HTMLVideoElement) => void][] = [
      [
        'whose address is taken away',
        (video) => {
          video.removeAttribute('src');
          video.load();
        },
      ],
      ['whose address is emptied', (video) => (video.src = '')],
    ];

    test.each(waysOut)('%s', async (_name, leave) => {
      const video = await pausedVideo();
      const loop = client.track(video);
      expect(await nextOf(loop)).toBeDefined();
      leave(video);
      expect(await nextOf(loop)).toBeUndefined();
    });

    test.each(waysOut)('%s while it is stepped through', async (_name, leave) => {
      const video = await pausedVideo();
      const loop = client.track(video, { everyFrame: true });
      expect(await nextOf(loop)).toBeDefined();
      const next = nextOf(loop);
      leave(video);
      // One may have been on its way.
      if (await next) expect(await nextOf(loop)).toBeUndefined();
    });

    test('not where another takes its place', async () => {
      const video = await pausedVideo();
      const loop = client.track(video);
      expect(await nextOf(loop)).toBeDefined();
      const { canvas, stop } = liveCanvas();
      const stream = canvas.captureStream(30);
      video.srcObject = stream;
      await video.play();
      expect(await nextOf(loop)).toBeDefined();
      stopTracks(video);
      while ((await nextOf(loop)) !== undefined);
      stop();
    });
  });
});

describe('a source that another takes the place of', () => {
  test.each(['between two frames', 'while a frame is sought'])(
    'is stepped through from its beginning, changed %s',
    async (when) => {
      const video = await sampleVideo(4);
      const response = await fetch(video.src);
      const another = URL.createObjectURL(await response.blob());
      const feed = openFeed(video, { everyFrame: true });
      expect(await timesOf(feed, 2)).toEqual([4000, 4067]);
      const asked = when === 'while a frame is sought' ? feed.next() : undefined;
      video.autoplay = true;
      video.src = another;
      const fed = await asked;
      fed?.frame.close();
      const times = [...(fed ? [Math.round(fed.timestamp)] : []), ...(await timesOf(feed, 4))];
      // One of the first may have been there already.
      if ((times[0] ?? 0) > 4000) times.shift();
      expect(times.slice(0, 4)).toEqual([0, 67, 133, 200]);
      feed.close();
      URL.revokeObjectURL(another);
    },
  );

  test('cannot be stepped through where that is a camera', async () => {
    const video = await sampleVideo(4);
    const feed = openFeed(video, { everyFrame: true });
    expect(await timesOf(feed, 1)).toEqual([4000]);
    const next = feed.next();
    video.srcObject = stillCanvas().captureStream();
    const rest = next.then((fed) => {
      fed?.frame.close();
      return timesOf(feed, 1);
    });
    await expect(rest).rejects.toMatchObject({ code: 'invalid-option' });
    feed.close();
  });

  describe('as another camera in one stream', () => {
    afterEach(() => vi.useRealTimers());

    test('is followed, though there is none for a moment, and the loop ends with the last', async () => {
      const { canvas, stop } = liveCanvas();
      const stream = canvas.captureStream(30);
      const video = await videoPlaying(stream);
      // How often a video is looked at is up to this clock.
      vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
      const feed = openFeed(video, { everyFrame: false });
      expect(await timesOf(feed, 1)).toHaveLength(1);
      const [old] = stream.getVideoTracks();
      if (!old) throw new Error('no track');
      old.stop();
      stream.removeTrack(old);
      // As most browsers tell of a stream without a live track.
      video.dispatchEvent(new Event('ended'));
      vi.advanceTimersByTime(500);
      const [next] = canvas.captureStream(30).getVideoTracks();
      if (!next) throw new Error('no track');
      stream.addTrack(next);
      await video.play();
      vi.advanceTimersByTime(500);
      expect(await timesOf(feed, 5)).toHaveLength(5);

      next.stop();
      vi.advanceTimersByTime(750);
      while ((await timesOf(feed, 1)).length > 0);
      feed.close();
      vi.useRealTimers();
      stop();
    });
  });
});

describe('a source that stands still', () => {
  test('is answered once as a paused <video>, and again when it has moved', async () => {
    const video = await pausedVideo();
    const loop = client.track(video);
    const first = await nextOf(loop);
    expect(first?.timestamp).toBe(0);
    let isAnswered = false;
    const second = nextOf(loop).finally(() => (isAnswered = true));
    for (let call = 0; call < 3; call++) await client.bodyAnalysis(picture);
    expect([isAnswered, video.paused]).toEqual([false, true]);

    video.currentTime = 1;
    expect((await second)?.timestamp).toBeGreaterThan(0);
    await loop.return();
  });

  test('is not answered with the frame before while another is sought', async () => {
    const video = await pausedVideo();
    video.currentTime = 1;
    const feed = openFeed(video, { everyFrame: false });
    const fed = await feed.next();
    expect(fed?.timestamp).toBeGreaterThan(900);
    fed?.frame.close();
    feed.close();
  });

  test('is answered again where the browser does not tell of the frame that was sought', async () => {
    const video = await pausedVideo();
    const request = video.requestVideoFrameCallback.bind(video);
    video.requestVideoFrameCallback = () => request(() => {});
    const feed = openFeed(video, { everyFrame: false });
    expect(await timesOf(feed, 1)).toEqual([0]);
    video.currentTime = 1;
    expect(await timesOf(feed, 1)).toEqual([1000]);
    feed.close();
  });

  test('does not go back in time where it is played', async () => {
    const video = await pausedVideo();
    await sought(video, 4.2);
    const loop = client.track(video);
    const timestamps = [(await nextOf(loop))?.timestamp ?? NaN];
    await video.play();
    for (let result = await nextOf(loop); result; result = await nextOf(loop))
      timestamps.push(result.timestamp);
    expect(timestamps.length).toBeGreaterThan(1);
    expect(timestamps).toEqual([...new Set(timestamps)].toSorted((a, b) => a - b));
  });

  test.each(['as a <video>', 'as a stream'])('is answered %s whose picture does not change', async (as) => {
    const stream = stillCanvas().captureStream();
    const video = await videoPlaying(stream);
    const loop = client.track(as === 'as a <video>' ? video : stream);
    expect(await nextOf(loop)).toBeDefined();
    for (const track of stream.getTracks()) track.stop();
    while ((await nextOf(loop)) !== undefined);
  });

  test('is waited for as a <video> that has no source yet, or an empty stream', async () => {
    const { canvas, stop } = liveCanvas();
    const stream = canvas.captureStream(30);
    for (const isEmptyStream of [false, true]) {
      const video = document.createElement('video');
      video.muted = true;
      if (isEmptyStream) video.srcObject = new MediaStream();
      const loop = client.track(video);
      const first = nextOf(loop);
      await client.bodyAnalysis(picture);
      video.srcObject = stream;
      await video.play();
      expect(await first).toBeDefined();
      await loop.return();
    }
    for (const track of stream.getTracks()) track.stop();
    stop();
  });
});

describe('what has ended, or is none', () => {
  /** A stream whose track was stopped. */
  function endedStream(): MediaStream {
    const stream = stillCanvas().captureStream();
    for (const track of stream.getTracks()) track.stop();
    return stream;
  }

  function locked(): ReadableStream<VideoFrame> {
    const { stream } = streamOf(2);
    stream.getReader();
    return stream;
  }

  /** A stream that gives just that, which TypeScript would let nobody hand in. */
  function streamOfOne(value: unknown): ReadableStream<VideoFrame> {
    return new ReadableStream<VideoFrame>({
      start(controller) {
        controller.enqueue(value as VideoFrame);
        controller.close();
      },
    });
  }

  function closedFrame(): VideoFrame {
    const frame = new VideoFrame(picture, { timestamp: 0 });
    frame.close();
    return frame;
  }

  function audioTrack(): MediaStreamTrack {
    const [track] = new AudioContext().createMediaStreamDestination().stream.getTracks();
    if (!track) throw new Error('no track');
    return track;
  }

  function videoOf(srcObject: MediaStream): HTMLVideoElement {
    const video = document.createElement('video');
    video.srcObject = srcObject;
    return video;
  }

  async function brokenVideo(): Promise<HTMLVideoElement> {
    const video = document.createElement('video');
    const failed = new Promise((resolve) => video.addEventListener('error', resolve));
    video.src = URL.createObjectURL(new Blob(['no video at all']));
    await failed;
    return video;
  }

  async function videoOfBrokenFiles(): Promise<HTMLVideoElement> {
    const video = document.createElement('video');
    const source = document.createElement('source');
    const failed = new Promise((resolve) => source.addEventListener('error', resolve));
    source.src = URL.createObjectURL(new Blob(['no video at all']));
    video.append(source);
    await failed;
    return video;
  }

  test.each<[string, () => VideoSource | Promise<VideoSource>, string, TrackOptions?]>([
    ['a stream that someone reads', locked, 'source-closed'],
    ['a stream that someone reads, frame by frame', locked, 'source-closed', { everyFrame: true }],
    ['a stream of something else', () => streamOfOne('a frame'), 'unsupported-source'],
    [
      'a stream of something else, frame by frame',
      () => streamOfOne(picture),
      'unsupported-source',
      { everyFrame: true },
    ],
    ['a stream of closed frames', () => streamOfOne(closedFrame()), 'source-closed'],
    ['a camera’s stream that has ended', endedStream, 'source-closed'],
    [
      'a camera’s track that has ended',
      () => endedStream().getVideoTracks()[0] ?? new MediaStream(),
      'source-closed',
    ],
    ['a <video> whose stream has ended', () => videoOf(endedStream()), 'source-closed'],
    [
      'every frame of a <video> that shows a camera',
      () => videoOf(stillCanvas().captureStream()),
      'invalid-option',
      { everyFrame: true },
    ],
    ['a track of sound', audioTrack, 'unsupported-source'],
    ['a stream of sound alone', () => new MediaStream([audioTrack()]), 'unsupported-source'],
    ['a <video> that could not be played', brokenVideo, 'source-not-ready'],
    [
      'a <video> that could not be played, frame by frame',
      brokenVideo,
      'source-not-ready',
      { everyFrame: true },
    ],
    ['a <video> none of whose files could be played', videoOfBrokenFiles, 'source-not-ready'],
    [
      'a <video> none of whose files could be played, frame by frame',
      videoOfBrokenFiles,
      'source-not-ready',
      { everyFrame: true },
    ],
    ['a Proxy of a <video>', () => new Proxy(document.createElement('video'), {}), 'unsupported-source'],
  ])('%s', async (_name, source, code, options) => {
    await expect(all(await source(), options)).rejects.toMatchObject({ name: 'BodyAnalysisError', code });
  });

  test('a stream that is closed gives nothing', async () => {
    expect(await all(streamOf(0).stream)).toEqual([]);
    expect(await all(streamOf(0).stream, { everyFrame: true })).toEqual([]);
  });
});

describe('a source of an iframe’s own classes', () => {
  test('is followed while its window is there: a stream of frames, a <video>, a camera’s stream and its track', async () => {
    const iframe = document.createElement('iframe');
    document.body.append(iframe);
    const there = iframe.contentDocument?.defaultView;
    if (!there) throw new Error('no window in the iframe');
    const frames = [0, 40_000].map((timestamp) => new there.VideoFrame(picture, { timestamp }));
    const stream = new there.ReadableStream<VideoFrame>({
      pull(controller) {
        const frame = frames.shift();
        if (frame) controller.enqueue(frame);
        else controller.close();
      },
    });
    expect(seenIn(await all(stream, { everyFrame: true }))).toEqual([[1, 2]]);

    const { canvas, stop } = liveCanvas();
    const [track] = canvas.captureStream(30).getVideoTracks();
    if (!track) throw new Error('no track');
    const camera = new there.MediaStream([track]);
    const video = there.document.createElement('video');
    video.muted = true;
    video.srcObject = camera;
    await video.play();
    const controller = new there.AbortController();
    for (const source of [video, camera, track]) {
      const loop = client.track(source, { signal: controller.signal });
      expect(await nextOf(loop)).toBeDefined();
      await loop.return();
    }
    controller.abort(new Error('enough'));
    await expect(all(camera, { signal: controller.signal })).rejects.toThrow('enough');

    // With its window a video is gone, if not the camera.
    const loop = client.track(video);
    expect(await nextOf(loop)).toBeDefined();
    iframe.remove();
    while ((await nextOf(loop)) !== undefined);
    expect(track.readyState).toBe('live');
    track.stop();
    stop();
  });

  test.each(['iframe', 'popup'])('is stepped through until its %s is gone', async (where) => {
    const iframe = document.createElement('iframe');
    document.body.append(iframe);
    const there = where === 'popup' ? window.open('about:blank', '', 'popup') : iframe.contentWindow;
    if (!there) throw new Error('no window');
    const video = there.document.createElement('video');
    video.muted = true;
    video.src = new URL('/samples/crossing.webm', location.href).href;
    const feed = openFeed(video, { everyFrame: true });
    for (let frame = 0; frame < 2; frame++) {
      const fed = await feed.next();
      expect(fed).toBeDefined();
      fed?.frame.close();
    }
    const next = feed.next();
    there.close();
    iframe.remove();
    for (let fed = await next; fed; fed = await feed.next()) fed.frame.close();
    feed.close();
  });
});
