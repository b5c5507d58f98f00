import { BLAZEPOSE } from '../networks/blazepose.ts';
import type { PrepareNetwork } from '../pipeline/video/late-network.ts';
import { Pacer } from '../pipeline/video/pacing.ts';
import { Tracker } from '../pipeline/video/tracker.ts';
import type { Models } from '../runtime/models.ts';
import type { DebugStage } from '../schema/analysis.ts';
import type { LandmarkModel } from '../schema/loading.ts';
import type { TrackedPerson } from '../schema/tracking.ts';
import type { CallProgress } from './progress.ts';
import type { TrackRequest } from './protocol.ts';
import type { OpenPicture } from './open-picture.ts';

/** One video: whom it shows, how much is spent on its frames, and what idle time between them is used for. */
export class TrackedVideo {
  readonly #models: Models;
  #model: LandmarkModel;
  readonly #tracker: Tracker;
  readonly #pacer: Pacer | undefined;
  /** What is looked at in idle time, for searches and second passes; it holds memory. */
  #kept: OpenPicture | undefined;
  #isClosed = false;

  /**
   * @param own the landmark model that was asked for
   * @param hasSecondPasses whether MoveNet looks at people who are cut off as well
   */
  constructor(
    models: Models,
    { own, hasSecondPasses }: { own: LandmarkModel; hasSecondPasses: boolean },
    request: TrackRequest,
  ) {
    const { maxPersons, region, smoothing, hasIdleTime, lastId, targetFps } = request;
    this.#models = models;
    this.#model = own;
    // Where each frame is taken, what is seen in it must not depend on how long a download takes.
    const prepare: PrepareNetwork | undefined = hasIdleTime
      ? (network, isNeeded) => models.prepare(network, isNeeded)
      : undefined;
    const options = {
      maxPersons,
      region,
      smoothing,
      hasIdleTime,
      hasSecondPasses,
      ...(prepare && { prepare }),
    };
    this.#tracker = new Tracker(options, lastId);
    this.#pacer = targetFps === undefined ? undefined : new Pacer(own, targetFps);
  }

  /** Has the landmark model for the next frame ready: another one is used once it is there. */
  async prepare(): Promise<LandmarkModel> {
    if (!this.#pacer) return this.#model;
    const { model } = this.#pacer;
    const readiness = await this.#models.prepare(BLAZEPOSE[model]);
    if (readiness === 'ready') this.#model = model;
    if (readiness === 'failed') this.#pacer.exclude(model, performance.now());
    return this.#model;
  }

  /**
   * Everyone in the next frame.
   * @returns also whether the picture is kept, for idle time: it is then released here
   */
  async next(
    opened: OpenPicture,
    model: LandmarkModel,
    { timestamp: ms, extras, hasIdleTime, sentAt }: TrackRequest,
    progress: CallProgress,
  ): Promise<{ people: TrackedPerson[]; isKept: boolean }> {
    const { rarer = 1, looks = Infinity } = this.#pacer ?? {};
    const networks = opened.networks({ isLive: sentAt !== undefined });
    const people = await this.#tracker.next(networks, opened.picture, {
      ms,
      rarer,
      looks,
      model,
      extras,
      onStep: (stage) => progress.step(stage, 0, 1),
    });
    if (!this.#tracker.isSearching) this.#letGo();
    const isKept = hasIdleTime && !this.#isClosed && !this.#kept && this.#tracker.hasIdleWork(rarer);
    if (isKept) this.#kept = opened;
    return { people, isKept };
  }

  /** Learns what a frame has taken that was run with that model. */
  note(stages: readonly DebugStage[], model: LandmarkModel): void {
    if (model !== this.#pacer?.model) return;
    const [decode, landmarks] = (['decode', 'landmarks'] as const).map((name) =>
      stages.find(({ stage }) => stage === name),
    );
    const passesMs = landmarks?.ms ?? 0;
    const ms = passesMs + (decode?.ms ?? 0);
    const passes = landmarks?.runs ?? 0;
    const wanted = Math.max(passes, this.#tracker.count);
    this.#pacer.note({ ms, passesMs, passes, wanted, atMs: performance.now() });
  }

  /**
   * Uses idle time for a run of a network, where one should look again.
   * @param signal ends the waiting for a network that is still on its way
   */
  async idle(signal: AbortSignal): Promise<void> {
    const opened = this.#kept;
    if (!opened) return;
    const startMs = performance.now();
    const networks = opened.networks({ waiting: signal });
    const took = await this.#tracker.idle(networks, opened.picture, this.#pacer?.rarer);
    took(performance.now() - startMs);
    if (!this.#tracker.isSearching) this.#letGo();
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
