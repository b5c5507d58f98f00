import { PLANS } from '../pipeline/plan.ts';
import type { PhotoPlan } from '../pipeline/plan.ts';
import { analysePhoto } from '../pipeline/photo.ts';
import { Models } from '../runtime/models.ts';
import { readPicture } from '../runtime/picture.ts';
import { BodyAnalysisError } from '../schema/errors.ts';
import type { PictureLimits } from '../schema/limits.ts';
import type { BackendInfo, LoadProgress } from '../schema/loading.ts';
import type { BodyAnalysisResult, Extra } from '../schema/result.ts';
import { releaseFrame } from '../source/frame.ts';
import type { Frame } from '../source/frame.ts';
import type { OpenOptions, WorkerApi } from './protocol.ts';

/** Joins runtime and pipeline, and serves the protocol. */
export class Service implements WorkerApi {
  #opened: { models: Models; limits: PictureLimits; plan: PhotoPlan } | undefined;
  #running: number | undefined;
  #cancelled = false;

  async open(options: OpenOptions, onProgress: (progress: LoadProgress) => void): Promise<BackendInfo> {
    const plan = PLANS[options.quality];
    const personDetector = plan.minPersonScore !== undefined;
    const models = await Models.load({ ...options, personDetector }, onProgress);
    this.#opened = { models, limits: options.limits, plan };
    return models.backend;
  }

  async analyse(call: number, frame: Frame, extras: readonly Extra[]): Promise<BodyAnalysisResult> {
    try {
      if (!this.#opened)
        throw new BodyAnalysisError('internal', 'The worker was asked before it was opened.');
      const { models, limits, plan } = this.#opened;
      this.#running = call;
      this.#cancelled = false;
      const picture = await readPicture(frame, limits);
      const person_info = await analysePhoto(
        {
          detect: async (region) => {
            await this.#checkpoint();
            return models.detect(picture.pixels, region);
          },
          detectPersons: async (region) => {
            await this.#checkpoint();
            return models.detectPersons(picture.pixels, region);
          },
          landmarks: async (region) => {
            await this.#checkpoint();
            return models.landmarks(picture.pixels, region, extras.includes('mask'));
          },
        },
        picture,
        plan,
        extras,
      );
      return { person_num: person_info.length, person_info, log_id: randomLogId() };
    } finally {
      this.#running = undefined;
      releaseFrame(frame);
    }
  }

  cancel(call: number): void {
    if (call === this.#running) this.#cancelled = true;
  }

  /** A model run blocks the worker, so only between runs can a message that cancels the call come in. */
  async #checkpoint(): Promise<void> {
    await nextTask();
    // The page has rejected the call with its signal's reason already; this only ends the work.
    if (this.#cancelled) throw new BodyAnalysisError('internal', 'The call was cancelled.');
  }
}

/** Resolves after the messages that have arrived so far, sooner than a timer's four milliseconds. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(undefined);
  });
}

function randomLogId(): string {
  return String(crypto.getRandomValues(new BigUint64Array(1))[0]);
}
