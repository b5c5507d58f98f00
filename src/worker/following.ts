import { BLAZEPOSE } from '../networks/blazepose.ts';
import { Pacer } from '../pipeline/pacing.ts';
import type { Networks } from '../pipeline/networks.ts';
import { Follower } from '../pipeline/video.ts';
import type { Models } from '../runtime/models.ts';
import type { Picture } from '../runtime/pictures/picture.ts';
import type { DebugStage } from '../schema/analysis.ts';
import type { LandmarkModel } from '../schema/loading.ts';
import type { TrackedPerson } from '../schema/tracking.ts';
import type { Course } from './progress.ts';
import type { FollowRequest } from './protocol.ts';

/** A picture, and the networks to look at it with. */
export interface Sight {
  picture: Picture;
  /**
   * The networks looking at the picture.
   * @param isLive whether work that is held up is to be given up
   */
  networks: (isLive?: boolean) => Networks;
}

/** One video: whom it shows, how much is spent on its frames, and what free time between them is used for. */
export class Following {
  readonly #models: Models;
  #model: LandmarkModel;
  readonly #follower: Follower;
  readonly #pacer: Pacer | undefined;
  /** What a search in free time looks at; it holds memory. */
  #kept: Sight | undefined;
  #isClosed = false;

  /** @param own the landmark model that was asked for */
  constructor(models: Models, own: LandmarkModel, request: FollowRequest) {
    const { maxPersons, smoothing, rests, lastId, targetFps } = request;
    this.#models = models;
    this.#model = own;
    this.#follower = new Follower({ maxPersons, smoothing, rests }, lastId);
    this.#pacer = targetFps === undefined ? undefined : new Pacer(own, targetFps);
  }

  /** Has the landmark model for the next frame ready: another one is used once it is there. */
  async prepare(): Promise<LandmarkModel> {
    if (!this.#pacer) return this.#model;
    const { model } = this.#pacer;
    const state = await this.#models.prepare(BLAZEPOSE[model]);
    if (state === 'ready') this.#model = model;
    if (state === 'failed') this.#pacer.exclude(model, performance.now());
    return this.#model;
  }

  /**
   * Everyone in the next frame.
   * @returns also whether the picture is kept, for free time: it is then released here
   */
  async next(
    sight: Sight,
    model: LandmarkModel,
    { timestamp: ms, extras, rests, sentAt }: FollowRequest,
    course: Course,
  ): Promise<{ people: TrackedPerson[]; isKept: boolean }> {
    const rarer = this.#pacer?.rarer ?? 1;
    const networks = sight.networks(sentAt !== undefined);
    const people = await this.#follower.next(networks, sight.picture, {
      ms,
      rarer,
      model,
      extras,
      onStep: (stage) => course.step(stage, 0, 1),
    });
    if (!this.#follower.isSearching) this.#letGo();
    const isKept = rests && !this.#isClosed && !this.#kept && this.#follower.canRest(rarer);
    if (isKept) this.#kept = sight;
    return { people, isKept };
  }

  /** Learns what a frame has taken that was looked at with that model. */
  note(stages: readonly DebugStage[], model: LandmarkModel): void {
    if (model !== this.#pacer?.model) return;
    const [decode, landmarks] = (['decode', 'landmarks'] as const).map((name) =>
      stages.find(({ stage }) => stage === name),
    );
    const looksMs = landmarks?.ms ?? 0;
    const ms = looksMs + (decode?.ms ?? 0);
    this.#pacer.note({ ms, looksMs, looks: landmarks?.runs ?? 0, atMs: performance.now() });
  }

  /** Uses free time for a run of a detector, where the detectors should look again. */
  async rest(): Promise<void> {
    const sight = this.#kept;
    if (!sight) return;
    await this.#follower.rest(sight.networks(), sight.picture);
    if (!this.#follower.isSearching) this.#letGo();
  }

  /** Frees what it holds. */
  close(): void {
    this.#isClosed = true;
    this.#letGo();
  }

  #letGo(): void {
    this.#kept?.picture.release();
    this.#kept = undefined;
  }
}
