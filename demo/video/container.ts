import {
  BlobSource,
  EncodedPacketSink,
  Input,
  MATROSKA,
  MP4,
  MPEG_TS,
  QTFF,
  VideoSampleSink,
  WEBM,
} from 'mediabunny';
import type { AudioCodec, InputAudioTrack, InputVideoTrack, VideoSample } from 'mediabunny';

/**
 * What a video's file tells without being played: when each frame begins, and the frames themselves, decoded
 * one after the other. Stepping a `<video>` gives them as well, but decodes from the last key frame at each
 * step.
 *
 * This module brings mediabunny, and is to be imported where a video has been opened.
 */
export class Container {
  readonly input: Input;
  /** How the sound is encoded; `undefined` where there is none, or it is not known. */
  readonly soundCodec: AudioCodec | undefined;
  /** Whether there is sound. */
  readonly hasSound: boolean;
  readonly #track: InputVideoTrack;

  private constructor(input: Input, track: InputVideoTrack, sound: InputAudioTrack | null) {
    this.input = input;
    this.#track = track;
    this.hasSound = sound !== null;
    this.soundCodec = sound?.codec ?? undefined;
  }

  /** @returns `undefined` where it is no kind of file that mediabunny reads, or has no picture */
  static async open(file: Blob): Promise<Container | undefined> {
    const input = new Input({
      source: new BlobSource(file),
      formats: [MP4, QTFF, WEBM, MATROSKA, MPEG_TS],
    });
    try {
      const track = await input.getPrimaryVideoTrack();
      if (track) return new Container(input, track, await input.getPrimaryAudioTrack());
    } catch {
      // Whoever plays it says what is wrong with it.
    }
    input.dispose();
    return undefined;
  }

  /** How the picture is encoded, as far as the file says: `hevc`. */
  get codec(): string | undefined {
    return this.#track.codec ?? undefined;
  }

  /**
   * Whether this browser can decode its frames one by one. What is transparent it cannot: that takes a
   * worker made of a text, which the page's policy refuses.
   */
  async canDecode(): Promise<boolean> {
    if (!('VideoDecoder' in globalThis)) return false;
    try {
      if (!(await this.#track.canDecode())) return false;
      // Chrome says of all that it records that it may be transparent.
      const first = await new EncodedPacketSink(this.#track).getFirstPacket();
      return first !== null && first.sideData.alpha === undefined;
    } catch {
      return false;
    }
  }

  /**
   * When each frame begins, in milliseconds and in order.
   * @throws the signal's reason when it is aborted
   */
  async times(signal: AbortSignal): Promise<number[]> {
    const times: number[] = [];
    const sink = new EncodedPacketSink(this.#track);
    for await (const { timestamp } of sink.packets(undefined, undefined, { metadataOnly: true })) {
      signal.throwIfAborted();
      // What begins before the video does is not shown.
      if (timestamp >= 0) times.push(timestamp * 1000);
    }
    return times.toSorted((a, b) => a - b);
  }

  /**
   * Every frame of the file, decoded one after the other; each is to be closed.
   * @param from in milliseconds
   */
  samples(from = 0): AsyncGenerator<VideoSample, void, unknown> {
    return new VideoSampleSink(this.#track).samples(from / 1000);
  }

  /**
   * Every frame from a time on, each when it is asked for. The first comes twice: whoever follows people
   * through them believes in someone when they are seen again, and nothing comes before the first.
   * @param from in milliseconds
   */
  frames(from: number): ReadableStream<VideoFrame> {
    const samples = this.samples(from);
    let isFirst = true;
    let again: VideoFrame | undefined;
    return new ReadableStream(
      {
        async pull(controller) {
          if (again) {
            controller.enqueue(again);
            again = undefined;
            return;
          }
          const { done, value } = await samples.next();
          if (done) {
            controller.close();
            return;
          }
          try {
            const frame = frameOf(value);
            if (isFirst) again = frame.clone();
            isFirst = false;
            controller.enqueue(frame);
          } finally {
            value.close();
          }
        },
        async cancel() {
          again?.close();
          await samples.return();
        },
      },
      { highWaterMark: 0 },
    );
  }

  close(): void {
    this.input.dispose();
  }
}

/** The frame as it is displayed: phones store what is upright lying on its side, with a note. */
function frameOf(sample: VideoSample): VideoFrame {
  if (sample.rotation === 0 && !sample.flip) return sample.toVideoFrame();
  const canvas = new OffscreenCanvas(sample.displayWidth, sample.displayHeight);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('The browser gives no canvas to turn the picture on.');
  sample.draw(context, 0, 0);
  return new VideoFrame(canvas, { timestamp: sample.microsecondTimestamp });
}
