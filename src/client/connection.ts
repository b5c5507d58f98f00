import { proxy, releaseProxy, transfer, wrap } from 'comlink';
import type { Remote } from 'comlink';
import type { AnalysisProgress } from '../schema/analysis.ts';
import { BodyAnalysisError } from '../schema/errors.ts';
import type { BackendInfo, LoadProgress } from '../schema/loading.ts';
import type { BodyAnalysisResult } from '../schema/result.ts';
import type { Frame } from '../source/frame.ts';
import { transferables } from '../source/source.ts';
import { keepErrorsWhole } from '../worker/protocol.ts';
import type { AnalyseOptions, OpenOptions, WorkerApi } from '../worker/protocol.ts';

let errorsAreKept = false;

/** One worker, from its start to its end. Whatever it is asked rejects if it dies. */
export class Connection {
  readonly #worker: Worker;
  readonly #remote: Remote<WorkerApi>;
  readonly #ended: Promise<never>;
  #end: (reason: unknown) => void = () => {};
  #alive = true;
  /** Whether the worker has said anything yet: before that, an error is its script's. */
  #isUp = false;

  /** @param url the worker's script; the package's own where `undefined` */
  constructor(url: URL | undefined) {
    if (!errorsAreKept) {
      keepErrorsWhole();
      errorsAreKept = true;
    }
    this.#ended = new Promise((_resolve, reject) => {
      this.#end = reject;
    });
    // Nobody may be waiting when the worker ends.
    this.#ended.catch(() => {});
    this.#worker = startWorker(url);
    this.#worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.close(this.#isUp ? crashed(event.message) : notLoaded(url, event.message));
    });
    this.#worker.addEventListener('messageerror', () => {
      this.close(crashed('a message could not be read'));
    });
    this.#remote = wrap<WorkerApi>(this.#worker);
  }

  /** Whether the worker can still be asked anything. */
  get alive(): boolean {
    return this.#alive;
  }

  /** Loads the models. */
  async open(options: OpenOptions, onProgress: (progress: LoadProgress) => void): Promise<BackendInfo> {
    const report = proxy((progress: LoadProgress) => {
      this.#isUp = true;
      onProgress(progress);
    });
    return Promise.race([this.#remote.open(options, report), this.#ended]);
  }

  /** Analyses a frame, which belongs to the worker from here on. */
  async analyse(
    call: number,
    frame: Frame,
    options: AnalyseOptions,
    onProgress: ((progress: AnalysisProgress) => void) | undefined,
  ): Promise<BodyAnalysisResult> {
    const report = onProgress && proxy(onProgress);
    return Promise.race([
      this.#remote.analyse(call, transfer(frame, transferables(frame)), options, report),
      this.#ended,
    ]);
  }

  /** Stops that call between two model runs. */
  cancel(call: number): void {
    if (this.#alive) this.#remote.cancel(call).catch(() => {});
  }

  /** Ends the worker; whatever it was asked rejects with `reason`. */
  close(reason: unknown): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#end(reason);
    this.#remote[releaseProxy]();
    this.#worker.terminate();
  }
}

function startWorker(url: URL | undefined): Worker {
  try {
    if (url) return new Worker(url, { type: 'module', name: 'body21' });
    // Spelled out here, because bundlers find the worker by exactly this form.
    return new Worker(new URL('../worker/entry.ts', import.meta.url), { type: 'module', name: 'body21' });
  } catch (cause) {
    throw new BodyAnalysisError(
      'worker-load',
      "The worker could not be started: its script must be of the page's own origin. Host the package's worker.js there and set `workerUrl`.",
      cause,
    );
  }
}

function notLoaded(url: URL | undefined, detail: string | undefined): BodyAnalysisError {
  return new BodyAnalysisError(
    'worker-load',
    `The worker's script ${url ? `${url.href} ` : ''}could not be loaded. Check that worker.js is deployed with the library and served as JavaScript, or set \`workerUrl\`.`,
    detail === undefined ? undefined : new Error(detail),
  );
}

function crashed(detail: string | undefined): BodyAnalysisError {
  return new BodyAnalysisError(
    'worker-crash',
    "The worker died. The next call starts a new one; if it dies again, the picture or the device's memory is the likely reason.",
    detail === undefined ? undefined : new Error(detail),
  );
}
