import { drawPersons, personColor } from 'body21';
import { byId } from './dom.ts';
import { judge, selectedPhoto } from './state.ts';
import type { Answer, State, Store } from './state.ts';

/** The picture on show, with boxes and skeletons over it. */
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
      (state) => [selectedPhoto(state)?.answer, state.thresholds, state.pointed ?? state.pinned],
      () => this.#draw(),
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
    this.#fallback.hidden = isReadable;
    this.#shownUrl = isReadable ? url : undefined;
    requestAnimationFrame(() => this.#fit());
  }

  /** Gives the canvas a pixel for each of the screen's. */
  #fit(): void {
    const { clientWidth, clientHeight } = this.#canvas;
    const width = Math.round(clientWidth * devicePixelRatio);
    const height = Math.round(clientHeight * devicePixelRatio);
    if (width !== this.#canvas.width) this.#canvas.width = width;
    if (height !== this.#canvas.height) this.#canvas.height = height;
    this.#draw();
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
    context.scale(
      this.#canvas.width / this.#image.naturalWidth,
      this.#canvas.height / this.#image.naturalHeight,
    );
    const highlightAt = shown.findIndex(({ index }) => index === highlight);
    drawPersons(
      context,
      { ...photo.answer.result, person_info: shown.map(({ person }) => person) },
      {
        colors: shown.map(({ index }) => personColor(index)),
        keypointScore: state.thresholds.keypointScore,
        lineWidth: Math.max(2 * devicePixelRatio, Math.hypot(this.#canvas.width, this.#canvas.height) / 260),
        ...(highlightAt >= 0 ? { highlight: highlightAt } : {}),
      },
    );
  }

  /** The person in the smallest box around the pointer: of two who overlap it is mostly the one meant. */
  #personAt(event: MouseEvent): number | undefined {
    const { state } = this.#store;
    const photo = selectedPhoto(state);
    if (!photo?.answer) return undefined;
    const bounds = this.#canvas.getBoundingClientRect();
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
