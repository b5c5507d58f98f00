import { BodyAnalysisError } from '../schema/errors.ts';
import type { BodyAnalysisErrorCode } from '../schema/errors.ts';
import type { BackendName, SkippedBackend } from '../schema/loading.ts';

/** So many failures without an answer between them, and no more than this time apart, end a call. */
const MAX_FAILURES = 3;
/** So many failures on the GPU within this time, and it is left alone from then on. */
const MAX_GPU_FAILURES = 2;
const WITHIN_MS = 60_000;

/** What another worker may do better; anything else is about the picture, the options or the deployed files. */
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
  /** Since the last answer. */
  #times: number[] = [];
  #gpuTimes: number[] = [];
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
   * Takes note of a failure.
   * @throws BodyAnalysisError `recovery-failed` where it is one too many; the count then begins anew
   */
  note({ error, backend, atStart }: Failure): void {
    const since = this.#now() - WITHIN_MS;
    this.#times = [...this.#times.filter((time) => time > since), this.#now()];
    if (backend === 'webgpu' || error.code === 'gpu-failed') {
      this.#gpuTimes = [...this.#gpuTimes.filter((time) => time > since), this.#now()];
      // A GPU that does not even start will not on the next try.
      if (atStart || this.#gpuTimes.length >= MAX_GPU_FAILURES) this.#skipGpu(error, atStart);
    }
    if (this.#times.length < MAX_FAILURES) return;
    this.#times = [];
    throw new BodyAnalysisError(
      'recovery-failed',
      `The analysis failed ${MAX_FAILURES} times in a minute, each time in a new worker. Call again; if only this picture fails, hand in a smaller copy, and if all do, reload the page.`,
      error,
    );
  }

  /** There was an answer: whatever failed before is overcome. */
  overcome(): void {
    this.#times = [];
  }

  #skipGpu({ message }: BodyAnalysisError, atStart: boolean): void {
    if (this.#skipped.length > 0) return;
    const what = atStart ? 'It could not be started' : `It failed ${MAX_GPU_FAILURES} times in a minute`;
    this.#skipped = [{ name: 'webgpu', reason: `${what}: ${message}` }];
  }
}
