import { BodyAnalysisError, whyWrongOnGpu } from '../../schema/errors.ts';
import type { BodyAnalysisErrorCode } from '../../schema/errors.ts';
import type { BackendName, SkippedBackend } from '../../schema/loading.ts';

/**
 * So many calls that failed without an answer between them are the end, and so many starts in a row. However
 * far apart: silence alone takes up to a minute to be noticed, on a slow GPU longer.
 */
const MAX_FAILURES = 3;
/**
 * So many failures on the GPU within this time, or without an answer between
 * them, and it is left alone from then on.
 */
const MAX_GPU_FAILURES = 2;
const WITHIN_MS = 60_000;

/**
 * What another worker may do better; anything else is about the picture, the options or the deployed files.
 */
const RECOVERABLE: ReadonlySet<BodyAnalysisErrorCode> = new Set<BodyAnalysisErrorCode>([
  'worker-crash',
  'worker-hung',
  'gpu-failed',
  'inference-failed',
]);

/** When and on what a worker failed. */
export interface Failure {
  error: BodyAnalysisError;
  /** What it ran on; not known of one that failed too early. */
  backend: BackendName | undefined;
  /** Whether it never got as far as being asked for an analysis. */
  atStart: boolean;
}

/** Whether it makes sense to try again with a new worker. */
export function isRecoverable(error: BodyAnalysisError): boolean {
  return RECOVERABLE.has(error.code);
}

/** Remembers what failed, and says when to stop trying and when to leave the GPU alone. */
export class Failures {
  readonly #now: () => number;
  /** Workers in a row that could not be started. */
  #starts = 0;
  /** Workers that failed in a call, since the last answer. */
  #calls = 0;
  #answeredMs = -Infinity;
  #gpuTimes: number[] = [];
  #hasHung = false;
  #skipped: SkippedBackend[] = [];

  /** @param now the time in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** What not to try any more, and why. */
  get skipped(): readonly SkippedBackend[] {
    return this.#skipped;
  }

  /**
   * Whether a worker was silent in a call for longer than it may be, since the last answer. It hung,
   * or it is slow: a device that takes so long for one run of a model would never get to an answer
   * unless the next worker is given more time.
   */
  get maybeSlow(): boolean {
    return this.#hasHung;
  }

  /**
   * Takes note of a failure.
   * @throws BodyAnalysisError `recovery-failed` where it is one too many; the count then begins anew
   */
  note({ error, backend, atStart }: Failure): void {
    const now = this.#now();
    if (!atStart && error.code === 'worker-hung') this.#hasHung = true;
    if (backend === 'webgpu' || error.code === 'gpu-failed') {
      const since = Math.min(now - WITHIN_MS, this.#answeredMs);
      this.#gpuTimes = [...this.#gpuTimes.filter((time) => time > since), now];
      const wrong = whyWrongOnGpu(error);
      // A GPU that does not even start will not on the next try.
      if (wrong !== undefined) this.#skipGpu(wrong);
      else if (atStart) this.#skipGpu(`It could not be started: ${error.message}`);
      else if (this.#gpuTimes.length >= MAX_GPU_FAILURES)
        this.#skipGpu(`It failed ${MAX_GPU_FAILURES} times: ${error.message}`);
    }
    const count = atStart ? ++this.#starts : ++this.#calls;
    if (count < MAX_FAILURES) return;
    this.#starts = 0;
    this.#calls = 0;
    throw new BodyAnalysisError(
      'recovery-failed',
      atStart
        ? `The worker could not be started: ${MAX_FAILURES} tries in a row failed, the last because of the cause. Try again; if that fails too, reload the page, or use a smaller model.`
        : `The analysis failed ${MAX_FAILURES} times in a row, each time in a new worker. Call again; if only this picture fails, hand in a smaller copy, and if all do, reload the page.`,
      error,
    );
  }

  /** A worker is ready: that others could not be started is overcome. */
  started(): void {
    this.#starts = 0;
  }

  /**
   * There was an answer: whatever failed before is overcome. The worker that gave it keeps its time where it
   * needs it; one that takes its place has to fall silent first.
   */
  overcome(): void {
    this.#calls = 0;
    this.#hasHung = false;
    this.#answeredMs = this.#now();
  }

  #skipGpu(reason: string): void {
    if (this.#skipped.length === 0) this.#skipped = [{ name: 'webgpu', reason }];
  }
}
