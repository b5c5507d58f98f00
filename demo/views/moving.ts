import { personColors } from 'body21';
import type { Extra, SkeletonOverlay, TrackedPerson, TrackedResult } from 'body21';
import { byId, create } from '../dom.ts';
import { connectSegments } from '../segments.ts';
import { explain } from '../words/explain.ts';
import { words } from '../words/words.ts';
import type * as CutOutModule from './cut-out.ts';
import { GROUNDS } from './grounds.ts';
import type { Ground } from './grounds.ts';
import { Pace } from './pace.ts';
import type { SolidView } from './solid.ts';
import type { SteadyFigure } from './steady.ts';

/** What is made of each frame. */
const MOVING_VIEWS = ['skeleton', '3d', 'cut-out'] as const;
type MovingView = (typeof MOVING_VIEWS)[number];

/** What each view needs to know of people beyond their points. */
const NEEDED: Readonly<Record<MovingView, Extra | undefined>> = {
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
  /** Another view takes over: people are to be followed with what it needs. */
  onChange: () => void;
  /** A view is given up: why. */
  onGivenUp: (why: string) => void;
}

/** A frame's people. */
export interface ShownFrame {
  people: TrackedResult;
  /** When the frame begins, in milliseconds of the video's own clock. */
  timestamp: number;
  /** Closed in the end. Without one, the video itself shows it, and skeletons are all that there is to see. */
  frame?: VideoFrame;
  /** How long its answer took, in milliseconds; `undefined` of a frame that stays, which may take its time. */
  latencyMs?: number;
}

/**
 * What a stage shows of each frame of a video: everyone's skeleton over it, people in 3D to be turned by hand, or
 * people cut out of it. What the last two need is loaded when they are first chosen.
 */
export class MovingViews {
  readonly #stage: HTMLElement;
  readonly #overlay: SkeletonOverlay;
  readonly #listener: ViewListener;
  readonly #choice = byId('view', HTMLFieldSetElement);
  readonly #color = byId('ground-color', HTMLInputElement);
  readonly #solid = byId('solid', HTMLElement);
  #chosen: MovingView = 'skeleton';
  /** The last one that was chosen, and is loaded. */
  #ready: MovingView = 'skeleton';
  #ground: Ground = 'blurred';
  /** What is on the stage: not yet what is ready, as long as people are answered without what it needs. */
  #shown: MovingView = 'skeleton';
  #people: TrackedResult | undefined;
  /** Theirs, which the overlay may have as well. */
  #frame: VideoFrame | undefined;
  #showView: (view: MovingView) => void = () => {};
  #solidView: SolidView | undefined;
  #newFigure: (() => SteadyFigure) | undefined;
  readonly #figures = new Map<number, SteadyFigure>();
  #paintCutOut: typeof CutOutModule.paintCutOut | undefined;
  #cut: HTMLCanvasElement | undefined;
  readonly #pace = new Pace();
  #only: number | undefined;
  /** Whether it is shown as in a mirror. */
  isMirrored = false;

  constructor(stage: HTMLElement, overlay: SkeletonOverlay, listener: ViewListener) {
    this.#stage = stage;
    this.#overlay = overlay;
    this.#listener = listener;
  }

  connect(): void {
    this.#showView = connectSegments('view', MOVING_VIEWS, (view) => void this.#choose(view));
    const showGround = connectSegments('ground', GROUNDS, (ground) => this.#fill(ground));
    this.#color.addEventListener('input', () => {
      showGround('colour');
      this.#fill('colour');
    });
    this.#showChosen();
    showGround(this.#ground);
  }

