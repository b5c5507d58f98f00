import type { BackendInfo, LandmarkModel } from '../schema/loading.ts';
import type { BodyAnalysisResult, ExplainedResult } from '../schema/result.ts';
import { letUsingDispose } from '../schema/using.ts';
import type { DISPOSE } from '../schema/using.ts';
import { keepFrameOf, openFeed } from '../source/feed.ts';
import type { VideoSource } from '../source/feed.ts';
import { releaseFrame } from '../source/frame.ts';
import type { Frame } from '../source/frame.ts';
import { toFrame } from '../source/source.ts';
import type { ImageSource } from '../source/source.ts';
import { checkAnalysisOptions, checkTrackOptions, ownNetworkInVideo } from './call-options.ts';
import type { AnalysisOptions, KeptVideoFrame, TrackedVideoFrame, TrackOptions } from './call-options.ts';
import { WorkerConnection } from './worker-connection.ts';
import { checkEnvironment } from './environment.ts';
import { harmless } from './listener.ts';
import { checkOptions } from './options.ts';
import type { BodyAnalysisClientOptions, CheckedOptions } from './options.ts';
import { webgpuToAvoid } from './platform.ts';
import { RecoveredEvent } from './recovered-event.ts';
import { abortable } from './session/abortable.ts';
import { followFrames } from './session/frame-loop.ts';
import { Session } from './session/session.ts';

/** The events of a {@link BodyAnalysisClient}, by their names. */
export interface BodyAnalysisClientEventMap {
  recovered: RecoveredEvent;
}

/**
 * Finds every person in a picture, in a worker of its own; nothing leaves the browser.
 *
 * ```ts
 * const client = await BodyAnalysisClient.create();
 * const result = await client.bodyAnalysis(photo);
 * ```
 *
 * A worker that dies or falls silent, and a GPU that is lost, are replaced, and the call
 * under way is asked again: twice at most, the last time on WASM where the GPU failed both
 * times. The `recovered` event tells of it.
 */
export class BodyAnalysisClient extends EventTarget {
  /** {@link BodyAnalysisClient.dispose}, for `using`. */
  declare readonly [DISPOSE]: () => void;
  readonly #options: CheckedOptions;
  readonly #session: Session;

  private constructor(options: CheckedOptions, session: Session) {
    super();
    letUsingDispose(this);
    this.#options = options;
    this.#session = session;
    session.onRecovered = (recovery) => this.dispatchEvent(new RecoveredEvent(recovery));
  }

  /**
   * Starts a worker and loads the models: from the browser's cache where they are there, else from the
   * network. Waits for those that every call needs; a photo waits for the others. At most eight clients
   * live in a page at once; one answers any number of calls.
   * @param options model, quality, backend and the like; none is needed
   * @throws BodyAnalysisError `invalid-option`, `unsupported-environment`, `too-many-clients`, `worker-load`,
   * `model-fetch`, `model-integrity`, `backend-failed` or `recovery-failed`
   * @throws the signal's reason when it is aborted
   */
  static async create(options: BodyAnalysisClientOptions = {}): Promise<BodyAnalysisClient> {
    checkEnvironment();
    const checked = checkOptions(options);
    const { signal } = options;
    signal?.throwIfAborted();
    const { open, workerUrl, onProgress } = checked;
    const setup = {
      connect: () => new WorkerConnection(workerUrl),
      options: open,
      avoided: open.backend === 'auto' ? webgpuToAvoid(navigator) : [],
      onProgress: harmless(onProgress),
    };
    return new BodyAnalysisClient(checked, await Session.open(setup, signal));
  }

  /** What the models run on, how, and why not otherwise. */
  get backend(): BackendInfo {
    return this.#session.backend;
  }

  /** The landmark model in use. */
  get model(): LandmarkModel {
    return this.#options.open.model;
  }

