import type { AnalysisProgress } from '../schema/analysis.ts';
import { BodyAnalysisError, asBodyAnalysisError } from '../schema/errors.ts';
import type { BackendInfo, LandmarkModel, LoadProgress } from '../schema/loading.ts';
import type { BodyAnalysisResult } from '../schema/result.ts';
import { releaseFrame } from '../source/frame.ts';
import type { Frame } from '../source/frame.ts';
import { toFrame } from '../source/source.ts';
import type { ImageSource } from '../source/source.ts';
import type { AnalyseOptions } from '../worker/protocol.ts';
import { Connection } from './connection.ts';
import { checkAnalysisOptions, checkOptions } from './options.ts';
import type { AnalysisOptions, BodyAnalysisClientOptions, CheckedOptions } from './options.ts';

/**
 * Finds every person in a picture, in a worker of its own; nothing leaves the browser.
 *
 * ```ts
 * const client = await BodyAnalysisClient.create();
 * const result = await client.bodyAnalysis(photo);
 * ```
 */
export class BodyAnalysisClient {
  readonly #options: CheckedOptions;
  #connection: Connection;
  #backend: BackendInfo;
  /** Settles when the last call given has left the worker: calls queue behind it. */
  #tail: Promise<unknown> = Promise.resolve();
  #calls = 0;
  readonly #disposal = new AbortController();

  private constructor(options: CheckedOptions, connection: Connection, backend: BackendInfo) {
    this.#options = options;
    this.#connection = connection;
    this.#backend = backend;
  }

  /**
   * Starts a worker and loads the models: from the browser's cache where they are there, else from the network.
   * @throws BodyAnalysisError `invalid-option`, `worker-load`, `model-fetch`, `model-integrity` or `backend-failed`
   * @throws the signal's reason when it is aborted
   */
  static async create(options: BodyAnalysisClientOptions = {}): Promise<BodyAnalysisClient> {
    const checked = checkOptions(options);
    options.signal?.throwIfAborted();
    const { connection, backend } = await connect(checked, options.signal);
    return new BodyAnalysisClient(checked, connection, backend);
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
   * @returns the cloud API's JSON; coordinates in pixels of the picture as displayed
   * @throws BodyAnalysisError `invalid-option`, `unsupported-source`, `empty-image`, `image-format`, `image-size`,
   * `source-tainted`, `source-closed`, `source-not-ready`, `source-fetch`, `inference-failed`, `worker-crash` or `disposed`
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
      ((progress: AnalysisProgress) => {
        try {
          if (isOpen) onProgress(progress);
        } catch (error) {
          // The app's own mistake: shown as such, and no matter of the analysis.
          reportError(error);
        }
      });
    const turn = this.#tail.then(() => this.#answer(frame, analyse, report, stop));
    this.#tail = turn.catch(() => {});
    return abortable(turn, stop).finally(() => {
      isOpen = false;
    });
  }

  /** Ends the worker and frees its memory. Calls that are under way reject with the code `disposed`. */
  dispose(): void {
    if (this.#disposal.signal.aborted) return;
    const reason = new BodyAnalysisError('disposed', 'The client was disposed of. Create another one.');
    this.#disposal.abort(reason);
    this.#connection.close(reason);
  }

  /** {@link dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Takes a call to the worker when its turn has come, and stays until the worker is free again. */
  async #answer(
    frame: Frame,
    options: AnalyseOptions,
    onProgress: ((progress: AnalysisProgress) => void) | undefined,
    stop: AbortSignal,
  ): Promise<BodyAnalysisResult> {
    try {
      stop.throwIfAborted();
      if (!this.#connection.alive) {
        ({ connection: this.#connection, backend: this.#backend } = await connect(
          this.#options,
          this.#disposal.signal,
        ));
        stop.throwIfAborted();
      }
    } catch (error) {
      releaseFrame(frame);
      throw error;
    }
    const call = ++this.#calls;
    const connection = this.#connection;
    const cancel = () => connection.cancel(call);
    stop.addEventListener('abort', cancel, { once: true });
    try {
      return await connection.analyse(call, frame, options, onProgress);
    } catch (cause) {
      const error = asBodyAnalysisError(cause);
      // A run that failed leaves the runtime in no state to trust: the next call starts afresh.
      if (error.code === 'inference-failed') connection.close(error);
      throw error;
    } finally {
      stop.removeEventListener('abort', cancel);
    }
  }
}

async function connect(
  options: CheckedOptions,
  signal: AbortSignal | undefined,
): Promise<{ connection: Connection; backend: BackendInfo }> {
  const connection = new Connection(options.workerUrl);
  // Reports that were on their way when loading failed would arrive after the failure.
  let isLoading = true;
  const onProgress = (progress: LoadProgress) => {
    if (isLoading) options.onProgress(progress);
  };
  const abort = () => connection.close(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return { connection, backend: await connection.open(options.open, onProgress) };
  } catch (error) {
    connection.close(error);
    throw error;
  } finally {
    isLoading = false;
    signal?.removeEventListener('abort', abort);
  }
}

/** The promise, or the signal's reason as soon as it is aborted. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
