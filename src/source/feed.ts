import { BodyAnalysisError } from '../schema/errors.ts';

/** A video to take frames from. What is handed in stays the caller's; only a `ReadableStream` is read, as everyone who reads one does. */
export type VideoSource = HTMLVideoElement | MediaStream | MediaStreamTrack | ReadableStream<VideoFrame>;

/** A frame that its receiver owns and closes. */
export interface FedFrame {
  frame: VideoFrame;
  /** In milliseconds, on the source's own clock. */
  timestamp: number;
  /** When it was there, by `performance.now()`. */
  arrivedMs: number;
  /** Frames before it that were closed unseen, since the one that was given before. */
  dropped: number;
}

/** Frames of a video, the newest first: those that nobody has asked for give way to later ones. */
export interface Feed {
  /** Whether {@link next} has a frame at once, as far as that is known. */
  readonly hasFrame: boolean;
  /**
   * The newest frame, or the next where there is none yet; `undefined` after the last.
   * @throws BodyAnalysisError `source-not-ready`, `source-closed` or `source-tainted`
   */
  next(): Promise<FedFrame | undefined>;
  /** Lets go of the source and of the frame that waits; harmless when done twice. */
  close(): void;
}

/** How frames are taken. */
export interface FeedOptions {
  /** Every frame in its turn, however long that takes: of a file that is played, or of a stream that waits. */
  everyFrame: boolean;
}

/**
 * Begins to take frames.
 * @throws BodyAnalysisError `unsupported-source`
 */
export function openFeed(source: VideoSource, { everyFrame }: FeedOptions): Feed {
  if (source instanceof ReadableStream) {
    return everyFrame ? new PulledFeed(source) : pushStream(source);
  }
  if (source instanceof HTMLVideoElement) return everyFrame ? new SteppedFeed(source) : pushVideo(source);
  const track = trackOf(source);
  if (everyFrame) {
    throw new BodyAnalysisError(
      'invalid-option',
      'options.everyFrame is for what waits: a <video> that plays a file, or a ReadableStream of VideoFrames. A camera does not wait.',
    );
  }
  return pushTrack(track);
}

/**
 * A frame once more, for someone who may hold it for long. A camera has few frames to give, and stops where two are held:
 * its frames are copied to memory of their own, where the browser can; others are referred to.
 */
export async function keepFrameOf(source: VideoSource, frame: VideoFrame): Promise<VideoFrame> {
  const isCamera =
    source instanceof HTMLVideoElement ? source.srcObject !== null : !(source instanceof ReadableStream);
  const { format, visibleRect, displayWidth, displayHeight, timestamp, colorSpace } = frame;
  if (!isCamera || !format || !visibleRect) return frame.clone();
  const data = new Uint8Array(frame.allocationSize());
  const layout = await frame.copyTo(data);
  const { width: codedWidth, height: codedHeight } = visibleRect;
  const init = {
    format,
    codedWidth,
    codedHeight,
    layout,
    displayWidth,
    displayHeight,
    timestamp,
    colorSpace,
  };
  // What TypeScript does not know yet. A browser that does not either passes over it.
  const more = {
    transfer: [data.buffer],
    rotation: Reflect.get(frame, 'rotation'),
    flip: Reflect.get(frame, 'flip'),
  };
  return new VideoFrame(data, Object.assign(init, more));
}

function trackOf(source: unknown): MediaStreamTrack {
  const track = source instanceof MediaStream ? source.getVideoTracks()[0] : source;
  if (track instanceof MediaStreamTrack && track.kind === 'video') return track;
  throw new BodyAnalysisError(
    'unsupported-source',
    source instanceof MediaStream || source instanceof MediaStreamTrack
      ? 'The stream has no picture. Hand in one with a video track.'
      : 'This is no video. Hand in a <video>, a MediaStream or its video track, or a ReadableStream of VideoFrames.',
  );
}

