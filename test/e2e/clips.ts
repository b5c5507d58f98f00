import { readFile } from 'node:fs/promises';
import {
  BufferSource,
  BufferTarget,
  Conversion,
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedPacketSink,
  Input,
  MP4,
  Output,
  WEBM,
  WebMOutputFormat,
} from 'mediabunny';

function read(bytes: Uint8Array<ArrayBuffer>): Input {
  return new Input({ source: new BufferSource(bytes), formats: [MP4, WEBM] });
}

/** A fiftieth of a second of silence, as Opus encodes it. */
const SILENCE = Uint8Array.of(0xf8, 0xff, 0xfe);

/**
 * The beginning of the sample clip, in which two people walk towards each other: so many seconds, 15 frames
 * and 50 packets of sound in each.
 */
export async function beginningOfClip(seconds: number): Promise<Buffer> {
  const target = new BufferTarget();
  const output = new Output({ format: new WebMOutputFormat(), target });
  const conversion = await Conversion.init({
    input: read(new Uint8Array(await readFile('public/samples/crossing.webm'))),
    output,
    composable: true,
    trim: { start: 0, end: seconds },
    showWarnings: false,
  });
  const sound = new EncodedAudioPacketSource('opus');
  output.addAudioTrack(sound);
  const decoderConfig = { codec: 'opus', sampleRate: 48_000, numberOfChannels: 2 };
  const addSound = async () => {
    for (let packet = 0; packet < 50 * seconds; packet++) {
      await sound.add(new EncodedPacket(SILENCE, 'key', packet / 50, 1 / 50), { decoderConfig });
    }
    sound.close();
  };
  await output.start();
  await Promise.all([conversion.execute(), addSound()]);
  await output.finalize();
  if (!target.buffer) throw new Error('The clip could not be cut.');
  return Buffer.from(target.buffer);
}

/** How many packets of sound a video's file has. */
export async function soundPackets(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const track = await read(bytes).getPrimaryAudioTrack();
  let packets = 0;
  if (track) for await (const _ of new EncodedPacketSink(track).packets()) packets++;
  return packets;
}

/** When each frame of a video's file begins, in milliseconds. */
export async function frameTimes(bytes: Uint8Array<ArrayBuffer>): Promise<number[]> {
  const track = await read(bytes).getPrimaryVideoTrack();
  if (!track) throw new Error('There is no picture in the file.');
  const times: number[] = [];
  for await (const { timestamp } of new EncodedPacketSink(track).packets()) times.push(1000 * timestamp);
  return times.toSorted((a, b) => a - b);
}
