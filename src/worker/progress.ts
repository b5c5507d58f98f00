import { ANALYSIS_STAGES } from '../schema/analysis.ts';
import type { AnalysisProgress, AnalysisStage, DebugStage } from '../schema/analysis.ts';

/** Where each stage ends in the whole: about what it takes with the default quality. */
const ENDS: Record<AnalysisStage, number> = { decode: 0.05, detect: 0.35, landmarks: 0.7, refine: 1 };

/** One analysis on its way: what it has spent on each stage, and how far it has come. */
export class CallProgress {
  readonly #onProgress: (progress: AnalysisProgress) => void;
  readonly #stages: DebugStage[] = [];
  #stage: DebugStage | undefined;
  #since = performance.now();
  #fraction = 0;

  constructor(onProgress: (progress: AnalysisProgress) => void = () => {}) {
    this.#onProgress = onProgress;
  }

  /** A step of a stage is done; the first one, with `done` at 0, begins the stage, or goes on with it. */
  step(stage: AnalysisStage, done: number, total: number): void {
    if (this.#stage?.stage !== stage) {
      this.#close();
      this.#stage = this.#stages.find((begun) => begun.stage === stage) ?? { stage, ms: 0, runs: 0 };
      if (!this.#stages.includes(this.#stage)) this.#stages.push(this.#stage);
    }
    const begin = ENDS[ANALYSIS_STAGES[ANALYSIS_STAGES.indexOf(stage) - 1] ?? stage];
    const from = stage === ANALYSIS_STAGES[0] ? 0 : begin;
    const share = total > 0 ? done / total : 1;
    this.#fraction = Math.max(this.#fraction, from + share * (ENDS[stage] - from));
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

  #close(): void {
    const now = performance.now();
    if (this.#stage) this.#stage.ms = Math.round((this.#stage.ms + now - this.#since) * 10) / 10;
    this.#since = now;
  }
}
