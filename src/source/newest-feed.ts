/** A frame that its receiver owns and closes. */
export interface FedFrame {
  frame: VideoFrame;
  /** In milliseconds, on the source's own clock. */
  timestamp: number;
  /** When it was there, by `performance.now()`. */
  arrivedMs: number;
  /** Frames before it that were closed unseen, since the one that was given before. */
  dropped: number;
}

/** Frames of a video, the newest first: those that nobody has asked for give way to later ones. */
export interface Feed {
  /** Whether {@link next} has a frame at once, as far as that is known. */
  readonly hasFrame: boolean;
  /**
   * The newest frame, or the next where there is none yet; `undefined` after the last.
   * @throws BodyAnalysisError `source-not-ready`, `source-closed` or `source-tainted`
   */
  next(): Promise<FedFrame | undefined>;
  /** Lets go of the source and of the frame that waits; harmless when done twice. */
  close(): void;
}

/**
 * A frame that has waited for more than the share `fresh` of the time between two frames is worse than the
 * next, which is waited for: what is on show is then younger on average, though there are fewer results. In
 * vain it is waited for `patience` such times and `spareMs` milliseconds.
 */
const WAITING = { fresh: 1 / 3, patience: 2, spareMs: 20 };
/**
 * The time between frames: what it is taken for at first, and at most, in milliseconds;
 * and how much of a new one is taken on.
 */
const INTERVAL = { firstMs: 1000 / 30, longestMs: 100, share: 0.2 };

/** Keeps the newest of the frames that it is given. */
export class NewestFeed implements Feed {
  #waiting: FedFrame | undefined;
  /** Whoever waits for a frame. */
  #wanted: { resolve: (next: FedFrame | undefined) => void; reject: (reason: unknown) => void } | undefined;
  /** Gives whoever waits the frame that there is, since no newer one has come. */
  #patience: ReturnType<typeof setTimeout> | undefined;
  #dropped = 0;
  #intervalMs = INTERVAL.firstMs;
  #givenMs: number | undefined;
  #end: { error?: unknown } | undefined;
  readonly #stop: () => void;

  /** @param begin starts to give frames; what it returns stops that */
  constructor(begin: (feed: NewestFeed) => () => void) {
    this.#stop = begin(this);
  }

  get hasFrame(): boolean {
    if (!this.#waiting) return false;
    const ageMs = performance.now() - this.#waiting.arrivedMs;
    return this.#end !== undefined || ageMs <= WAITING.fresh * this.#intervalMs;
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  /** @param timestamp in milliseconds */
  give(frame: VideoFrame, timestamp: number): void {
    if (this.#end) {
      frame.close();
      return;
    }
    if (this.#waiting) {
      this.#waiting.frame.close();
      this.#dropped++;
    }
    const arrivedMs = performance.now();
    if (this.#givenMs !== undefined) {
      const gapMs = Math.min(arrivedMs - this.#givenMs, INTERVAL.longestMs);
      this.#intervalMs += INTERVAL.share * (gapMs - this.#intervalMs);
    }
    this.#givenMs = arrivedMs;
    this.#waiting = { frame, timestamp, arrivedMs, dropped: this.#dropped };
    this.#answer();
  }

  /** There are no more frames, for that reason if there is one. */
  end(error?: unknown): void {
    if (this.#end) return;
    this.#end = error === undefined ? {} : { error };
    if (error === undefined || this.#waiting) this.#answer();
    else this.#wanted?.reject(error);
    this.#wanted = undefined;
  }

  async next(): Promise<FedFrame | undefined> {
    if (this.hasFrame) return this.#take();
    if (this.#end) {
      if ('error' in this.#end) throw this.#end.error;
      return undefined;
    }
    return new Promise((resolve, reject) => {
      this.#wanted = { resolve, reject };
      if (!this.#waiting) return;
      const patienceMs = WAITING.patience * this.#intervalMs + WAITING.spareMs;
      this.#patience = setTimeout(() => this.#answer(), patienceMs);
    });
  }

  /** Gives whoever waits what there is. */
  #answer(): void {
    clearTimeout(this.#patience);
    this.#wanted?.resolve(this.#wanted && this.#take());
    this.#wanted = undefined;
  }

  close(): void {
    this.#take()?.frame.close();
    this.end();
    this.#stop();
  }

  #take(): FedFrame | undefined {
    const taken = this.#waiting;
    this.#waiting = undefined;
    if (taken) this.#dropped = 0;
    return taken;
  }
}
