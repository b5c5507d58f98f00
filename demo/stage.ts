import { BODY_PARTS, drawPersons } from 'body21';
import type { AnalysisDebug, BodyPart, Keypoint } from 'body21';
import { byId } from './dom.ts';
import { drawExplanation, fitFor } from './explanation-overlay.ts';
import { lookOf } from './look.ts';
import { earlyPeople, judge, selectedPhoto } from './state.ts';
import type { Answer, JudgedPerson, State, Store } from './state.ts';
import { around, WHOLE } from './view.ts';
import type { Point, Sizes, View } from './view.ts';
import { Zoom } from './zoom.ts';
import { words } from './words/words.ts';

/** How near to a joint the pointer must be, in CSS pixels; a finger hides where it points. */
const NEAR = { mouse: 12, touch: 24 };

/** Of people before all are known. */
const EARLY = '#3fb4ff';

/**
 * The picture on show, to be looked at as closely as one likes, with boxes and skeletons over it, and under
 * those how they were found where that is asked for.
 */
export class Stage {
  readonly #store: Store;
  readonly #field = byId('stage', HTMLElement);
  readonly #frame = byId('frame', HTMLElement);
  readonly #image = byId('picture', HTMLImageElement);
  readonly #canvas = byId('overlay', HTMLCanvasElement);
  readonly #joint = byId('joint', HTMLElement);
  readonly #fallback = byId('no-preview', HTMLElement);
  readonly #zoom: Zoom;
  /** The URL of the picture the browser has on show; another one's people are not drawn on it. */
  #shownUrl: string | undefined;

  constructor(store: Store) {
    this.#store = store;
    const picture = {
      sizes: () => this.#sizes(),
      anchor: (view: View) => this.#anchor(view),
      isShown: () => this.#shownUrl !== undefined,
    };
    this.#zoom = new Zoom(this.#field, picture, (view) => this.#look(view));
  }

