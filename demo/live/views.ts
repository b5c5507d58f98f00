import { personColors } from 'body21';
import type { Extra, SkeletonOverlay, TrackedFrame, TrackedPerson, TrackedResult } from 'body21';
import { byId, create } from '../dom.ts';
import { connectSegments } from '../segments.ts';
import type * as CutOutModule from '../views/cut-out.ts';
import type { CutOut } from '../views/cut-out.ts';
import { GROUNDS } from '../views/grounds.ts';
import type { Ground } from '../views/grounds.ts';
import type { SolidView } from '../views/solid.ts';
import { Pace } from './pace.ts';
import type { SteadyFigure } from './steady.ts';
import { explain } from '../words/explain.ts';
import { words } from '../words/words.ts';

/** What is made of each frame. */
export const LIVE_VIEWS = ['skeleton', '3d', 'cut-out'] as const;
type LiveView = (typeof LIVE_VIEWS)[number];

/** What each view needs to know of people beyond their points. */
const NEEDED: Readonly<Record<LiveView, Extra | undefined>> = {
  skeleton: undefined,
  '3d': 'world3d',
  'cut-out': 'mask',
};

/** The longest side of a mask, in cells: the network's own is not finer than a person in such a frame. */
const MASK_SIDE = 384;

/** How wide people in 3D are, as a share of their height: arms that are held out may reach over to who is beside them. */
const SLIM = 0.6;

/** What whoever has the views is told. */
export interface ViewListener {
  /** Another view is chosen: people are to be followed with what it needs. */
  onChange: () => void;
  /** A view is given up: why. */
  onGivenUp: (why: string) => void;
}

/**
 * What the stage shows of each frame: everyone's skeleton over it, everyone in 3D to be turned by hand, or
 * everyone cut out of it. What the last two need is loaded when they are first chosen, and skeletons are shown until
 * it is there.
 */
export class LiveViews {
  readonly #stage: HTMLElement;
  readonly #overlay: SkeletonOverlay;
  readonly #listener: ViewListener;
  readonly #color = byId('ground-color', HTMLInputElement);
  readonly #solid = byId('solid', HTMLElement);
  #chosen: LiveView = 'skeleton';
  #ground: Ground = 'blurred';
  /** What is on the stage: not yet what is chosen, as long as that is not there. */
  #shown: LiveView = 'skeleton';
  #showView: (view: LiveView) => void = () => {};
  #solidView: SolidView | undefined;
  #newFigure: (() => SteadyFigure) | undefined;
  readonly #figures = new Map<number, SteadyFigure>();
  #paintCutOut: typeof CutOutModule.paintCutOut | undefined;
  #cut: HTMLCanvasElement | undefined;
  readonly #pace = new Pace();
  /** Whether it is shown as in a mirror. */
  isMirrored = false;

  constructor(stage: HTMLElement, overlay: SkeletonOverlay, listener: ViewListener) {
    this.#stage = stage;
    this.#overlay = overlay;
    this.#listener = listener;
  }

