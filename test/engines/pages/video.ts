/** Following people through everything that gives frames. */
import { SkeletonOverlay } from 'body21';
import type { TrackedVideoFrame, TrackOptions, VideoSource } from 'body21';
import { canvasOf, delay, goldenClient, must, sampleBitmap, Skip, within } from './expect.ts';
import { mustHaveVideoFrame } from './pictures.ts';

const CLIP = '/samples/crossing.webm';
/** From one of its frames to the next. */
const CLIP_FRAME_MS = 1000 / 15;
/** How long it may take until a source has given what is waited for, in milliseconds. */
const PATIENCE_MS = 60_000;

/**
 * The first results of following. The last one has its frame, where frames
 * are kept: some engines have few to give.
 */
async function follow(
  source: VideoSource,
  count: number,
  options: TrackOptions = {},
): Promise<TrackedVideoFrame[]> {
  mustHaveVideoFrame();
  const client = await goldenClient();
  const results: TrackedVideoFrame[] = [];
  const stop = new AbortController();
  const loop = async () => {
    for await (const result of client.track(source, { ...options, signal: stop.signal })) {
      results.at(-1)?.frame?.close();
      results.push(result);
      if (results.length === count) break;
    }
  };
  const tooLate = () =>
    new Error(`${results.length} results came within ${PATIENCE_MS / 1000} s, not ${count}`);
  const timer = setTimeout(() => stop.abort(tooLate()), PATIENCE_MS);
  try {
    await loop();
  } finally {
    clearTimeout(timer);
  }
  return results;
}

/**
 * @throws Error unless so many people are there after some frames, and from then on, and keep their numbers
 */
function mustKeepNumbers(results: readonly TrackedVideoFrame[], people: number): void {
  // How far frames lie apart depends on the machine, and so does when someone was seen often enough.
  const first = results.findIndex(({ result }) => result.person_num === people);
  must(first >= 0 && first <= results.length / 2, `${people} people are there from result ${first} on`);
  const settled = results.slice(first);
  const numbers = new Set(
    settled.flatMap(({ result }) => result.person_info.map(({ track_id }) => track_id)),
  );
  must(numbers.size === people, `${numbers.size} numbers for ${people} people`);
  for (const [index, { result }] of settled.entries()) {
    must(result.person_num === people, `result ${first + index}: ${result.person_num} people, not ${people}`);
  }
}

function mustRise(results: readonly TrackedVideoFrame[]): void {
  for (const [index, { timestamp }] of results.entries()) {
    must(
      timestamp > (results[index - 1]?.timestamp ?? -1),
      `frame ${index} is not later than the one before`,
    );
  }
}

/** The clip in a `<video>` on the page. */
async function openClip(): Promise<HTMLVideoElement> {
  const video = document.createElement('video');
  const type = 'video/webm; codecs="vp9"';
  if (video.canPlayType(type) === '')
    throw new Skip('This engine cannot play the clip, a WebM with VP9, here.');
  Object.assign(video, { muted: true, playsInline: true, width: 320, src: CLIP });
  document.body.append(video);
  const loaded = new Promise<void>((resolve, reject) => {
    video.addEventListener('loadeddata', () => resolve());
    video.addEventListener('error', () =>
      reject(new Error(`the clip cannot be played: ${video.error?.message}`)),
    );
  });
  await within(20_000, loaded, 'the clip does not load');
  return video;
}

export async function videoStepped(): Promise<void> {
  const FRAMES = 24;
  const video = await openClip();
  try {
    const results = await follow(video, FRAMES, { everyFrame: true });
    must(results.length === FRAMES, `${results.length} results, not ${FRAMES}`);
    mustRise(results);
    const steps = results
      .slice(1)
      .map(({ timestamp }, index) => timestamp - (results[index]?.timestamp ?? 0));
    const [shortest, longest] = [Math.min(...steps), Math.max(...steps)];
    // Firefox tells a frame's time to one of the steps in which it is sought.
    must(
      shortest > 0.5 * CLIP_FRAME_MS && longest < 1.5 * CLIP_FRAME_MS,
      `frames were left out, or given twice: steps of ${shortest} to ${longest} ms`,
    );
    const whole = (results.at(-1)?.timestamp ?? 0) - (results[0]?.timestamp ?? 0);
    const wanted = (FRAMES - 1) * CLIP_FRAME_MS;
    must(Math.abs(whole - wanted) < CLIP_FRAME_MS, `${FRAMES} frames take ${whole} ms, not ${wanted}`);
    mustKeepNumbers(results, 2);
  } finally {
    video.remove();
  }
}

