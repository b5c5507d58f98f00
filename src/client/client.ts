import type { AnalysisProgress } from '../schema/analysis.ts';
import { asBodyAnalysisError, BodyAnalysisError } from '../schema/errors.ts';
import type { BackendInfo, LandmarkModel, LoadProgress } from '../schema/loading.ts';
import type { BodyAnalysisResult } from '../schema/result.ts';
import { letUsingDispose } from '../schema/using.ts';
import type { DISPOSE } from '../schema/using.ts';
import { copyFrame, releaseFrame } from '../source/frame.ts';
import type { Frame } from '../source/frame.ts';
import { toFrame } from '../source/source.ts';
import type { ImageSource } from '../source/source.ts';
import { keepFrameOf, openFeed } from '../source/feed.ts';
import type { FedFrame, Feed, VideoSource } from '../source/feed.ts';
import type { TrackAnswer, TrackRequest } from '../worker/protocol.ts';
import { abortable } from './abortable.ts';
import { Connection } from './connection.ts';
import { checkEnvironment } from './environment.ts';
import { Failures, isRecoverable } from './failures.ts';
import { FrameRate } from './frame-rate.ts';
import { harmless } from './listener.ts';
import { checkAnalysisOptions, checkOptions, checkTrackOptions } from './options.ts';
import type {
  AnalysisOptions,
  BodyAnalysisClientOptions,
  CheckedOptions,
  TrackedVideoFrame,
  TrackOptions,
} from './options.ts';
import { takePlace } from './places.ts';
import { webgpuToAvoid } from './platform.ts';
import { RecoveredEvent } from './recovered-event.ts';

/** The events of a {@link BodyAnalysisClient}, by their names. */
export interface BodyAnalysisClientEventMap {
  recovered: RecoveredEvent;
}

/** One call on its way. */
interface Call<Answer> {
  frame: Frame;
  /** Hands a worker the frame, for good. */
  ask: (connection: Connection, call: number, frame: Frame) => Promise<Answer>;
  /** Aborted when nobody wants the answer any more. */
  stop: AbortSignal;
  /**
   * The answer where a worker fails with the frame: no copy of it is kept to ask another one. Such a call is asked once.
   */
  ifLost?: Answer;
}

/**
 * Finds every person in a picture, in a worker of its own; nothing leaves the browser.
 *
 * ```ts
 * const client = await BodyAnalysisClient.create();
 * const result = await client.bodyAnalysis(photo);
 * ```
 *
 * A worker that dies or falls silent, and a GPU that is lost, are replaced, and the call under way is asked again:
 * twice at most, the last time on WASM where the GPU failed both times. The `recovered` event tells of it.
 */
export class BodyAnalysisClient extends EventTarget {
  /** {@link BodyAnalysisClient.dispose}, for `using`. */
  declare readonly [DISPOSE]: () => void;
  readonly #options: CheckedOptions;
  readonly #failures: Failures;
  #connection: Connection;
  #backend: BackendInfo;
  /** Settles when the last call given has left the worker: calls queue behind it. */
  #tail: Promise<unknown> = Promise.resolve();
  #calls = 0;
  #videos = 0;
  readonly #disposal = new AbortController();
  /** Gives this client's place to another. */
  readonly #leave: () => void;

  private constructor(
    options: CheckedOptions,
    opened: Opened,
    { failures, leave }: { failures: Failures; leave: () => void },
  ) {
    super();
    letUsingDispose(this);
    this.#options = options;
    this.#failures = failures;
    this.#leave = leave;
    this.#connection = opened.connection;
    this.#backend = opened.backend;
  }

