import { BodyAnalysisError } from '../schema/errors.ts';
import { isDomException } from './kinds.ts';

/**
 * The frame that a `<video>` shows.
 * @param mediaTime what to call its time, in seconds; without it, what the browser calls it
 * @throws BodyAnalysisError `source-tainted` or `source-not-ready`
 */
export function frameOf(video: HTMLVideoElement, mediaTime?: number): VideoFrame {
  try {
    return new VideoFrame(video, mediaTime === undefined ? {} : { timestamp: Math.round(mediaTime * 1e6) });
  } catch (cause) {
    if (isDomException(cause, 'SecurityError')) {
      throw new BodyAnalysisError(
        'source-tainted',
        'The video is of another origin that does not allow its pixels to be read. Serve it with CORS headers and set `crossOrigin` before `src`.',
        cause,
      );
    }
    throw new BodyAnalysisError(
      'source-not-ready',
      'The video has no frame to read. Wait until it plays; where it does, this browser cannot read what it shows.',
      cause,
    );
  }
}

/** Whether {@link frameOf} threw that since there is no frame for the moment, as between two sources. */
export function isForNow(error: unknown): boolean {
  return error instanceof BodyAnalysisError && isDomException(error.cause, 'InvalidStateError');
}
