import { filterValidPersons } from 'body21';
import type { BodyAnalysisClient } from 'body21';
import type { AnsweredFrame, Answers } from './answers.ts';
import type { Clip } from './clip.ts';
import { Gate } from './gate.ts';
import { Numbering } from '../numbering.ts';
import { TimeLeft } from './time-left.ts';

/** What an analysis is asked for. */
export interface AnalysisRequest {
  clip: Clip;
  client: BodyAnalysisClient;
  /** Where the answers go; where there are some already it goes on from the last. */
  answers: Answers;
  maxPersons: number;
  /** Ends it; what has been answered stays. */
  signal: AbortSignal;
  /** Told of each frame, which is the listener's to close. */
  onFrame: (answered: AnsweredFrame, frame: VideoFrame) => void;
}

/** How much is looked at again where an analysis goes on, in milliseconds: people hide for as long. */
const RUN_IN_MS = 2000;

/** Has every frame of a video analysed, once. */
export class Analysis {
  readonly timeLeft = new TimeLeft();
  readonly #gate = new Gate();

  get isPaused(): boolean {
    return this.#gate.isClosed;
  }

  /** Stops after the frame under way. Whoever is followed is still known when it goes on. */
  pause(): void {
    this.#gate.close();
  }

  goOn(): void {
    this.timeLeft.rest();
    this.#gate.open();
  }

  /**
   * Resolves after the last frame.
   * @throws the signal's reason when it is aborted, and whatever `client.track` throws
   */
  async run({ clip, client, answers, maxPersons, signal, onFrame }: AnalysisRequest): Promise<void> {
    const { last, lastId } = answers;
    // The last frames once more, so that everyone is known again, those who are hidden just now too.
    const known = last && (answers.at(last.timestamp - RUN_IN_MS, Infinity) ?? answers.first);
    const numbering = new Numbering(known?.result.person_info, lastId);
    const source = await clip.framesFrom(known?.timestamp ?? clip.times[0] ?? 0, signal);
    const options = { everyFrame: true, keepFrame: true, maxPersons, signal } as const;
    for await (const { timestamp, result, frame } of client.track(source, options)) {
      const answered = { timestamp, result: numbering.apply(filterValidPersons(result)) };
      // What was answered before stays as it was shown.
      if (signal.aborted || (last && timestamp <= last.timestamp)) frame.close();
      else {
        answers.add(answered);
        this.timeLeft.note(performance.now());
        onFrame(answered, frame);
      }
      await this.#gate.pass(signal);
    }
  }
}
