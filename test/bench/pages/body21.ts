/**
 * body21 through its public API: the built package, or, where its stages or its memory are asked for or
 * ONNX Runtime is to run all of it, its source with a worker that sees to that.
 */
import type * as Library from '../../../src/index.ts';
import type { BodyAnalysisClientOptions } from '../../../src/index.ts';
import { timeCalls } from './contender.ts';
import type { Call, Contender, Stages } from './contender.ts';
import { CameraClip, openPhoto } from './clip.ts';
import { collect } from './garbage.ts';
import type { Collection } from './garbage.ts';
import type { ObservedWorker } from './observed-worker.ts';

/** What the page is opened with. */
export interface Body21Options extends Pick<BodyAnalysisClientOptions, 'model' | 'quality' | 'threads'> {
  /** Whether stages and memory are kept. */
  observed: boolean;
  /** What runs the networks. */
  runtime: 'engine' | 'onnxruntime';
}

/** Loads the library. Its tasks are `track` and `photo`. */
export async function open({ observed, runtime, ...options }: Body21Options): Promise<Contender> {
  const observer = observed || runtime !== 'engine' ? new Observer(runtime) : undefined;
  const url = observer ? '/src/index.ts' : '/dist/index.js';
  const library = (await import(/* @vite-ignore */ url)) as typeof Library;
  const client = await library.BodyAnalysisClient.create({
    ...options,
    backend: 'wasm',
    ...(observer && { workerUrl: observer.workerUrl }),
  });
  if (client.backend.runtime !== runtime) throw new Error(`it runs on ${client.backend.runtime}`);
  const photo = await openPhoto();
  const tracking = await openTracking(client);
  return {
    async call(task, count) {
      const calls =
        task === 'track'
          ? await timeCalls(count, tracking.prepare, tracking.next)
          : await timeCalls(
              count,
              () => photo,
              async (picture) => (await client.bodyAnalysis(picture)).person_num > 0,
            );
      return observer ? observer.explain(calls) : calls;
    },
    ...(observer && { collect: (what) => observer.collect(what) }),
  };
}

/**
 * A video that lasts as long as the page. It waits for its turn (`everyFrame`), so that each frame is one
 * measurement: nothing waits for the one before, or gives way to the next. The detectors, which look for new
 * people now and then, run within a frame then, and so in the means and 95th percentiles.
 */
async function openTracking(client: Library.BodyAnalysisClient): Promise<{
  prepare: () => VideoFrame;
  next: () => Promise<boolean>;
}> {
  const clip = await CameraClip.open();
  let frame: VideoFrame | undefined;
  const stream = new ReadableStream<VideoFrame>(
    {
      pull(controller) {
        if (!frame) throw new Error('a frame was taken that nobody has asked for');
        controller.enqueue(frame);
        frame = undefined;
      },
    },
    { highWaterMark: 0 },
  );
  const frames = client.track(stream, { everyFrame: true });
  return {
    prepare: () => (frame = clip.next()),
    next: async () => {
      const { value } = await frames.next();
      return value !== undefined && value.result.person_num > 0;
    },
  };
}

/** Asks the observed worker where time and memory went. */
class Observer {
  readonly #name: string;
  readonly #channel: BroadcastChannel;

  constructor(runtime: Body21Options['runtime']) {
    this.#name = `${runtime}:${crypto.randomUUID()}`;
    this.#channel = new BroadcastChannel(this.#name);
  }

  get workerUrl(): string {
    // Not `new URL(…)` in one piece, which the server would take for the address of a file to pack.
    return `${location.origin}/test/bench/pages/observed-worker.ts#${this.#name}`;
  }

  /** Adds the stages of calls that are over. */
  async explain(calls: readonly Call[]): Promise<Call[]> {
    const observations = (await this.#ask('nothing')).calls;
    // The worker was warming up before the first of them, and that is in its report as well.
    const last = observations.slice(-calls.length);
    return calls.map((call, index) => {
      const observation = last[index];
      if (!observation) throw new Error('the worker has not seen all calls');
      const { worker, decode, crop, detector, landmarks } = observation;
      const stages: Stages = {
        transfer: call.ms - worker,
        decode,
        crop,
        detector,
        landmarks,
        post: worker - decode - crop - detector - landmarks,
      };
      return { ...call, stages };
    });
  }

  async collect(what: Collection): Promise<number> {
    collect(what);
    return (await this.#ask(what)).wasmBytes;
  }

  /** @param what to collect in the worker before */
  #ask(what: Collection): Promise<ObservedWorker> {
    return new Promise((resolve) => {
      this.#channel.addEventListener(
        'message',
        ({ data }: MessageEvent<ObservedWorker>) => {
          resolve(data);
        },
        { once: true },
      );
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has none
      this.#channel.postMessage(what);
    });
  }
}