  connect(): void {
    this.#showView = connectSegments('view', LIVE_VIEWS, (view) => this.#choose(view));
    const showGround = connectSegments('ground', GROUNDS, (ground) => (this.#ground = ground));
    this.#color.addEventListener('input', () => showGround((this.#ground = 'colour')));
    this.#showChosen();
    showGround(this.#ground);
  }

  /** What is to be answered of people beyond their points. */
  get extras(): readonly Extra[] {
    const extra = NEEDED[this.#chosen];
    return extra ? [extra] : [];
  }

  /** Shows a frame, and closes it in the end. */
  show({ timestamp, latencyMs }: TrackedFrame, people: TrackedResult, frame: VideoFrame): void {
    const began = performance.now();
    const extra = NEEDED[this.#chosen];
    // The first frames after a choice were followed without what it needs.
    const isAnswered = people.person_info.every(({ extras }) => extra === undefined || extras?.[extra]);
    const isReady = { skeleton: true, '3d': this.#solidView, 'cut-out': this.#paintCutOut }[this.#chosen];
    this.#reveal(isAnswered && isReady ? this.#chosen : 'skeleton');
    if (this.#shown === 'cut-out') {
      this.#overlay.clear();
      this.#cutOut(people.person_info, frame);
      frame.close();
      if (this.#pace.isTooSlow(latencyMs + performance.now() - began)) this.#giveUp(words.live.tooSlow);
      return;
    }
    if (this.#shown === '3d') this.#solidView?.show(this.#solids(people.person_info, timestamp));
    this.#overlay.show(people, frame);
  }

  /** Nothing is on show any more. */
  clear(): void {
    this.#overlay.clear();
    this.#figures.clear();
    this.#pace.restart();
    this.#reveal('skeleton');
  }

  /** What is on show as a picture of its own; `undefined` where nothing is. */
  toCanvas(): HTMLCanvasElement | undefined {
    if (this.#shown === '3d') return this.#solidView?.toCanvas();
    const cut = this.#cut;
    if (this.#shown !== 'cut-out' || !cut) return this.#overlay.toCanvas();
    const picture = create('canvas', { width: cut.width, height: cut.height });
    const context = picture.getContext('2d');
    if (this.isMirrored) context?.transform(-1, 0, 0, 1, cut.width, 0);
    context?.drawImage(cut, 0, 0);
    return picture;
  }

  #choose(view: LiveView): void {
    this.#chosen = view;
    this.#pace.restart();
    this.#showChosen();
    this.#load(view).catch((error: unknown) => this.#giveUp(words.live.noView(explain(error))));
    this.#listener.onChange();
  }

  #giveUp(why: string): void {
    this.#choose('skeleton');
    this.#listener.onGivenUp(why);
  }

  #showChosen(): void {
    this.#showView(this.#chosen);
    byId('grounds', HTMLElement).hidden = this.#chosen !== 'cut-out';
  }

  async #load(view: LiveView): Promise<void> {
    if (view === '3d' && !this.#solidView) {
      const [solid, steady] = await Promise.all([import('../views/solid.ts'), import('./steady.ts')]);
      if (this.#solidView) return;
      this.#newFigure = () => new steady.SteadyFigure();
      this.#solidView = new solid.SolidView(SLIM);
      this.#solidView.connect();
    }
    if (view === 'cut-out') this.#paintCutOut ??= (await import('../views/cut-out.ts')).paintCutOut;
  }

  /** Has one view take the place of the other. */
  #reveal(view: LiveView): void {
    if (view === this.#shown) return;
    this.#shown = view;
    this.#solid.hidden = view !== '3d';
    this.#stage.classList.toggle('is-3d', view === '3d');
    this.#stage.classList.toggle('is-cut-out', view === 'cut-out');
    if (this.#cut) this.#cut.hidden = view !== 'cut-out';
  }

  #solids(people: readonly TrackedPerson[], ms: number) {
    const colors = personColors(people);
    const side = this.isMirrored ? -1 : 1;
    for (const id of this.#figures.keys())
      if (!people.some(({ track_id }) => track_id === id)) this.#figures.delete(id);
    return people.flatMap(({ track_id, extras }, at) => {
      const steady = this.#figures.get(track_id) ?? this.#newFigure?.();
      if (!steady || !extras?.world3d) return [];
      this.#figures.set(track_id, steady);
      const { points, figure } = steady.follow(extras.world3d, ms);
      return {
        points: points.map(({ x, ...point }) => ({ ...point, x: side * x })),
        figure,
        label: { text: String(track_id), color: colors[at] ?? '' },
      };
    });
  }

  #cutOut(people: readonly TrackedPerson[], frame: VideoFrame): void {
    const cut = (this.#cut ??= this.#newCut());
    cut.hidden = false;
    const { displayWidth: width, displayHeight: height } = frame;
    if (cut.width !== width || cut.height !== height) Object.assign(cut, { width, height });
    // As the video lies in the stage: no larger than the picture, whose ground may be none.
    const scale = Math.min(this.#stage.clientWidth / width, this.#stage.clientHeight / height);
    cut.style.width = `${scale * width}px`;
    cut.style.height = `${scale * height}px`;
    cut.style.transform = this.isMirrored ? 'scaleX(-1)' : '';
    const context = cut.getContext('2d');
    if (!context) return;
    const how: CutOut = { people, ground: this.#ground, color: this.#color.value, maskSide: MASK_SIDE };
    this.#paintCutOut?.(context, frame, how);
  }

  #newCut(): HTMLCanvasElement {
    const cut = create('canvas', { className: 'live-cut-out', ariaHidden: 'true' });
    this.#overlay.canvas.after(cut);
    return cut;
  }
}
