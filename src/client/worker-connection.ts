import { proxy, releaseProxy, transfer, wrap } from 'comlink';
import type { Remote } from 'comlink';
import { asBodyAnalysisError, BodyAnalysisError } from '../schema/errors.ts';
import type { BackendInfo, BackendName, LoadProgress, ThreadsInfo } from '../schema/loading.ts';
import type { BodyAnalysisResult } from '../schema/result.ts';
import { scriptTrouble } from '../schema/script-trouble.ts';
import { transferables } from '../source/frame.ts';
import type { Frame } from '../source/frame.ts';
import { keepErrorsWhole } from '../worker/protocol.ts';
import type {
  AnalyseOptions,
  OpenOptions,
  TrackAnswer,
  TrackRequest,
  WorkerApi,
} from '../worker/protocol.ts';
import { abortable } from './session/abortable.ts';
import type { AnalysisListeners, Connection, OpeningDetails } from './session/connection.ts';
import { isForeign, startWorker } from './start-worker.ts';
import { SILENCE, SLOWEST_RUN_FACTOR, Watchdog } from './watchdog.ts';

let errorsAreKept = false;

/** A worker of the browser's, over comlink. Whatever it is asked rejects if it dies or falls silent. */
export class WorkerConnection implements Connection {
  readonly #worker: Worker;
  readonly #remote: Remote<WorkerApi>;
  /** Aborted with the reason when the worker ends. */
  readonly #end = new AbortController();
  readonly #watchdog = new Watchdog((ms) => this.close(hung(ms)));
  /** In milliseconds: of a worker that is doing well, and of this one as long as it is not known to. */
  #usualSilence = SILENCE.analysing;
  #allowedSilence = SILENCE.analysing;
  /** What the worker said last that it runs on. */
  #runsOn: BackendName | undefined;
  #threads: ThreadsInfo | undefined;
  /** Whether the worker has said anything yet: before that, an error is its script's. */
  #isUp = false;

