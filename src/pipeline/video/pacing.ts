import { LANDMARK_MODELS } from '../../schema/loading.ts';
import type { LandmarkModel } from '../../schema/loading.ts';

/**
 * What a pass takes with each model, in passes of `lite`: the engine's on one thread 8.5, 16.7 and 76.7 ms of
 * CPU in Chromium 156, ONNX Runtime's on WASM 17, 31 and 155. Only until a model has run here.
 */
const COSTS: Record<LandmarkModel, number> = { lite: 1, full: 1.8, heavy: 8.5 };

/** Of the time that a frame has, this share is for the worker; the rest is for the way there and back. */
const USABLE = 0.9;
/** How much of a new measurement is taken on: the mean of the last ten or so. */
const SHARE = 0.1;
/** Frames with a model before it is judged: the first ones are slower than those to come. */
const TRIAL_FRAMES = 8;
/** Frames until it is known well enough what a pass takes for people to be looked at by turns. */
const FIRST_FRAMES = 3;
/**
 * A heavier model has to leave so much of the time free, and the change before to be so old in
 * milliseconds, or the two would alternate.
 */
const HEAVIER = { load: 0.8, afterMs: 2000 };
/** From which load on the detectors look how much more seldom. */
const RARER = [
  { load: 1, factor: 4 },
  { load: 0.7, factor: 2 },
];

/**
 * A model that could not be had is asked for again after so long, in milliseconds: the network may be back.
 */
const MISSING_MS = 30_000;

/** What a frame has taken. */
export interface FrameCost {
  /** The whole frame in the worker, but for the detectors, in milliseconds. */
  ms: number;
  /** The landmark model's part of it. */
  passesMs: number;
  /** How often it ran. */
  passes: number;
  /** How often it would have run, had everyone been looked at. */
  wanted: number;
  /** When the frame was answered, in milliseconds. */
  atMs: number;
}

/** Chooses how much is spent on a frame, so that a frame rate is held. */
export class Pacer {
  readonly #budgetMs: number;
  /** What may be used: the client's own model first, then lighter ones. */
  readonly #all: readonly LandmarkModel[];
  /** Until when those are left alone that could not be had. */
  readonly #missing = new Map<LandmarkModel, number>();
  #model: LandmarkModel;
  /** The one before it, which is there. */
  #before: LandmarkModel;
  readonly #costs = { ...COSTS };
  /** What a pass of cost 1 takes at present, in milliseconds: the machine's speed. */
  #unitMs: number | undefined;
  /** The fastest pass of a model on trial. */
  #fastestMs = Infinity;
  #overheadMs = 0;
  /** Passes that a frame would have in which everyone is looked at. */
  #wanted = 1;
  #frames = 0;
  #changedMs = -Infinity;

  /**
   * @param model the heaviest to use
   * @param targetFps frames a second
   */
  constructor(model: LandmarkModel, targetFps: number) {
    this.#budgetMs = (USABLE * 1000) / targetFps;
    this.#all = LANDMARK_MODELS.slice(0, LANDMARK_MODELS.indexOf(model) + 1).toReversed();
    this.#model = model;
    this.#before = model;
  }

  /** What to look at the next frame with. */
  get model(): LandmarkModel {
    return this.#model;
  }

  /** How much more seldom than usual the detectors should look. */
  get rarer(): number {
    const load = this.#load(this.#model);
    return RARER.find((step) => load > step.load)?.factor ?? 1;
  }

  /**
   * How many passes the next frame may have: as many as hold the rate, where {@link model} is too slow for
   * all that are wanted.
   */
  get looks(): number {
    const isKnown = this.#unitMs !== undefined;
    if (!isKnown && this.#frames < FIRST_FRAMES) return Infinity;
    const passMs = isKnown ? this.#passMs(this.#model) : this.#fastestMs;
    const leftMs = this.#budgetMs - this.#overheadMs;
    return this.#wanted * passMs <= leftMs ? Infinity : Math.max(1, Math.floor(leftMs / passMs));
  }

  /**
   * That model cannot be had now: things stay as they were, and it is
   * chosen again after a while at the soonest.
   */
  exclude(model: LandmarkModel, atMs: number): void {
    this.#missing.set(model, atMs + MISSING_MS);
    if (this.#model === model) this.#model = this.#before;
  }

  /** Takes on what a frame has taken with {@link model}. */
  note({ ms, passesMs, passes, wanted, atMs }: FrameCost): void {
    // Nobody to look at says nothing about the models.
    if (passes === 0) return;
    this.#frames++;
    this.#wanted = wanted;
    this.#notePass(passesMs / passes);
    const overheadMs = ms - passesMs;
    // What slows the first frames is over soon.
    if (this.#frames === 1) this.#overheadMs = overheadMs;
    const isLess = overheadMs < this.#overheadMs;
    const taken = this.#unitMs === undefined ? Number(isLess) : SHARE;
    this.#overheadMs += taken * (overheadMs - this.#overheadMs);
    if (this.#frames > TRIAL_FRAMES) this.#choose(atMs);
  }

  #choose(atMs: number): void {
    const choices = this.#all.filter((model) => (this.#missing.get(model) ?? -Infinity) <= atMs);
    const now = choices.indexOf(this.#model);
    const best = choices.findIndex((model, index) =>
      index < now
        ? this.#load(model) <= HEAVIER.load && atMs - this.#changedMs >= HEAVIER.afterMs
        : this.#load(model) <= 1,
    );
    // Where none is light enough, −1 takes the last.
    const chosen = choices.at(best);
    if (chosen === undefined || chosen === this.#model) return;
    this.#before = this.#model;
    this.#model = chosen;
    this.#changedMs = atMs;
    this.#frames = 0;
    this.#fastestMs = Infinity;
  }

  #notePass(passMs: number): void {
    if (this.#frames > TRIAL_FRAMES) {
      const unitMs = passMs / this.#costs[this.#model];
      this.#unitMs = this.#unitMs === undefined ? unitMs : this.#unitMs + SHARE * (unitMs - this.#unitMs);
      return;
    }
    // What slows a model's first runs is over soon.
    this.#fastestMs = Math.min(this.#fastestMs, passMs);
    if (this.#frames < TRIAL_FRAMES) return;
    if (this.#unitMs === undefined) this.#unitMs = this.#fastestMs / this.#costs[this.#model];
    else this.#costs[this.#model] = this.#fastestMs / this.#unitMs;
  }

  /** The share of a frame's time that it would take with that model. */
  #load(model: LandmarkModel): number {
    return (this.#overheadMs + this.#wanted * this.#passMs(model)) / this.#budgetMs;
  }

  #passMs(model: LandmarkModel): number {
    return (this.#unitMs ?? 0) * this.#costs[model];
  }
}
