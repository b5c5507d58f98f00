import type { AnalysisProgress } from '../schema/analysis.ts';
import { withDefaults } from '../schema/defaults.ts';
import { inWords } from '../schema/errors.ts';
import type { BodyAnalysisError } from '../schema/errors.ts';
import type { Quality } from '../schema/loading.ts';
import type { PictureRectangle, PictureRegion } from '../schema/picture-region.ts';
import { EXTRAS } from '../schema/result.ts';
import type { Extra, FoundPerson } from '../schema/result.ts';
import { DEFAULT_SMOOTHING } from '../schema/tracking.ts';
import type { SmoothingOptions, TrackedFrame } from '../schema/tracking.ts';
import type { AnalyseOptions, TrackRequest } from '../worker/protocol.ts';
import { checkIsObject, checkQuality, checkRegion, checkSignal, invalid } from './option-checks.ts';

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
  /**
   * Which part of the picture people are wanted from, in its pixels, which the answer's coordinates are too.
   * Default: all of it. They are as they are without a region, and only they are looked at: what it saves are
   * the others. A network of an app's own that finds people itself looks at the part alone.
   *
   * Of a rectangle everyone is given whose `location` has its middle there; points may lie outside. Where
   * nobody fills it, and it is well under half the picture, the detectors look at it by itself as well, with
   * a quarter of its longer side around it, and find smaller people than in the whole picture.
   *
   * Of a person of an earlier answer about the picture that person alone is given, or nobody.
   */
  region?: PictureRegion | undefined;
  /**
   * The most people to give, an integer from 1. Fewer take less time: bodies are looked at in turns, those
   * first that the detectors are surest of, until so many of them are surely people; the surest of all who
   * were found by then are given. Default: all.
   */
  maxPersons?: number | undefined;
  /**
   * Told of people before all are known: bodies are looked at in turns, those first that the detectors are
   * surest of. It is a first look: of 155 people told so, 123 are in the answer to the last digit, 26 are a
   * little elsewhere in it, and 6 are not in it. Whom a further turn shows better is told again, under the
   * same `number`. The answer takes the place of all that was told, has those of the last turn as well, and
   * is the same without this.
   */
  onPerson?: ((found: FoundPerson) => void) | undefined;
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
   * What of each frame is looked at, in its pixels: a rectangle, or where a person of an earlier answer is,
   * with a quarter of their longer side around it; it does not move with them. Whoever has the middle of
   * their `location` there is followed, until it is a tenth of their longer side outside. Default: all.
   */
  region?: PictureRegion | undefined;
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
   * Frames a second to hold, over 0 to 240. Where the device is too slow for it, detectors look more seldom,
   * a lighter landmark model is used, which is fetched then, or people are looked at by turns; frames beyond
   * it are left out. Not together with `everyFrame`. Default: all that there can be, with the client's model.
   */
  targetFps?: number | undefined;
  /**
   * Gives each result its frame, so that both can be shown together: without it a skeleton lags behind a
   * video that goes on. Close it, or hand it to an overlay, which does. Default `false`.
   */
  keepFrame?: boolean | undefined;
  /**
   * What to answer beyond the documented fields, under each person's `extras`, as the frame itself shows it:
   * it is not smoothed. A `mask` takes its own small run of a network for each person, and `location` is then
   * drawn around it. Default: nothing.
   */
  extras?: readonly Extra[] | undefined;
}

/** The options of one analysis after the check. */
export interface CheckedAnalysisOptions {
  analyse: AnalyseOptions;
  signal: AbortSignal | undefined;
  onProgress: ((progress: AnalysisProgress) => void) | undefined;
  onPerson: ((found: FoundPerson) => void) | undefined;
}

/**
 * Checks the options of one analysis.
 * @throws BodyAnalysisError `invalid-option`
 */
export function checkAnalysisOptions(options: AnalysisOptions): CheckedAnalysisOptions {
  checkIsObject(options);
  const { extras = [], quality, region, maxPersons, signal, onProgress, onPerson, debug = false } = options;
  if (!Array.isArray(extras) || !extras.every((extra) => EXTRAS.includes(extra))) {
    throw invalid(`options.extras must be a list of ${EXTRAS.join(', ')}, not ${inWords(extras)}.`);
  }
  checkSignal(signal);
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw invalid('options.onProgress must be a function.');
  }
  if (onPerson !== undefined && typeof onPerson !== 'function') {
    throw invalid('options.onPerson must be a function.');
  }
  if (maxPersons !== undefined) checkMaxPersons(maxPersons);
  if (typeof debug !== 'boolean') throw invalid('options.debug must be true or false.');
  if (quality !== undefined) checkQuality(quality);
  return {
    analyse: {
      extras,
      debug,
      quality,
      region: region === undefined ? undefined : checkRegion(region),
      maxPersons,
    },
    signal,
    onProgress,
    onPerson,
  };
}

/** @throws BodyAnalysisError `invalid-option` */
function checkMaxPersons(maxPersons: number): void {
  if (Number.isInteger(maxPersons) && maxPersons >= 1) return;
  throw invalid(`options.maxPersons must be an integer from 1, not ${inWords(maxPersons)}.`);
}

/** The options of following after the check. */
export interface CheckedTrackOptions {
  follow: Pick<TrackRequest, 'maxPersons' | 'region' | 'smoothing' | 'extras' | 'targetFps'>;
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
  const {
    maxPersons = 6,
    region,
    smoothing = {},
    everyFrame = false,
    keepFrame = false,
    targetFps,
  } = options;
  const { analyse, signal } = checkAnalysisOptions({
    ...(options.extras && { extras: options.extras }),
    ...(options.signal !== undefined && { signal: options.signal }),
  });
  checkMaxPersons(maxPersons);
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
      region: region === undefined ? undefined : followedRegion(checkRegion(region)),
      smoothing: smoothing === false ? undefined : smoothing,
      extras: analyse.extras,
      targetFps,
    },
    everyFrame,
    keepFrame,
    signal,
  };
}

/** The error for a video that a client with a network of the app's own is to follow. */
export function ownNetworkInVideo(): BodyAnalysisError {
  return invalid(
    'options.landmarks is for photos: track goes by points that BlazePose alone has. Create another client for it.',
  );
}

/** Room for someone who is followed to move, in the longer side of where they were. */
const FOLLOWING_MARGIN = 0.25;

/** Of a person the place is taken, with a margin: who is followed moves. */
function followedRegion(region: PictureRegion): PictureRectangle {
  if (!('location' in region)) return region;
  const { left, top, width, height } = region.location;
  const margin = FOLLOWING_MARGIN * Math.max(width, height);
  return { left: left - margin, top: top - margin, width: width + 2 * margin, height: height + 2 * margin };
}
