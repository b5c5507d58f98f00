import { readFile } from 'node:fs/promises';
import {
  BufferSource,
  BufferTarget,
  Conversion,
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

/**
 * The beginning of the sample clip, in which two people walk towards each other: so many seconds, 15 frames
 * in each.
 */
export async function beginningOfClip(seconds: number): Promise<Buffer> {
  const target = new BufferTarget();
  const conversion = await Conversion.init({
    input: read(new Uint8Array(await readFile('public/samples/crossing.webm'))),
    output: new Output({ format: new WebMOutputFormat(), target }),
    trim: { start: 0, end: seconds },
    showWarnings: false,
  });
  await conversion.execute();
  if (!target.buffer) throw new Error('The clip could not be cut.');
  return Buffer.from(target.buffer);
}

/** When each frame of a video's file begins, in milliseconds. */
export async function frameTimes(bytes: Uint8Array<ArrayBuffer>): Promise<number[]> {
  const track = await read(bytes).getPrimaryVideoTrack();
  if (!track) throw new Error('There is no picture in the file.');
  const times: number[] = [];
  for await (const { timestamp } of new EncodedPacketSink(track).packets()) times.push(1000 * timestamp);
  return times.toSorted((a, b) => a - b);
}
