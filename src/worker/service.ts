import { releaseProxy } from 'comlink';
import { MOVENET } from '../networks/movenet.ts';
import { NANODET } from '../networks/nanodet.ts';
import { networksOf, PLANS } from '../pipeline/photo/qualities.ts';
import type { PhotoPlan } from '../pipeline/photo/qualities.ts';
import { analysePhoto } from '../pipeline/photo/analysis.ts';
import type { PhotoAnalysis, PhotoOptions } from '../pipeline/photo/analysis.ts';
import type { OnStep } from '../pipeline/photo/evidence.ts';
import { withHeartbeat } from '../runtime/heartbeat.ts';
import { Models } from '../runtime/models.ts';
import type { AnalysisProgress } from '../schema/analysis.ts';
import { BodyAnalysisError } from '../schema/errors.ts';
import { DEFAULT_LIMITS } from '../schema/limits.ts';
import type { PictureLimits } from '../schema/limits.ts';
import type { LandmarkModel } from '../schema/loading.ts';
import type { BodyAnalysisResult, FoundPerson } from '../schema/result.ts';
import { releaseFrame } from '../source/frame.ts';
import type { Frame } from '../source/frame.ts';
import { IdleTime } from './idle-time.ts';
import { openOwnNetwork } from './own-networks-script.ts';
import type { AnalysePhoto } from './own-networks-script.ts';
import { FrameIsLate, LATE_MS, openPicture } from './open-picture.ts';
import type { OpenPicture } from './open-picture.ts';
import { CallProgress } from './progress.ts';
import { VERSION } from './protocol.ts';
import type {
  AnalyseOptions,
  OnHeartbeat,
  OnLoadProgress,
  OpenOptions,
  OpenResult,
  TrackAnswer,
  TrackRequest,
  WorkerApi,
} from './protocol.ts';
import { TrackedVideo } from './tracked-video.ts';
import { pause, startAll, warmUp } from './warm-up.ts';
import type { Analyse } from './warm-up.ts';

/**
 * Nobody has asked for so long since the models were there, or since the last call: what comes is likely not
 * to come at once, and need not wait for a run of the warm-up. In milliseconds; a busy machine of two cores
 * takes 200 to 350 from `create` to the call that a page makes at once.
 */
const IDLE_MS = 500;

/**
 * What a photo needs of more than one person: who finds them, and who places their points. Where `fast` does
 * not take either for granted, the second is on its way while the first looks.
 */
const FOR_SEVERAL = [NANODET, MOVENET];

/** What one analysis needs. */
interface Task {
  models: Models;
  plan: PhotoPlan;
  model: LandmarkModel;
  limits: PictureLimits;
  /** How photos are analysed. */
  analyse: AnalysePhoto;
}

/** The call under way. */
interface RunningCall {
  call: number;
  cancellation: AbortController;
}

/** Joins runtime and pipeline, and serves the protocol. */
export class Service implements WorkerApi {
  #task: Task | undefined;
  /** Whether MoveNet takes part in following people: `fast` does not load it for that. */
  #hasSecondPasses = false;
  #onHeartbeat: OnHeartbeat = () => {};
  readonly #videos = new Map<number, TrackedVideo>();
  readonly #idleTime = new IdleTime();
  /** Makes the next call faster, until that is through: ended by each call, gone on with after it. */
  #preparation: ((signal: AbortSignal) => Promise<void>) | undefined;
  #running: RunningCall | undefined;