  connect(): void {
    const store = this.#store;
    store.watch(
      (state) => [selectedPhoto(state)?.url],
      (url) => void this.#show(url),
    );
    store.watch(
      (state) => [
        selectedPhoto(state)?.answer,
        state.early,
        state.thresholds,
        state.pointed ?? state.pinned,
        state.part,
        state.isExplaining,
        state.hiddenLines,
        state.cutOut,
      ],
      () => this.#fit(),
    );
    new ResizeObserver(() => {
      this.#zoom.hold();
      this.#fit();
    }).observe(this.#canvas);
    // A window that moves to another screen may change the pixels and keep the size.
    window.addEventListener('resize', () => this.#fit());
    this.#zoom.connect();
    this.#field.addEventListener('pointermove', (event) => {
      if (event.pointerType === 'mouse') store.update(this.#pointedAt(event, NEAR.mouse));
    });
    this.#field.addEventListener('pointerleave', () => {
      // A finger that is lifted leaves, too: what it touched stays named.
      if (!this.#isTouched) store.update({ pointed: undefined, part: undefined });
    });
    this.#field.addEventListener('pointerdown', ({ pointerType }) => {
      this.#isTouched = pointerType !== 'mouse';
    });
    this.#field.addEventListener('click', (event) => this.#click(event));
    this.#field.addEventListener('dblclick', (event) => this.#doubleClick(event));
  }

  #isTouched = false;

  #click(event: MouseEvent): void {
    if (isOnButton(event) || this.#zoom.hasDragged) return;
    const { pointed, part } = this.#pointedAt(event, this.#isTouched ? NEAR.touch : NEAR.mouse);
    // Of someone who is kept highlighted one looks at the joints, too.
    const isSame = pointed === this.#store.state.pinned && (part === undefined || !this.#isTouched);
    this.#store.update({
      pinned: isSame ? undefined : pointed,
      ...(this.#isTouched ? { pointed, part } : {}),
    });
  }

  /** Fills the stage with the person, or shows all again. */
  #doubleClick(event: MouseEvent): void {
    if (isOnButton(event)) return;
    const { pointed } = this.#pointedAt(event, NEAR.mouse);
    const person =
      pointed === undefined ? undefined : this.#people().find(({ index }) => index === pointed)?.person;
    const { naturalWidth, naturalHeight } = this.#image;
    const { view } = this.#zoom;
    if (!person || view.zoom > 1) {
      this.#zoom.set(WHOLE);
      return;
    }
    const { left, top, width, height } = person.location;
    const box = {
      left: left / naturalWidth,
      top: top / naturalHeight,
      width: width / naturalWidth,
      height: height / naturalHeight,
    };
    this.#zoom.set(around(box, this.#sizes()));
    this.#store.update({ pinned: pointed });
  }

  async #show(url: string | undefined): Promise<void> {
    if (url === undefined) return;
    const photo = selectedPhoto(this.#store.state);
    this.#zoom.set(WHOLE);
    this.#image.src = url;
    this.#image.alt = photo ? words.photo.alt(photo.name) : '';
    let isReadable = true;
    try {
      await this.#image.decode();
    } catch {
      isReadable = false;
    }
    // Meanwhile another photo may have been selected.
    if (selectedPhoto(this.#store.state)?.url !== url) return;
    this.#frame.hidden = !isReadable;
    if (isReadable) {
      const { naturalWidth, naturalHeight } = this.#image;
      this.#field.style.setProperty('--aspect', (naturalWidth / naturalHeight).toFixed(5));
    }
    this.#fallback.hidden = isReadable;
    this.#shownUrl = isReadable ? url : undefined;
    requestAnimationFrame(() => this.#fit());
  }

  #sizes(): Sizes {
    const { clientWidth: width, clientHeight: height } = this.#field;
    // Layout's own sizes are rounded.
    const picture = this.#image.getBoundingClientRect();
    const { zoom } = this.#zoom.view;
    return {
      field: { width, height },
      picture: { width: picture.width / zoom, height: picture.height / zoom },
    };
  }

  /** Whoever is highlighted, or the middle of what is seen. */
  #anchor(view: View): Point {
    const { pointed, pinned } = this.#store.state;
    const person = this.#people().find(({ index }) => index === (pointed ?? pinned))?.person;
    if (!person) return { x: 0, y: 0 };
    const { left, top, width, height } = person.location;
    const { picture } = this.#sizes();
    const { naturalWidth, naturalHeight } = this.#image;
    return {
      x: view.x + ((left + width / 2) / naturalWidth - 0.5) * picture.width * view.zoom,
      y: view.y + ((top + height / 2) / naturalHeight - 0.5) * picture.height * view.zoom,
    };
  }

  #look({ zoom, x, y }: View): void {
    this.#image.style.transform = zoom > 1 ? `translate(${x}px, ${y}px) scale(${zoom})` : '';
    this.#field.classList.toggle('is-zoomed', zoom > 1);
    const isWhole = zoom === 1;
    byId('zoom-out', HTMLButtonElement).disabled = isWhole;
    byId('zoom-whole', HTMLButtonElement).hidden = isWhole;
    this.#fit();
  }

  /** Gives the canvas a pixel for each of the screen's. */
  #fit(): void {
    this.#makeRoom();
    const { clientWidth, clientHeight } = this.#canvas;
    const width = Math.round(clientWidth * devicePixelRatio);
    const height = Math.round(clientHeight * devicePixelRatio);
    if (width !== this.#canvas.width) this.#canvas.width = width;
    if (height !== this.#canvas.height) this.#canvas.height = height;
    this.#draw();
  }

  /** Around the picture, for lines that reach beyond it: the canvas then has the whole stage. */
  #makeRoom(): void {
    const { state } = this.#store;
    // Until the next picture is there, the room stays: else it would grow and shrink at each step.
    if (state.isExplaining && selectedPhoto(state)?.url !== this.#shownUrl) return;
    const debug = this.#debug();
    this.#frame.classList.toggle('is-explained', debug !== undefined);
    if (debug) {
      const { naturalWidth, naturalHeight } = this.#image;
      const { clientWidth: width, clientHeight: height } = this.#canvas;
      const fit = fitFor(debug, { width: naturalWidth, height: naturalHeight }, { width, height });
      this.#frame.style.setProperty('--fit', fit.toFixed(3));
    } else {
      this.#frame.style.removeProperty('--fit');
    }
  }

  /** How the answer on show came about, where that is to be shown. */
  #debug(): AnalysisDebug | undefined {
    const { state } = this.#store;
    const photo = selectedPhoto(state);
    if (!state.isExplaining || photo?.url !== this.#shownUrl) return undefined;
    return photo?.answer?.result.debug;
  }

  /** Who is drawn. */
  #people(): JudgedPerson[] {
    const { state } = this.#store;
    const photo = selectedPhoto(state);
    return photo?.answer && photo.url === this.#shownUrl ? visiblePeople(photo.answer, state) : [];
  }

  #draw(): void {
    const context = this.#canvas.getContext('2d');
    if (!context) return;
    context.resetTransform();
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    const { state } = this.#store;
    const photo = selectedPhoto(state);
    this.#nameJoint();
    const cut = state.cutOut?.photo === photo?.id && photo?.url === this.#shownUrl ? state.cutOut : undefined;
    this.#field.classList.toggle('is-cut-out', cut !== undefined);
    const result = photo?.answer?.result ?? earlyPeople(state);
    if (!photo || !result || photo.url !== this.#shownUrl) return;
    const highlight = state.pointed ?? state.pinned;
    const judged = judge(result, state.thresholds);
    // Before all are known nobody has a number or a colour yet: they are only to be seen.
    const shown = photo.answer ? this.#people() : judged.filter(({ valid }) => valid);
    const { naturalWidth: width, naturalHeight: height } = this.#image;
    const [picture, canvas] = [this.#image.getBoundingClientRect(), this.#canvas.getBoundingClientRect()];
    const scale = (picture.width * devicePixelRatio) / width;
    context.translate(
      (picture.left - canvas.left) * devicePixelRatio,
      (picture.top - canvas.top) * devicePixelRatio,
    );
    context.scale(scale, (picture.height * devicePixelRatio) / height);
    if (cut) {
      context.drawImage(cut.picture, 0, 0, width, height);
      return;
    }
    const debug = this.#debug();
    if (debug) {
      const diagonal = Math.hypot(picture.width, picture.height) * devicePixelRatio;
      const lineWidth = Math.max(2 * devicePixelRatio, diagonal / this.#zoom.view.zoom / 260);
      drawExplanation(context, debug, { width, height }, lineWidth / scale, highlight, state.hiddenLines);
    }
    const highlightAt = shown.findIndex(({ index }) => index === highlight);
    drawPersons(
      context,
      { ...result, person_info: shown.map(({ person }) => person) },
      {
        ...lookOf(shown, judged, state.thresholds),
        ...(!photo.answer && { colors: () => EARLY, labels: false }),
        pixelRatio: devicePixelRatio,
        ...(highlightAt >= 0 ? { highlight: highlightAt } : {}),
      },
    );
    const joint = state.part && shown[highlightAt]?.person.body_parts[state.part];
    if (joint) circle(context, joint, devicePixelRatio / scale);
  }

  /** Writes beside the joint that is pointed at what it is, and how sure. */
  #nameJoint(): void {
    const { part, pointed, pinned } = this.#store.state;
    const person = this.#people().find(({ index }) => index === (pointed ?? pinned))?.person;
    const point = part && person?.body_parts[part];
    this.#joint.hidden = !point || this.#store.state.view !== 'photo';
    if (!part || !point) return;
    this.#joint.textContent = `${words.parts[part]} ${point.score.toFixed(2)}`;
    const [picture, field] = [this.#image.getBoundingClientRect(), this.#field.getBoundingClientRect()];
    const x = picture.left - field.left + (point.x / this.#image.naturalWidth) * picture.width;
    const y = picture.top - field.top + (point.y / this.#image.naturalHeight) * picture.height;
    this.#joint.style.left = `${x}px`;
    this.#joint.style.top = `${y}px`;
    // Away from the person, where there is room.
    const room = this.#joint.offsetWidth + 12;
    const isOnLeft = point.x < person.location.left + person.location.width / 2;
    this.#joint.classList.toggle('is-left', isOnLeft ? x > room : x > field.width - room);
    this.#joint.classList.toggle('is-below', y < 48);
  }

  /** The person and the joint under the pointer. */
  #pointedAt(event: MouseEvent, near: number): Pick<State, 'pointed' | 'part'> {
    const bounds = this.#image.getBoundingClientRect();
    const scale = this.#image.naturalWidth / bounds.width;
    const at = { x: (event.clientX - bounds.left) * scale, y: (event.clientY - bounds.top) * scale };
    if (isOnButton(event) || !(scale > 0)) return { pointed: undefined, part: undefined };
    const people = this.#people();
    const { keypointScore } = this.#store.state.thresholds;
    const [nearest] = people
      .flatMap(({ index, person }) => BODY_PARTS.map((part) => ({ index, part, ...person.body_parts[part] })))
      .filter((joint) => joint.score >= keypointScore && distance(joint, at) < near * scale)
      .toSorted((a, b) => distance(a, at) - distance(b, at));
    return { pointed: nearest?.index ?? personAt(people, at), part: nearest?.part };
  }
}

function distance(joint: Keypoint & { part: BodyPart }, at: Point): number {
  return Math.hypot(joint.x - at.x, joint.y - at.y);
}

/**
 * Marks the joint that is pointed at.
 * @param pixel of CSS, in the picture's pixels
 */
function circle(context: CanvasRenderingContext2D, { x, y }: Keypoint, pixel: number): void {
  for (const [color, width] of [
    ['rgb(0 0 0 / 60%)', 5],
    ['#fff', 2.5],
  ] as const) {
    context.beginPath();
    context.arc(x, y, 11 * pixel, 0, 2 * Math.PI);
    context.strokeStyle = color;
    context.lineWidth = width * pixel;
    context.stroke();
  }
}

function isOnButton({ target }: MouseEvent): boolean {
  return target instanceof Element && target.closest('button, .over') !== null;
}

/** The person in the smallest box around a point: of two who overlap it is mostly the one meant. */
function personAt(people: readonly JudgedPerson[], { x, y }: Point): number | undefined {
  return people
    .filter(({ person: { location: box } }) => {
      const isWithin = x >= box.left && x <= box.left + box.width;
      return isWithin && y >= box.top && y <= box.top + box.height;
    })
    .toSorted((a, b) => area(a) - area(b))[0]?.index;
}

/** The valid, and whoever is pointed at in the list. */
function visiblePeople(answer: Answer, state: State): JudgedPerson[] {
  const highlight = state.pointed ?? state.pinned;
  return judge(answer.result, state.thresholds).filter(({ valid, index }) => valid || index === highlight);
}

function area({ person: { location } }: JudgedPerson): number {
  return location.width * location.height;
}
