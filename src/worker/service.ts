import { releaseProxy } from 'comlink';
import { PLANS } from '../pipeline/plan.ts';
import type { PhotoPlan } from '../pipeline/plan.ts';
import { analysePhoto } from '../pipeline/photo.ts';
import type { OnStep, PhotoAnalysis, PoseModels } from '../pipeline/photo.ts';
import { Follower } from '../pipeline/video.ts';
import { Models, totalBytes } from '../runtime/models.ts';
import type { Picture } from '../runtime/picture.ts';
import type { AnalysisProgress } from '../schema/analysis.ts';
import { BodyAnalysisError } from '../schema/errors.ts';
import { LIMITS } from '../schema/limits.ts';
import type { PictureLimits } from '../schema/limits.ts';
import type { LandmarkModel, LoadProgress } from '../schema/loading.ts';
import type { BodyAnalysisResult } from '../schema/result.ts';
import { releaseFrame } from '../source/frame.ts';
import type { Frame } from '../source/frame.ts';
import { Course } from './course.ts';
import type {
  AnalyseOptions,
  Followed,
  FollowRequest,
  OnBeat,
  OpenOptions,
  OpenResult,
  WorkerApi,
} from './protocol.ts';
import { rehearse } from './rehearsal.ts';

/** How often a picture that is being decoded gives a sign of life, in milliseconds: the worker itself only waits. */
const DECODING_BEAT_MS = 1000;

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
  readonly #followers = new Map<number, Follower>();
  #running: number | undefined;
  #cancelled = false;

  async open(
    options: OpenOptions,
    onProgress: (progress: LoadProgress) => void,
    onBeat: OnBeat,
  ): Promise<OpenResult> {
    this.#beat = onBeat;
    const models = await Models.load(options, { onProgress, onBeat });
    const { model, limits, quality } = options;
    let { backend } = models;
    // A GPU's programs do not become faster by being run.
    if (options.warmUp && backend.name === 'wasm') {
      const start = performance.now();
      const task = { models, model, limits: LIMITS, plan: PLANS.fast };
      await rehearse((frame) => this.#look(frame, task, [], new Course()));
      backend = { ...backend, warmupMs: backend.warmupMs + Math.round(performance.now() - start) };
    }
    this.#task = { models, model, limits, plan: PLANS[quality] };
    const total = totalBytes(model);
    onProgress({ phase: 'ready', loaded: total, total });
    release(onProgress);
    return { backend, slowestRunMs: models.slowestRunMs };
  }

  async analyse(
    call: number,
    frame: Frame,
    { extras, debug }: AnalyseOptions,
    onProgress: (progress: AnalysisProgress) => void = () => {},
  ): Promise<BodyAnalysisResult> {
    try {
      const task = this.#start(call);
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
      this.#running = undefined;
      releaseFrame(frame);
      release(onProgress);
    }
  }

  async follow(call: number, frame: Frame, request: FollowRequest): Promise<Followed> {
    try {
      const task = this.#start(call);
      const { video, timestamp, maxPersons, smoothing, extras, lastId } = request;
      const follower = this.#followers.get(video) ?? new Follower({ maxPersons, smoothing }, lastId);
      this.#followers.set(video, follower);
      const course = new Course();
      const people = await this.#withPicture(frame, task, course, (models, picture) =>
        follower.next(models, picture, timestamp, {
          model: task.model,
          extras,
          onStep: (stage) => course.step(stage, 0, 1),
        }),
      );
      return {
        result: { person_num: people.length, person_info: people, log_id: randomLogId() },
        stages: course.finish(),
      };
    } finally {
      this.#running = undefined;
      releaseFrame(frame);
    }
  }

  unfollow(video: number): void {
    this.#followers.delete(video);
  }

  cancel(call: number): void {
    if (call === this.#running) this.#cancelled = true;
  }

  #start(call: number): Task {
    if (!this.#task) throw new BodyAnalysisError('internal', 'The worker was asked before it was opened.');
    this.#running = call;
    this.#cancelled = false;
    return this.#task;
  }

  #look(frame: Frame, task: Task, extras: AnalyseOptions['extras'], course: Course): Promise<PhotoAnalysis> {
    const onStep: OnStep = (stage, done, total) => course.step(stage, done, total);
    return this.#withPicture(frame, task, course, (models, picture) =>
      analysePhoto(models, picture, task.plan, { model: task.model, extras, onStep }),
    );
  }

  /** Reads a frame and has the models ready to look at it for as long as the work goes on. */
  async #withPicture<T>(
    frame: Frame,
    task: Task,
    course: Course,
    work: (models: PoseModels, picture: Picture) => Promise<T>,
  ): Promise<T> {
    const { models } = task;
    const run = async <R>(inference: () => Promise<R>): Promise<R> => {
      await this.#checkpoint();
      this.#beat();
      course.countRun();
      return inference();
    };
    course.step('decode', 0, 1);
    const picture = await this.#read(frame, task);
    const { pixels } = picture;
    try {
      return await work(
        {
          detect: (region) => run(() => models.detect(pixels, region)),
          detectPersons: (region) => run(() => models.detectPersons(pixels, region)),
          landmarks: (regions, withMask) => run(() => models.landmarks(pixels, regions, withMask)),
          batch: models.backend.batch,
        },
        picture,
      );
    } finally {
      picture.release();
    }
  }

  async #read(frame: Frame, { models, limits }: Pick<Task, 'models' | 'limits'>): Promise<Picture> {
    const beating = setInterval(() => this.#beat(), DECODING_BEAT_MS);
    try {
      return await models.read(frame, limits);
    } finally {
      clearInterval(beating);
    }
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

/** Lets go of a function of the page: each holds a message port open at both ends until then. */
function release(remote: object): void {
  // Asked for, not looked for: a remote function has this method, but does not list it.
  const method: unknown = Reflect.get(remote, releaseProxy);
  if (typeof method === 'function') Reflect.apply(method, remote, []);
}

function randomLogId(): string {
  return String(crypto.getRandomValues(new BigUint64Array(1))[0]);
}
