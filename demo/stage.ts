import { drawPersons } from 'body21';
import type { AnalysisDebug } from 'body21';
import { colorsOf } from './colors.ts';
import { byId } from './dom.ts';
import { drawExplanation, fitFor } from './explanation-overlay.ts';
import { judge, selectedPhoto } from './state.ts';
import type { Answer, State, Store } from './state.ts';

/**
 * The picture on show, with boxes and skeletons over it, and under those how
 * they were found where that is asked for.
 */
export class Stage {
  readonly #store: Store;
  readonly #frame = byId('frame', HTMLElement);
  readonly #image = byId('picture', HTMLImageElement);
  readonly #canvas = byId('overlay', HTMLCanvasElement);
  readonly #fallback = byId('no-preview', HTMLElement);
  /** The URL of the picture the browser has on show; another one's people are not drawn on it. */
  #shownUrl: string | undefined;

  constructor(store: Store) {
    this.#store = store;
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
        state.thresholds,
        state.pointed ?? state.pinned,
        state.isExplaining,
      ],
      () => this.#fit(),
    );
    new ResizeObserver(() => this.#fit()).observe(this.#canvas);
    // A window that moves to another screen may change the pixels and keep the size.
    window.addEventListener('resize', () => this.#fit());
    this.#frame.addEventListener('pointermove', (event) => {
      if (event.pointerType === 'mouse') store.update({ pointed: this.#personAt(event) });
    });
    this.#frame.addEventListener('pointerleave', () => store.update({ pointed: undefined }));
    this.#frame.addEventListener('click', (event) => {
      const person = this.#personAt(event);
      store.update({ pinned: person === store.state.pinned ? undefined : person });
    });
  }

  async #show(url: string | undefined): Promise<void> {
    if (url === undefined) return;
    const photo = selectedPhoto(this.#store.state);
    this.#image.src = url;
    this.#image.alt = photo ? `The photo ${photo.name}` : '';
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
      this.#frame.style.setProperty('--aspect', (naturalWidth / naturalHeight).toFixed(5));
    }
    this.#fallback.hidden = isReadable;
    this.#shownUrl = isReadable ? url : undefined;
    requestAnimationFrame(() => this.#fit());
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

  #draw(): void {
    const context = this.#canvas.getContext('2d');
    if (!context) return;
    context.resetTransform();
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    const { state } = this.#store;
    const photo = selectedPhoto(state);
    if (!photo?.answer || photo.url !== this.#shownUrl) return;
    const highlight = state.pointed ?? state.pinned;
    const shown = visiblePeople(photo.answer, state);
    const colors = colorsOf(judge(photo.answer.result, state.thresholds));
    const { naturalWidth: width, naturalHeight: height } = this.#image;
    const [picture, canvas] = [this.#image.getBoundingClientRect(), this.#canvas.getBoundingClientRect()];
    const scale = (picture.width * devicePixelRatio) / width;
    context.translate(
      (picture.left - canvas.left) * devicePixelRatio,
      (picture.top - canvas.top) * devicePixelRatio,
    );
    context.scale(scale, (picture.height * devicePixelRatio) / height);
    const diagonal = Math.hypot(picture.width, picture.height) * devicePixelRatio;
    const lineWidth = Math.max(2 * devicePixelRatio, diagonal / 260);
    const debug = this.#debug();
    if (debug) drawExplanation(context, debug, { width, height }, lineWidth / scale, highlight);
    const highlightAt = shown.findIndex(({ index }) => index === highlight);
    drawPersons(
      context,
      { ...photo.answer.result, person_info: shown.map(({ person }) => person) },
      {
        colors: shown.map(({ index }) => colors[index] ?? ''),
        keypointScore: state.thresholds.keypointScore,
        lineWidth,
        ...(highlightAt >= 0 ? { highlight: highlightAt } : {}),
      },
    );
  }

  /** The person in the smallest box around the pointer: of two who overlap it is mostly the one meant. */
  #personAt(event: MouseEvent): number | undefined {
    const { state } = this.#store;
    const photo = selectedPhoto(state);
    if (!photo?.answer) return undefined;
    const bounds = this.#image.getBoundingClientRect();
    const x = ((event.clientX - bounds.left) / bounds.width) * this.#image.naturalWidth;
    const y = ((event.clientY - bounds.top) / bounds.height) * this.#image.naturalHeight;
    return visiblePeople(photo.answer, state)
      .filter(({ person: { location: box } }) => {
        const isWithin = x >= box.left && x <= box.left + box.width;
        return isWithin && y >= box.top && y <= box.top + box.height;
      })
      .toSorted((a, b) => area(a) - area(b))[0]?.index;
  }
}

/** The valid, and whoever is pointed at in the list. */
function visiblePeople(answer: Answer, state: State) {
  const highlight = state.pointed ?? state.pinned;
  return judge(answer.result, state.thresholds).filter(({ valid, index }) => valid || index === highlight);
}

function area({ person: { location } }: ReturnType<typeof visiblePeople>[number]): number {
  return location.width * location.height;
}