  /**
   * Starts a worker and loads the models: from the browser's cache where they are there, else from the network. At most
   * eight clients live in a page at once; one answers any number of calls.
   * @param options model, quality, backend and the like; none is needed
   * @throws BodyAnalysisError `invalid-option`, `unsupported-environment`, `too-many-clients`, `worker-load`, `model-fetch`,
   * `model-integrity`, `backend-failed` or `recovery-failed`
   * @throws the signal's reason when it is aborted
   */
  static async create(options: BodyAnalysisClientOptions = {}): Promise<BodyAnalysisClient> {
    checkEnvironment();
    const checked = checkOptions(options);
    const { signal } = options;
    signal?.throwIfAborted();
    const failures = new Failures();
    const leave = takePlace();
    try {
      const opened = await open(checked, failures, signal);
      return new BodyAnalysisClient(checked, opened, { failures, leave });
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** What the models run on, how, and why not otherwise. */
  get backend(): BackendInfo {
    return this.#backend;
  }

  /** The landmark model in use. */
  get model(): LandmarkModel {
    return this.#options.open.model;
  }

  /**
   * Everyone in the picture, unfiltered: pass the result to `filterValidPersons` to drop doubtful people. The
   * source is read as it is at the time of the call; calls are answered one after the other.
   * @param source a file, an element, a canvas, pixels or base64 text
   * @param options extras, progress and a signal for this call
   * @returns the cloud API's JSON; coordinates in pixels of the picture as displayed
   * @throws BodyAnalysisError `invalid-option`, `unsupported-source`, `empty-image`, `image-format`, `image-size`,
   * `source-tainted`, `source-closed`, `source-not-ready`, `source-fetch`, `recovery-failed` or `disposed`; where a
   * new worker was needed, also what `create` throws
   * @throws the signal's reason when it is aborted
   */
  async bodyAnalysis(source: ImageSource, options: AnalysisOptions = {}): Promise<BodyAnalysisResult> {
    const { signal, onProgress, analyse } = checkAnalysisOptions(options);
    const disposed = this.#disposal.signal;
    const stop = signal ? AbortSignal.any([signal, disposed]) : disposed;
    stop.throwIfAborted();
    const reading = toFrame(source, { limits: this.#options.open.limits, signal: stop });
    const frame = await abortable(reading, stop).catch((error: unknown) => {
      // Cancelled while the source was read: what comes of it is nobody's.
      reading.then(releaseFrame, () => {});
      throw error;
    });
    // What was on its way when the call ended is not about anything any more.
    let isOpen = true;
    const report =
      onProgress &&
      harmless((progress: AnalysisProgress) => {
        if (isOpen) onProgress(progress);
      });
    const ask: Call<BodyAnalysisResult>['ask'] = (connection, call, copy) =>
      connection.analyse(call, copy, analyse, report);
    return this.#queue({ frame, ask, stop }).finally(() => {
      isOpen = false;
    });
  }

  /**
   * Follows everyone through a video: each person keeps a `track_id`, and their points neither jitter nor lag. The newest
   * frame is always next: what comes while one is analysed gives way to what comes later, unless `everyFrame` is asked
   * for. It ends with the source, with the loop over it, or with the signal.
   *
   * ```ts
   * for await (const { result } of client.track(video)) drawPersons(overlay, result);
   * ```
   * @param source a `<video>`, a camera's stream or track, or a stream of frames
   * @param options smoothing, a frame rate to hold, every frame or the newest, and a signal
   * @returns the next frame's result; coordinates in pixels of the frame as displayed
   * @throws BodyAnalysisError `invalid-option`, `unsupported-environment`, `unsupported-source`, `source-not-ready`,
   * `source-closed`, `source-tainted`, `image-size`, `recovery-failed` or `disposed`, from the loop
   * @throws the signal's reason when it is aborted
   */
  async *track(
    source: VideoSource,
    options: TrackOptions = {},
  ): AsyncGenerator<TrackedVideoFrame, void, undefined> {
    const { signal, everyFrame, keepFrame, follow } = checkTrackOptions(options);
    const disposed = this.#disposal.signal;
    const stop = signal ? AbortSignal.any([signal, disposed]) : disposed;
    stop.throwIfAborted();
    const feed = openFeed(source, { everyFrame });
    // The loop itself may be busy with a result, or have been left without a word: the source is let go of all the same.
    const letGo = () => feed.close();
    stop.addEventListener('abort', letGo, { once: true });
    const rate = follow.targetFps === undefined ? undefined : new FrameRate(follow.targetFps);
    const video = ++this.#videos;
    let lastId = 0;
    /** Frames that were fed and came to the worker too late. */
    let late = 0;
    try {
      for (;;) {
        const waitMs = rate?.msToNext() ?? 0;
        const isFree = waitMs > 0 || !feed.hasFrame;
        // Not after a frame that came too late: the next one is not to wait as well.
        if (!everyFrame && isFree && late === 0) this.#connection.rest(video);
        if (waitMs > 0) await abortable(delay(waitMs), stop);
        const fed = await nextOf(feed, stop);
        if (!fed) return;
        rate?.note();
        const { frame, timestamp, arrivedMs } = fed;
        // One that is late once more is looked at all the same, or there might never be a result.
        const sentAt = everyFrame || late > 0 ? undefined : Date.now();
        const request = { ...follow, video, timestamp, lastId, hasIdleTime: !everyFrame, sentAt };
        const keep = keepFrame ? () => keepFrameOf(source, frame) : undefined;
        const followed = await this.#follow(frame, request, { stop, keep });
        if (followed === 'late') {
          late += fed.dropped + 1;
          continue;
        }
        const { person_info } = followed.result;
        lastId = Math.max(lastId, ...person_info.map(({ track_id }) => track_id));
        const dropped = fed.dropped + late;
        late = 0;
        yield { ...followed, timestamp, latencyMs: performance.now() - arrivedMs, dropped };
      }
    } finally {
      stop.removeEventListener('abort', letGo);
      feed.close();
      this.#connection.unfollow(video);
    }
  }

  /** Ends the worker and frees its memory. Calls that are under way reject with the code `disposed`. */
  dispose(): void {
    if (this.#disposal.signal.aborted) return;
    const reason = new BodyAnalysisError('disposed', 'The client was disposed of. Create another one.');
    this.#disposal.abort(reason);
    this.#connection.close(reason);
    this.#leave();
  }

  /** Tells `listener` whenever a failed worker was replaced. */
  override addEventListener<Name extends keyof BodyAnalysisClientEventMap>(
    name: Name,
    listener: (event: BodyAnalysisClientEventMap[Name]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  /** As every event target's. */
  override addEventListener(
    name: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(...parameters: Parameters<EventTarget['addEventListener']>): void {
    super.addEventListener(...parameters);
  }

  /** Tells `listener` no more. */
  override removeEventListener<Name extends keyof BodyAnalysisClientEventMap>(
    name: Name,
    listener: (event: BodyAnalysisClientEventMap[Name]) => void,
    options?: boolean | EventListenerOptions,
  ): void;
  /** As every event target's. */
  override removeEventListener(
    name: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(...parameters: Parameters<EventTarget['removeEventListener']>): void {
    super.removeEventListener(...parameters);
  }

  /**
   * Has a worker follow everyone into a frame, which is closed in any case.
   * @param keep makes a copy of it for the answer
   */
  async #follow(
    frame: VideoFrame,
    request: TrackRequest,
    { stop, keep }: { stop: AbortSignal; keep: (() => Promise<VideoFrame>) | undefined },
  ): Promise<(Exclude<TrackAnswer, 'late'> & Pick<TrackedVideoFrame, 'frame'>) | 'late'> {
    let kept: VideoFrame | undefined;
    try {
      kept = await keep?.();
      const followed = await this.#queue<TrackAnswer>({
        frame: { kind: 'video-frame', frame },
        ask: (connection, call, given) => connection.follow(call, given, request),
        stop,
        // What a live video shows next is better than what it showed when the worker failed.
        ...(request.hasIdleTime && { ifLost: 'late' }),
      });
      if (followed !== 'late') return { ...followed, ...(kept && { frame: kept }) };
      kept?.close();
      return 'late';
    } catch (error) {
      frame.close();
      kept?.close();
      throw error;
    }
  }

  /** Has a call answered after those before it. */
  #queue<Answer>(call: Call<Answer>): Promise<Answer> {
    const turn = this.#tail.then(() => this.#answer(call));
    this.#tail = turn.catch(() => {});
    return abortable(turn, call.stop);
  }

  /** Takes a call to a worker when its turn has come, to another if that one fails, and stays until it is free again. */
  async #answer<Answer>(call: Call<Answer>): Promise<Answer> {
    try {
      for (;;) {
        await this.#recover();
        call.stop.throwIfAborted();
        try {
          const result = await this.#ask(call);
          this.#failures.overcome();
          return result;
        } catch (cause) {
          const error = asBodyAnalysisError(cause);
          if (!isRecoverable(error)) throw error;
          // A run that failed leaves the runtime in no state to trust.
          this.#connection.close(error);
          this.#failures.note({ error, backend: this.#connection.runsOn, atStart: false });
          if (call.ifLost === undefined) continue;
          await this.#recover();
          return call.ifLost;
        }
      }
    } finally {
      releaseFrame(call.frame);
    }
  }

  async #ask<Answer>({ frame, ask, stop, ifLost }: Call<Answer>): Promise<Answer> {
    const connection = this.#connection;
    const number = ++this.#calls;
    const cancel = () => connection.cancel(number);
    // What the worker takes over is lost with it.
    const copy = ifLost === undefined ? await copyFrame(frame) : frame;
    if (stop.aborted) {
      releaseFrame(copy);
      throw stop.reason;
    }
    stop.addEventListener('abort', cancel, { once: true });
    try {
      return await ask(connection, number, copy);
    } finally {
      stop.removeEventListener('abort', cancel);
    }
  }

  /** Sees to it that there is a worker. */
  async #recover(): Promise<void> {
    const { failure } = this.#connection;
    if (!failure) return;
    const start = performance.now();
    const { open: options } = this.#options;
    ({ connection: this.#connection, backend: this.#backend } = await open(
      // A call is waiting: it would not be answered sooner for being rehearsed.
      { ...this.#options, open: { ...options, warmUp: false } },
      this.#failures,
      this.#disposal.signal,
    ));
    const milliseconds = Math.round(performance.now() - start);
    this.dispatchEvent(new RecoveredEvent({ error: failure, backend: this.#backend, milliseconds }));
  }
}

/** @throws the signal's reason when it is aborted: a frame that comes nevertheless is closed */
async function nextOf(feed: Feed, stop: AbortSignal): Promise<FedFrame | undefined> {
  const next = feed.next();
  return abortable(next, stop).catch((error: unknown) => {
    next.then(
      (fed) => fed?.frame.close(),
      () => {},
    );
    throw error;
  });
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A worker that has its models. */
interface Opened {
  connection: Connection;
  backend: BackendInfo;
}

/** Starts a worker; if that fails in a way that another might not, another. */
async function open(
  options: CheckedOptions,
  failures: Failures,
  signal: AbortSignal | undefined,
): Promise<Opened> {
  const avoided = options.open.backend === 'auto' ? webgpuToAvoid(navigator) : [];
  for (;;) {
    const connection = new Connection(options.workerUrl);
    // Reports that were on their way when loading failed would arrive after the failure.
    let isLoading = true;
    const onProgress = harmless((progress: LoadProgress) => {
      if (isLoading) options.onProgress(progress);
    });
    const abort = () => connection.close(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      const asked = { ...options.open, skipped: [...avoided, ...failures.skipped] };
      const backend = await connection.open(asked, {
        onProgress,
        onLateProgress: harmless(options.onProgress),
        maybeSlow: failures.maybeSlow,
      });
      // Who is told that it is ready may have had enough by then.
      signal?.throwIfAborted();
      failures.started();
      return { connection, backend };
    } catch (cause) {
      connection.close(cause);
      signal?.throwIfAborted();
      const error = asBodyAnalysisError(cause);
      if (!isRecoverable(error)) throw error;
      failures.note({ error, backend: connection.runsOn, atStart: true });
    } finally {
      isLoading = false;
      signal?.removeEventListener('abort', abort);
    }
  }
}
