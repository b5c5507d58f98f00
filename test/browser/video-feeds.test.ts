import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { VideoSource } from '../../src/index.ts';
import { openFeed } from '../../src/source/feed.ts';
import type { FedFrame, Feed, FeedOptions } from '../../src/source/feed.ts';
import { sampleBlob } from './pictures.ts';
import { liveCanvas, sampleVideo, sought } from './videos.ts';

/*
 * Frames of what only a browser has: videos, cameras and their tracks. Streams of
 * frames are in test/unit/feeds.test.ts.
 */

let picture: ImageBitmap;

beforeAll(async () => {
  picture = await createImageBitmap(await sampleBlob('two'), { resizeWidth: 480, resizeHeight: 480 });
});

/** The next frame of a feed, which is closed; of one that ends instead, `undefined`. */
async function nextOf(feed: Feed): Promise<FedFrame | undefined> {
  const fed = await feed.next();
  fed?.frame.close();
  return fed;
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
  const { canvas, stop } = liveCanvas(picture);
  stop();
  return canvas;
}

test('a camera that is unplugged ends its feed', async () => {
  const { canvas, stop } = liveCanvas(picture);
  const [track] = canvas.captureStream(30).getVideoTracks();
  if (!track) throw new Error('no track');
  const feed = openFeed(track, { everyFrame: false });
  expect(await timesOf(feed, 2)).toHaveLength(2);
  track.stop();
  while ((await nextOf(feed)) !== undefined);
  stop();
});

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
    const { canvas, stop } = liveCanvas(picture);
    const stream = canvas.captureStream(30);
    const tracks = stream.getTracks();
    const video = await videoPlaying(stream);
    const feed = openFeed(video, { everyFrame: false });
    expect(await nextOf(feed)).toBeDefined();
    leave(video);
    while ((await nextOf(feed)) !== undefined);
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
      const feed = openFeed(video, { everyFrame: false });
      expect(await nextOf(feed)).toBeDefined();
      leave(video);
      expect(await nextOf(feed)).toBeUndefined();
    });

    test.each(waysOut)('%s while it is stepped through', async (_name, leave) => {
      const video = await pausedVideo();
      const feed = openFeed(video, { everyFrame: true });
      expect(await nextOf(feed)).toBeDefined();
      const next = nextOf(feed);
      leave(video);
      // One may have been on its way.
      if (await next) expect(await nextOf(feed)).toBeUndefined();
    });

    test('not where another takes its place', async () => {
      const video = await pausedVideo();
      const feed = openFeed(video, { everyFrame: false });
      expect(await nextOf(feed)).toBeDefined();
      const { canvas, stop } = liveCanvas(picture);
      const stream = canvas.captureStream(30);
      video.srcObject = stream;
      await video.play();
      expect(await nextOf(feed)).toBeDefined();
      stopTracks(video);
      while ((await nextOf(feed)) !== undefined);
      stop();
    });
  });
});

test.each([
  ['late', (callback: FrameRequestCallback) => setTimeout(callback, 400)],
  ['never', () => 0],
])('every frame of a video is stepped through where the browser tells of them %s', async (_when, tell) => {
  const video = await sampleVideo(4);
  const request = video.requestVideoFrameCallback.bind(video);
  video.requestVideoFrameCallback = (callback) =>
    request((now, metadata) => void tell(() => callback(now, metadata)));
  const feed = openFeed(video, { everyFrame: true });
  expect(await timesOf(feed, 4)).toEqual([4000, 4067, 4133, 4200]);
  feed.close();
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
      const { canvas, stop } = liveCanvas(picture);
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
  afterEach(() => vi.useRealTimers());

  /** How often a video is looked at is up to this clock from here on. */
  function holdLooks(): void {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  }

  /** Has the video looked at so many times; between them the browser gets on with it. */
  async function look(times: number): Promise<void> {
    for (let time = 0; time < times; time++) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      vi.advanceTimersByTime(250);
    }
  }

  test('is given once as a paused <video>, and again when it has moved', async () => {
    const video = await pausedVideo();
    holdLooks();
    const feed = openFeed(video, { everyFrame: false });
    const first = await nextOf(feed);
    expect(first?.timestamp).toBe(0);
    const times: number[] = [];
    const second = nextOf(feed).then((fed) => times.push(fed?.timestamp ?? NaN));
    await look(8);
    expect([times, video.paused]).toEqual([[], true]);

    video.currentTime = 1;
    while (times.length === 0) {
      await look(1);
    }
    await second;
    expect(times[0]).toBeGreaterThan(0);
    feed.close();
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
    const feed = openFeed(video, { everyFrame: false });
    const timestamps = [(await nextOf(feed))?.timestamp ?? NaN];
    await video.play();
    for (let result = await nextOf(feed); result; result = await nextOf(feed))
      timestamps.push(result.timestamp);
    expect(timestamps.length).toBeGreaterThan(1);
    expect(timestamps).toEqual([...new Set(timestamps)].toSorted((a, b) => a - b));
  });

  test.each(['as a <video>', 'as a stream'])('is answered %s whose picture does not change', async (as) => {
    const stream = stillCanvas().captureStream();
    const video = await videoPlaying(stream);
    const feed = openFeed(as === 'as a <video>' ? video : stream, { everyFrame: false });
    expect(await nextOf(feed)).toBeDefined();
    for (const track of stream.getTracks()) track.stop();
    while ((await nextOf(feed)) !== undefined);
  });

  test('is waited for as a <video> that has no source yet, or an empty stream', async () => {
    const { canvas, stop } = liveCanvas(picture);
    const stream = canvas.captureStream(30);
    holdLooks();
    for (const isEmptyStream of [false, true]) {
      const video = document.createElement('video');
      video.muted = true;
      if (isEmptyStream) video.srcObject = new MediaStream();
      const feed = openFeed(video, { everyFrame: false });
      const first = nextOf(feed);
      await look(8);
      video.srcObject = stream;
      await video.play();
      expect(await first).toBeDefined();
      feed.close();
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

  test.each<[string, () => VideoSource | Promise<VideoSource>, string, FeedOptions?]>([
    ['a stream without a picture', () => new MediaStream(), 'unsupported-source'],
    ['every frame of a camera', () => stillCanvas().captureStream(), 'invalid-option', { everyFrame: true }],
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
    const feed = async () => openFeed(await source(), options ?? { everyFrame: false }).next();
    await expect(feed()).rejects.toMatchObject({ name: 'BodyAnalysisError', code });
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
    const pulled = openFeed(stream, { everyFrame: true });
    expect(await timesOf(pulled, 3)).toEqual([0, 40]);

    const { canvas, stop } = liveCanvas(picture);
    const [track] = canvas.captureStream(30).getVideoTracks();
    if (!track) throw new Error('no track');
    const camera = new there.MediaStream([track]);
    const video = there.document.createElement('video');
    video.muted = true;
    video.srcObject = camera;
    await video.play();
    for (const source of [video, camera, track]) {
      const feed = openFeed(source, { everyFrame: false });
      expect(await nextOf(feed)).toBeDefined();
      feed.close();
    }

    // With its window a video is gone, if not the camera.
    const feed = openFeed(video, { everyFrame: false });
    expect(await nextOf(feed)).toBeDefined();
    iframe.remove();
    while ((await nextOf(feed)) !== undefined);
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
