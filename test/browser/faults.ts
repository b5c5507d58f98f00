import { moment } from '../support/moment.ts';

/** A run of a model, whichever it is, in one of the calls that a worker is asked. */
interface Run {
  /** Counted from 1 in each call. */
  run: number;
  /**
   * Counted from 1 in each worker, where anything was run for it; 0 for what
   * runs before anyone has asked. Default 1.
   */
  call?: number;
}

/** What a test asks of a worker that is to fail. */
export type Fault =
  /** That run's promise rejects. */
  | ({ kind: 'throw' } & Run)
  /** None: the page is only told when that run begins. */
  | ({ kind: 'tell' } & Run)
  /** An error that nobody catches while that run is on its way. */
  | ({ kind: 'crash' } & Run)
  /** The worker computes without end in that run. */
  | ({ kind: 'hang' } & Run)
  /** The GPU device is destroyed when that run begins. */
  | ({ kind: 'destroy-device' } & Run)
  /** The GPU device is destroyed as soon as there is one. */
  | { kind: 'destroy-device-at-start' }
  /** The GPU says that it ran out of memory when that run begins. */
  | ({ kind: 'out-of-memory' } & Run)
  /** That request for a model, counted from 1, fails as one does without a network. */
  | { kind: 'fetch'; nth: number }
  /** An error that nobody catches while models are fetched. */
  | { kind: 'crash-while-opening' }
  /** No model is started before {@link FaultyWorkers.release} is called. */
  | { kind: 'wait-while-opening' }
  /** The browser has no GPU to give. */
  | { kind: 'no-adapter' }
  /** The software adapter gives itself out as a real GPU. */
  | { kind: 'pose-as-gpu' }
  /**
   * What is meant for the GPU is computed on WASM: as right, and in a
   * hundredth of the software adapter's time.
   */
  | { kind: 'gpu-on-wasm' }
  /** The same, ten times over. */
  | { kind: 'slow-gpu' }
  /** Only a network of an app's own is left to the GPU. */
  | { kind: 'own-on-gpu' }
  /** On the GPU the first landmark is three pixels off. */
  | { kind: 'wrong-landmarks' }
  /** WASM cannot wait for promises, as in Safari. */
  | { kind: 'no-jspi' };

/** How a test's message to the worker looks; the library's own have other fields. */
export type FaultMessage = { faults: readonly Fault[] } | { held: SharedArrayBuffer } | { isReleased: true };

/** What the worker says before it suffers a fault in a run. */
export interface SufferingMessage {
  suffers: Fault['kind'];
}

/** What the worker says of a network that really runs on the GPU: what it gives. */
export interface OnGpuMessage {
  onGpu: readonly string[];
}

/** The workers of a page, and what each is to do wrong. */
export class FaultyWorkers {
  /** Those that were started and not ended yet. */
  readonly running = new Set<Worker>();
  started = 0;
  /** What is given by networks that were started on the GPU itself. */
  readonly onGpu = new Set<string>();
  /** For the workers to come, one entry each; those after the last are sound. */
  plans: (readonly Fault[])[] = [];
  readonly #original = globalThis.Worker;
  #suffering = moment();
  #change = moment();
  /** A number in shared memory that is 0 while workers are held. */
  #held = new Int32Array(new SharedArrayBuffer(4));

  /** Resolves when a worker comes to a run in which it is to fail, or of which it is to tell. */
  get suffering(): Promise<void> {
    return this.#suffering.coming;
  }

  /** From here to {@link uninstall} the page's workers are counted, and get their plans. */
  install(): void {
    // oxlint-disable-next-line typescript/no-this-alias -- the class below has a `this` of its own
    const workers = this;
    globalThis.Worker = class extends this.#original {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        workers.started++;
        workers.running.add(this);
        workers.#change.come();
        this.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
          if (typeof data !== 'object' || data === null) return;
          if ('suffers' in data) workers.#suffering.come();
          if ('onGpu' in data) for (const output of (data as OnGpuMessage).onGpu) workers.onGpu.add(output);
        });
        const message: FaultMessage = { faults: workers.plans.shift() ?? [] };
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
        this.postMessage(message);
      }

      override terminate(): void {
        workers.running.delete(this);
        super.terminate();
        workers.#change.come();
      }
    };
  }

  /** Resolves when that is so of the workers that were started and are running. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      this.#change = moment();
      await this.#change.coming;
    }
  }

  /** What those that run are to do wrong from now on; their calls are counted anew. */
  plan(faults: readonly Fault[]): void {
    this.#suffering = moment();
    this.#tell({ faults });
  }

  /** Has all that run stand still as soon as they read their messages, until {@link letGo}. */
  hold(): void {
    this.#held = new Int32Array(new SharedArrayBuffer(4));
    this.#tell({ held: this.#held.buffer });
  }

  /** Has those that were held go on. */
  letGo(): void {
    Atomics.store(this.#held, 0, 1);
    Atomics.notify(this.#held, 0);
  }

  /** Has those that wait while they open go on. */
  release(): void {
    this.#tell({ isReleased: true });
  }

  #tell(message: FaultMessage): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
    for (const worker of this.running) worker.postMessage(message);
  }

  /** Also ends what a failed test left, which would be counted with the next one's. */
  uninstall(): void {
    globalThis.Worker = this.#original;
    for (const worker of this.running) worker.terminate();
    this.running.clear();
    this.started = 0;
    this.onGpu.clear();
    this.plans = [];
    this.#suffering = moment();
  }
}
