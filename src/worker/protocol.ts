import { transferHandlers } from 'comlink';
import { version } from '../../package.json';
import type { AnalysisProgress } from '../schema/analysis.ts';
import { errorFromData, errorToData, asBodyAnalysisError } from '../schema/errors.ts';
import type { ErrorData } from '../schema/errors.ts';
import type { PictureLimits } from '../schema/limits.ts';
import type {
  BackendChoice,
  BackendInfo,
  BackendName,
  LandmarkModel,
  LoadProgress,
  Quality,
  SkippedBackend,
  ThreadsInfo,
} from '../schema/loading.ts';
import type { OwnNetwork } from '../schema/own-networks.ts';
import type { PictureRectangle, PictureRegion } from '../schema/picture-region.ts';
import type { BodyAnalysisResult, Extra, FoundPerson } from '../schema/result.ts';
import type { SmoothingOptions, TrackedFrame } from '../schema/tracking.ts';
import type { Frame } from '../source/frame.ts';

/** The package's version. A worker that is hosted apart from the page's script may be of another. */
export const VERSION: string = version;

/**
 * What the app has said of its network, with a whole address; what else it says is checked where it is used.
 */
export type OwnNetworkRequest = OwnNetwork & { url: string };

/** How the worker is set up, once. */
export interface OpenOptions {
  /** The page's {@link VERSION}. */
  version: string;
  model: LandmarkModel;
  quality: Quality;
  backend: BackendChoice;
  /** What is not to be tried, and why. */
  skipped: readonly SkippedBackend[];
  /** The folder that hosts models and runtime, as an absolute URL; the package itself where `undefined`. */
  baseUrl: string | undefined;
  /** WASM threads asked for; chosen from the cores where `undefined`. */
  threads: number | undefined;
  /**
   * Whether to play calls while there are none, until further ones are no
   * faster, where that makes a difference.
   */
  warmUp: boolean;
  /** Which pictures are taken. */
  limits: PictureLimits;
  /** The app's own network, that looks at photos; none where `undefined`. */
  landmarks?: OwnNetworkRequest | undefined;
}

/** What the worker has when it is open. */
export interface OpenResult {
  backend: BackendInfo;
  /** The longest that one model run took while opening, in milliseconds; 0 where none did. */
  slowestRunMs: number;
  /** Of the model files that were waited for, as {@link LoadProgress} counts them. */
  totalBytes: number;
}

/**
 * A sign of life, with what the worker runs on or tries to: at every step while it opens, and before every
 * model run. With its threads where there are more or fewer than before.
 */
export type OnHeartbeat = (backend?: BackendName, threads?: ThreadsInfo) => void;

/** Told when more of the model files is there. */
export type OnLoadProgress = (progress: LoadProgress) => void;

/** What one analysis is to give. */
export interface AnalyseOptions {
  extras: readonly Extra[];
  debug: boolean;
  /** In place of the one that the worker was opened with. */
  quality?: Quality | undefined;
  /** What of the picture is to be looked at; all where `undefined`. */
  region?: PictureRegion | undefined;
  /** The most people to give; all where `undefined`. */
  maxPersons?: number | undefined;
}

/** What one frame of a video is to give. */
export interface TrackRequest {
  /** Which video: whom its frames show is remembered under that number. */
  video: number;
  /** When the frame was taken, in milliseconds by the video's own clock, which may go back. */
  timestamp: number;
  maxPersons: number;
  /** What of each frame is to be looked at; all where `undefined`. */
  region?: PictureRectangle | undefined;
  /** `undefined` for none. */
  smoothing: SmoothingOptions | undefined;
  extras: readonly Extra[];
  /** Frames a second that are to be held; `undefined` where each may take as long as it does. */
  targetFps: number | undefined;
  /** Whether there is time between frames, of which {@link WorkerApi.idle} tells. */
  hasIdleTime: boolean;
  /** When the frame was sent, by `Date.now()`, where a newer one is better than one that has waited. */
  sentAt: number | undefined;
  /** The highest `track_id` that the page has seen: a worker that takes over goes on from there. */
  lastId: number;
}

/** The answer to a frame; `late` to one that had to wait for the worker until it was old, and was skipped. */
export type TrackAnswer = Pick<TrackedFrame, 'result' | 'stages' | 'model'> | 'late';

/**
 * What the page may ask of the worker. Every call goes over comlink; errors arrive as `BodyAnalysisError`.
 */
export interface WorkerApi {
  /**
   * Loads the models. Once, before anything else.
   * @param onHeartbeat told for as long as the worker lives
   * @param onProgress told until the worker is open, and `onLateProgress` not before: what the one tells
   * after the other is out of date
   * @param onLateProgress told for as long as the worker lives of models that a call waits for
   */
  open(
    options: OpenOptions,
    onProgress: OnLoadProgress,
    onHeartbeat: OnHeartbeat,
    onLateProgress: OnLoadProgress,
  ): Promise<OpenResult>;
  /**
   * Everyone in the frame, which the worker takes over and closes. One call at a time.
   * @param onPerson told of people before all are known
   */
  analyse(
    call: number,
    frame: Frame,
    options: AnalyseOptions,
    onProgress: ((progress: AnalysisProgress) => void) | undefined,
    onPerson: ((found: FoundPerson) => void) | undefined,
  ): Promise<BodyAnalysisResult>;
  /**
   * Everyone in a video's next frame, which the worker takes over and closes.
   * One call at a time, in the frames' order.
   */
  track(call: number, frame: Frame, request: TrackRequest): Promise<TrackAnswer>;
  /** The video has no new frame: there is time for what can wait. */
  idle(video: number): Promise<void>;
  /** Forgets whom a video showed. */
  untrack(video: number): Promise<void>;
  /** Stops that call between two model runs; its promise then rejects. Nothing happens where it has ended. */
  cancel(call: number): void;
}

/** What a wire error looks like among other thrown values. */
interface WireError {
  body21: ErrorData;
}

function isWireError(value: unknown): value is WireError {
  return typeof value === 'object' && value !== null && 'body21' in value;
}

/**
 * Makes thrown errors keep class, code and cause across the boundary, where comlink alone would send name and
 * message only. Both ends call it before they talk.
 */
export function keepErrorsWhole(): void {
  // comlink tells thrown values by a symbol it does not export, so its own handler is wrapped, not replaced.
  const handler = transferHandlers.get('throw');
  if (!handler) throw new Error('comlink has no handler for thrown values');
  transferHandlers.set('throw', {
    canHandle: (value): value is unknown => handler.canHandle(value),
    serialize: (thrown: { value: unknown }) => [
      { body21: errorToData(asBodyAnalysisError(thrown.value)) },
      [],
    ],
    deserialize(wire) {
      throw isWireError(wire) ? errorFromData(wire.body21) : handler.deserialize(wire);
    },
  });
}
