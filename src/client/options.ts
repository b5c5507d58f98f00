import type { AnalysisProgress } from '../schema/analysis.ts';
import { withDefaults } from '../schema/defaults.ts';
import type { Options } from '../schema/defaults.ts';
import { inWords } from '../schema/errors.ts';
import { DEFAULT_LIMITS } from '../schema/limits.ts';
import type { PictureLimits } from '../schema/limits.ts';
import { BACKENDS, DEFAULT_MODELS, LANDMARK_MODELS, QUALITIES } from '../schema/loading.ts';
import type { BackendChoice, LandmarkModel, LoadProgress, Quality } from '../schema/loading.ts';
import { EXTRAS } from '../schema/result.ts';
import type { Extra } from '../schema/result.ts';
import { DEFAULT_SMOOTHING } from '../schema/tracking.ts';
import type { SmoothingOptions, TrackedFrame } from '../schema/tracking.ts';
import { VERSION } from '../worker/protocol.ts';
import type { AnalyseOptions, TrackRequest, OpenOptions } from '../worker/protocol.ts';
import { asFolder, checkIsObject, checkSignal, invalid, resolveUrl } from './option-checks.ts';

/** How a client is made. Everything has a default. */
export interface BodyAnalysisClientOptions {
  /** Which landmark model to use. Default `lite`; with the quality `best`, `heavy`. */
  model?: LandmarkModel | undefined;
  /**
   * How much is done to find everyone, small people, people who overlap or are cut off, and to place their
   * points: `fast`, `balanced` or `best`, of which each takes longer than the one before; `docs/quality.md`
   * has the figures. Default `balanced`.
   */
  quality?: Quality | undefined;
  /**
   * What to run the models on. `auto` takes WebGPU where there is a real GPU and it measures faster than
   * WASM; `webgpu` takes any adapter, software and iOS included; `wasm` takes none. Where there is no WebGPU,
   * and where it fails, WASM takes its place; `client.backend` says what was chosen and why. Default `auto`.
   */
  backend?: BackendChoice | undefined;
  /**
   * The folder that hosts worker, models and what WebGPU needs, as `npx body21 copy-assets` fills it:
   * `worker.js` and `assets/`. Relative to the page, or in a worker to its script. It may be of another
   * origin, such as a CDN's, which then must send CORS headers, and the page's Content-Security-Policy must
   * allow workers from `blob:` and from there. Default: where the bundler has put the package's own.
   */
  assets?: string | URL | undefined;
  /**
   * A worker's script of the app's own, which imports the package's `worker.js`. Relative as `assets` is.
   * Default: that of {@link BodyAnalysisClientOptions.assets}.
   */
  workerUrl?: string | URL | undefined;
  /**
   * WASM threads, an integer from 1 to 32. Default: the cores, at most 4. A page
   * that is not cross-origin isolated gets 1.
   */
  threads?: number | undefined;
  /**
   * On WASM, whether to try pictures while nobody asks for one, so that the browser compiles the code for
   * speed meanwhile: four seconds of work at most, once. A call ends it and does not wait for it, but for the
   * model run that is under way. Default `true`.
   */
  warmUp?: boolean | undefined;
  /** Which pictures are taken, where that is other than {@link DEFAULT_LIMITS}. */
  limits?: Options<PictureLimits> | undefined;
  /**
   * Told how far loading has come of what is waited for: until `create` resolves, and again whenever a call
   * waits for networks that are not there yet, such as the first photo.
   */
  onProgress?: ((progress: LoadProgress) => void) | undefined;
  /** Cancels loading. */
  signal?: AbortSignal | undefined;
}

/** Options of one analysis. */
export interface AnalysisOptions {
  /** Cancels the call, which then rejects with the signal's reason at once, as `fetch` does. */
  signal?: AbortSignal | undefined;
  /**
   * What to answer beyond the documented fields, under each person's `extras`. Default: nothing, and no field
   * more.
   */
  extras?: readonly Extra[] | undefined;
  /**
   * Another quality for this call alone, with the landmark model that the client has; networks that it takes
   * and the client has not are fetched. Default: the client's own.
   */
  quality?: Quality | undefined;
  /** Told how far the analysis has come, from the time the worker takes it on. */
  onProgress?: ((progress: AnalysisProgress) => void) | undefined;
  /**
   * Adds to the answer, under `debug`, how it came about: where was looked, why
   * poses were dropped, times. Default `false`.
   */
  debug?: boolean | undefined;
}

