import { ANALYSIS_STAGES } from '../schema/analysis.ts';
import type { AnalysisProgress, AnalysisStage, DebugStage } from '../schema/analysis.ts';

/** Where each stage ends in the whole: about what it takes with the default quality. */
const ENDS: Record<AnalysisStage, number> = { decode: 0.05, detect: 0.35, landmarks: 0.7, refine: 1 };

/** One analysis on its way: what it has spent on each stage, and how far it has come. */
export class CallProgress {
  readonly #onProgress: (progress: AnalysisProgress) => void;
  /** How much of the last two stages is done, where they take turns. */
  readonly #turns: { landmarks: number; refine: number } | undefined;
  readonly #stages: DebugStage[] = [];
  #stage: DebugStage | undefined;
  #since = performance.now();
  #fraction = 0;

  /** @param options.isInTurns whether people are looked at one after the other. Default `false` */
  constructor(onProgress: (progress: AnalysisProgress) => void = () => {}, { isInTurns = false } = {}) {
    this.#onProgress = onProgress;
    this.#turns = isInTurns ? { landmarks: 0, refine: 0 } : undefined;
  }

  /** A step of a stage is done; the first one, with `done` at 0, begins the stage, or goes on with it. */
  step(stage: AnalysisStage, done: number, total: number): void {
    if (this.#stage?.stage !== stage) {
      this.#close();
      this.#stage = this.#stages.find((begun) => begun.stage === stage) ?? { stage, ms: 0, runs: 0 };
      if (!this.#stages.includes(this.#stage)) this.#stages.push(this.#stage);
    }
    this.#fraction = Math.max(this.#fraction, this.#fractionAt(stage, total > 0 ? done / total : 1));
    this.#onProgress({ stage, done, total, fraction: this.#fraction });
  }

  /** A model is about to run. */
  countRun(): void {
    if (this.#stage) this.#stage.runs++;
  }

  /** What the stages took; the last one ends with it. */
  finish(): DebugStage[] {
    this.#close();
    return this.#stages;
  }

  /** The stages before are done, but for the last two where they take turns. */
  #fractionAt(stage: AnalysisStage, share: number): number {
    const turns = this.#turns;
    if (turns && (stage === 'landmarks' || stage === 'refine')) {
      turns[stage] = share;
      const { detect, landmarks, refine } = ENDS;
      return detect + turns.landmarks * (landmarks - detect) + turns.refine * (refine - landmarks);
    }
    const begin = ENDS[ANALYSIS_STAGES[ANALYSIS_STAGES.indexOf(stage) - 1] ?? stage];
    const from = stage === ANALYSIS_STAGES[0] ? 0 : begin;
    return from + share * (ENDS[stage] - from);
  }

  #close(): void {
    const now = performance.now();
    if (this.#stage) this.#stage.ms = Math.round((this.#stage.ms + now - this.#since) * 10) / 10;
    this.#since = now;
  }
}
