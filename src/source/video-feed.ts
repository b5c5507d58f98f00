import { isKind } from './kinds.ts';
import { NewestFeed } from './newest-feed.ts';
import type { Feed } from './newest-feed.ts';
import { SourceWatch } from './source-watch.ts';
import { frameOf, isForNow } from './video-frames.ts';

/** So many looks in a row a video that has data may give no frame to read. */
const UNREADABLE_LOOKS = 12;

/**
 * So many looks after a seek the frame is taken that a paused video shows,
 * whether the browser has told of it or not.
 */
const UNTOLD_LOOKS = 2;

/** The newest frame of those that a `<video>` shows. */
export function pushVideo(video: HTMLVideoElement): Feed {
  return new NewestFeed((feed) => {
    let handle = 0;
    const last = { timestamp: -Infinity, now: 0 };
    /** When the frame was that was given without being shown anew; in milliseconds. */
    let stillAt: number | undefined;
    /** Why the frame that came last could not be read, and in how many looks in a row none could. */
    const unreadable: { error: unknown; looks: number } = { error: undefined, looks: 0 };
    /**
     * How many looks ago a paused video was sought without a frame since: browsers may forget to tell of it.
     */
    let untoldLooks: number | undefined;
    const isStream = () => isKind(video.srcObject, 'MediaStream');
    /** Gives the frame that is shown; not where there is none to read, as between two sources. */
    const give = (at: number, now: number): boolean => {
      // WebKit has no time for what comes of a canvas. A file's goes back where it begins anew.
      const timestamp = isStream() && at <= last.timestamp ? last.timestamp + now - last.now : at;
      try {
        const frame = frameOf(video, timestamp / 1000);
        Object.assign(last, { timestamp, now });
        Object.assign(unreadable, { error: undefined, looks: 0 });
        untoldLooks = undefined;
        feed.give(frame, timestamp);
        return true;
      } catch (error) {
        if (isForNow(error)) unreadable.error = error;
        else feed.end(error);
        return false;
      }
    };
    const take = (now: number, { mediaTime }: { mediaTime: number }) => {
      handle = video.requestVideoFrameCallback(take);
      const at = mediaTime * 1000;
      // Shown once more, as when a paused video is played: its clock has not gone back.
      if (!isStream() && stillAt !== undefined && at <= stillAt && stillAt <= video.currentTime * 1000)
        return;
      stillAt = undefined;
      give(at, now);
    };
    /**
     * Browsers tell of frames that they come to show, not of the one that a paused
     * video or a still picture shows already.
     */
    const takeStill = () => {
      // While it is sought, a video shows the frame before, but has the time of the next.
      const isStill = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && !video.seeking;
      if (!isStill || video.videoWidth === 0) return;
      const at = video.currentTime * 1000;
      if (give(at, performance.now())) stillAt = at;
      // Nothing need be there to be read while nobody sees it.
      else if (!video.ownerDocument.hidden && ++unreadable.looks >= UNREADABLE_LOOKS)
        feed.end(unreadable.error);
    };
    const watch = new SourceWatch(video, {
      over: (error) => feed.end(error),
      look: () => {
        if (untoldLooks !== undefined && !video.seeking) untoldLooks++;
        const isUntold = video.paused && (untoldLooks ?? 0) >= UNTOLD_LOOKS;
        if (last.now === 0 || unreadable.error !== undefined || isUntold) takeStill();
      },
    });
    handle = video.requestVideoFrameCallback(take);
    if (video.paused) takeStill();
    const ended = () => {
      // A stream may get another track; the watch waits for that.
      if (!isStream()) feed.end();
    };
    // Not `seeked`: the frame may be told of before that.
    const seeking = () => {
      untoldLooks = 0;
    };
    video.addEventListener('ended', ended);
    video.addEventListener('seeking', seeking);
    return () => {
      watch.close();
      video.cancelVideoFrameCallback(handle);
      video.removeEventListener('ended', ended);
      video.removeEventListener('seeking', seeking);
    };
  });
}
