import { BodyAnalysisError } from '../schema/errors.ts';
import { isKind } from './kinds.ts';

/**
 * The frame that a `<video>` shows.
 * @param mediaTime what to call its time, in seconds
 * @throws BodyAnalysisError `source-tainted` or `source-not-ready`
 */
export function frameOf(video: HTMLVideoElement, mediaTime: number): VideoFrame {
  try {
    return new VideoFrame(video, { timestamp: Math.round(mediaTime * 1e6) });
  } catch (cause) {
    if (isKind(cause, 'DOMException') && cause.name === 'SecurityError') {
      throw new BodyAnalysisError(
        'source-tainted',
        'The video is of another origin that does not allow its pixels to be read. Serve it with CORS headers and set `crossOrigin` before `src`.',
        cause,
      );
    }
    throw new BodyAnalysisError(
      'source-not-ready',
      'The video has no frame to read yet. Wait until it plays.',
      cause,
    );
  }
}

/** What to say of a `<video>` that cannot be played. */
export function brokenVideo(video: HTMLVideoElement): BodyAnalysisError {
  return new BodyAnalysisError(
    'source-not-ready',
    `The browser cannot play the video: ${video.error?.message ?? 'it does not say why'}.`,
    video.error ?? undefined,
  );
}

/** Whether it names no source to load. An empty address, a usual way to take a source away, is an error to browsers. */
export function namesNoSource(video: HTMLVideoElement): boolean {
  return !video.getAttribute('src') && video.srcObject === null && video.querySelector('source') === null;
}
