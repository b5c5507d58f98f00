import { asBodyAnalysisError } from '../../schema/errors.ts';
import type { BackendInfo, LoadProgress, SkippedBackend } from '../../schema/loading.ts';
import type { OpenOptions } from '../../worker/protocol.ts';
import type { Connection } from './connection.ts';
import { isRecoverable } from './failures.ts';
import type { Failures } from './failures.ts';

/** How a session comes by its workers. */
export interface WorkerSetup {
  /** Starts a worker. */
  connect: () => Connection;
  /** How each is set up; what is not to be tried depends on what has failed so far. */
  options: Omit<OpenOptions, 'skipped'>;
  /** What is not to be tried on this platform at all, and why. */
  avoided: readonly SkippedBackend[];
  /** Told how far loading has come. */
  onProgress: (progress: LoadProgress) => void;
}

/** A worker that has its models. */
export interface Opened {
  connection: Connection;
  backend: BackendInfo;
}

/**
 * Starts a worker; if that fails in a way that another might not, another.
 * @throws BodyAnalysisError `recovery-failed` after three tries in a row,
 * or what no other worker could do better
 * @throws the signal's reason when it is aborted
 */
export async function openWorker(
  setup: WorkerSetup,
  failures: Failures,
  signal?: AbortSignal,
): Promise<Opened> {
  for (;;) {
    signal?.throwIfAborted();
    const connection = setup.connect();
    // Reports that were on their way when loading failed would arrive after the failure.
    let isLoading = true;
    const onProgress = (progress: LoadProgress) => {
      if (isLoading) setup.onProgress(progress);
    };
    const abort = () => connection.close(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      const options = { ...setup.options, skipped: [...setup.avoided, ...failures.skipped] };
      const backend = await connection.open(options, {
        onProgress,
        onLateProgress: setup.onProgress,
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