/**
 * A frame that has waited for more than the share `fresh` of the time between two frames is worse than the next, which is
 * waited for: what is on show is then younger on average, though there are fewer results. In vain it is waited for
 * `patience` such times and `spareMs` milliseconds.
 */
const WAITING = { fresh: 1 / 3, patience: 2, spareMs: 20 };
/** The time between frames: what it is taken for at first, and at most, in milliseconds; and how much of a new one is taken on. */
const INTERVAL = { firstMs: 1000 / 30, longestMs: 100, share: 0.2 };

/** Keeps the newest of the frames that it is given. */
class NewestFeed implements Feed {
  #waiting: FedFrame | undefined;
  /** Whoever waits for a frame. */
  #wanted: { resolve: (next: FedFrame | undefined) => void; reject: (reason: unknown) => void } | undefined;
  /** Gives whoever waits the frame that there is, since no newer one has come. */
  #patience: ReturnType<typeof setTimeout> | undefined;
  #dropped = 0;
  #intervalMs = INTERVAL.firstMs;
  #givenMs: number | undefined;
  #end: { error?: unknown } | undefined;
  readonly #stop: () => void;

  /** @param begin starts to give frames; what it returns stops that */
  constructor(begin: (feed: NewestFeed) => () => void) {
    this.#stop = begin(this);
  }

