import { releaseFrame } from '../../src/source/frame.ts';
import type { Frame } from '../../src/source/frame.ts';
import type { AnalysisListeners, Connection, OpeningDetails } from '../../src/client/session/connection.ts';
import type { WorkerSetup } from '../../src/client/session/opening.ts';
import { BodyAnalysisError } from '../../src/schema/errors.ts';
import type { BodyAnalysisErrorCode } from '../../src/schema/errors.ts';
import { DEFAULT_LIMITS } from '../../src/schema/limits.ts';
import type { BackendInfo, BackendName, ThreadsInfo } from '../../src/schema/loading.ts';
import type { BodyAnalysisResult } from '../../src/schema/result.ts';
import type { AnalyseOptions, TrackAnswer, TrackRequest, OpenOptions } from '../../src/worker/protocol.ts';
import { OPENED } from './fake-worker.ts';
import { orSay } from './or-say.ts';

/** Nobody in the picture. */
export const NOBODY: BodyAnalysisResult = { person_num: 0, person_info: [], log_id: '1' };

/** Something that went wrong, under that code. */
export function failureOf(code: BodyAnalysisErrorCode): BodyAnalysisError {
  return new BodyAnalysisError(code, `It was ${code}.`);
}

/** A question that a worker was asked, for the test to answer. */
export interface Asked<Answer, Request> {
  call: number;
  /** What came with it; its worker has taken it. */
  frame: Frame;
  request: Request;
  /**
   * Whether the worker was told to stop. It is free again when the test
   * answers, as a worker in a model run is.
   */
  isCancelled: boolean;
  report: AnalysisListeners['onProgress'];
  reportPerson: AnalysisListeners['onPerson'];
  answer(answer: Answer): void;
  fail(error: unknown): void;
}

export type AskedPhoto = Asked<BodyAnalysisResult, AnalyseOptions>;
export type AskedFrame = Asked<TrackAnswer, TrackRequest>;

/** A worker that does what the test says, and keeps what it was asked. */
export class FakeConnection implements Connection {
  failure: BodyAnalysisError | undefined;
  runsOn: BackendName | undefined = 'wasm';
  threads: ThreadsInfo | undefined;
  backend: BackendInfo = OPENED.backend;
  /** What it was opened with. */
  opened: (OpenOptions & OpeningDetails) | undefined;
  /** What it was told between the calls: `idle 1`, `untrack 1`. */
  readonly told: string[] = [];
  readonly #onOpen: (connection: FakeConnection) => Promise<void>;
  readonly #asked: (AskedPhoto | AskedFrame)[] = [];
  /** Questions that the test has taken, and not taken yet. */
  readonly #waiting: (AskedPhoto | AskedFrame)[] = [];
  #wake: () => void = () => {};
  readonly #end = new AbortController();

  /** @param onOpen what it does when it is opened */
  constructor(onOpen: (connection: FakeConnection) => Promise<void>) {
    this.#onOpen = onOpen;
  }

  get isClosed(): boolean {
    return this.#end.signal.aborted;
  }

  /** How many questions it was asked. */
  get calls(): number {
    return this.#asked.length;
  }

  /** The next picture that it is asked about. */
  async photo(): Promise<AskedPhoto> {
    return (await this.#next()) as AskedPhoto;
  }

  /** The next frame of a video that it is asked about. */
  async frame(): Promise<AskedFrame> {
    return (await this.#next()) as AskedFrame;
  }

  /** Dies, whether anything is asked of it or not. */
  die(code: BodyAnalysisErrorCode): void {
    this.close(failureOf(code));
  }

  async open(options: OpenOptions, details: OpeningDetails): Promise<BackendInfo> {
    this.opened = { ...options, ...details };
    await Promise.race([this.#onOpen(this), this.#ended()]);
    return this.backend;
  }

  analyse(
    call: number,
    frame: Frame,
    request: AnalyseOptions,
    { onProgress, onPerson }: AnalysisListeners,
  ): Promise<BodyAnalysisResult> {
    return this.#ask(call, frame, request, { report: onProgress, reportPerson: onPerson });
  }

  track(call: number, frame: Frame, request: TrackRequest): Promise<TrackAnswer> {
    return this.#ask(call, frame, request, {});
  }

  idle(video: number): void {
    this.told.push(`idle ${video}`);
  }

  untrack(video: number): void {
    this.told.push(`untrack ${video}`);
  }

  cancel(call: number): void {
    for (const asked of this.#asked) if (asked.call === call) asked.isCancelled = true;
  }

  close(reason: unknown): void {
    if (this.isClosed) return;
    this.failure = reason instanceof BodyAnalysisError ? reason : failureOf('internal');
    this.#end.abort(reason);
  }

  async #next(): Promise<AskedPhoto | AskedFrame> {
    for (;;) {
      const asked = this.#waiting.shift();
      if (asked) return asked;
      await orSay(
        new Promise<void>((resolve) => (this.#wake = resolve)),
        () => `The worker was asked ${this.calls} times, and not once more.`,
      );
    }
  }

  #ask<Answer>(
    call: number,
    frame: Frame,
    request: AnalyseOptions | TrackRequest,
    { report, reportPerson }: Partial<Pick<AskedPhoto, 'report' | 'reportPerson'>>,
  ): Promise<Answer> {
    // On the page a frame that was given away is gone.
    releaseFrame(frame);
    const answer = new Promise<Answer>((resolve, reject) => {
      const asked: Asked<Answer, AnalyseOptions | TrackRequest> = {
        call,
        frame,
        request,
        isCancelled: false,
        report,
        reportPerson,
        answer: resolve,
        fail: reject,
      };
      this.#asked.push(asked as unknown as AskedPhoto);
      this.#waiting.push(asked as unknown as AskedPhoto);
    });
    this.#wake();
    return Promise.race([answer, this.#ended()]);
  }

  #ended(): Promise<never> {
    const { signal } = this.#end;
    return new Promise((_resolve, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  }
}

/** The workers of a session, in the order in which they were started. */
export class FakeConnections {
  readonly all: FakeConnection[] = [];
  #wake: () => void = () => {};
  /** What the workers to come do when they are opened; those after the last are open at once. */
  readonly openings: ((connection: FakeConnection) => Promise<void>)[] = [];
  /** How far loading has come, as the session has told. */
  readonly progress: string[] = [];
  readonly setup: WorkerSetup = {
    connect: () => {
      const connection = new FakeConnection(this.openings.shift() ?? (async () => {}));
      this.all.push(connection);
      this.#wake();
      return connection;
    },
    options: {
      version: 'a test',
      model: 'lite',
      quality: 'fast',
      backend: 'auto',
      baseUrl: undefined,
      threads: 1,
      warmUp: true,
      limits: DEFAULT_LIMITS,
    },
    avoided: [],
    onProgress: ({ phase }) => this.progress.push(phase),
  };

  /** The worker of that number, counted from 1. */
  nth(number: number): FakeConnection {
    const connection = this.all[number - 1];
    if (!connection) throw new Error(`There are ${this.all.length} workers, not ${number}.`);
    return connection;
  }

  /** The same, when it is started. */
  async started(number: number): Promise<FakeConnection> {
    while (this.all.length < number) {
      await orSay(
        new Promise<void>((resolve) => (this.#wake = resolve)),
        () => `${this.all.length} workers were started, and not one more.`,
      );
    }
    return this.nth(number);
  }

  /** The one that was started last. */
  get last(): FakeConnection {
    return this.nth(this.all.length);
  }

  /** How many have not ended. */
  get running(): number {
    return this.all.filter(({ isClosed }) => !isClosed).length;
  }
}
