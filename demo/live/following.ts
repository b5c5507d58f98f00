import { BodyAnalysisClient, filterValidPersons, LANDMARK_MODELS } from 'body21';
import type {
  BackendInfo,
  Extra,
  LandmarkModel,
  LoadProgress,
  TrackedFrame,
  TrackedPerson,
  TrackedResult,
} from 'body21';
import { Numbering } from '../numbering.ts';
import { interruptible } from './interruptible.ts';

/** How people are followed. */
export interface FollowSettings {
  model: string;
  maxPersons: number;
  /** Frames a second to hold; `undefined` for as many as there can be. */
  targetFps: number | undefined;
  /** What to answer of people beyond their points. */
  extras: readonly Extra[];
}

/** What whoever shows it is told. */
export interface FollowListener {
  /** A frame, which is the listener's to close, and whom to show in it. */
  onFrame: (tracked: TrackedFrame, people: TrackedResult, frame: VideoFrame) => void;
  /** The models come, or have come (`undefined`). */
  onLoading: (progress: LoadProgress | undefined) => void;
  /** Frames come from now on. */
  onBegin: (backend: BackendInfo) => void;
  /** For a while no frames come. */
  onRest: () => void;
  onHidden: () => void;
  onRecovered: (error: Error, backend: BackendInfo) => void;
  /** Another model could not be had; the one before goes on. */
  onRefused: (error: Error, model: LandmarkModel) => void;
}

/** Whoever was seen so long ago, in milliseconds, may be who is seen now. */
const KNOWN_MS = 1000;

/**
 * Follows people through a video, from its start to its end. Settings that change meanwhile change how:
 * the video goes on, and everyone keeps their number. Another model is made ready while the one before runs.
 */
export class Following {
  readonly #video: HTMLVideoElement;
  readonly #settings: () => FollowSettings;
  readonly #listener: FollowListener;
  readonly #changes = new EventTarget();
  #client: BodyAnalysisClient | undefined;
  /** The model of the first client, while it is made ready. */
  #opening: LandmarkModel | undefined;
  /** What is to take the client's place. */
  #coming: { model: LandmarkModel; end: AbortController } | undefined;
  /** When whoever has a number was seen last, by `performance.now()`. */
  #seen = new Map<number, { person: TrackedPerson; at: number }>();
  #lastId = 0;

  constructor(video: HTMLVideoElement, settings: () => FollowSettings, listener: FollowListener) {
    this.#video = video;
    this.#settings = settings;
    this.#listener = listener;
  }

  /** Takes on what the settings are now. */
  change(): void {
    const model = this.#model();
    if (this.#client?.model === model) this.#stopComing();
    else if (this.#client && this.#coming?.model !== model) void this.#replace(model);
    if (this.#client || this.#opening !== model) this.#changes.dispatchEvent(new Event('change'));
  }

  /** Lets go of a model that is on its way. */
  rest(): void {
    this.#stopComing();
  }

  /**
   * Follows until the source ends.
   * @throws the signal's reason when it is aborted, and whatever the library throws
   */
  async run(signal: AbortSignal): Promise<void> {
    this.#seen.clear();
    this.#lastId = 0;
    let hasEnded: boolean | undefined;
    while (!hasEnded) {
      signal.throwIfAborted();
      await visible(signal);
      const client = await this.#ready(signal);
      if (document.hidden) continue;
      const causes = [
        [this.#changes, 'change'],
        [document, 'visibilitychange'],
      ] as const;
      hasEnded = await interruptible(signal, causes, (until) => this.#follow(client, until));
      this.#listener.onRest();
      if (document.hidden && !signal.aborted) {
        this.#video.pause();
        this.#listener.onHidden();
      }
    }
  }

  /** @returns true: the source has ended */
  async #follow(client: BodyAnalysisClient, signal: AbortSignal): Promise<true> {
    await this.#video.play();
    this.#listener.onBegin(client.backend);
    const began = performance.now();
    const known = [...this.#seen.values()].filter(({ at }) => began - at < KNOWN_MS);
    const numbering = new Numbering(
      known.map(({ person }) => person),
      this.#lastId,
    );
    const { maxPersons, targetFps, extras } = this.#settings();
    const options = {
      signal,
      maxPersons,
      extras,
      ...(targetFps !== undefined && { targetFps }),
      keepFrame: true,
    } as const;
    for await (const tracked of client.track(this.#video, options)) {
      const { frame } = tracked;
      const people = numbering.apply(filterValidPersons(tracked.result));
      if (signal.aborted || numbering.isFindingAnew) {
        frame.close();
        continue;
      }
      const now = performance.now();
      for (const person of people.person_info) {
        this.#seen.set(person.track_id, { person, at: now });
        this.#lastId = Math.max(this.#lastId, person.track_id);
      }
      this.#listener.onFrame(tracked, people, frame);
    }
    return true;
  }

  #model(): LandmarkModel {
    const { model } = this.#settings();
    return LANDMARK_MODELS.find((name) => name === model) ?? 'lite';
  }

  /** @throws the signal's reason when it is aborted: then there is no client that nobody has */
  async #ready(signal: AbortSignal): Promise<BodyAnalysisClient> {
    for (;;) {
      const model = this.#model();
      // While another is made ready, the one that is there goes on.
      if (this.#client && (this.#client.model === model || this.#coming)) return this.#client;
      this.#client?.dispose();
      this.#client = undefined;
      this.#opening = model;
      // Whoever chooses another one before there is any does not wait for this one.
      const opened = await interruptible(signal, [[this.#changes, 'change']], (until) =>
        this.#open(model, until),
      );
      this.#opening = undefined;
      if (opened) this.#client = opened;
      signal.throwIfAborted();
    }
  }

  /** Makes another model ready, and has it take over. */
  async #replace(model: LandmarkModel): Promise<void> {
    this.#stopComing();
    const end = new AbortController();
    this.#coming = { model, end };
    try {
      const opened = await this.#open(model, end.signal);
      const before = this.#client;
      this.#client = opened;
      this.#coming = undefined;
      this.#changes.dispatchEvent(new Event('change'));
      before?.dispose();
    } catch (error) {
      if (end.signal.aborted) return;
      this.#coming = undefined;
      const { model: kept = 'lite' } = this.#client ?? {};
      this.#listener.onRefused(error instanceof Error ? error : new Error(String(error)), kept);
    }
  }

  #stopComing(): void {
    if (!this.#coming) return;
    this.#coming.end.abort(new Error('not wanted any more'));
    this.#coming = undefined;
    this.#listener.onLoading(undefined);
  }

  async #open(model: LandmarkModel, signal: AbortSignal): Promise<BodyAnalysisClient> {
    const { onLoading, onRecovered } = this.#listener;
    onLoading({ phase: 'download', loaded: 0, total: 0 });
    let isOpen = false;
    try {
      const opened = await BodyAnalysisClient.create({
        model,
        quality: 'fast',
        signal,
        // More may come while people are followed; nothing need be said of that.
        onProgress: (progress) => {
          if (!signal.aborted && !isOpen) onLoading(progress);
        },
      });
      if (signal.aborted) {
        opened.dispose();
        throw signal.reason;
      }
      opened.addEventListener('recovered', ({ error, backend }) => onRecovered(error, backend));
      return opened;
    } finally {
      isOpen = true;
      // Whoever stopped it says what comes next.
      if (!signal.aborted) onLoading(undefined);
    }
  }
}

/** Resolves when the page is seen. */
function visible(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener('visibilitychange', look);
      resolve();
    };
    document.addEventListener('visibilitychange', look);
    signal.addEventListener('abort', look, { once: true });
    look();
  });
}