  async open(
    options: OpenOptions,
    onProgress: OnLoadProgress,
    onHeartbeat: OnHeartbeat,
    onLateProgress: OnLoadProgress,
  ): Promise<OpenResult> {
    this.#onHeartbeat = onHeartbeat;
    if (options.version !== VERSION) {
      throw new BodyAnalysisError(
        'worker-load',
        `The page has body21 ${options.version}, the worker is of ${VERSION}: fill the folder of the option \`assets\` anew, by \`npx body21 copy-assets\`.`,
      );
    }
    const { model, limits, quality } = options;
    const plan = PLANS[quality];
    const own = options.landmarks && (await openOwnNetwork(options.landmarks, options.baseUrl));
    const usual = networksOf(plan, model);
    const networks = own ? own.needed(usual) : usual;
    const models = await Models.load({ ...options, networks }, { onProgress, onLateProgress, onHeartbeat });
    const analyse = own?.analyse ?? analysePhoto;
    this.#task = { models, model, limits, plan, analyse };
    this.#hasSecondPasses = quality !== 'fast';
    release(onProgress);
    const { backend, slowestRunMs, totalBytes } = models;
    if (options.warmUp) {
      // With the same models as in a call, and in as little time as can be.
      const task = {
        models,
        model,
        limits: DEFAULT_LIMITS,
        analyse,
        plan: { ...PLANS.fast, loneSide: plan.loneSide },
      };
      const rehearse: Analyse = (frame, signal) =>
        this.#analyse(frame, task, { extras: [] }, { progress: new CallProgress(), signal });
      this.#preparation = async (signal) => {
        await pause(IDLE_MS, signal);
        const isReady = await startAll(models, networks.soon, signal);
        // A GPU's programs do not become faster by being run.
        if (isReady && backend.name === 'wasm') await warmUp(rehearse, signal);
      };
      this.#prepareInIdleTime(this.#preparation);
    }
    return { backend: own ? { ...backend, landmarks: own.info } : backend, slowestRunMs, totalBytes };
  }

  async analyse(
    call: number,
    frame: Frame,
    { debug, quality, ...wanted }: AnalyseOptions,
    onProgress: (progress: AnalysisProgress) => void = () => {},
    onPerson?: (found: FoundPerson) => void,
  ): Promise<BodyAnalysisResult> {
    try {
      const { task: opened, signal } = await this.#begin(call);
      const task = quality === undefined ? opened : { ...opened, plan: PLANS[quality] };
      const isInTurns = onPerson !== undefined || wanted.maxPersons !== undefined;
      const progress = new CallProgress(onProgress, { isInTurns });
      const { people, explanation } = await this.#analyse(
        frame,
        task,
        { ...wanted, onPerson },
        { progress, signal },
      );
      const stages = progress.finish();
      return {
        person_num: people.length,
        person_info: people,
        log_id: randomLogId(),
        ...(debug ? { debug: { ...explanation, stages } } : {}),
      };
    } finally {
      this.#end();
      releaseFrame(frame);
      release(onProgress);
      if (onPerson) release(onPerson);
    }
  }

  async track(call: number, frame: Frame, request: TrackRequest): Promise<TrackAnswer> {
    try {
      const { task, signal } = await this.#begin(call);
      const { video, sentAt = Infinity } = request;
      const following = { own: task.model, hasSecondPasses: this.#hasSecondPasses };
      const tracked = this.#videos.get(video) ?? new TrackedVideo(task.models, following, request);
      this.#videos.set(video, tracked);
      const model = await tracked.prepare();
      // By the clock on the wall, which page and worker share.
      if (Date.now() - sentAt > LATE_MS) return 'late';
      const progress = new CallProgress();
      const opened = await this.#read(frame, task, progress, signal);
      let isKept = false;
      try {
        const seen = await tracked.next(opened, model, request, progress);
        ({ isKept } = seen);
        const stages = progress.finish();
        tracked.note(stages, model);
        const { people } = seen;
        return {
          result: { person_num: people.length, person_info: people, log_id: randomLogId() },
          stages,
          model,
        };
      } finally {
        if (!isKept) opened.picture.release();
      }
    } catch (error) {
      if (error instanceof FrameIsLate) return 'late';
      throw error;
    } finally {
      this.#end();
      releaseFrame(frame);
    }
  }

  async idle(video: number): Promise<void> {
    const tracked = this.#videos.get(video);
    // The next call has come already.
    if (!tracked || this.#running) return;
    await this.#idleTime.add((signal) => tracked.idle(signal));
  }

  async untrack(video: number): Promise<void> {
    const tracked = this.#videos.get(video);
    this.#videos.delete(video);
    // What is looked at in idle time must not be taken away from under the run.
    await this.#idleTime.settled();
    tracked?.close();
  }

  cancel(call: number): void {
    if (call !== this.#running?.call) return;
    // The page has rejected the call with its signal's reason already; this only ends the work.
    this.#running.cancellation.abort(new BodyAnalysisError('internal', 'The call was cancelled.'));
  }

  async #begin(call: number): Promise<{ task: Task; signal: AbortSignal }> {
    const task = this.#task;
    if (!task) throw new BodyAnalysisError('internal', 'The worker was asked before it was opened.');
    const cancellation = new AbortController();
    this.#running = { call, cancellation };
    await this.#idleTime.end();
    // The page may have forgotten the call meanwhile, and the video that it was about.
    cancellation.signal.throwIfAborted();
    return { task, signal: cancellation.signal };
  }

  #end(): void {
    this.#running = undefined;
    // Between the frames of a video there is other work.
    if (this.#preparation && this.#videos.size === 0) this.#prepareInIdleTime(this.#preparation);
  }

  /** Uses the time in which nobody asks for anything, until there is nothing more to gain. */
  #prepareInIdleTime(prepare: (signal: AbortSignal) => Promise<void>): void {
    void this.#idleTime.add(async (signal) => {
      try {
        await prepare(signal);
      } finally {
        // One that has failed would fail again, and each time the next call would be told.
        if (!signal.aborted) this.#preparation = undefined;
      }
    });
  }

  async #analyse(
    frame: Frame,
    task: Task,
    wanted: Omit<PhotoOptions, 'model' | 'onStep'>,
    { progress, signal }: { progress: CallProgress; signal: AbortSignal },
  ): Promise<PhotoAnalysis> {
    const onStep: OnStep = (stage, done, total) => progress.step(stage, done, total);
    const { picture, networks } = await this.#read(frame, task, progress, signal);
    try {
      return await task.analyse(networks({ together: FOR_SEVERAL }), picture, task.plan, {
        ...wanted,
        model: task.model,
        onStep,
      });
    } finally {
      picture.release();
    }
  }

  /** Reads a frame, whose picture is to be released, for the networks to run on. */
  async #read(
    frame: Frame,
    { models, limits }: Task,
    progress: CallProgress,
    signal: AbortSignal,
  ): Promise<OpenPicture> {
    progress.step('decode', 0, 1);
    // The worker itself only waits while a picture is decoded.
    const picture = await withHeartbeat(
      () => this.#onHeartbeat(),
      () => models.read(frame, limits),
    );
    // Not at the end of the call: a camera has few frames to give, and stops where two of them are held.
    releaseFrame(frame);
    const onRun = () => {
      this.#onHeartbeat();
      progress.countRun();
    };
    return openPicture(models, picture, { onRun, signal });
  }
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