  /** Everyone in the picture as below, and under `debug` how the answer came about. */
  bodyAnalysis(source: ImageSource, options: AnalysisOptions & { debug: true }): Promise<ExplainedResult>;
  /**
   * Everyone in the picture, unfiltered: pass the result to `filterValidPersons` to drop doubtful people. The
   * source is read as it is at the time of the call; calls are answered one after the other.
   * @param source a file, an element, a canvas, pixels or base64 text
   * @param options region, people, extras, progress, another quality and a signal for this call
   * @returns the cloud API's JSON; coordinates in pixels of the picture as displayed
   * @throws BodyAnalysisError `invalid-option`, `unsupported-source`, `empty-image`, `image-format`,
   * `image-size`, `source-tainted`, `source-closed`, `source-not-ready`, `source-fetch`, `recovery-failed` or
   * `disposed`; where a new worker was needed, also what `create` throws, and with the option `landmarks`
   * `model-format`
   * @throws the signal's reason when it is aborted
   */
  bodyAnalysis(source: ImageSource, options?: AnalysisOptions): Promise<BodyAnalysisResult>;
  async bodyAnalysis(source: ImageSource, options: AnalysisOptions = {}): Promise<BodyAnalysisResult> {
    const { signal, onProgress, onPerson, analyse } = checkAnalysisOptions(options);
    const stop = this.#session.stopWith(signal);
    stop.throwIfAborted();
    const frame = await readSource(source, this.#options, stop);
    return this.#session.analyse(frame, analyse, {
      stop,
      onProgress: onProgress && harmless(onProgress),
      onPerson: onPerson && harmless(onPerson),
    });
  }

  /** Follows everyone through a video as below, each result with its frame, which is to be closed. */
  track(
    source: VideoSource,
    options: TrackOptions & { keepFrame: true },
  ): AsyncGenerator<KeptVideoFrame, void, undefined>;
  /**
   * Follows everyone through a video: each person keeps a `track_id`, and their points neither jitter nor
   * lag. The newest frame is always next: what comes while one is analysed gives way to what comes later,
   * unless `everyFrame` is asked for. It ends with the source, with the loop over it, or with the signal.
   *
   * ```ts
   * for await (const { result } of client.track(video)) drawPersons(overlay, result);
   * ```
   * @param source a `<video>`, a camera's stream or track, or a stream of frames
   * @param options smoothing, a frame rate to hold, every frame or the newest, and a signal
   * @returns the next frame's result; coordinates in pixels of the frame as displayed
   * @throws BodyAnalysisError `invalid-option`, `unsupported-environment`,
   * `unsupported-source`, `source-not-ready`, `source-closed`, `source-tainted`, `image-size`,
   * `recovery-failed` or `disposed`, from the loop
   * @throws the signal's reason when it is aborted
   */
  track(source: VideoSource, options?: TrackOptions): AsyncGenerator<TrackedVideoFrame, void, undefined>;
  async *track(
    source: VideoSource,
    options: TrackOptions = {},
  ): AsyncGenerator<TrackedVideoFrame, void, undefined> {
    const { signal, everyFrame, keepFrame, follow } = checkTrackOptions(options);
    if (this.#options.open.landmarks) throw ownNetworkInVideo();
    const stop = this.#session.stopWith(signal);
    stop.throwIfAborted();
    yield* followFrames(this.#session, openFeed(source, { everyFrame }), {
      follow,
      everyFrame,
      stop,
      ...(keepFrame && { keep: (frame: VideoFrame) => keepFrameOf(source, frame) }),
    });
  }

  /** Ends the worker and frees its memory. Calls that are under way reject with the code `disposed`. */
  dispose(): void {
    this.#session.dispose();
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
}

/** @throws the signal's reason when it is aborted: what comes of the source all the same is let go of */
async function readSource(
  source: ImageSource,
  { open: { limits } }: CheckedOptions,
  stop: AbortSignal,
): Promise<Frame> {
  const reading = toFrame(source, { limits, signal: stop });
  return abortable(reading, stop).catch((error: unknown) => {
    reading.then(releaseFrame, () => {});
    throw error;
  });
}