/** What the loop over a video is given. */
export interface TrackedVideoFrame extends TrackedFrame {
  /** The frame itself, to be closed by its receiver; only where `keepFrame` asks for it. */
  frame?: VideoFrame;
}

/** What the loop over a video is given where `keepFrame` is set. */
export interface KeptVideoFrame extends TrackedVideoFrame {
  frame: VideoFrame;
}

/** Options of following people through a video. */
export interface TrackOptions {
  /** Ends the loop, which then throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /** The most people to follow, an integer from 1. Default 6. */
  maxPersons?: number | undefined;
  /**
   * How points are smoothed; `false` gives them as the model does. Default {@link SmoothingOptions}'s own.
   */
  smoothing?: SmoothingOptions | false | undefined;
  /**
   * Takes every frame, however long that takes: of a file in a `<video>`, which is paused and stepped
   * through, or of a stream that waits. Default `false`.
   */
  everyFrame?: boolean | undefined;
  /**
   * Frames a second to hold, over 0 to 240. Where the device is too slow for it, the detectors look more
   * seldom for new people and a lighter landmark model is used, which is fetched then; frames beyond it are
   * left out. Not together with `everyFrame`. Default: as many as there can be, with the client's own model.
   */
  targetFps?: number | undefined;
  /**
   * Gives each result its frame, so that both can be shown together: without it a skeleton lags behind a
   * video that goes on. Close it, or hand it to an overlay, which does. Default `false`.
   */
  keepFrame?: boolean | undefined;
  /** What to answer beyond the documented fields, under each person's `extras`. Default: nothing. */
  extras?: readonly Exclude<Extra, 'mask'>[] | undefined;
}

/** The options after the check at the door. */
export interface CheckedOptions {
  open: Omit<OpenOptions, 'skipped'>;
  workerUrl: URL | undefined;
  onProgress: (progress: LoadProgress) => void;
}

/**
 * Checks the options; inside, they are trusted.
 * @throws BodyAnalysisError `invalid-option`
 */
export function checkOptions(options: BodyAnalysisClientOptions): CheckedOptions {
  checkIsObject(options);
  const {
    quality = 'balanced',
    backend = 'auto',
    assets,
    workerUrl,
    threads,
    warmUp = true,
    onProgress,
    signal,
  } = options;
  const limits = withDefaults(DEFAULT_LIMITS, options.limits);
  checkQuality(quality);
  const { model = DEFAULT_MODELS[quality] } = options;
  if (!LANDMARK_MODELS.includes(model)) {
    throw invalid(`options.model must be one of ${LANDMARK_MODELS.join(', ')}, not ${inWords(model)}.`);
  }
  if (!BACKENDS.includes(backend)) {
    throw invalid(`options.backend must be one of ${BACKENDS.join(', ')}, not ${inWords(backend)}.`);
  }
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= 32)) {
    throw invalid(`options.threads must be an integer from 1 to 32, not ${inWords(threads)}.`);
  }
  if (typeof warmUp !== 'boolean') throw invalid('options.warmUp must be true or false.');
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw invalid('options.onProgress must be a function.');
  }
  checkSignal(signal);
  if (options.limits !== undefined) checkIsObject(options.limits, 'options.limits');
  for (const [name, value] of Object.entries(limits)) {
    if (!(name in DEFAULT_LIMITS) || typeof value !== 'number' || !(value >= 1)) {
      throw invalid(
        `options.limits must be of ${Object.keys(DEFAULT_LIMITS).join(', ')}, each a number from 1; ${name} is not.`,
      );
    }
  }
  const folder = assets === undefined ? undefined : asFolder(resolveUrl('assets', assets));
  const script =
    workerUrl === undefined ? folder && new URL('worker.js', folder) : resolveUrl('workerUrl', workerUrl);
  return {
    open: {
      version: VERSION,
      model,
      quality,
      backend,
      threads,
      warmUp,
      limits,
      baseUrl: folder && new URL('assets/', folder).href,
    },
    workerUrl: script,
    onProgress: onProgress ?? (() => {}),
  };
}