  get hasFrame(): boolean {
    if (!this.#waiting) return false;
    const ageMs = performance.now() - this.#waiting.arrivedMs;
    return this.#end !== undefined || ageMs <= WAITING.fresh * this.#intervalMs;
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  /** @param timestamp in milliseconds */
  give(frame: VideoFrame, timestamp: number): void {
    if (this.#end) {
      frame.close();
      return;
    }
    if (this.#waiting) {
      this.#waiting.frame.close();
      this.#dropped++;
    }
    const arrivedMs = performance.now();
    if (this.#givenMs !== undefined) {
      const gapMs = Math.min(arrivedMs - this.#givenMs, INTERVAL.longestMs);
      this.#intervalMs += INTERVAL.share * (gapMs - this.#intervalMs);
    }
    this.#givenMs = arrivedMs;
    this.#waiting = { frame, timestamp, arrivedMs, dropped: this.#dropped };
    this.#answer();
  }

  /** There are no more frames, for that reason if there is one. */
  end(error?: unknown): void {
    if (this.#end) return;
    this.#end = error === undefined ? {} : { error };
    if (error === undefined || this.#waiting) this.#answer();
    else this.#wanted?.reject(error);
    this.#wanted = undefined;
  }

  async next(): Promise<FedFrame | undefined> {
    if (this.hasFrame) return this.#take();
    if (this.#end) {
      if ('error' in this.#end) throw this.#end.error;
      return undefined;
    }
    return new Promise((resolve, reject) => {
      this.#wanted = { resolve, reject };
      if (!this.#waiting) return;
      const patienceMs = WAITING.patience * this.#intervalMs + WAITING.spareMs;
      this.#patience = setTimeout(() => this.#answer(), patienceMs);
    });
  }

  /** Gives whoever waits what there is. */
  #answer(): void {
    clearTimeout(this.#patience);
    this.#wanted?.resolve(this.#wanted && this.#take());
    this.#wanted = undefined;
  }

  close(): void {
    this.#take()?.frame.close();
    this.end();
    this.#stop();
  }

  #take(): FedFrame | undefined {
    const taken = this.#waiting;
    this.#waiting = undefined;
    if (taken) this.#dropped = 0;
    return taken;
  }
}

function pushStream(stream: ReadableStream<VideoFrame>): Feed {
  return new NewestFeed((feed) => {
    const reader = stream.getReader();
    const pump = async (): Promise<void> => {
      while (!feed.isOver) {
        // oxlint-disable-next-line no-await-in-loop -- one frame after the other
        const { done, value } = await reader.read();
        if (done) break;
        feed.give(value, value.timestamp / 1000);
      }
    };
    pump().then(
      () => feed.end(),
      (error: unknown) => feed.end(failed(error)),
    );
    return () => {
      reader.cancel().catch(() => {});
    };
  });
}

/** A browser's class that TypeScript's own types do not have. */
type TrackProcessor = new (options: { track: MediaStreamTrack }) => { readable: ReadableStream<VideoFrame> };

function pushTrack(track: MediaStreamTrack): Feed {
  const Processor: TrackProcessor | undefined = Reflect.get(globalThis, 'MediaStreamTrackProcessor');
  if (Processor) return pushStream(new Processor({ track }).readable);
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  const feed = pushVideo(video);
  video.play().catch(() => {});
  track.addEventListener('ended', () => video.dispatchEvent(new Event('ended')), { once: true });
  return {
    get hasFrame() {
      return feed.hasFrame;
    },
    next: () => feed.next(),
    close() {
      feed.close();
      video.srcObject = null;
    },
  };
}

function pushVideo(video: HTMLVideoElement): Feed {
  return new NewestFeed((feed) => {
    let handle = 0;
    const last = { timestamp: -Infinity, now: 0 };
    const take = (now: number, { mediaTime }: { mediaTime: number }) => {
      handle = video.requestVideoFrameCallback(take);
      try {
        // WebKit has no time for what comes of a canvas. A file's goes back where it begins anew.
        const isStuck = video.srcObject !== null && mediaTime * 1000 <= last.timestamp;
        const timestamp = isStuck ? last.timestamp + now - last.now : mediaTime * 1000;
        Object.assign(last, { timestamp, now });
        feed.give(frameOf(video, timestamp / 1000), timestamp);
      } catch (error) {
        feed.end(error);
      }
    };
    handle = video.requestVideoFrameCallback(take);
    const ended = () => feed.end();
    const broken = () => feed.end(brokenVideo(video));
    video.addEventListener('ended', ended);
    video.addEventListener('error', broken);
    return () => {
      video.cancelVideoFrameCallback(handle);
      video.removeEventListener('ended', ended);
      video.removeEventListener('error', broken);
    };
  });
}

/** Frames of a stream that waits until it is asked. */
class PulledFeed implements Feed {
  readonly hasFrame = true;
  readonly #reader: ReadableStreamDefaultReader<VideoFrame>;

  constructor(stream: ReadableStream<VideoFrame>) {
    this.#reader = stream.getReader();
  }

  async next(): Promise<FedFrame | undefined> {
    try {
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      return { frame: value, timestamp: value.timestamp / 1000, arrivedMs: performance.now(), dropped: 0 };
    } catch (error) {
      throw failed(error);
    }
  }

  close(): void {
    this.#reader.cancel().catch(() => {});
  }
}

/** The first steps through a file, in seconds: less than a frame of 120 a second lasts. */
const SHORTEST_STEP = 1 / 125;

/** A frame that is not shown so long after it was found, in milliseconds, is the one before. */
const UNSHOWN_MS = 100;

/** Two times of a video are the same, in seconds: browsers count in microseconds. */
const SAME_TIME = 1e-5;

/**
 * Every frame of a file, found by seeking in steps of half the shortest frame so far. Firefox says of every frame that it
 * begins where it was sought: until a browser is seen to know better, frames are told apart by what they show as well.
 */
class SteppedFeed implements Feed {
  readonly hasFrame = true;
  readonly #video: HTMLVideoElement;
  /** Where the last frame was found, in seconds. */
  #mediaTime = -1;
  /** The shortest time between two frames so far. */
  #shortest = Infinity;
  /** Whether the browser tells where a frame begins, and not only where it was sought. */
  #tellsTimes = false;
  /** What the last frame shows, where only that tells it from the next. */
  #shown: Uint8Array | undefined;
  #isClosed = false;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
    video.pause();
  }

  async next(): Promise<FedFrame | undefined> {
    const video = this.#video;
    const step = Number.isFinite(this.#shortest) ? this.#shortest / 2 : SHORTEST_STEP;
    let at = this.#mediaTime < 0 ? video.currentTime : this.#mediaTime + step;
    for (;;) {
      if (this.#isClosed || at >= video.duration) return undefined;
      // oxlint-disable-next-line no-await-in-loop -- each step goes on from the one before
      const mediaTime = await seek(video, at);
      if (mediaTime >= 0 && Math.abs(mediaTime - at) > SAME_TIME) this.#tellsTimes = true;
      if (mediaTime > this.#mediaTime) {
        const frame = frameOf(video, mediaTime);
        // oxlint-disable-next-line no-await-in-loop
        if (this.#tellsTimes || !(await this.#isShown(frame))) {
          if (this.#mediaTime >= 0) this.#shortest = Math.min(this.#shortest, mediaTime - this.#mediaTime);
          this.#mediaTime = mediaTime;
          return { frame, timestamp: mediaTime * 1000, arrivedMs: performance.now(), dropped: 0 };
        }
        frame.close();
      }
      at += step;
    }
  }

  /** Whether the frame shows what the last one did, byte by byte; if not, it is the last one from here on. */
  async #isShown(frame: VideoFrame): Promise<boolean> {
    const before = this.#shown;
    let bytes: Uint8Array;
    try {
      bytes = new Uint8Array(frame.allocationSize());
      await frame.copyTo(bytes);
    } catch {
      // Without its pixels, its time has to do.
      return false;
    }
    if (before?.length === bytes.length && bytes.every((value, at) => value === before[at])) return true;
    this.#shown = bytes;
    return false;
  }

  close(): void {
    this.#isClosed = true;
  }
}

/** Shows the frame of that time, in seconds; resolves to when the frame itself begins. */
function seek(video: HTMLVideoElement, seconds: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const settled = new AbortController();
    const { signal } = settled;
    const handle = video.requestVideoFrameCallback((_now, { mediaTime }) => {
      settled.abort();
      resolve(mediaTime);
    });
    const unshown = () => {
      if (signal.aborted) return;
      if (document.hidden) {
        document.addEventListener('visibilitychange', expectFrame, { once: true, signal });
        return;
      }
      settled.abort();
      video.cancelVideoFrameCallback(handle);
      resolve(-1);
    };
    const expectFrame = () => setTimeout(unshown, UNSHOWN_MS);
    // Where the frame is the one that is shown already, a browser need not show it again.
    video.addEventListener('seeked', expectFrame, { once: true, signal });
    video.addEventListener('error', () => reject(brokenVideo(video)), { once: true, signal });
    video.currentTime = seconds;
  });
}

/** @throws BodyAnalysisError `source-tainted` or `source-not-ready` */
function frameOf(video: HTMLVideoElement, mediaTime: number): VideoFrame {
  try {
    return new VideoFrame(video, { timestamp: Math.round(mediaTime * 1e6) });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'SecurityError') {
      throw new BodyAnalysisError(
        'source-tainted',
        'The video is of another origin that does not allow its pixels to be read. Serve it with CORS headers and set `crossOrigin` before `src`.',
        cause,
      );
    }
    throw new BodyAnalysisError(
      'source-not-ready',
      'The video has no frame to read yet. Wait until it plays.',
      cause,
    );
  }
}

function brokenVideo(video: HTMLVideoElement): BodyAnalysisError {
  return new BodyAnalysisError(
    'source-not-ready',
    `The browser cannot play the video: ${video.error?.message ?? 'it does not say why'}.`,
    video.error ?? undefined,
  );
}

function failed(cause: unknown): BodyAnalysisError {
  return new BodyAnalysisError('source-closed', 'The stream of frames broke off. Open it again.', cause);
}
