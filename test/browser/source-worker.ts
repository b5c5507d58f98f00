import { expose } from 'comlink';
import { BodyAnalysisClient, BodyAnalysisError } from '../../src/index.ts';
import type { BodyAnalysisClientOptions, BodyAnalysisResult, ImageSource } from '../../src/index.ts';
import type { Bytes } from '../support/pictures/bytes.ts';
import { imageDataOf, offscreenOf } from '../support/pictures/canvas.ts';
import type { Raster } from '../support/pictures/raster.ts';
import { FILE_WAYS, PIXEL_WAYS } from './source-ways.ts';
import type { Place } from './source-ways.ts';

/*
 * An app's own worker, which has a client inside it.
 */

const HERE: Place = { classes: globalThis, addressOf: (blob) => URL.createObjectURL(blob) };

let client: BodyAnalysisClient | undefined;

function theClient(): BodyAnalysisClient {
  if (!client) throw new Error('the client is not there yet');
  return client;
}

/** A stream of so many frames of a picture. */
function streamOf(picture: Raster, count: number): ReadableStream<VideoFrame> {
  let given = 0;
  return new ReadableStream<VideoFrame>({
    pull(controller) {
      if (given === count) controller.close();
      else controller.enqueue(new VideoFrame(offscreenOf(picture), { timestamp: 40_000 * given++ }));
    },
  });
}

/** What the worker does for a test. */
const api = {
  async create(options: BodyAnalysisClientOptions): Promise<string> {
    client?.dispose();
    client = await BodyAnalysisClient.create(options);
    return client.backend.name;
  },

  /** The answer to a file or pixels that are handed in in that way. */
  async analyse(name: string, picture: Raster, file: Bytes): Promise<BodyAnalysisResult> {
    const fileWay = FILE_WAYS.find(([each]) => each === name)?.[1];
    const pixelWay = PIXEL_WAYS.find(([each]) => each === name)?.[1];
    const source = fileWay ? await fileWay(file, 'image/png', HERE) : await pixelWay?.(picture, HERE);
    if (source === undefined) throw new Error(`no such way: ${name}`);
    return theClient().bodyAnalysis(source);
  },

  /** The code of the error that something ends in that is no picture, or none any more. */
  async refusal(name: 'a plain object' | 'a closed ImageBitmap' | 'a closed VideoFrame'): Promise<unknown> {
    let source = {} as unknown as ImageSource;
    const canvas = new OffscreenCanvas(64, 64);
    canvas.getContext('2d');
    if (name === 'a closed ImageBitmap') source = await createImageBitmap(canvas);
    if (name === 'a closed VideoFrame') source = new VideoFrame(canvas, { timestamp: 0 });
    if (source instanceof ImageBitmap || source instanceof VideoFrame) source.close();
    const error: unknown = await theClient()
      .bodyAnalysis(source)
      .catch((reason: unknown) => reason);
    return error instanceof BodyAnalysisError ? error.code : String(error);
  },

  /** The size of each frame that comes with a result, and how many people the last one shows. */
  async follow(source: Raster | ReadableStream<VideoFrame>): Promise<{ widths: number[]; people: number }> {
    const widths: number[] = [];
    let people = 0;
    const isCamera = !('data' in source);
    const stream = isCamera ? source : streamOf(source, 3);
    for await (const { frame, result } of theClient().track(stream, {
      everyFrame: !isCamera,
      keepFrame: true,
    })) {
      widths.push(frame?.displayWidth ?? 0);
      frame?.close();
      people = result.person_num;
      if (widths.length === 3) break;
    }
    return { widths, people };
  },

  /** Whether a call can be cancelled. */
  async cancelled(picture: Raster): Promise<string> {
    const signal = AbortSignal.abort(new Error('never mind'));
    return theClient()
      .bodyAnalysis(imageDataOf(picture), { signal })
      .then(
        () => 'answered',
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
  },
};

/** What the worker does for a test. */
export type SourceWorker = typeof api;

expose(api);
