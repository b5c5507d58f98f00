import type { AnalysisProgress } from '../../schema/analysis.ts';
import type { BodyAnalysisError } from '../../schema/errors.ts';
import type { BackendInfo, BackendName, LoadProgress, ThreadsInfo } from '../../schema/loading.ts';
import type { BodyAnalysisResult, FoundPerson } from '../../schema/result.ts';
import type { Frame } from '../../source/frame.ts';
import type { AnalyseOptions, TrackAnswer, TrackRequest, OpenOptions } from '../../worker/protocol.ts';

/**
 * One worker, from its start to its end, as the session sees it. It is used up by its first failure: whatever
 * it was asked rejects then, and another one takes its place.
 */
export interface Connection {
  /** Why the worker ended; `undefined` while it can be asked. */
  readonly failure: BodyAnalysisError | undefined;
  /** What the worker said last that it runs on. */
  readonly runsOn: BackendName | undefined;
  /** Its threads, where there are more or fewer of them than when it was opened. */
  readonly threads: ThreadsInfo | undefined;
  /** Loads the models. Once, before anything else. */
  open(options: OpenOptions, details: OpeningDetails): Promise<BackendInfo>;
  /** Analyses a frame, which belongs to the worker from here on. */
  analyse(
    call: number,
    frame: Frame,
    options: AnalyseOptions,
    listeners: AnalysisListeners,
  ): Promise<BodyAnalysisResult>;
  /** Follows everyone into a frame, which belongs to the worker from here on. */
  track(call: number, frame: Frame, request: TrackRequest): Promise<TrackAnswer>;
  /** Tells the worker that a video has no new frame. */
  idle(video: number): void;
  /** Has the worker forget whom a video showed. */
  untrack(video: number): void;
  /** Stops that call between two model runs. */
  cancel(call: number): void;
  /** Ends the worker; whatever it was asked rejects with `reason`. */
  close(reason: unknown): void;
}

/** Who is told while a picture is analysed. */
export interface AnalysisListeners {
  onProgress?: ((progress: AnalysisProgress) => void) | undefined;
  /** Told of people before all are known, who are looked at in turns then. */
  onPerson?: ((found: FoundPerson) => void) | undefined;
}

/** What goes with the opening of a worker. */
export interface OpeningDetails {
  onProgress: (progress: LoadProgress) => void;
  /** Told for as long as the worker lives of networks that a call waits for. */
  onLateProgress: (progress: LoadProgress) => void;
  /**
   * Whether a worker before this one was silent for too long: it may have been
   * slow, and this one is given more time.
   */
  maybeSlow: boolean;
}