export async function videoLive(): Promise<void> {
  const video = await openClip();
  document.body.style.position = 'relative';
  const overlay = new SkeletonOverlay(video);
  try {
    await within(10_000, video.play(), 'the clip does not begin to play');
    await mustShowFrames(video);
    const results = await follow(video, 12, { keepFrame: true });
    mustRise(results);
    // How many frames there are between two depends on the machine, and so does who keeps a number.
    must(
      results.slice(2).every(({ result }) => result.person_num > 0),
      'there are results without anyone',
    );
    const last = results.at(-1);
    must(last?.frame !== undefined, 'the result has no frame');
    overlay.show(last.result, last.frame);
    const { width, height } = overlay.canvas;
    must(width > 0 && height > 0, 'the overlay has no size');
    const context = overlay.canvas.getContext('2d');
    const nose = last.result.person_info[0]?.body_parts.nose;
    must(context !== null && nose !== undefined, 'there is nothing to look at');
    const corner = context.getImageData(2, 2, 1, 1).data[3];
    must(corner === 255, 'the overlay does not show the frame');
    const [withPeople] = colours(context, width, height);
    overlay.show({ ...last.result, person_num: 0, person_info: [] }, last.frame);
    const [without] = colours(context, width, height);
    must(withPeople !== without, 'the overlay does not show the people');
  } finally {
    overlay.dispose();
    video.remove();
  }
}

/**
 * @throws Skip where a clip that plays has no more frames when two are held: one that waits, and one at work
 */
async function mustShowFrames(video: HTMLVideoElement): Promise<void> {
  let shown = 0;
  const held: VideoFrame[] = [];
  const hold = () => {
    shown++;
    held.push(new VideoFrame(video));
    if (held.length > 2) held.shift()?.close();
    video.requestVideoFrameCallback(hold);
  };
  video.requestVideoFrameCallback(hold);
  await delay(2000);
  for (const frame of held) frame.close();
  if (shown < 5) {
    throw new Skip(`A clip stops here where two of its frames are held: after ${shown} in two seconds.`);
  }
}

/** The sum of everything a canvas shows. */
function colours(context: CanvasRenderingContext2D, width: number, height: number): [number] {
  return [context.getImageData(0, 0, width, height).data.reduce((sum, value) => sum + value, 0)];
}

export async function frameStream(): Promise<void> {
  mustHaveVideoFrame();
  const COUNT = 8;
  const picture = await sampleBitmap('two');
  const frames: VideoFrame[] = [];
  const stream = new ReadableStream<VideoFrame>(
    {
      pull(controller) {
        if (frames.length === COUNT) {
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
  const results = await follow(stream, Infinity, { everyFrame: true });
  must(results.length === COUNT, `${results.length} results, not ${COUNT}`);
  must(
    results.every(({ timestamp }, index) => Math.abs(timestamp - 40 * index) < 0.01),
    `timestamps are ${results.map(({ timestamp }) => timestamp).join(', ')}`,
  );
  mustKeepNumbers(results, 2);
  // A closed frame has no format.
  must(
    frames.every(({ format }) => format === null),
    'frames were left open',
  );
}

export async function canvasStream(): Promise<void> {
  const picture = await sampleBitmap('two');
  const [width, height] = [picture.width / 2, picture.height / 2];
  const [canvas, context] = canvasOf(width, height);
  if (!('captureStream' in canvas)) throw new Skip("This engine gives no stream of a canvas's picture.");
  const draw = () => context.drawImage(picture, 0, 0, width, height);
  draw();
  document.body.append(canvas);
  // A stream has frames for as long as something is drawn.
  const timer = setInterval(draw, 40);
  const stream = canvas.captureStream(25);
  try {
    const results = await follow(stream, 12);
    mustRise(results);
    mustKeepNumbers(results, 2);
  } finally {
    clearInterval(timer);
    for (const track of stream.getTracks()) track.stop();
    canvas.remove();
  }
}

export async function camera(): Promise<void> {
  const { mediaDevices } = navigator as { mediaDevices?: MediaDevices };
  if (!mediaDevices) throw new Skip('This engine offers no cameras here.');
  let stream: MediaStream;
  try {
    const asked = mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
    stream = await within(10_000, asked, 'nobody answers whether it may be used');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Skip(`There is no camera to be had here: ${why}.`);
  }
  const [track] = stream.getVideoTracks();
  try {
    // Only Chromium's shows a person; the others' made-up cameras show colours.
    const results = await follow(stream, 8);
    mustRise(results);
    must(track?.readyState === 'live', 'the camera was stopped, which is its owner’s to do');
  } finally {
    track?.stop();
  }
}
