import { asBodyAnalysisError, BodyAnalysisError } from '../../schema/errors.ts';
import type { BackendInfo } from '../../schema/loading.ts';
import type { BodyAnalysisResult } from '../../schema/result.ts';
import { copyFrame, releaseFrame } from '../../source/frame.ts';
import type { Frame } from '../../source/frame.ts';
import type { AnalyseOptions, TrackAnswer, TrackRequest } from '../../worker/protocol.ts';
import { abortable } from './abortable.ts';
import type { AnalysisListeners, Connection } from './connection.ts';
import { Failures, isRecoverable } from './failures.ts';
import { openWorker } from './opening.ts';
import type { Opened, WorkerSetup } from './opening.ts';
import { takePlace } from './client-limit.ts';

/** A failed worker, and what has taken its place. */
export interface Recovery {
  /** What had gone wrong. */
  error: BodyAnalysisError;
  /** What the models run on now. */
  backend: BackendInfo;
  /** How long it took to replace the worker, in milliseconds. */
  milliseconds: number;
}

/** One call on its way. */
interface Call<Answer> {
  frame: Frame;
  /** Hands a worker the frame, for good. */
  ask: (connection: Connection, call: number, frame: Frame) => Promise<Answer>;
  /** Aborted when nobody wants the answer any more. */
  stop: AbortSignal;
  /**
   * The answer where a worker fails with the frame: no copy of it is kept to ask
   * another one. Such a call is asked once.
   */
  ifLost?: Answer;
}

/**
 * Has calls answered one after the other, by a worker that is replaced when it fails: the call under way is
 * then asked again, of the next one. It knows workers by {@link Connection} alone, and nothing of pages.
 */
export class Session {
  /** Told whenever a failed worker was replaced. */
  onRecovered: (recovery: Recovery) => void = () => {};
  readonly #setup: WorkerSetup;
  readonly #failures: Failures;
  #connection: Connection;
  #backend: BackendInfo;
  /** Settles when the last call given has left the worker: calls queue behind it. */
  #tail: Promise<unknown> = Promise.resolve();
  #calls = 0;
  #videos = 0;
  readonly #disposal = new AbortController();
  /** Gives this session's place to another. */
  readonly #leave: () => void;

  private constructor(
    setup: WorkerSetup,
    opened: Opened,
    { failures, leave }: { failures: Failures; leave: () => void },
  ) {
    this.#setup = setup;
    this.#failures = failures;
    this.#leave = leave;
    this.#connection = opened.connection;
    this.#backend = opened.backend;
  }

  /**
   * Takes a place among the page's sessions and opens the first worker.
   * @throws BodyAnalysisError `too-many-clients`, or what {@link openWorker} does
   * @throws the signal's reason when it is aborted
   */
  static async open(setup: WorkerSetup, signal?: AbortSignal): Promise<Session> {
    const leave = takePlace();
    const failures = new Failures();
    try {
      return new Session(setup, await openWorker(setup, failures, signal), { failures, leave });
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** What the models run on, how, and why not otherwise. */
  get backend(): BackendInfo {
    const { threads } = this.#connection;
    if (!threads) return this.#backend;
    const { threadsReason: _, ...backend } = this.#backend;
    return { ...backend, ...threads };
  }

  /** A signal that is aborted with the other one, and when the session is disposed of. */
  stopWith(signal: AbortSignal | undefined): AbortSignal {
    const disposed = this.#disposal.signal;
    return signal ? AbortSignal.any([signal, disposed]) : disposed;
  }

  /**
   * Everyone in a frame, which is let go of in any case.
   * @param details.stop as {@link stopWith} gives it
   */
  async analyse(
    frame: Frame,
    options: AnalyseOptions,
    { stop, onProgress, onPerson }: AnalysisListeners & { stop: AbortSignal },
  ): Promise<BodyAnalysisResult> {
    // What was on its way when the call ended is not about anything any more.
    let isOpen = true;
    const whileOpen =
      <Told>(listener: (told: Told) => void) =>
      (told: Told) => {
        if (isOpen) listener(told);
      };
    const listeners = {
      onProgress: onProgress && whileOpen(onProgress),
      onPerson: onPerson && whileOpen(onPerson),
    };
    const ask: Call<BodyAnalysisResult>['ask'] = (connection, call, copy) =>
      connection.analyse(call, copy, options, listeners);
    return this.#queue({ frame, ask, stop }).finally(() => {
      isOpen = false;
    });
  }

  /** A number for a video that is to be followed. */
  nextVideo(): number {
    return ++this.#videos;
  }

  /**
   * Everyone in a video's next frame, which is let go of in any case. A
   * live one is lost with a worker that fails.
   */
  track(frame: VideoFrame, request: TrackRequest, stop: AbortSignal): Promise<TrackAnswer> {
    return this.#queue<TrackAnswer>({
      frame: { kind: 'video-frame', frame },
      ask: (connection, call, given) => connection.track(call, given, request),
      stop,
      // What a live video shows next is better than what it showed when the worker failed.
      ...(request.hasIdleTime && { ifLost: 'late' }),
    });
  }

  /** Tells the worker that a video has no new frame. */
  idle(video: number): void {
    this.#connection.idle(video);
  }

  /** Has the worker forget whom a video showed. */
  untrack(video: number): void {
    this.#connection.untrack(video);
  }

  /** Ends the worker. Calls that are under way reject with the code `disposed`. Harmless when done twice. */
  dispose(): void {
    if (this.#disposal.signal.aborted) return;
    const reason = new BodyAnalysisError('disposed', 'The client was disposed of. Create another one.');
    this.#disposal.abort(reason);
    this.#connection.close(reason);
    this.#leave();
  }

  /** Has a call answered after those before it. */
  #queue<Answer>(call: Call<Answer>): Promise<Answer> {
    const turn = this.#tail.then(() => this.#answer(call));
    this.#tail = turn.catch(() => {});
    return abortable(turn, call.stop).catch((error: unknown) => {
      // Its turn may come much later, and find that nobody wants it any more.
      releaseFrame(call.frame);
      throw error;
    });
  }

  /**
   * Takes a call to a worker when its turn has come, to another if that one
   * fails, and stays until it is free again.
   */
  async #answer<Answer>(call: Call<Answer>): Promise<Answer> {
    try {
      for (;;) {
        // For a call that nobody wants any more no worker is started; it may also be given up while one is.
        call.stop.throwIfAborted();
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
          call.stop.throwIfAborted();
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
    // Both may come about while a bitmap is copied; a worker that has ended cannot be asked.
    if (stop.aborted || connection.failure) {
      releaseFrame(copy);
      throw stop.aborted ? stop.reason : connection.failure;
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
    const { options } = this.#setup;
    const disposed = this.#disposal.signal;
    const { connection, backend } = await openWorker(
      // A call is waiting: it would not be answered sooner for a warm-up.
      { ...this.#setup, options: { ...options, warmUp: false } },
      this.#failures,
      disposed,
    );
    if (disposed.aborted) {
      // Just when it was ready: nobody else knows of it yet.
      connection.close(disposed.reason);
      throw disposed.reason;
    }
    this.#connection = connection;
    this.#backend = backend;
    const milliseconds = Math.round(performance.now() - start);
    this.onRecovered({ error: failure, backend: this.#backend, milliseconds });
  }
}
