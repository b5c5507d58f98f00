import { BodyAnalysisError } from '../schema/errors.ts';
import { isKind } from './kinds.ts';

/** How often a video is looked at for what no event tells, in milliseconds. */
const LOOK_MS = 250;

/**
 * So many looks in a row a video has to be without a source before it has lost it. Phones open a camera only
 * after the one before is stopped, and before a `<source>` is tried, there seems to be none for a moment.
 */
const DEAD_LOOKS = 3;

interface Watcher {
  /**
   * There is nothing more to come, for that reason unless the app wanted it so.
   * Told again while nobody closes the watch.
   */
  over: (error?: BodyAnalysisError) => void;
  /** Called every {@link LOOK_MS} while there may be more to come. */
  look?: () => void;
}

/**
 * Notices that a video has lost its source: by an app that stops a track, takes the source away, or closes
 * the window that the video is in, of which no event tells.
 */
export class SourceWatch {
  readonly #video: HTMLVideoElement;
  readonly #watcher: Watcher;
  readonly #timer: ReturnType<typeof setInterval>;
  /** One that has no source yet may get one. */
  #hadSource = false;
  #deadLooks = 0;

  constructor(video: HTMLVideoElement, watcher: Watcher) {
    this.#video = video;
    this.#watcher = watcher;
    this.#timer = setInterval(() => {
      if (!this.#isOver()) watcher.look?.();
    }, LOOK_MS);
    video.addEventListener('error', this.#tell);
    this.#isOver();
  }

  /** Looks whether there is nothing more to come, and tells. */
  #isOver(): boolean {
    const { error, networkState, srcObject, ownerDocument } = this.#video;
    // A window that is gone has no view.
    const isLoaded = networkState !== HTMLMediaElement.NETWORK_EMPTY && ownerDocument.defaultView !== null;
    const hasSource =
      isLoaded && (!isKind(srcObject, 'MediaStream') || srcObject.getVideoTracks().some(isLive));
    this.#hadSource ||= hasSource;
    const isDead = networkState === HTMLMediaElement.NETWORK_NO_SOURCE || (this.#hadSource && !hasSource);
    this.#deadLooks = isDead ? this.#deadLooks + 1 : 0;
    const isOver = error !== null || this.#deadLooks >= DEAD_LOOKS;
    if (isOver) this.#tell();
    return isOver;
  }

  readonly #tell = (): void => {
    const { error, networkState } = this.#video;
    const isBroken = error !== null || networkState === HTMLMediaElement.NETWORK_NO_SOURCE;
    this.#watcher.over(isBroken && !namesNoSource(this.#video) ? brokenVideo(this.#video) : undefined);
  };

  /** Harmless when done twice. */
  close(): void {
    clearInterval(this.#timer);
    this.#video.removeEventListener('error', this.#tell);
  }
}

/** Whether it still gives frames. */
export function isLive({ readyState }: MediaStreamTrack): boolean {
  return readyState === 'live';
}

/** What to say of a `<video>` that cannot be played. */
function brokenVideo({ error }: HTMLVideoElement): BodyAnalysisError {
  return new BodyAnalysisError(
    'source-not-ready',
    `The browser cannot play the video: ${error?.message ?? 'it does not say why'}.`,
    error ?? undefined,
  );
}

/**
 * Whether it names no source to load. An empty address, a usual way to take
 * a source away, is an error to browsers.
 */
function namesNoSource(video: HTMLVideoElement): boolean {
  return !video.getAttribute('src') && video.srcObject === null && video.querySelector('source') === null;
}
