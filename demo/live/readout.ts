import type { BackendInfo, TrackedFrame } from 'body21';
import { byId } from '../dom.ts';
import { duration, powerOf } from '../format.ts';
import { words } from '../words/words.ts';

/** Frames younger than this make the rate and the delay, in milliseconds. */
const WINDOW_MS = 3000;
/** How often these two change, in milliseconds: faster, nobody can read them. */
const FIGURES_MS = 300;

const NONE = '–';

/** What happens now, in figures. Each is of what is on show: where nothing is, there are none. */
export class Figures {
  readonly #people = byId('people', HTMLElement);
  readonly #rate = byId('fps', HTMLElement);
  readonly #latency = byId('latency', HTMLElement);
  readonly #model = byId('used', HTMLElement);
  readonly #power = byId('backend', HTMLElement);
  #frames: { at: number; latencyMs: number }[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;

  runOn(backend: BackendInfo): void {
    this.#power.textContent = powerOf(backend);
  }

  /** @param persons how many are drawn */
  add({ model, latencyMs }: TrackedFrame, persons: number): void {
    this.#frames.push({ at: performance.now(), latencyMs });
    this.#people.textContent = words.people(persons);
    this.#model.textContent = words.live.models[model];
    if (this.#timer !== undefined) return;
    // A clock's, not the frames': where no more of them come, the rate is not what it was.
    this.#timer = setInterval(() => this.#showRate(), FIGURES_MS);
    this.#showRate();
  }

  /** For a while no frames come: the rate that comes then is that of the frames after. */
  rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#frames = [];
    this.#rate.textContent = this.#latency.textContent = NONE;
  }

  clear(): void {
    this.rest();
    for (const figure of [this.#people, this.#model, this.#power]) figure.textContent = NONE;
  }

  #showRate(): void {
    const now = performance.now();
    this.#frames = this.#frames.filter(({ at }) => now - at < WINDOW_MS);
    const [first, last] = [this.#frames[0], this.#frames.at(-1)];
    const seconds = first && last ? (last.at - first.at) / 1000 : 0;
    const latency = this.#frames.reduce((sum, { latencyMs }) => sum + latencyMs, 0) / this.#frames.length;
    this.#rate.textContent = seconds > 0 ? ((this.#frames.length - 1) / seconds).toFixed(1) : NONE;
    this.#latency.textContent = last ? duration(latency) : NONE;
  }
}
