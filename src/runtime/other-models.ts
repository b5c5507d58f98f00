import { BodyAnalysisError } from '../schema/errors.ts';
import type { LandmarkModel } from '../schema/loading.ts';
import type { LandmarkBytes, LandmarkLooks } from './landmark-looks.ts';

/** A landmark model that looks at people, so many at once at most. */
export interface ReadyLooks {
  looks: LandmarkLooks;
  batch: number;
}

/** What the others are made of. */
export interface OtherModelParts {
  /** Beside other work. */
  fetch: (model: LandmarkModel) => Promise<LandmarkBytes>;
  /** Needs the runtime for itself; `undefined` where the model does not do what it should here. */
  start: (model: LandmarkModel, bytes: LandmarkBytes) => Promise<ReadyLooks | undefined>;
}

/** Where one of them has got to: a failed fetch is told of once, and forgotten, so that asking again fetches again. */
type State = 'fetching' | 'not fetched' | 'unfit' | { bytes: LandmarkBytes } | ReadyLooks;

/** The landmark models besides the one that was asked for. */
export class OtherModels {
  readonly #parts: OtherModelParts;
  readonly #states = new Map<LandmarkModel, State>();

  constructor(parts: OtherModelParts) {
    this.#parts = parts;
  }

  /** One that {@link prepare} has made ready; `undefined` for any else. */
  get(model: LandmarkModel): ReadyLooks | undefined {
    const state = this.#states.get(model);
    return typeof state === 'object' && 'looks' in state ? state : undefined;
  }

  /**
   * Sees to a model, a step for each call: fetches it beside other work, then starts it, for which the runtime must be free.
   * @returns `failed` where it cannot be had: for good where it does not start or not do what it should, else until it is asked for again
   */
  async prepare(model: LandmarkModel): Promise<'ready' | 'fetching' | 'failed'> {
    const state = this.#states.get(model);
    if (state === undefined) {
      this.#fetch(model);
      return 'fetching';
    }
    if (state === 'fetching') return state;
    if (state === 'unfit') return 'failed';
    if (state === 'not fetched') {
      this.#states.delete(model);
      return 'failed';
    }
    if ('looks' in state) return 'ready';
    const started = await this.#parts.start(model, state.bytes).catch((error: unknown) => {
      // As where there is no memory for one more: the model that is in use runs on. A GPU that failed does not.
      if (error instanceof BodyAnalysisError && error.code === 'backend-failed') return undefined;
      throw error;
    });
    this.#states.set(model, started ?? 'unfit');
    return started ? 'ready' : 'failed';
  }

  #fetch(model: LandmarkModel): void {
    this.#states.set(model, 'fetching');
    this.#parts.fetch(model).then(
      (bytes) => this.#states.set(model, { bytes }),
      (error: unknown) => {
        // Megabytes that are the wrong ones now will be so in a minute.
        const isWrong = error instanceof BodyAnalysisError && error.code === 'model-integrity';
        this.#states.set(model, isWrong ? 'unfit' : 'not fetched');
      },
    );
  }
}
