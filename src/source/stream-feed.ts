import { BodyAnalysisError } from '../schema/errors.ts';
import { isKind, nameOf } from './kinds.ts';
import { NewestFeed } from './newest-feed.ts';
import type { FedFrame, Feed } from './newest-feed.ts';

/** The newest frame of a stream. */
export function pushStream(stream: ReadableStream<VideoFrame>): Feed {
  const reader = readerOf(stream);
  return new NewestFeed((feed) => {
    const pump = async (): Promise<void> => {
      while (!feed.isOver) {
        const { done, value } = await reader.read();
        if (done) break;
        feed.give(checkFrame(value), value.timestamp / 1000);
      }
    };
    pump().then(
      () => feed.end(),
      (error: unknown) => feed.end(failed(error)),
    );
    return () => {
      reader.cancel().catch(() => {});
    };
  });
}

/** @throws BodyAnalysisError `source-closed` */
function readerOf(stream: ReadableStream<VideoFrame>): ReadableStreamDefaultReader<VideoFrame> {
  if (stream.locked) {
    throw new BodyAnalysisError(
      'source-closed',
      'The stream of frames is being read by someone else. Hand in one that nobody reads yet.',
    );
  }
  return stream.getReader();
}

/**
 * What a stream gave, which may be anything.
 * @throws BodyAnalysisError `unsupported-source` or `source-closed`
 */
function checkFrame(value: unknown): VideoFrame {
  if (!isKind(value, 'VideoFrame')) {
    throw new BodyAnalysisError(
      'unsupported-source',
      `${nameOf(value)} came out of the stream. Hand in a ReadableStream of VideoFrames.`,
    );
  }
  if (value.codedWidth === 0) {
    throw new BodyAnalysisError(
      'source-closed',
      'A VideoFrame that was closed came out of the stream. Leave that to who reads it.',
    );
  }
  return value;
}

/** Frames of a stream that waits until it is asked. */
export class PulledFeed implements Feed {
  readonly hasFrame = true;
  readonly #reader: ReadableStreamDefaultReader<VideoFrame>;

  constructor(stream: ReadableStream<VideoFrame>) {
    this.#reader = readerOf(stream);
  }

  async next(): Promise<FedFrame | undefined> {
    try {
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      return {
        frame: checkFrame(value),
        timestamp: value.timestamp / 1000,
        arrivedMs: performance.now(),
        dropped: 0,
      };
    } catch (error) {
      throw failed(error);
    }
  }

  close(): void {
    this.#reader.cancel().catch(() => {});
  }
}

function failed(cause: unknown): BodyAnalysisError {
  if (cause instanceof BodyAnalysisError) return cause;
  return new BodyAnalysisError('source-closed', 'The stream of frames broke off. Open it again.', cause);
}