  /** What is to be answered of people beyond their points. */
  get extras(): readonly Extra[] {
    const extra = NEEDED[this.#view];
    return extra ? [extra] : [];
  }

  /** Whether skeletons are on the stage. */
  get isPlain(): boolean {
    return this.#shown === 'skeleton';
  }

  /** Whether there are only skeletons for now, and nothing to choose. */
  set isDisabled(isDisabled: boolean) {
    this.#choice.disabled = isDisabled;
  }

  /** The one person, by their `track_id`, who is seen in 3D, or cut out; `undefined` for everyone. */
  set only(id: number | undefined) {
    if (this.#only === id) return;
    this.#only = id;
    this.#figures.clear();
    this.#repaint(0);
  }

  /** Shows a frame's people. */
  show({ people, timestamp, frame, latencyMs }: ShownFrame): void {
    const began = performance.now();
    const extra = NEEDED[this.#view];
    // The first frames after a choice were followed without what it needs.
    const isAnswered =
      extra === undefined ||
      people.person_num === 0 ||
      people.person_info.some(({ extras }) => extras?.[extra] !== undefined);
    this.#reveal(isAnswered && frame ? this.#view : 'skeleton');
    this.#people = people;
    this.#keep(frame);
    // What stays is shown as it is: nothing moves that its jitter could be told from.
    if (latencyMs === undefined) this.#figures.clear();
    this.#repaint(timestamp);
    if (this.#shown !== 'cut-out') this.redraw();
    else if (latencyMs !== undefined && this.#pace.isTooSlow(latencyMs + performance.now() - began))
      void this.#giveUp(words.live.tooSlow);
  }

  /** Draws the skeletons once more: how they are drawn may have changed. */
  redraw(): void {
    if (this.#people && this.#shown !== 'cut-out') this.#overlay.show(this.#people, this.#frame);
  }

  /** Nothing is on show any more. */
  clear(): void {
    this.#overlay.clear();
    this.#people = undefined;
    this.#keep(undefined);
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

  get #view(): MovingView {
    return this.#choice.disabled ? 'skeleton' : this.#ready;
  }

  async #choose(view: MovingView): Promise<void> {
    this.#chosen = view;
    this.#showChosen();
    try {
      await this.#load(view);
    } catch (error) {
      if (this.#chosen === view) await this.#giveUp(words.live.noView(explain(error)));
      return;
    }
    if (this.#chosen !== view || this.#ready === view) return;
    this.#ready = view;
    this.#pace.restart();
    if (!this.#choice.disabled) this.#listener.onChange();
  }

  async #giveUp(why: string): Promise<void> {
    await this.#choose('skeleton');
    this.#listener.onGivenUp(why);
  }

  #showChosen(): void {
    this.#showView(this.#chosen);
    byId('grounds', HTMLElement).hidden = this.#chosen !== 'cut-out';
  }

  #fill(ground: Ground): void {
    this.#ground = ground;
    if (this.#shown === 'cut-out') this.#repaint(0);
  }

  async #load(view: MovingView): Promise<void> {
    if (view === '3d' && !this.#solidView) {
      const [solid, steady] = await Promise.all([import('./solid.ts'), import('./steady.ts')]);
      if (this.#solidView) return;
      this.#newFigure = () => new steady.SteadyFigure();
      this.#solidView = new solid.SolidView(SLIM);
      this.#solidView.connect();
    }
    if (view === 'cut-out') this.#paintCutOut ??= (await import('./cut-out.ts')).paintCutOut;
  }

  /** Has one view take the place of the other. */
  #reveal(view: MovingView): void {
    if (view === this.#shown) return;
    this.#shown = view;
    this.#solid.hidden = view !== '3d';
    this.#stage.classList.toggle('is-3d', view === '3d');
    this.#stage.classList.toggle('is-cut-out', view === 'cut-out');
    if (this.#cut) this.#cut.hidden = view !== 'cut-out';
  }

  #keep(frame: VideoFrame | undefined): void {
    if (this.#frame !== frame) this.#frame?.close();
    this.#frame = frame;
  }

  /** Draws the frame's people once more, but for skeletons. */
  #repaint(timestamp: number): void {
    if (!this.#people) return;
    if (this.#shown === '3d') this.#showSolids(this.#people.person_info, timestamp);
    if (this.#shown !== 'cut-out' || !this.#frame) return;
    this.#overlay.clear();
    this.#cutOut(this.#people.person_info.filter(this.#isChosen), this.#frame);
  }

  readonly #isChosen = ({ track_id }: TrackedPerson) => this.#only === undefined || track_id === this.#only;

  #showSolids(people: readonly TrackedPerson[], ms: number): void {
    const colors = personColors(people);
    const side = this.isMirrored ? -1 : 1;
    for (const id of this.#figures.keys())
      if (!people.some(({ track_id }) => track_id === id)) this.#figures.delete(id);
    const solids = people.flatMap((person, at) => {
      const { track_id, extras } = person;
      const steady = this.#figures.get(track_id) ?? this.#newFigure?.();
      if (!steady || !extras?.world3d || !this.#isChosen(person)) return [];
      this.#figures.set(track_id, steady);
      const { points, figure } = steady.follow(extras.world3d, ms);
      return {
        points: points.map(({ x, ...point }) => ({ ...point, x: side * x })),
        figure,
        label: { text: String(track_id), color: colors[at] ?? '' },
      };
    });
    this.#solidView?.show(solids);
    const whoIsMissed = this.#only === undefined ? words.live.nobody : words.live.notInView(this.#only);
    byId('solid-note', HTMLElement).textContent = solids.length > 0 ? '' : whoIsMissed;
  }

  #cutOut(people: readonly TrackedPerson[], frame: VideoFrame): void {
    const cut = (this.#cut ??= this.#newCut());
    cut.hidden = false;
    const { displayWidth: width, displayHeight: height } = frame;
    if (cut.width !== width || cut.height !== height) {
      Object.assign(cut, { width, height });
      this.#fit(cut);
    }
    cut.style.transform = this.isMirrored ? 'scaleX(-1)' : '';
    const context = cut.getContext('2d');
    if (!context) return;
    this.#paintCutOut?.(context, frame, {
      people,
      ground: this.#ground,
      color: this.#color.value,
      maskSide: MASK_SIDE,
    });
  }

  #newCut(): HTMLCanvasElement {
    const cut = create('canvas', { className: 'moving-cut-out', ariaHidden: 'true' });
    this.#overlay.canvas.after(cut);
    new ResizeObserver(() => this.#fit(cut)).observe(this.#stage);
    return cut;
  }

  /** As the video lies in the stage: no larger than the picture, whose ground may be none. */
  #fit(cut: HTMLCanvasElement): void {
    const scale = Math.min(this.#stage.clientWidth / cut.width, this.#stage.clientHeight / cut.height);
    cut.style.width = `${scale * cut.width}px`;
    cut.style.height = `${scale * cut.height}px`;
  }
}
