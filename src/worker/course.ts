import { ANALYSIS_STAGES } from '../schema/analysis.ts';
import type { AnalysisProgress, AnalysisStage, DebugStage } from '../schema/analysis.ts';

/** Where each stage ends in the whole: about what it takes with the default quality. */
const ENDS: Record<AnalysisStage, number> = { decode: 0.05, detect: 0.35, landmarks: 0.7, refine: 1 };

/** One analysis on its way: what it has spent on each stage, and how far it has come. */
export class Course {
  readonly #onProgress: (progress: AnalysisProgress) => void;
  readonly #stages: DebugStage[] = [];
  #since = performance.now();
  #fraction = 0;

  constructor(onProgress: (progress: AnalysisProgress) => void = () => {}) {
    this.#onProgress = onProgress;
  }

  /** A step of a stage is done; the first one, with `done` at 0, begins the stage. */
  step(stage: AnalysisStage, done: number, total: number): void {
    if (this.#stages.at(-1)?.stage !== stage) {
      this.#close();
      this.#stages.push({ stage, ms: 0, runs: 0 });
    }
    const begin = ENDS[ANALYSIS_STAGES[ANALYSIS_STAGES.indexOf(stage) - 1] ?? stage];
    const from = stage === ANALYSIS_STAGES[0] ? 0 : begin;
    const share = total > 0 ? done / total : 1;
    this.#fraction = Math.max(this.#fraction, from + share * (ENDS[stage] - from));
    this.#onProgress({ stage, done, total, fraction: this.#fraction });
  }

  /** A model is about to run. */
  countRun(): void {
    const stage = this.#stages.at(-1);
    if (stage) stage.runs++;
  }

  /** What the stages took; the last one ends with it. */
  finish(): DebugStage[] {
    this.#close();
    return this.#stages;
  }

  #close(): void {
    const now = performance.now();
    const stage = this.#stages.at(-1);
    if (stage) stage.ms = Math.round((now - this.#since) * 10) / 10;
    this.#since = now;
  }
}
