import { BodyAnalysisError } from '../schema/errors.ts';
import { isKind, nameOf } from './kinds.ts';
import type { Feed } from './newest-feed.ts';
import { isLive } from './source-watch.ts';
import { doesNotWait, SteppedFeed } from './stepped-feed.ts';
import { PulledFeed, pushStream } from './stream-feed.ts';
import { pushVideo } from './video-feed.ts';

export type { FedFrame, Feed } from './newest-feed.ts';

/**
 * A video to take frames from. What is handed in stays the caller's; only a `ReadableStream` is read, as
 * everyone who reads one does.
 */
export type VideoSource = HTMLVideoElement | MediaStream | MediaStreamTrack | ReadableStream<VideoFrame>;

/** How frames are taken. */
export interface FeedOptions {
  /**
   * Every frame in its turn, however long that takes: of a file that is played, or of a stream that waits.
   */
  everyFrame: boolean;
}

/**
 * Begins to take frames.
 * @throws BodyAnalysisError `unsupported-environment`,
 * `unsupported-source`, `source-closed` or `invalid-option`
 */
export function openFeed(source: VideoSource, { everyFrame }: FeedOptions): Feed {
  need('VideoFrame', globalThis);
  if (isKind(source, 'ReadableStream')) return everyFrame ? new PulledFeed(source) : pushStream(source);
  if (isKind(source, 'HTMLVideoElement')) return openVideo(source, everyFrame);
  const track = liveTrackOf(source);
  if (everyFrame) throw doesNotWait();
  return pushTrack(track);
}

/** @throws BodyAnalysisError `unsupported-environment` */
function need(name: string, owner: object): void {
  if (name in owner) return;
  throw new BodyAnalysisError(
    'unsupported-environment',
    `Following needs ${name}, which this browser does not have. Take a newer one, or hand pictures of the video to bodyAnalysis.`,
  );
}

function openVideo(video: HTMLVideoElement, everyFrame: boolean): Feed {
  need('requestVideoFrameCallback', video);
  const { srcObject } = video;
  if (!isKind(srcObject, 'MediaStream')) return everyFrame ? new SteppedFeed(video) : pushVideo(video);
  if (everyFrame) throw doesNotWait();
  // A stream may get its picture later, but one that had it may be over.
  if (srcObject.getVideoTracks().length > 0) liveTrackOf(srcObject);
  return pushVideo(video);
}

/**
 * A frame once more, for someone who may hold it for long. A camera has few frames to give, and stops where
 * two are held: its frames are copied to memory of their own, where the browser can; others are referred to.
 */
export async function keepFrameOf(source: VideoSource, frame: VideoFrame): Promise<VideoFrame> {
  const isCamera = isKind(source, 'HTMLVideoElement')
    ? isKind(source.srcObject, 'MediaStream')
    : !isKind(source, 'ReadableStream');
  return (isCamera ? await copyOf(frame) : undefined) ?? frame.clone();
}

/** The frame in memory of its own; `undefined` where the browser cannot copy it. */
async function copyOf(frame: VideoFrame): Promise<VideoFrame | undefined> {
  const { format, visibleRect, displayWidth, displayHeight, timestamp, colorSpace } = frame;
  if (!format || !visibleRect) return undefined;
  try {
    const data = new Uint8Array(frame.allocationSize());
    const layout = await frame.copyTo(data);
    const { width: codedWidth, height: codedHeight } = visibleRect;
    const init = {
      format,
      codedWidth,
      codedHeight,
      layout,
      displayWidth,
      displayHeight,
      timestamp,
      colorSpace,
    };
    // What TypeScript does not know yet. A browser that does not either passes over it.
    const more = {
      transfer: [data.buffer],
      rotation: Reflect.get(frame, 'rotation'),
      flip: Reflect.get(frame, 'flip'),
    };
    return new VideoFrame(data, Object.assign(init, more));
  } catch {
    return undefined;
  }
}

/** @throws BodyAnalysisError `unsupported-source` or `source-closed` */
function liveTrackOf(source: unknown): MediaStreamTrack {
  const tracks = isKind(source, 'MediaStream') ? source.getTracks() : [source];
  const withPicture = tracks.filter(
    (track): track is MediaStreamTrack => isKind(track, 'MediaStreamTrack') && track.kind === 'video',
  );
  const live = withPicture.find(isLive);
  if (live) return live;
  if (withPicture.length > 0) {
    throw new BodyAnalysisError(
      'source-closed',
      'The stream has ended: its camera was unplugged, or its track stopped. Open it again.',
    );
  }
  throw new BodyAnalysisError(
    'unsupported-source',
    isKind(source, 'MediaStream', 'MediaStreamTrack')
      ? 'The stream has no picture. Hand in one with a video track.'
      : `${nameOf(source)} is no video. Hand in a <video>, a MediaStream or its video track, or a ReadableStream of VideoFrames.`,
  );
}

/** A browser's class: TypeScript's own types do not have it, and packages declare it in their own ways. */
const TRACK_PROCESSOR: string = 'MediaStreamTrackProcessor';
type TrackProcessor = new (options: { track: MediaStreamTrack }) => { readable: ReadableStream<VideoFrame> };

function pushTrack(track: MediaStreamTrack): Feed {
  const Processor: TrackProcessor | undefined = Reflect.get(globalThis, TRACK_PROCESSOR);
  if (Processor) return pushStream(new Processor({ track }).readable);
  if (!('document' in globalThis)) {
    throw new BodyAnalysisError(
      'unsupported-source',
      'This browser gives a worker no frames of a track. Follow it on the page, or hand in a ReadableStream of VideoFrames.',
    );
  }
  const video = document.createElement('video');
  need('requestVideoFrameCallback', video);
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  const feed = pushVideo(video);
  video.play().catch(() => {});
  return {
    get hasFrame() {
      return feed.hasFrame;
    },
    next: () => feed.next(),
    close() {
      feed.close();
      video.srcObject = null;
    },
  };
}
