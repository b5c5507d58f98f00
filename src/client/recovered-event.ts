import type { BodyAnalysisError } from '../schema/errors.ts';
import type { BackendInfo } from '../schema/loading.ts';

/**
 * Tells an app that a worker failed and another one is ready in its place. The call under way is asked again
 * by itself; there is nothing to do.
 */
export class RecoveredEvent extends Event {
  /** What had gone wrong. */
  readonly error: BodyAnalysisError;
  /** What the models run on now. */
  readonly backend: BackendInfo;
  /** How long it took to replace the worker, in milliseconds. */
  readonly milliseconds: number;

  constructor(details: { error: BodyAnalysisError; backend: BackendInfo; milliseconds: number }) {
    super('recovered');
    this.error = details.error;
    this.backend = details.backend;
    this.milliseconds = details.milliseconds;
  }
}
