import { BodyAnalysisError } from '../schema/errors.ts';
import { isKind } from './kinds.ts';
import { NewestFeed } from './newest-feed.ts';
import type { Feed } from './newest-feed.ts';
import { brokenVideo, frameOf, namesNoSource } from './video-frames.ts';

/** How often a video is looked at for what no event tells, in milliseconds. */
const LOOK_MS = 250;

/** The newest frame of those that a `<video>` shows. */
export function pushVideo(video: HTMLVideoElement): Feed {
  return new NewestFeed((feed) => {
    const watch = new SourceWatch(video);
    let handle = 0;
    const last = { timestamp: -Infinity, now: 0 };
    /** When the frame was that was given without being shown anew; in milliseconds. */
    let stillAt: number | undefined;
    /** Gives the frame that is shown; not where there is none to read, as between two sources. */
    const give = (timestamp: number, now: number): boolean => {
      try {
        const frame = frameOf(video, timestamp / 1000);
        Object.assign(last, { timestamp, now });
        feed.give(frame, timestamp);
        return true;
      } catch (error) {
        if (!(error instanceof BodyAnalysisError && error.code === 'source-not-ready')) feed.end(error);
        return false;
      }
    };
    const take = (now: number, { mediaTime }: { mediaTime: number }) => {
      handle = video.requestVideoFrameCallback(take);
      const at = mediaTime * 1000;
      const isStream = video.srcObject !== null;
      // Shown once more, as when a paused video is played: its clock has not gone back.
      if (!isStream && stillAt !== undefined && at <= stillAt && stillAt <= video.currentTime * 1000) return;
      stillAt = undefined;
      // WebKit has no time for what comes of a canvas. A file's goes back where it begins anew.
      give(isStream && at <= last.timestamp ? last.timestamp + now - last.now : at, now);
    };
    /** Browsers tell of frames that they come to show, not of the one that a paused video or a still picture shows already. */
    const takeStill = () => {
      // While it is sought, a video shows the frame before, but has the time of the next.
      const isStill = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && !video.seeking;
      if (!isStill || video.videoWidth === 0) return;
      const at = video.currentTime * 1000;
      if (give(at, performance.now())) stillAt = at;
    };
    const look = () => {
      if (watch.isOver()) feed.end(watch.error);
      else if (last.now === 0) takeStill();
    };
    handle = video.requestVideoFrameCallback(take);
    if (video.paused) look();
    const timer = setInterval(look, LOOK_MS);
    const ended = () => feed.end();
    const broken = () => feed.end(watch.error);
    video.addEventListener('ended', ended);
    video.addEventListener('error', broken);
    return () => {
      clearInterval(timer);
      video.cancelVideoFrameCallback(handle);
      video.removeEventListener('ended', ended);
      video.removeEventListener('error', broken);
    };
  });
}

/** Notices that a video has lost its source: by an app that stops a track or takes the source away, of which no event tells. */
class SourceWatch {
  readonly #video: HTMLVideoElement;
  /** One that has no source yet may get one. */
  #hadSource = false;
  /** So often in a row none of its sources could be loaded: before one is tried, it looks the same for a moment. */
  #failures = 0;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
  }

  /** Whether there is nothing more to come. */
  isOver(): boolean {
    const { error, networkState, srcObject } = this.#video;
    this.#failures = networkState === HTMLMediaElement.NETWORK_NO_SOURCE ? this.#failures + 1 : 0;
    if (error || this.#failures > 1) return true;
    const isLoaded = networkState !== HTMLMediaElement.NETWORK_EMPTY;
    const hasSource =
      isLoaded && (!isKind(srcObject, 'MediaStream') || srcObject.getVideoTracks().some(isLive));
    this.#hadSource ||= hasSource;
    return this.#hadSource && !hasSource;
  }

  /** Why there is nothing more, where that is not what the app wanted. */
  get error(): BodyAnalysisError | undefined {
    const { error, networkState } = this.#video;
    if (namesNoSource(this.#video)) return undefined;
    const isBroken = error !== null || networkState === HTMLMediaElement.NETWORK_NO_SOURCE;
    return isBroken ? brokenVideo(this.#video) : undefined;
  }
}

/** Whether it still gives frames. */
export function isLive({ readyState }: MediaStreamTrack): boolean {
  return readyState === 'live';
}