  /** @param url the worker's script; the package's own where `undefined` */
  constructor(url: URL | undefined) {
    if (!errorsAreKept) {
      keepErrorsWhole();
      errorsAreKept = true;
    }
    const started = startWorker(url);
    this.#worker = started.worker;
    this.#worker.addEventListener('error', (event) => {
      event.preventDefault();
      if (this.#isUp) this.close(crashed(event.message));
      else void notLoaded(started.url, event.message).then((error) => this.close(error));
    });
    this.#worker.addEventListener('messageerror', () => {
      this.close(crashed('a message could not be read'));
    });
    this.#remote = wrap<WorkerApi>(this.#worker);
  }

  get failure(): BodyAnalysisError | undefined {
    const { aborted, reason } = this.#end.signal;
    return aborted ? asBodyAnalysisError(reason) : undefined;
  }

  get runsOn(): BackendName | undefined {
    return this.#runsOn;
  }

  get threads(): ThreadsInfo | undefined {
    return this.#threads;
  }

  async open(
    options: OpenOptions,
    { onProgress, onLateProgress, maybeSlow }: OpeningDetails,
  ): Promise<BackendInfo> {
    const heartbeat = (backend?: BackendName, threads?: ThreadsInfo) => {
      this.#isUp = true;
      this.#runsOn = backend ?? this.#runsOn;
      this.#threads = threads ?? this.#threads;
      this.#watchdog.heartbeat();
    };
    // Each has a channel of its own, and browsers do not keep messages of two channels in order.
    let isLoading = true;
    const report = proxy((progress: LoadProgress) => {
      heartbeat();
      if (isLoading) onProgress(progress);
    });
    const reportLate = (progress: LoadProgress) => {
      isLoading = false;
      if (!this.#end.signal.aborted) onLateProgress(progress);
    };
    const { backend, slowestRunMs, totalBytes } = await this.#watched(
      this.#remote.open(options, report, proxy(heartbeat), proxy(reportLate)),
      SILENCE.opening,
    );
    this.#usualSilence = Math.max(SILENCE.analysing, SLOWEST_RUN_FACTOR * slowestRunMs);
    // A GPU has run already, and needs no guess.
    this.#allowedSilence = maybeSlow && slowestRunMs === 0 ? SILENCE.slow : this.#usualSilence;
    isLoading = false;
    onProgress({ phase: 'ready', loaded: totalBytes, total: totalBytes });
    return backend;
  }

  async analyse(
    call: number,
    frame: Frame,
    options: AnalyseOptions,
    { onProgress, onPerson }: AnalysisListeners,
  ): Promise<BodyAnalysisResult> {
    const report = onProgress && proxy(onProgress);
    const reportPerson = onPerson && proxy(onPerson);
    const result = await this.#watched(
      this.#remote.analyse(call, transfer(frame, transferables(frame)), options, report, reportPerson),
      this.#allowedSilence,
    );
    this.#noteAnswer();
    return result;
  }

  async track(call: number, frame: Frame, request: TrackRequest): Promise<TrackAnswer> {
    const followed = await this.#watched<TrackAnswer>(
      this.#remote.track(call, transfer(frame, transferables(frame)), request),
      this.#allowedSilence,
    );
    // Nothing was run for a frame that came too late.
    if (followed !== 'late') this.#noteAnswer();
    return followed;
  }

  idle(video: number): void {
    if (!this.#end.signal.aborted) this.#remote.idle(video).catch(() => {});
  }

  untrack(video: number): void {
    if (!this.#end.signal.aborted) this.#remote.untrack(video).catch(() => {});
  }

  cancel(call: number): void {
    if (!this.#end.signal.aborted) this.#remote.cancel(call).catch(() => {});
  }

  close(reason: unknown): void {
    if (this.#end.signal.aborted) return;
    this.#watchdog.idle();
    this.#end.abort(reason);
    this.#remote[releaseProxy]();
    this.#worker.terminate();
  }

  /** Whose runs end well in time is not slow: should it fall silent, that is noticed as soon as ever. */
  #noteAnswer(): void {
    if (this.#watchdog.longestMs < SILENCE.analysing / 2) this.#allowedSilence = this.#usualSilence;
  }

  async #watched<T>(answer: Promise<T>, silenceMs: number): Promise<T> {
    this.#watchdog.watch(silenceMs);
    try {
      return await abortable(answer, this.#end.signal);
    } finally {
      this.#watchdog.idle();
    }
  }
}

async function notLoaded(url: URL, detail: string | undefined): Promise<BodyAnalysisError> {
  const trouble = await scriptTrouble({
    url: url.href,
    isForeign: isForeign(url),
    starter: { href: location.href, isIsolated: crossOriginIsolated },
    ask: (address) => fetch(address),
  });
  const general = isForeign(url)
    ? "It is of another origin than the page, so a script of the page's own imports it: the page's Content-Security-Policy must allow `blob:` and that origin by `worker-src`. An extension must list the library's files under `web_accessible_resources`; where the page's policy forbids the worker even so, body21 can run in a page of the extension, such as an offscreen document."
    : "Check that worker.js is deployed with the library, and that the page's Content-Security-Policy allows it by `worker-src`, or set `assets` to the folder that has it.";
  return new BodyAnalysisError(
    'worker-load',
    `The worker's script ${url.href} could not be loaded${trouble ? `: it ${trouble.words}` : '.'}${trouble?.isCertain ? '' : ` ${general}`}`,
    detail === undefined ? undefined : new Error(detail),
  );
}

function crashed(detail: string | undefined): BodyAnalysisError {
  return new BodyAnalysisError(
    'worker-crash',
    "The worker died. If that happens again, the picture or the device's memory is the likely reason.",
    detail === undefined ? undefined : new Error(detail),
  );
}

function hung(ms: number): BodyAnalysisError {
  return new BodyAnalysisError(
    'worker-hung',
    `The worker gave no sign of life for ${Math.round(ms / 1000)} seconds. If that happens again, use a smaller model or \`backend: 'wasm'\`.`,
  );
}
