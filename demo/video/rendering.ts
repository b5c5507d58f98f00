import {
  BufferTarget,
  CanvasSource,
  Conversion,
  getFirstEncodableVideoCodec,
  Mp4OutputFormat,
  Output,
  QUALITY_HIGH,
  WebMOutputFormat,
} from 'mediabunny';
import type { AudioCodec, OutputFormat, VideoCodec } from 'mediabunny';
import type { Container } from './container.ts';
import type { Painted, PaintRequest } from './painted.ts';

/** What is played in most places comes first. */
const WAYS: readonly { format: OutputFormat; codecs: VideoCodec[] }[] = [
  { format: new Mp4OutputFormat({ fastStart: 'in-memory' }), codecs: ['avc'] },
  { format: new WebMOutputFormat(), codecs: ['vp9', 'vp8'] },
  { format: new Mp4OutputFormat({ fastStart: 'in-memory' }), codecs: ['hevc', 'vp9', 'av1'] },
];

/**
 * Draws on every frame of a file and encodes what comes of it, as fast as the device can; sound is taken
 * over. This module brings mediabunny: it is to be imported where someone asks for the video.
 * @returns `undefined` where the browser encodes no video, or nothing of this size
 * @throws the signal's reason when it is aborted
 */
export async function renderVideo(container: Container, request: PaintRequest): Promise<Painted | undefined> {
  const { paint, signal, onProgress } = request;
  // Most codecs know no odd sizes.
  const [width, height] = [2 * Math.round(request.width / 2), 2 * Math.round(request.height / 2)];
  const way = await bestWay(width, height, container.soundCodec);
  if (!way) return undefined;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) return undefined;
  const target = new BufferTarget();
  const output = new Output({ format: way.format, target });
  const picture = new CanvasSource(canvas, { codec: way.codec, quality: QUALITY_HIGH });
  output.addVideoTrack(picture);
  const sound = await Conversion.init({
    input: container.input,
    output,
    composable: true,
    tracks: 'primary',
    // Times stay the file's own.
    trim: { start: 0 },
    video: { discard: true },
    showWarnings: false,
  });
  let frames = 0;
  let duration = 0;
  const drawAll = async () => {
    for await (const sample of container.samples()) {
      signal.throwIfAborted();
      const { timestamp } = sample;
      // Some files, those that browsers record among them, do not say how long the last frame is shown.
      duration = sample.duration || duration;
      sample.draw(context, 0, 0, width, height);
      sample.close();
      paint(context, timestamp * 1000);
      await picture.add(timestamp, duration);
      frames++;
      onProgress((timestamp * 1000) / request.duration);
    }
    picture.close();
  };
  try {
    await output.start();
    await Promise.all([drawAll(), sound.execute()]);
    await output.finalize();
  } catch (error) {
    await sound.cancel();
    await output.cancel();
    signal.throwIfAborted();
    throw error;
  }
  if (!target.buffer) return undefined;
  const { fileExtension, mimeType } = way.format;
  return {
    blob: new Blob([target.buffer], { type: mimeType }),
    extension: fileExtension.replace('.', ''),
    frames,
    isMute: container.hasSound && !sound.utilizedTracks.some(({ type }) => type === 'audio'),
  };
}

/** The first way that this browser has; one that carries the sound as it is comes before others. */
async function bestWay(
  width: number,
  height: number,
  soundCodec: AudioCodec | undefined,
): Promise<{ format: OutputFormat; codec: VideoCodec } | undefined> {
  if (!('VideoEncoder' in globalThis)) return undefined;
  const carries = ({ format }: { format: OutputFormat }) =>
    soundCodec === undefined || format.getSupportedAudioCodecs().includes(soundCodec);
  for (const { format, codecs } of WAYS.toSorted((a, b) => Number(carries(b)) - Number(carries(a)))) {
    const codec = await getFirstEncodableVideoCodec(codecs, { width, height, quality: QUALITY_HIGH });
    if (codec) return { format, codec };
  }
  return undefined;
}
