import type { TrackedFrame } from '../../schema/tracking.ts';
import type { FedFrame, Feed } from '../../source/newest-feed.ts';
import type { TrackAnswer, TrackRequest } from '../../worker/protocol.ts';
import { abortable } from './abortable.ts';
import { FrameRate } from './frame-rate.ts';
import type { Session } from './session.ts';

/** How a video's frames are followed. */
export interface FrameLoopOptions {
  follow: Pick<TrackRequest, 'maxPersons' | 'region' | 'smoothing' | 'extras' | 'targetFps'>;
  /** Whether each frame is looked at in its turn; else the newest is always next. */
  everyFrame: boolean;
  /** Ends the loop, as {@link Session.stopWith} gives it. */
  stop: AbortSignal;
  /** Makes the copy of a frame that its result is to have. */
  keep?: (frame: VideoFrame) => Promise<VideoFrame>;
}

/** A frame's result, with the frame itself where that is kept. */
export type LoopedFrame = TrackedFrame & { frame?: VideoFrame };

/**
 * Takes frame by frame from a feed to a session's worker, until either ends. The feed is closed in any case,
 * and so is each frame; a copy that was kept belongs to who gets the result.
 */
export async function* followFrames(
  session: Session,
  feed: Feed,
  { follow, everyFrame, stop, keep }: FrameLoopOptions,
): AsyncGenerator<LoopedFrame, void, undefined> {
  // The loop itself may be busy with a result, or have been left without a word:
  // the source is let go of all the same.
  const letGo = () => feed.close();
  stop.addEventListener('abort', letGo, { once: true });
  const rate = follow.targetFps === undefined ? undefined : new FrameRate(follow.targetFps);
  const video = session.nextVideo();
  let lastId = 0;
  /** Frames that were fed and came to the worker too late. */
  let late = 0;
  try {
    for (;;) {
      const waitMs = rate?.msToNext() ?? 0;
      const isFree = waitMs > 0 || !feed.hasFrame;
      // Not after a frame that came too late: the next one is not to wait as well.
      if (!everyFrame && isFree && late === 0) session.idle(video);
      if (waitMs > 0) await pause(waitMs, stop);
      const fed = await nextOf(feed, stop);
      if (!fed) return;
      rate?.note();
      const { frame, timestamp, arrivedMs } = fed;
      // One that is late once more is looked at all the same, or there might never be a result.
      const sentAt = everyFrame || late > 0 ? undefined : Date.now();
      const request = { ...follow, video, timestamp, lastId, hasIdleTime: !everyFrame, sentAt };
      const kept = await keepOf(frame, keep);
      const followed = await answerTo(session.track(frame, request, stop), kept);
      if (followed === 'late') {
        late += fed.dropped + 1;
        continue;
      }
      const { person_info } = followed.result;
      lastId = Math.max(lastId, ...person_info.map(({ track_id }) => track_id));
      const dropped = fed.dropped + late;
      late = 0;
      const latencyMs = performance.now() - arrivedMs;
      yield { ...followed, timestamp, latencyMs, dropped, ...(kept && { frame: kept }) };
    }
  } finally {
    stop.removeEventListener('abort', letGo);
    feed.close();
    session.untrack(video);
  }
}

/** @throws the signal's reason when it is aborted: a frame that comes nevertheless is closed */
async function nextOf(feed: Feed, stop: AbortSignal): Promise<FedFrame | undefined> {
  const next = feed.next();
  return abortable(next, stop).catch((error: unknown) => {
    next.then(
      (fed) => fed?.frame.close(),
      () => {},
    );
    throw error;
  });
}

/** A copy of the frame, where one is kept; a frame that cannot be copied is closed. */
async function keepOf(frame: VideoFrame, keep: FrameLoopOptions['keep']): Promise<VideoFrame | undefined> {
  try {
    return await keep?.(frame);
  } catch (error) {
    frame.close();
    throw error;
  }
}

/** The answer to a frame, whose copy is closed where nobody gets it. */
async function answerTo(asked: Promise<TrackAnswer>, kept: VideoFrame | undefined): Promise<TrackAnswer> {
  try {
    const followed = await asked;
    if (followed === 'late') kept?.close();
    return followed;
  } catch (error) {
    kept?.close();
    throw error;
  }
}

/** @throws the signal's reason when it is aborted */
async function pause(ms: number, stop: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await abortable(over, stop).finally(() => clearTimeout(timer));
}