/** The options of one analysis after the check. */
export interface CheckedAnalysisOptions {
  analyse: AnalyseOptions;
  signal: AbortSignal | undefined;
  onProgress: ((progress: AnalysisProgress) => void) | undefined;
}

/**
 * Checks the options of one analysis.
 * @throws BodyAnalysisError `invalid-option`
 */
export function checkAnalysisOptions(options: AnalysisOptions): CheckedAnalysisOptions {
  checkIsObject(options);
  const { extras = [], quality, signal, onProgress, debug = false } = options;
  if (!Array.isArray(extras) || !extras.every((extra) => EXTRAS.includes(extra))) {
    throw invalid(`options.extras must be a list of ${EXTRAS.join(', ')}, not ${inWords(extras)}.`);
  }
  checkSignal(signal);
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw invalid('options.onProgress must be a function.');
  }
  if (typeof debug !== 'boolean') throw invalid('options.debug must be true or false.');
  if (quality !== undefined) checkQuality(quality);
  return { analyse: { extras, debug, quality }, signal, onProgress };
}

/** The options of following after the check. */
export interface CheckedTrackOptions {
  follow: Pick<TrackRequest, 'maxPersons' | 'smoothing' | 'extras' | 'targetFps'>;
  everyFrame: boolean;
  keepFrame: boolean;
  signal: AbortSignal | undefined;
}

/**
 * Checks the options of following.
 * @throws BodyAnalysisError `invalid-option`
 */
export function checkTrackOptions(options: TrackOptions): CheckedTrackOptions {
  checkIsObject(options);
  const { maxPersons = 6, smoothing = {}, everyFrame = false, keepFrame = false, targetFps } = options;
  const { analyse, signal } = checkAnalysisOptions({
    ...(options.extras && { extras: options.extras }),
    ...(options.signal !== undefined && { signal: options.signal }),
  });
  if (analyse.extras.includes('mask')) {
    throw invalid('options.extras cannot have the mask here: call bodyAnalysis with the frame for it.');
  }
  if (!Number.isInteger(maxPersons) || maxPersons < 1) {
    throw invalid(`options.maxPersons must be an integer from 1, not ${inWords(maxPersons)}.`);
  }
  if (targetFps !== undefined && !(typeof targetFps === 'number' && targetFps > 0 && targetFps <= 240)) {
    throw invalid(`options.targetFps must be a number over 0 to 240, not ${inWords(targetFps)}.`);
  }
  if (targetFps !== undefined && everyFrame) {
    throw invalid('options.everyFrame takes as long as it takes: it cannot hold options.targetFps as well.');
  }
  if (typeof everyFrame !== 'boolean') throw invalid('options.everyFrame must be true or false.');
  if (typeof keepFrame !== 'boolean') throw invalid('options.keepFrame must be true or false.');
  if (smoothing !== false) {
    if (typeof smoothing !== 'object' || smoothing === null) {
      throw invalid('options.smoothing must be false or an object.');
    }
    for (const [name, value] of Object.entries(withDefaults(DEFAULT_SMOOTHING, smoothing))) {
      if (!(name in DEFAULT_SMOOTHING) || typeof value !== 'number' || !(value >= 0 && value < Infinity)) {
        throw invalid(
          `options.smoothing must be false or of ${Object.keys(DEFAULT_SMOOTHING).join(', ')}, each a number from 0; ${name} is not.`,
        );
      }
    }
  }
  return {
    follow: {
      maxPersons,
      smoothing: smoothing === false ? undefined : smoothing,
      extras: analyse.extras,
      targetFps,
    },
    everyFrame,
    keepFrame,
    signal,
  };
}

/** @throws BodyAnalysisError `invalid-option` */
function checkQuality(quality: Quality): void {
  if (QUALITIES.includes(quality)) return;
  throw invalid(`options.quality must be one of ${QUALITIES.join(', ')}, not ${inWords(quality)}.`);
}
