import { releaseProxy } from 'comlink';
import { networksOf, PLANS } from '../pipeline/plan.ts';
import type { PhotoPlan } from '../pipeline/plan.ts';
import type { Networks } from '../pipeline/networks.ts';
import { analysePhoto, batches } from '../pipeline/photo.ts';
import type { OnStep, PhotoAnalysis } from '../pipeline/photo.ts';
import { beating } from '../runtime/beating.ts';
import { Models, totalBytes } from '../runtime/models.ts';
import type { AnalysisProgress } from '../schema/analysis.ts';
import { BodyAnalysisError } from '../schema/errors.ts';
import { DEFAULT_LIMITS } from '../schema/limits.ts';
import type { PictureLimits } from '../schema/limits.ts';
import type { LandmarkModel, LoadProgress } from '../schema/loading.ts';
import type { BodyAnalysisResult } from '../schema/result.ts';
import { releaseFrame } from '../source/frame.ts';
import type { Frame } from '../source/frame.ts';
import { Course } from './course.ts';
import { Following } from './following.ts';
import type { Sight } from './following.ts';
import { VERSION } from './protocol.ts';
import type {
  AnalyseOptions,
  Followed,
  FollowRequest,
  OnBeat,
  OpenOptions,
  OpenResult,
  WorkerApi,
} from './protocol.ts';
import { Rehearsal } from './rehearsal.ts';

/**
 * A frame of a live video that has waited so long is not looked at, and neither is one whose work was held up so long: a
 * newer one is there by then. In milliseconds; about a frame and a half of a camera.
 */
const LATE_MS = 50;

/**
 * Nobody has asked for so long since the models were there, or since the last call: what comes is likely not to come at
 * once, and need not wait for a rehearsal's run. In milliseconds; a busy machine of two cores takes 200 to 350 from
 * `create` to the call that a page makes at once.
 */
const IDLE_MS = 500;

/** Thrown where a frame has become too old while it was worked on. */
class FrameIsLate extends Error {}

/** What one analysis needs. */
interface Task {
  models: Models;
  plan: PhotoPlan;
  model: LandmarkModel;
  limits: PictureLimits;
}

/** Joins runtime and pipeline, and serves the protocol. */
export class Service implements WorkerApi {
  #task: Task | undefined;
  #beat: OnBeat = () => {};
  readonly #videos = new Map<number, Following>();
  /** Until it is through: ended by each call, gone on with after it. */
  #rehearsal: Rehearsal | undefined;
  #callComes: AbortController | undefined;
  /** What is done in free time; rejects with what went wrong there, for the next call to tell. */
  #resting: Promise<void> = Promise.resolve();
  #running: number | undefined;
  #cancelled = false;

  async open(
    options: OpenOptions,
    onProgress: (progress: LoadProgress) => void,
    onBeat: OnBeat,
  ): Promise<OpenResult> {
    this.#beat = onBeat;
    if (options.version !== VERSION) {
      throw new BodyAnalysisError(
        'worker-load',
        `The page has body21 ${options.version}, the worker is of ${VERSION}: fill the folder of the option \`assets\` anew, by \`npx body21 copy-assets\`.`,
      );
    }
    const { model, limits, quality } = options;
    const plan = PLANS[quality];
    const networks = networksOf(plan, model);
    const models = await Models.load({ ...options, networks }, { onProgress, onBeat });
    this.#task = { models, model, limits, plan };
    release(onProgress);
    // A GPU's programs do not become faster by being run.
    if (options.warmUp && models.backend.name === 'wasm') {
      // With the same models as in a call, and in as little time as can be.
      const task = {
        models,
        model,
        limits: DEFAULT_LIMITS,
        plan: { ...PLANS.fast, loneSide: plan.loneSide },
      };
      this.#rehearsal = new Rehearsal({
        analyse: (frame, signal) => this.#look(frame, task, [], new Course(), signal),
        start: () => models.startAgain(),
      });
      this.#rehearse(this.#rehearsal);
    }
    return { backend: models.backend, slowestRunMs: models.slowestRunMs, totalBytes: totalBytes(networks) };
  }

  /** Uses the time in which nobody asks for anything, until there is nothing more to gain. */
  #rehearse(rehearsal: Rehearsal): void {
    this.#callComes = new AbortController();
    const { signal } = this.#callComes;
    const rehearsing = async () => {
      try {
        await rehearsal.run({ afterMs: IDLE_MS, signal });
        if (!signal.aborted) this.#rehearsal = undefined;
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    };
    this.#resting = rehearsing();
    // The next call is told.
    this.#resting.catch(() => {});
  }

  async analyse(
    call: number,
    frame: Frame,
    { extras, debug, quality }: AnalyseOptions,
    onProgress: (progress: AnalysisProgress) => void = () => {},
  ): Promise<BodyAnalysisResult> {
    try {
      const opened = await this.#start(call);
      const task = quality === undefined ? opened : { ...opened, plan: PLANS[quality] };
      const course = new Course(onProgress);
      const { people, explanation } = await this.#look(frame, task, extras, course);
      const stages = course.finish();
      return {
        person_num: people.length,
        person_info: people,
        log_id: randomLogId(),
        ...(debug ? { debug: { ...explanation, stages } } : {}),
      };
    } finally {
      this.#finish();
      releaseFrame(frame);
      release(onProgress);
    }
  }

  async follow(call: number, frame: Frame, request: FollowRequest): Promise<Followed> {
    try {
      const task = await this.#start(call);
      const { video, sentAt = Infinity } = request;
      const following = this.#videos.get(video) ?? new Following(task.models, task.model, request);
      this.#videos.set(video, following);
      const model = await following.prepare();
      // By the clock on the wall, which page and worker share.
      if (Date.now() - sentAt > LATE_MS) return 'late';
      const course = new Course();
      const sight = await this.#see(frame, task, course);
      let isKept = false;
      try {
        const seen = await following.next(sight, model, request, course);
        ({ isKept } = seen);
        const stages = course.finish();
        following.note(stages, model);
        const { people } = seen;
        return {
          result: { person_num: people.length, person_info: people, log_id: randomLogId() },
          stages,
          model,
        };
      } finally {
        if (!isKept) sight.picture.release();
      }
    } catch (error) {
      if (error instanceof FrameIsLate) return 'late';
      throw error;
    } finally {
      this.#finish();
      releaseFrame(frame);
    }
  }

  async rest(video: number): Promise<void> {
    const following = this.#videos.get(video);
    // The next call has come already.
    if (!following || this.#running !== undefined) return;
    this.#resting = this.#resting.then(() => following.rest());
    await this.#resting.catch(() => {});
  }

  async unfollow(video: number): Promise<void> {
    const following = this.#videos.get(video);
    this.#videos.delete(video);
    // What is looked at in free time must not be taken away from under the look.
    await this.#resting.catch(() => {});
    following?.close();
  }

  cancel(call: number): void {
    if (call === this.#running) this.#cancelled = true;
  }

  async #start(call: number): Promise<Task> {
    if (!this.#task) throw new BodyAnalysisError('internal', 'The worker was asked before it was opened.');
    this.#running = call;
    this.#callComes?.abort();
    const resting = this.#resting;
    this.#resting = Promise.resolve();
    await resting;
    return this.#task;
  }

  #finish(): void {
    this.#running = undefined;
    this.#cancelled = false;
    // Between the frames of a video there is other work.
    if (this.#rehearsal && this.#videos.size === 0) this.#rehearse(this.#rehearsal);
  }

  async #look(
    frame: Frame,
    task: Task,
    extras: AnalyseOptions['extras'],
    course: Course,
    signal?: AbortSignal,
  ): Promise<PhotoAnalysis> {
    const onStep: OnStep = (stage, done, total) => course.step(stage, done, total);
    const { picture, networks } = await this.#see(frame, task, course, signal);
    try {
      return await analysePhoto(networks(), picture, task.plan, {
        model: task.model,
        extras,
        onStep,
      });
    } finally {
      picture.release();
    }
  }

  /** Reads a frame, whose picture is to be released, for the networks to look at. */
  async #see(frame: Frame, task: Task, course: Course, signal?: AbortSignal): Promise<Sight> {
    const { models } = task;
    course.step('decode', 0, 1);
    // The worker itself only waits while a picture is decoded.
    const picture = await beating(
      () => this.#beat(),
      () => models.read(frame, task.limits),
    );
    // Not at the end of the call: a camera has few frames to give, and stops where two of them are held.
    releaseFrame(frame);
    const { pixels } = picture;
    return {
      picture,
      networks: (isLive = false): Networks => ({
        batchOf: (network) => models.batchOf(network),
        run: async (network, regions, options) => {
          const outputs = [];
          // Before the first checkpoint, since it may take long enough for the call to be cancelled.
          if (regions.length > 0) await models.have(network);
          for (const batch of batches(regions, models.batchOf(network))) {
            await this.#checkpoint(isLive);
            signal?.throwIfAborted();
            this.#beat();
            course.countRun();
            outputs.push(...(await models.run(pixels, network, batch, options)));
          }
          return outputs;
        },
      }),
    };
  }

  /** A model run blocks the worker, so only between runs can a message that cancels the call come in. */
  async #checkpoint(isLive: boolean): Promise<void> {
    const start = performance.now();
    await nextTask();
    // The page has rejected the call with its signal's reason already; this only ends the work.
    if (this.#cancelled) throw new BodyAnalysisError('internal', 'The call was cancelled.');
    if (isLive && performance.now() - start > LATE_MS) throw new FrameIsLate();
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

/** Lets go of a function of the page: each holds a message port open at both ends until then. */
function release(remote: object): void {
  // Asked for, not looked for: a remote function has this method, but does not list it.
  const method: unknown = Reflect.get(remote, releaseProxy);
  if (typeof method === 'function') Reflect.apply(method, remote, []);
}

function randomLogId(): string {
  return String(crypto.getRandomValues(new BigUint64Array(1))[0]);
}
